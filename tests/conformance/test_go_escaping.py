"""Go's html/template is the anchor of escaping by place: its recorded tables, and where ours differs, why."""

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from martlet.templates.errors import EscapingError
from tests.conformance.template_adapter import Adapter
from tests.rows import each, wrong_rows
from tests.shared_cases import conformance, conformance_file

ADAPTER = Adapter()
AGREES = {"exact", "norm", "norm-comments"}
KEPT_COMMENT = "comments of scripts are kept where no tag interrupts them"
COPIES = "branches that open different things take what follows with them, each escaped for its place"
REESCAPED = "`| e` is a filter like any other: its result is HTML, and is escaped for the place where that ends up"
OPENED = "a value behind `<` names a tag; for a script it is an error while rendering, where Go shows `<script>` as a text"
DIFFERENT = {
    "go/TestEscape/JS multiline block comment": KEPT_COMMENT,
    "go/TestEscape/JS block comment flush with mathematical division": KEPT_COMMENT,
    "go/TestEscape/JS HTML-like comments": "`-->` is a comment only at the start of a line; `while (i-->0)` is none",
    "<script>class Bond": KEPT_COMMENT,
    "x--- /": "of `x---` two are an operator behind x and one is a minus, behind which a slash begins a regular expression",
    "++ /": "behind a `++` that stands in front of something, a slash begins a regular expression",
    "<a {% if Cond %}href='": COPIES,
    '<a href="{% if F %}/foo?a=': COPIES,
    '<{{ "script" }}>': OPENED,
    "Hello, {{ dot|e|string }}!": REESCAPED,
    "<div class={{ dot|e }}>": REESCAPED,
}
NUMBERS = (bool, float, list, type(None))


def judge(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"judge_{name}", conformance_file(f"templates/{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


COMPARE = judge("compare").compare
PRESERVED = judge("structure").preserved


class RawJSON:
    def __init__(self, text: str | None) -> None:
        self.text = text

    def __json__(self) -> str | None:
        return self.text


def decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("$t")
    if kind is None:
        return {key: decoded(item) for key, item in value.items()}
    if kind == "typed_nil":
        return None
    return RawJSON(value.get("v")) if "json" in kind else ADAPTER.safe(kind, value["v"])


def rendered(
    source: str, context: dict[str, Any], templates: dict[str, str] | None = None, entry: str | None = None
) -> str | None:
    """The page, or None if the template is refused."""
    try:
        return ADAPTER.render(source, context, templates, entry)
    except Exception:  # noqa: BLE001 -- whatever is raised, nothing is written
        return None


def go_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for case in conformance("templates/go_cases.json"):
        if not (case.get("untranslatable") or case.get("semantics") or case["test"] == "TestEscapeText"):
            yield f"{case['id']}-{case['name'] or ''}", case


def is_known(case: dict[str, Any]) -> bool:
    named = f"go/{case['test']}/{case['name']}"
    return any(key == named or key in case["jinja"] for key in DIFFERENT)


def write_as_go_does(case: dict[str, Any]) -> None:
    context = decoded(case["context"])
    got = rendered(case["jinja"], context, case.get("templates"), case.get("entry"))
    if "expect" not in case:
        assert (got is None) == (case["expect_error"] is not None)
        return
    assert got is not None
    assert COMPARE(case["expect"], got) in AGREES, got
    if "jinja_hoisted" in case:
        hoisted = rendered(
            case["jinja_hoisted"], {**context, **case["hoisted_vars"]}, case.get("templates_hoisted"), case.get("entry")
        )
        assert COMPARE(case["expect"], hoisted) in AGREES, hoisted


def test_the_cases_of_go_are_written_as_go_does() -> None:
    rows = list(go_cases())
    judged = [(name, case) for name, case in rows if not is_known(case)]  # the others differ for a reason, see DIFFERENT

    assert (len(rows), len(judged)) == (316, 305)
    assert wrong_rows(judged, write_as_go_does) == {}


def rows() -> Iterator[Any]:
    for row in conformance("templates/go_matrix.json"):
        if not row.get("error"):
            yield pytest.param(row, id=row["context"])


# Of 98 values each. The URL of a value with a colon behind a bracket is no scheme; an empty value without quotes gets quotes.
ALLOWED = {
    "script-importmap": 70,  # JSON is escaped as JSON, where Go writes entities into it
    "href-unq": 6,
    "srcset-unq": 6,
    "tag-name-part": 8,
}
NAMES = ("attr-name", "attr-name-bare", "attr-name-part", "attr-name-on", "tag-name-part")


@each("row", list(rows()), count=46)
def test_each_value_is_in_each_place_what_go_makes_of_it(row: dict[str, Any]) -> None:
    misses = []
    harmless = rendered(row["jinja"], {"x": "plain"})
    for case in row["cases"]:
        value = case["v"]
        if isinstance(value, NUMBERS) or (isinstance(value, dict) and "$t" not in value):
            continue  # numbers and containers are written in each language's own way
        got = rendered(row["jinja"], {"x": decoded(value)})
        assert got is not None
        if COMPARE(case["expect"], got) not in AGREES:
            misses.append((value, case["expect"], got))
        if isinstance(value, str) and harmless is not None and row["context"] not in NAMES:
            assert PRESERVED(harmless, got), f"{value!r} changes what the page is made of: {got!r}"

    assert len(misses) <= ALLOWED.get(row["context"], 3), misses


def test_branches_end_as_go_says_or_are_kept_safe() -> None:
    misses = []
    values = {"X": '<a.b> "c"', "L": ["<x>", "y/z"]}
    for case in conformance("templates/go_branches.json"):
        if "error" in case:
            pages = [
                rendered(case["jinja"], {"T": flag, "X": text, "L": ["a", "b"]})
                for flag in (True, False)
                for text in ("x", values["X"])
            ]
            assert None in pages or (PRESERVED(*pages[:2]) and PRESERVED(*pages[2:])), case["jinja"]
            continue
        for flag in (True, False):
            got = rendered(case["jinja"], {"T": flag, **values})
            if got is None or COMPARE(case["true" if flag else "false"], got) not in AGREES:
                misses.append(case["jinja"])

    assert len(misses) <= 13, misses


def test_what_go_refuses_for_its_slash_is_refused_with_a_line() -> None:
    with pytest.raises(EscapingError) as caught:
        ADAPTER.render("<script>\n{% for x in l %}/{{ x }}{% endfor %}</script>", {"l": []})

    assert caught.value.line == 2
