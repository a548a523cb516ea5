"""Pages of strangers that take much time or memory by little text: each ends in a BudgetError, and soon."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from martlet.templates import BudgetError, DictLoader, Sandbox, SecurityError, TemplateEngine, TemplateError, TemplateSyntaxError
from martlet.templates.filters import DEFAULT_FILTERS
from tests.rows import each

MOST_SECONDS = 1.0  # of CPU; most take a hundredth of it
SMALL = {"output_characters": 10_000}
FEW = {"iterations": 200}
OPEN = {"immutable": False}

# Of little text, much: by the options of the sandbox, and the page.
LONG_TEXTS: list[tuple[dict[str, Any], str]] = [
    ({}, "{{ ('{0}'*20).format('x'*5000000)|length }}"),
    ({}, "{{ ('{0:9999999}'*20).format(1)|length }}"),
    ({}, "{{ ('{a}'*20).format_map({'a': 'x'*5000000})|length }}"),
    ({}, "{{ (('%(a)s'*20) % {'a': 'x'*5000000})|length }}"),
    ({}, "{{ ('%(a)s'*20)|format(a='x'*5000000)|length }}"),
    ({}, "{{ (('%999d'*20000) % range(20000)|list)|length }}"),
    (SMALL, "{{ ('www.example.org '*100)|urlize(rel='x'*9000)|length }}"),
    (SMALL, "{{ ('www.example.org '*100)|urlize(target='x'*9000)|length }}"),
    (SMALL, "{{ ('www.example.org '*100)|urlize(none, false, 'x'*9000)|length }}"),
    (
        SMALL,
        "{% set ns = namespace(l=[]) %}{% for i in range(60) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l|tojson(indent=100) }}",
    ),
    ({"range_items": 1_000}, "{{ ('x'*1000000)|list|length }}"),
    ({"range_items": 1_000}, "{{ ('x'*1000000)|batch(1)|list|length }}"),
    ({"range_items": 1_000}, "{{ ('x '*100000).split()|length }}"),
    ({"range_items": 1_000}, "{{ ('x,'*100000).rsplit(',', 99999)|length }}"),
    ({"range_items": 1_000}, "{{ ('x\\n'*100000).splitlines()|length }}"),
    ({}, "{{ 2**20000 }}"),
    ({}, "{{ [2**20000] }}"),
    ({}, "{{ 2**20000 ~ '' }}"),
    ({}, "{{ '{}'.format(2**20000) }}"),
    ({}, "{{ '%d' % 2**20000 }}"),
    ({}, "{{ (2**20000)|string }}"),
    ({}, "{{ '{{}}'.format(x)|date('%Y'*500000) }}{{ 0|date('%Y'*500000) }}"),
    ({}, "{{ ('x'*9000000).encode('ascii', 'namereplace')|length }}"),
    ({}, "{{ lipsum(10**9, false, -5, -3) }}"),
    ({}, "{% trans a='x'*5000000 %}{{ a }}{{ a }}{{ a }}{% endtrans %}"),
]
LONG_WORK: list[tuple[dict[str, Any], str]] = [
    ({}, "{% macro m(n) %}{% if n %}{% set a=m(n-1) %}{% set b=m(n-1) %}{% endif %}{% endmacro %}{{ m(90) }}"),
    ({}, "{% block a %}{{ self.a() }}{{ self.a() }}{% endblock %}"),
    (FEW, "{% for i in range(200) %}{% set x=range(100000)|sum %}{% endfor %}"),
    (FEW, "{% for i in range(200) %}{% set x=range(100000)|map('string')|list %}{% endfor %}"),
    (FEW, "{% for i in range(200) %}{% set x=range(100000)|mine %}{% endfor %}"),
    (FEW, "{% macro m() %}{{ varargs|length }}{% endmacro %}{% for i in range(200) %}{{ m(*range(100000)) }}{% endfor %}"),
    (FEW, "{% for i in range(100) %}" + "{% set x = i + 1 %}" * 500 + "{% endfor %}"),
    ({}, "{% set n = (1).from_bytes(('x'*400000).encode(), 'big') %}{{ (n // 3)|length }}"),
    ({}, "{% set n = ('f'*400000)|int(0, 16) %}{{ (n % 7) }}"),
    ({}, "{% set n = 2**65000 %}{% for i in range(100000) %}{% set x = (n*2-1) // (2**32000-1) %}{% endfor %}"),
    ({}, "{{ ('x'*8000).encode('punycode')|length }}"),
    ({}, "{{ ('xy'*2000000).rfind('x'*1000000 ~ 'yy') }}"),
    ({}, "{{ ('x'*4000000).strip('y'*4000000 ~ 'x')|length }}"),
    ({}, "{{ ('x'*4000000)|trim('y'*4000000 ~ 'x')|length }}"),
    ({}, "{{ ('x'*1000000)|wordwrap(1)|length }}"),
    ({}, "{% set t = 'x'*5000000 %}{% for i in range(100000) %}{% set x = t.upper() %}{% endfor %}"),
    ({}, "{% set t = 'x'*5000000 %}{% for i in range(100000) %}{% set x = 'yx' in t %}{% endfor %}"),
    ({}, "{% set t = 'x'*5000000 %}{% for i in range(100000) %}{% set x = t|wordcount %}{% endfor %}"),
    ({}, "{% set t = range(100000)|list %}{% for i in range(100000) %}{% set x = -1 in t %}{% endfor %}"),
    ({}, "{% set t = range(100000)|list %}{% for i in range(100000) %}{% set x = t.count(-1) %}{% endfor %}"),
    ({}, "{% for i in range(100000) %}{% set x = 'x' ~ ('y'*100000) %}{% endfor %}"),
    ({}, "{% for i in range(100000) %}{% set x = lipsum(100) %}{% endfor %}"),
    ({}, "{{ range(0, 2305843009213693951*99999, 2305843009213693951)|unique|list|length }}"),
    ({}, "{% set l=[] %}{% for i in range(100000) %}{% set x = i*2305843009213693951*99 %}{% endfor %}"),
    (FEW, "{% for i in range(100) %}{% include 'none' ~ i ignore missing %}{% endfor %}"),
    (FEW, "{% include 'self' %}"),
]
NESTED = (
    "{% set ns = namespace(a=[1], b=[1]) %}"
    "{% for i in range(%d) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}"
)
WIDE: list[str] = [
    "{{ ns.a == ns.b }}",
    "{{ ns.a is eq(ns.b) }}",
    "{{ ns.a in [ns.b] }}",
    "{{ ns }}",
    "{{ ns.a }}",
    "{{ ns.a ~ '' }}",
    "{{ {'a': ns.a}.values() }}",
    "{{ [ns.a, ns.b]|map('default')|sort }}",
    "{{ [ns.a, ns.b]|map('default')|join }}",
    "{{ [ns.a, ns.b]|map('default')|map('string')|list }}",
    "{{ [ns, ns]|sort(attribute='a') }}",
    "{% call dict(a=ns.a) %}{% endcall %}",
    "{% trans a=ns.a %}{{ a }}{% endtrans %}",
    "{% for i in [ns.a, ns.b] %}{{ loop.changed(i) }}{% endfor %}",
    "{{ '%s' % [ns.a] }}",
]
MUCH_MEMORY: list[tuple[dict[str, Any], str]] = [
    (OPEN, "{% set l=[] %}{% for i in range(1000) %}{% do l.append('a'*9000000) %}{% endfor %}"),
    (OPEN, "{% set l=[] %}{% for i in range(100) %}{% for j in range(10000) %}{% do l.append([]) %}{% endfor %}{% endfor %}"),
    (OPEN, "{% set l=[1] %}{% for i in range(100) %}{% do l.extend(l) %}{% endfor %}"),
    ({}, "{% set ns=namespace() %}{% for i in range(9999) %}{% set ns.x=[ns.x, range(10000)|list] %}{% endfor %}"),
    ({}, "{% set ns=namespace(t='x'*9000000) %}{% for i in range(9999) %}{% set ns.x=[ns.x, ns.t[i:]] %}{% endfor %}"),
    ({}, "{% set ns=namespace() %}{% for i in range(9999) %}{% set ns.x=[ns.x, range(10000)|batch(1)|list] %}{% endfor %}"),
    ({}, "{% set ns=namespace() %}{% for i in range(99999) %}{% set ns.x=[ns.x] + [" + "1, " * 500 + "] %}{% endfor %}"),
]
TEMPLATES = {"self": "{% include 'self' %}{% include 'self' %}"}


def run(source: str, **options: Any) -> Any:
    bounds = {"iterations": 20_000, "made_bytes": 50_000_000, **options}
    engine = TemplateEngine(DictLoader(TEMPLATES), sandbox=Sandbox(**bounds), filters={"mine": max})
    return engine.render(source)


def refused_soon(act: Callable[[], Any]) -> None:
    began = time.process_time()
    with pytest.raises(BudgetError):
        act()
    assert time.process_time() - began < MOST_SECONDS


@each(("options", "source"), LONG_TEXTS)
def test_no_text_grows_beyond_its_bound(options: dict[str, Any], source: str) -> None:
    refused_soon(lambda: run(source, **options))


@each(("options", "source"), LONG_WORK, ids=range(len(LONG_WORK)))
def test_no_work_goes_on_and_on(options: dict[str, Any], source: str) -> None:
    refused_soon(lambda: run(source, **options))


@each("depth", [30, 90])
@each("source", WIDE)
def test_lists_of_lists_are_neither_printed_nor_compared(source: str, depth: int) -> None:
    refused_soon(lambda: run(NESTED.replace("%d", str(depth)) + source))


@each(("options", "source"), MUCH_MEMORY, ids=range(len(MUCH_MEMORY)))
def test_no_more_is_made_than_may_be(options: dict[str, Any], source: str) -> None:
    refused_soon(lambda: run(source, **options))


# What looks at no more than a value's type, its length, or one item of it.
FREE_FILTERS = {"attr", "count", "d", "default", "first", "items", "last", "len", "length", "random"}
ARGUMENTS = {"center": "(9)", "map": "('upper')", "batch": "(3)", "slice": "(3)", "replace": "('y', 'z')", "groupby": "('a')"}


@each("name", sorted({*DEFAULT_FILTERS, "mine"} - FREE_FILTERS))
@each("value", ["'x'*100000", "range(10000)|list"], ids=["text", "list"])
def test_every_filter_is_counted(name: str, value: str) -> None:
    """One that an application adds too; what fails at once for another reason fails."""
    filtered = f"value|{name}{ARGUMENTS.get(name, '')}"
    begin, end = f"{{% set value = {value} %}}{{% for i in range(1000) %}}", "{{ x is iterable and 9 in x|list }}{% endfor %}"

    with pytest.raises((BudgetError, TypeError, ValueError, AttributeError, TemplateError)):
        run(begin + "{% set x = " + filtered + " %}" + end)


async def test_an_asynchronous_page_is_counted_alike() -> None:
    sources = [source for _, source in LONG_WORK[:4]] + ["{% for i in range(99999)|map('string') %}{{ i|upper }}{% endfor %}"]
    for source in sources:
        template = TemplateEngine(sandbox=Sandbox(iterations=2_000), filters={"mine": max}).from_string(source)
        with pytest.raises(BudgetError):
            await template.render_async()
        with pytest.raises(BudgetError):
            for _ in template.stream():
                pass
        with pytest.raises(BudgetError):
            async for _ in template.stream_async():
                pass


LOOP = "{% for i in range(1000) %}{{ i }}{% endfor %}"


def test_what_is_imported_is_paid_for_by_whoever_imports_it() -> None:
    templates = {
        "loops": LOOP,
        "macros": "{% macro go() %}" + LOOP + "{% endmacro %}{% macro again() %}{{ again() }}{% endmacro %}",
        "page": "{% for i in range(5) %}{% import 'loops' as loops with context %}{% endfor %}",
        "calls": "{% import 'macros' as macros %}{% for i in range(5) %}{{ macros.go() }}{% endfor %}",
    }
    engine = TemplateEngine(DictLoader(templates), sandbox=Sandbox(iterations=3_000))
    tight = TemplateEngine(DictLoader(templates), sandbox=Sandbox(iterations=100))

    for name in ("page", "calls"):
        with pytest.raises(BudgetError):
            engine.get_template(name).render()
    for name in ("loops", "page"):
        with pytest.raises(BudgetError):
            tight.get_template(name).make_module()
        with pytest.raises(BudgetError):
            _ = tight.get_template(name).module
        with pytest.raises(BudgetError):
            asyncio.run(tight.get_template(name).make_module_async())


def test_a_macro_that_is_called_from_outside_has_a_budget_of_its_own() -> None:
    source = "{% macro go() %}" + LOOP + "{% endmacro %}{% macro again() %}{{ again() }}{% endmacro %}"
    for native in (False, True):
        module = TemplateEngine(sandbox=Sandbox(iterations=1_500), native=native).from_string(source).module
        tight = TemplateEngine(sandbox=Sandbox(iterations=100), native=native).from_string(source).module

        assert [len(str(module.go())) for _ in range(3)] == [2890] * 3
        with pytest.raises(BudgetError):
            module.again()
        with pytest.raises(BudgetError):
            tight.go()


async def test_such_a_macro_of_an_asynchronous_page_too() -> None:
    engine = TemplateEngine(sandbox=Sandbox(iterations=100))
    module = await engine.from_string("{% macro go() %}" + LOOP + "{% endmacro %}").make_module_async()

    with pytest.raises(BudgetError):
        await module.go()


def test_a_native_page_of_a_sandbox_is_counted() -> None:
    engine = TemplateEngine(sandbox=Sandbox(iterations=2_000, output_characters=5_000), native=True)

    assert engine.render("{{ [1, 2] }}") == [1, 2]
    assert engine.render("{% macro m() %}{{ 1 }}{{ 2 }}{% endmacro %}{{ m() }}") == 12
    for source in (
        "{% macro m(n) %}{{ m(n+1) }}{% endmacro %}{{ m(1) }}",
        "{% for i in range(90) %}{{ 'x'*100 }}{% endfor %}",
        "{% macro m() %}{{ 'x'*1000 }}{% endmacro %}{% for i in range(9) %}{% set x = m() %}{% endfor %}",
        NESTED.replace("%d", "60") + "{{ ns.a }}{{ ns.b }}",
    ):
        with pytest.raises(BudgetError):
            engine.render(source)


def test_what_is_given_to_the_page_stays_as_it_is() -> None:
    site = {"name": "Books", "tags": ["a"]}
    for source in ("{% do site.update(name='x') %}", "{% do site.tags.append('x') %}", "{{ site.pop('name') }}"):
        engine = TemplateEngine(sandbox=True, globals={"site": site})
        with pytest.raises(SecurityError):
            engine.render(source)
    assert site == {"name": "Books", "tags": ["a"]}


def test_a_sandbox_prints_no_list_of_all_there_is() -> None:
    with pytest.raises(TemplateSyntaxError, match="debug"):
        TemplateEngine(sandbox=True).from_string("{% debug %}")
    assert "secret" in TemplateEngine().render("{% debug %}", {"secret": 1})


def test_no_function_is_handed_to_a_method_of_a_list() -> None:
    with pytest.raises(SecurityError, match="may be given no function"):
        run("{% do [1].sort(key='x'.count) %}", immutable=False)


def test_a_namespace_is_a_value_as_any() -> None:
    assert run(
        "{% set ns = namespace(a=1) %}{{ ns }}{{ ns|string|length }}{{ ns is mapping }}{{ [ns]|length }}{{ ns in [ns] }}"
    ) == ("&lt;Namespace {&#39;a&#39;: 1}&gt;20False1True")
    run("{% set ns = namespace(a=1) %}{% do [].append(ns) %}", immutable=False)


def test_codecs_that_take_time_in_proportion_are_there() -> None:
    assert (
        run("{{ 'é'.encode('latin-1')|length }}{{ 'é'.encode()|length }}{{ 'é'.encode('ascii', 'xmlcharrefreplace')|length }}")
        == "126"
    )
    assert run("{{ 'a,b'.split(',') }}{{ 'a b c'.rsplit(none, 1) }}{{ 'a\nb'.splitlines() }}{{ ' a '.strip() }}") == (
        "[&#39;a&#39;, &#39;b&#39;][&#39;a b&#39;, &#39;c&#39;][&#39;a&#39;, &#39;b&#39;]a"
    )


def test_a_usual_page_stays_within_its_budget() -> None:
    source = """{% macro cell(value) %}<td>{{ value|upper|truncate(20) }}</td>{% endmacro %}
{% for row in rows %}<tr class={{ loop.cycle('a', 'b') }}>{{ loop.index }} of {{ rows|length }}
{% for text in row.cells %}{{ cell(text) }}{% endfor %}
{% if row.id in chosen %}chosen{% endif %}{{ row.cells|join(', ') }}{{ '%05d' % row.id }}</tr>{% endfor %}"""
    rows = [{"id": number, "cells": ["text"] * 5} for number in range(1_000)]

    page = TemplateEngine(sandbox=True).render(source, rows=rows, chosen=list(range(500)))

    assert page.count("<td>") == 5_000
