"""An error while rendering is shown where it is in the template: file, line, columns, and what Python would call the function."""

import linecache
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from martlet.templates import Template, TemplateEngine
from tests.rows import each
from tests.templates.compiling.pages import engine

TEMPLATES = {
    "page": "\n<p>\n  {{ a.b / 0 }}",
    "include": "{% include 'page' %}",
    "macro": "{% macro m(x) %}\n{{ 1 // x }}{% endmacro %}\n{{ m(0) }}",
    "call": "{% macro m() %}{{ caller() }}{% endmacro %}\n{% call m() %}{{ [] + 1 }}{% endcall %}",
    "base": "{% block head %}{% endblock %}",
    "block": "{% extends 'base' %}\n{% block head %}\n{{ a['b'] - none }}{% endblock %}",
    "loop": "{% for x in [1] %}\n{% for y in 5 %}{% endfor %}{% endfor %}",
    "if": "{% if a.b < none %}{% endif %}",
    "set": "{% set x = f(1,\n 2) %}",
    "accents": "é€😀{{ 1 // 0 }}",
    "imports": "{% import 'macro' as m %}",
}


def failing(template: Template) -> None:
    template.render(a={"b": 1}, f=lambda: None)


def frames(run: Callable[[], object]) -> list[traceback.FrameSummary]:
    with pytest.raises((TypeError, ZeroDivisionError)) as caught:
        run()
    return [frame for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename.startswith("<template ")]


@each(
    ("name", "file", "line", "columns", "function"),
    [
        ("page", "page", 3, (5, 12), "<module>"),
        ("include", "page", 3, (5, 12), "<module>"),
        ("macro", "macro", 2, (3, 9), "macro 'm'"),
        ("call", "call", 2, (17, 23), "call block"),
        ("block", "block", 3, (3, 16), "block 'head'"),
        ("loop", "loop", 2, None, "<module>"),
        ("if", "if", 1, (6, 16), "<module>"),
        ("set", "set", 1, None, "<module>"),
        ("accents", "accents", 1, (12, 18), "<module>"),  # columns count bytes, as everywhere in Python
        ("imports", "macro", 2, (3, 9), "macro 'm'"),
    ],
)
def test_a_traceback_ends_in_the_template(
    name: str, file: str, line: int, columns: tuple[int, int] | None, function: str
) -> None:
    template = engine(TEMPLATES).get_template(name)

    last = frames(lambda: failing(template))[-1]
    assert (last.filename, last.lineno, last.name) == (f"<template {file}>", line, function)
    assert linecache.getline(last.filename, line) == TEMPLATES[file].splitlines(keepends=True)[line - 1]
    if columns is not None:
        assert (last.colno, last.end_colno) == columns


def test_a_caret_stands_below_the_expression() -> None:
    template = engine(TEMPLATES).get_template("page")

    with pytest.raises(ZeroDivisionError) as caught:
        failing(template)
    shown = "".join(traceback.format_exception(caught.value)).splitlines()
    at = next(number for number, text in enumerate(shown) if text.strip() == "{{ a.b / 0 }}")
    assert shown[at - 1] == '  File "<template page>", line 3, in <module>'
    assert shown[at + 1].strip() in ("^^^^^^^", "~~~~^~~")


def test_a_file_is_named_as_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("\n{{ 1 // 0 }}", encoding="utf-8")

    with pytest.raises(ZeroDivisionError) as caught:
        TemplateEngine(tmp_path).get_template("page.html").render()
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (Path(last.filename), last.lineno, last.line) == (path, 2, "{{ 1 // 0 }}")


def test_streams_fail_where_they_are() -> None:
    template = engine(TEMPLATES).get_template("include")

    assert frames(lambda: "".join(template.stream(a={"b": 1}, chunk=0)))[-1].lineno == 3
