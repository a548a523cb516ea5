"""What Jinja2's own tests render and refuse, as recorded: our engine says the same, or a reason stands here."""

from typing import Any

import pytest

from tests.conformance.template_adapter import Adapter
from tests.rows import wrong_rows
from tests.shared_cases import conformance

CASES: list[dict[str, Any]] = [case for case in conformance("templates/jinja.json") if not case.get("needs_python")]
DIFFERENT = {  # a part of the source, and why
    "{% macro m() %}<html>{% endmacro %}": "a macro that is defined where nothing is escaped gives text, not markup",
    "._undefined_name": "an attribute that begins with an underscore is refused when the page is compiled",
    ".__class__": "the same",
}


def decoded(value: Any) -> Any:
    """A recorded value; what JSON has no word for is an object with a `$t`."""
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("$t"):
        case None:
            return {key: decoded(item) for key, item in value.items()}
        case "tuple":
            return tuple(decoded(item) for item in value["v"])
        case "range":
            return range(*value["v"])
        case "dict":
            return {decoded(key): decoded(item) for key, item in value["v"]}
        case kind:
            return Adapter().safe(kind, value["v"])


def different(case: dict[str, Any]) -> bool:
    return any(part in str(case.get("source")) for part in DIFFERENT)


def rendered(case: dict[str, Any]) -> Any:
    options = case["env"]
    return Adapter().jinja(
        options,
        case.get("templates", {}),
        case.get("source"),
        case.get("entry"),
        decoded(case.get("context") or {}),
        decoded({**options.get("globals", {}), **case.get("globals", {})}),
        case["phase"] == "render_async",
        "expect_native" in case or bool(options.get("native")),
    )


def render_or_refuse_alike(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(Exception) as raised:  # noqa: PT011 -- the table names no class of ours
            rendered(case)
        line = case["error"].get("lineno")
        assert line is None or getattr(raised.value, "lineno", None) == line
        return

    wanted = case["expect"] if "expect" in case else decoded(case["expect_native"])
    got = rendered(case)
    assert got == wanted or str(got) == wanted


def test_the_cases_of_jinja_are_rendered_or_refused_alike() -> None:
    judged = [(case["id"], case) for case in CASES if not different(case)]

    assert wrong_rows(judged, render_or_refuse_alike) == {}


def test_few_cases_differ() -> None:
    assert len(CASES) == 358
    assert sum(map(different, CASES)) <= 10
