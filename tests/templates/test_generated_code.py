"""A code cache holds what an older engine generated: whoever changes generated code gives it a new number.

The digest is that of the code of these templates in every way of running, and of the names that code may use.
"""

# ruff: noqa: E501 -- templates stand as they are
import hashlib
from typing import Any

import pytest

from martlet.templates import DictLoader, TemplateEngine
from martlet.templates.compiling.unit import Mode
from martlet.templates.kept_code import FORMAT

RECORDED = {6: "3a015f37b812549a"}  # the number, and what it stands for

TEMPLATES = {
    "base.html": "<title>{% block title %}base{% endblock %}</title>{% block body scoped %}{% endblock %}{{ self.title() }}",
    "part.html": "<p id={{ id }}>{{ name }}</p>",
    "macros.html": "{% macro field(name, label='') %}<input name='{{ name }}'>{{ label }}{% endmacro %}",
    "page.html": """{% extends "base.html" %}{% import "macros.html" as forms %}{% from "macros.html" import field as f with context %}
{% set site, n = "S", 1 %}{% set text | upper %}a{{ n }}{% endset %}{% set ns = namespace(a=1) %}{% set ns.a = 2 %}
{% block title %}{{ super() }}{{ super()|upper }}{{ site }}{% endblock %}
{% block body %}{{ forms.field("a", label=n) }}{% include "part.html" %}{% include name ignore missing %}{% flush %}
{% include ["no.html", "part.html"] without context %}{{ text }}{{ ns.a }}{% endblock %}""",
    "loops.html": """{% for a, b in rows if a recursive %}{{ loop.index }}{{ loop(b) }}{% else %}none{% endfor %}
{% for x in rows %}{{ loop.index0 }}{{ loop.last }}{% if x %}{% continue %}{% elif loop.first %}{% break %}{% endif %}{{ x.a }}{{ x.b }}
{% endfor %}{% for x in rows %}{{ loop.cycle(1, 2) }}{{ loop.previtem }}{% endfor %}{% with a = 1 %}{{ a }}{% endwith %}
{% do rows.append(1) %}{% filter upper %}x{{ rows }}{% endfilter %}{% autoescape off %}{{ rows }}{% endautoescape %}""",
    "macro.html": """{% macro m(a, b=a, class="x") %}{{ a }}{{ varargs }}{{ kwargs }}{% if caller %}{{ caller(1) }}{% endif %}{% endmacro %}
{{ m(1, b=2, *rest, **more) }}{{ m(1)|upper }}{% call(x, y=2) m(1) %}{{ x }}{{ y }}{% endcall %}
{% trans count=n, name %}one {{ name }}{% pluralize %}{{ count }} of {{ name }}{% endtrans %}""",
    "debug.html": "{% debug %}",
    "values.html": """{{ a + b - c * d / e // f % g ** h }}{{ a ~ b ~ 1 }}{{ not a and b or c }}{{ a < b <= c != d }}{{ a in b not in c }}
{{ a if b else c }}{{ a if b }}{{ [1, a, (2,), {"k": a}] }}{{ a[1:2] }}{{ a["b"] }}{{ a.b.items() }}{{ a.c(1, *x, k=2, **y) }}{{ -a }}
{{ a|default(1)|length }}{{ a|d:word }}{{ a|join(", ") }}{{ a is defined }}{{ a is not divisibleby 3 }}{{ 1.5 }}{{ none }}{{ a|upper|safe }}
{{ a|map("upper")|list }}{{ "literal" }}{{ url_for("x", id=1) }}{% context q: int = 3 %}{{ q }}""",
    "places.html": """<{{ tag }} class="a {{ x }}" title={{ x }} {{ x }} {{ y }}="b" data-{{ x }}="c" onclick="f({{ x }}, '{{ x }}')"></{{ tag }}>
<a href="{{ x }}" style="color: {{ x }}; background: url({{ x }})">{{ x }}</a><a href="/a/{{ x }}?q={{ x }}#{{ x }}">
<img src="{{ x }}" srcset="{{ x }} 2x"><textarea>{{ x }}</textarea><!-- {{ x }} --><h{{ x }}>
<script src="{{ x }}"></script><script>let a = {{ x }}, b = "{{ x }}", c = `{{ x }}`, d = /{{ x }}/; // {{ x }}
</script><script type="application/json">{"a": {{ x }}, "b": "{{ x }}"}</script><style>p { top: {{ x }}; content: "{{ x }}" }</style>
<a {% if x %}href="{% else %}title="{% endif %}{{ x }}">{{ x }}</a><iframe srcdoc="<p title='{{ x }}'>"></iframe>
<meta http-equiv="refresh" content="0; url={{ x }}"><p {{ x|xmlattr }} @click="{{ x }}" hx-vals="{{ x }}">""",
    "late.html": "{% if x %}{% extends parent %}{% endif %}{% block title %}{{ super() }}{% endblock %}",
    "mail.txt": "{{ x }}{% include 'part.html' %}",
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"escaping": "html"},
    {"sandbox": True},
    {"native": True},
    {"finalize": str},
]
MODES = [
    Mode(is_async=is_async, streams=streams, fragments=fragments)
    for is_async in (False, True)
    for streams, fragments in ((False, False), (True, False), (False, True))
]


def digest() -> str:
    found = hashlib.sha256()
    for options in OPTIONS:
        engine = TemplateEngine(DictLoader(TEMPLATES), **options)
        found.update(repr(sorted(engine.names)).encode())
        for name in TEMPLATES:
            if name == "debug.html" and "sandbox" in options:
                continue
            template = engine.get_template(name)
            for mode in MODES if not options else MODES[:1]:
                code = template.page(mode).code
                parts = code.texts, sorted(code.needed), sorted(code.exports), sorted(code.blocks.items())
                found.update(repr((name, mode, parts)).encode())
    return found.hexdigest()[:16]


def test_code_that_differs_has_another_number() -> None:
    made = digest()

    if made != RECORDED.get(FORMAT):
        following = max(RECORDED) + 1
        pytest.fail(
            "The code that templates become has changed, and a code cache may hold what was made before. "
            f"Set FORMAT = {following} in src/martlet/templates/kept_code.py, and RECORDED = {{{following}: {made!r}}} here."
        )
