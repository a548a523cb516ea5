"""Streams, values of Python, `finalize`, missing values and messages in other languages."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from martlet.templates import (
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    UndefinedError,
    pass_context,
    pass_eval_context,
)
from tests.rows import each
from tests.templates.compiling.pages import engine

PAGE = (
    "{% extends 'base' %}{% block a %}{% for x in l %}{% include 'row' %}{% endfor %}"
    "{% filter upper %}a{{ super() }}{% endfilter %}{% macro m(x) %}({{ x }}){% endmacro %}{{ m(1) }}"
    "{% set s %}b{{ m(3) }}{% endset %}{{ s }}{% endblock %}"
)
TEMPLATES = {"base": "<{% block a %}base{% endblock %}>", "row": "[{{ x }}]"}
WRITTEN = "<[1][2][3]ABASE(1)b(3)>"


@each("chunk", [0, 1, 5, 1000])
def test_a_stream_loses_nothing(chunk: int) -> None:
    template = engine(TEMPLATES).from_string(PAGE)

    pieces = list(template.stream(l=[1, 2, 3], chunk=chunk))
    assert "".join(pieces) == WRITTEN
    assert all(pieces)
    assert all(len(piece) >= chunk for piece in pieces[:-1])


def test_an_asynchronous_stream_loses_nothing() -> None:
    template = engine(TEMPLATES).from_string(PAGE)

    async def gathered() -> list[str]:
        return [piece async for piece in template.stream_async(l=[1, 2, 3], chunk=5)]

    assert "".join(asyncio.run(gathered())) == WRITTEN


def test_a_flush_hands_over_what_there_is() -> None:
    template = engine({"part": "c{% flush %}d"}).from_string(
        "a{% flush %}b{% include 'part' %}{% set x %}e{% flush %}f{% endset %}{{ x }}"
    )

    assert list(template.stream()) == ["a", "bc", "def"]
    assert template.render() == "abcdef"


def test_a_stream_goes_on_while_it_is_read() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(3):
            taken.append(number)
            yield number

    stream = engine().from_string("{% for x in items %}{{ x }}{% endfor %}").stream(items=items(), chunk=0)
    assert (next(stream), taken) == ("0", [0])
    assert (next(stream), taken) == ("1", [0, 1])


@each(
    ("source", "value"),
    [
        pytest.param("{{ 1 + 1 }}", 2, id="a number"),
        pytest.param("{{ l }}", [1, 2], id="a list"),
        pytest.param("{{ o }}", object, id="an object"),
        pytest.param("{{ 1 }}{{ 2 }}", 12, id="two numbers as one"),
        pytest.param("[{{ 1 }}, '{{ 2 }}']", [1, "2"], id="a text of a list"),
        pytest.param("a{{ 1 }}", "a1", id="a text"),
        pytest.param("", None, id="nothing"),
        pytest.param("{% for x in l %}{{ x }}{% endfor %}", 12, id="a loop"),
        pytest.param("{% if l %}{{ true }}{% endif %}", True, id="a truth"),
    ],
)
def test_a_native_engine_gives_values(source: str, value: object) -> None:
    assert engine(native=True).from_string(source).render(l=[1, 2], o=object) == value


def test_every_value_is_finalized_and_no_text() -> None:
    made = engine(finalize=lambda value: "-" if value is None else value)

    assert made.render("None{{ none }}{{ 1 }}{{ x }}{% set y = none %}{{ y }}", {"x": None}) == "None-1--"


def test_finalize_may_want_its_context() -> None:
    @pass_context
    def sign(context: Any, value: Any) -> Any:
        return f"{value}{context['x']}"

    @pass_eval_context
    def escaped(context: Any, value: Any) -> Any:
        return f"{value}{context.autoescape}"

    assert engine(finalize=sign).render("{{ 1 }}{% for x in [7] %}{{ 2 }}{% endfor %}", {"x": 5}) == "1525"
    assert engine(finalize=escaped).render("{{ 1 }}{% autoescape true %}{{ 2 }}{% endautoescape %}") == "1False2True"


@each(
    ("kind", "source", "expected"),
    [
        (Undefined, "[{{ x }}{{ x|default(1) }}{% for i in x %}{% endfor %}{{ x is defined }}]", "[1False]"),
        (Undefined, "{{ x.y }}", UndefinedError),
        (Undefined, "{{ {}.y }}{{ {}['y'] }}{{ [].y }}{{ [][0] }}-", "-"),
        (Undefined, "{{ x + 1 }}", UndefinedError),
        (Undefined, "{{ x() }}", UndefinedError),
        (ChainableUndefined, "{{ x.y['z'] }}-", "-"),
        (DebugUndefined, "{{ x }}", "{{ x }}"),
        (StrictUndefined, "{{ x }}", UndefinedError),
        (StrictUndefined, "{% if x %}{% endif %}", UndefinedError),
        (StrictUndefined, "{% for i in x %}{% endfor %}", UndefinedError),
        (StrictUndefined, "{{ 2 if false }}-", "-"),
        (StrictUndefined, "{{ x is defined }}{{ x|default(1) }}", "False1"),
        (StrictUndefined, "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", UndefinedError),
    ],
)
def test_a_missing_value_is_of_the_engines_kind(kind: type[Undefined], source: str, expected: Any) -> None:
    template = engine(undefined=kind).from_string(source)

    if expected is UndefinedError:
        with pytest.raises(UndefinedError):
            template.render()
    else:
        assert template.render() == expected


def gettext(text: str) -> str:
    return {"Hello %(name)s!": "Hallo %(name)s!", "one": "eins", "100%%": "hundert %%"}.get(text, text)


def ngettext(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


@each(
    ("source", "expected"),
    [
        ("{% trans %}one{% endtrans %}", "eins"),
        ("{% trans name='Ann' %}Hello {{ name }}!{% endtrans %}", "Hallo Ann!"),
        ("{% trans %}Hello {{ name }}!{% endtrans %}", "Hallo Bo!"),
        ("{% trans n=1 %}a page{% pluralize %}{{ n }} pages{% endtrans %}", "a page"),
        ("{% trans n=2 %}a page{% pluralize %}{{ n }} pages{% endtrans %}", "2 pages"),
        ("{{ gettext('one') }}{{ _('one') }}", "einseins"),
        ("{% for name in 'ab' %}{% trans %}Hello {{ name }}!{% endtrans %}{% endfor %}", "Hallo a!Hallo b!"),
        ("{% trans trimmed %}\n  one\n{% endtrans %}", "eins"),
    ],
)
def test_messages_are_translated(source: str, expected: str) -> None:
    made = engine(globals={"gettext": gettext, "ngettext": ngettext, "_": gettext})

    assert made.render(source, {"name": "Bo"}) == expected


def test_values_in_messages_are_escaped() -> None:
    made = engine(escaping="html", globals={"gettext": gettext, "ngettext": ngettext})

    assert made.render("{% trans name='<' %}Hello {{ name }}!{% endtrans %}") == "Hallo &lt;!"


def test_messages_whose_functions_fill_in_the_values() -> None:
    @pass_context
    def fills(context: Any, text: str, /, **values: Any) -> str:
        return gettext(text) % {**values, "lang": context["lang"]}

    fills.newstyle = True  # type: ignore[attr-defined]
    made = engine(globals={"gettext": fills})
    assert made.render("{{ gettext('Hello %(name)s!', name=name) }}", {"name": "Bo", "lang": "de"}) == "Hallo Bo!"
