"""An error tells its template and line by its text alone, and shows templates, not what is beneath them."""

import asyncio
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from martlet.templates import (
    DictLoader,
    StrictUndefined,
    Template,
    TemplateEngine,
    TemplateError,
    TemplateNotFoundError,
    TemplateRuntimeError,
    UndefinedError,
    UnknownNameError,
)

TEMPLATES = {
    "macros": "{% macro m() %}\n\n{{ user.name.first }}{% endmacro %}",
    "page": "{% from 'macros' import m %}\n{{ m() }}",
    "part": "\n{{ user.name.first }}",
    "includes": "{% include 'part' %}",
    "includes late": "{% include name %}",
    "no part": "\n{% include 'prat' %}",
    "no parts": "\n{% include ['prat', 'bart'] %}",
    "no module": "\n\n{% import 'macro' as m %}",
    "no parent": "\n {% extends 'base' %}",
    "parent late": "{% extends name %}",
    "block": "{% block b %}\n{{ user.name.first }}{% endblock %}",
}


async def read(pieces: Any) -> list[str]:
    return [piece async for piece in pieces]


WAYS: dict[str, Callable[[Template], Any]] = {
    "render": lambda template: template.render(name="part"),
    "render_async": lambda template: asyncio.run(template.render_async(name="part")),
    "render_to": lambda template: template.render_to(str, name="part"),
    "stream": lambda template: list(template.stream(name="part")),
    "stream_async": lambda template: asyncio.run(read(template.stream_async(name="part"))),
    "module": lambda template: template.make_module({"name": "part"}),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("options", [{}, {"sandbox": True}, {"native": True}], ids=str)
def test_the_innermost_template_is_told(way: str, options: dict[str, Any]) -> None:
    engine = TemplateEngine(DictLoader(TEMPLATES), **options)

    for name, place in (("page", "macros, line 3"), ("includes", "part, line 2"), ("includes late", "part, line 2")):
        with pytest.raises(UndefinedError) as raised:
            WAYS[way](engine.get_template(name))
        assert str(raised.value) == f"'user' is undefined ({place})"
        assert (raised.value.template, raised.value.line) == (place.split(",")[0], int(place[-1]))


def test_blocks_tell_it_too() -> None:
    for engine in (TemplateEngine(DictLoader(TEMPLATES)), TemplateEngine(DictLoader(TEMPLATES), is_async=True)):
        with pytest.raises(UndefinedError, match=r"\(block, line 2\)"):
            engine.get_template("block").block("b").render()


def test_a_text_has_no_name_and_a_file_its_own() -> None:
    with pytest.raises(UndefinedError, match=r"'a' is undefined \(line 2\)$"):
        TemplateEngine().render("\n{{ a.b }}")
    with pytest.raises(UndefinedError, match=r"'a' is undefined \(mail, line 1\)$"):
        TemplateEngine(undefined=StrictUndefined).from_string("{{ a }}", name="mail").render()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no part", "there is no template 'prat' (no part, line 2); did you mean 'part'?"),
        ("no parts", "none of these templates is there: 'prat', 'bart' (no parts, line 2)"),
        ("no module", "there is no template 'macro' (no module, line 3); did you mean 'macros'?"),
        ("parent late", "there is no template 'base' (parent late, line 1)"),
    ],
)
def test_who_asked_for_a_missing_template_is_told(name: str, told: str) -> None:
    template = TemplateEngine(DictLoader(TEMPLATES)).get_template(name)

    with pytest.raises(TemplateNotFoundError) as raised:
        template.render(name="base")
    assert str(raised.value).startswith(told)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)  # noqa: S301 -- written here


def test_a_parent_that_is_not_there_is_told_when_the_template_is_read() -> None:
    engine = TemplateEngine(DictLoader(TEMPLATES))

    for name in ("no parent", ["no parent", "page"]):
        with pytest.raises(UnknownNameError, match=r"there is no template 'base'.*\n  no parent, line 2, column 13"):
            engine.get_template(name)
    with pytest.raises(UnknownNameError):
        engine.render("{% include 'no parent' ignore missing %}")


def frames(error: BaseException) -> list[str]:
    return [frame.filename for frame in traceback.extract_tb(error.__traceback__)]


def test_a_traceback_ends_in_the_template() -> None:
    engine = TemplateEngine(DictLoader(TEMPLATES))
    for name, inner in (("page", "macros"), ("no part", "no part"), ("includes", "part")):
        with pytest.raises(TemplateError) as raised:
            engine.get_template(name).render()
        shown = frames(raised.value)
        assert shown[-1] == f"<template {inner}>"
        assert shown.count(shown[-1]) == 1


def test_what_the_application_raises_is_shown_as_it_is() -> None:
    def fails() -> None:
        raise TemplateRuntimeError("no")

    with pytest.raises(TemplateRuntimeError, match=r"no \(line 1\)") as raised:
        TemplateEngine().render("{{ fails() }}", fails=fails)
    assert frames(raised.value)[-1] == __file__
    with pytest.raises(ZeroDivisionError, match=r"^division by zero$"):
        TemplateEngine().render("{{ 1 / 0 }}")


def test_the_innermost_of_pages_within_pages_is_told() -> None:
    engine = TemplateEngine(DictLoader(TEMPLATES))

    with pytest.raises(UndefinedError, match=r"\(part, line 2\)"):
        engine.render("{{ go() }}", go=lambda: engine.get_template("part").render())
