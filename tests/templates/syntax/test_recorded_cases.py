"""Templates of other engines' tests are read, or refused on the line where Jinja2 refuses them."""

from dataclasses import fields
from typing import Any

import pytest

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax import Syntax, parse
from tests.rows import wrong_rows
from tests.shared_cases import conformance

JINJA = conformance("templates/jinja.json")
GO = [
    case["jinja"] for name in ("go_cases", "go_branches") for case in conformance(f"templates/{name}.json") if case.get("jinja")
]
NAMES = {
    f"{name}_string": name
    for name in ("block_start", "block_end", "variable_start", "variable_end", "comment_start", "comment_end")
}
OPTIONS = {field.name for field in fields(Syntax)}
REFUSED = ("TemplateSyntaxError", "TemplateAssertionError")


def syntax_of(case: dict[str, Any]) -> Syntax:
    options = {NAMES.get(name, name): value for name, value in case["env"].items()}
    if "newline_sequence" in options:
        options["newline"] = options.pop("newline_sequence")
    return Syntax(**{name: value for name, value in options.items() if name in OPTIONS})


def entry_of(case: dict[str, Any]) -> tuple[str | None, str]:
    """The template that is asked for, with its name."""
    return (None, case["source"]) if "source" in case else (case["entry"], case["templates"][case["entry"]])


def judge_as_jinja(case: dict[str, Any]) -> None:
    error = case.get("error", {})
    name, source = entry_of(case)
    if error.get("type") in REFUSED and error.get("name") != name:
        name, source = error["name"], case["templates"][error["name"]]

    if error.get("type") not in REFUSED:
        assert parse(source, name=name, syntax=syntax_of(case)).name == name
        return
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(source, name=name, syntax=syntax_of(case))
    assert caught.value.lineno == error["lineno"]


def test_templates_are_judged_as_jinja_judges_them() -> None:
    rows = [(case["id"], case) for case in JINJA if "source" in case or "entry" in case]

    assert len(rows) == 358
    assert wrong_rows(rows, judge_as_jinja) == {}


def test_translated_go_templates_are_read() -> None:
    assert all(parse(source).body or not source for source in GO)
