"""Tests: what is asked with `is`."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import ask

MISSING = Undefined(name="missing")


class Endless:
    def __iter__(self) -> Iterator[int]:
        return iter(())


@each(
    ("name", "holds", "holds_not"),
    [
        ("none", [None], [False, 0, "", MISSING]),
        ("true", [True], [1, "x", None]),
        ("false", [False], [0, "", None]),
        ("boolean", [True, False], [0, 1, 1.0, None]),
        ("integer", [42, 10**100], [True, False, 4.2, "1", None]),
        ("float", [4.2], [42, True, None]),
        ("number", [True, 42, 3.14, 1j, 10**100], [None, "1"]),
        ("string", ["foo", Markup("x")], [None, 42, b"x"]),
        ("sequence", ["foo", [], (), {}, range(1)], [None, 42, Endless(), {1}, int]),
        ("mapping", [{}, OrderedDict()], [None, "foo", []]),
        ("iterable", ["foo", [], {}, range(5), Endless(), MISSING], [None, 42]),
        ("callable", [range, len], [None, 42, "foo", [], {}]),
        ("defined", [None, 0], [MISSING]),
        ("undefined", [MISSING], [None, 0]),
        ("odd", [1, 3], [0, 2]),
        ("even", [0, 2], [1, 3]),
        ("lower", ["foo"], ["FOO", "Foo", ""]),
        ("upper", ["FOO"], ["foo", "Foo", ""]),
        ("escaped", [Markup("foo")], ["foo"]),
        ("filter", ["title"], ["bad-name"]),
        ("test", ["number"], ["bad-name"]),
    ],
)
def test_what_values_are(name: str, holds: list[Any], holds_not: list[Any]) -> None:
    assert [value for value in holds if ask(value, name) is not True] == []
    assert [value for value in holds_not if ask(value, name) is not False] == []


@each(
    ("names", "value", "holds", "holds_not"),
    [
        (("eq", "equalto", "=="), 2, 2, 3),
        (("ne", "!="), 2, 3, 2),
        (("lt", "lessthan", "<"), 2, 3, 2),
        (("le", "<="), 2, 2, 1),
        (("gt", "greaterthan", ">"), 2, 1, 2),
        (("ge", ">="), 2, 2, 3),
        (("divisibleby",), 6, 3, 4),
        (("sameas",), None, None, False),
        (("in",), "o", "foo", "bar"),
        (("in",), 1, [1, 2], [2, 3]),
        (("in",), "foo", {"foo": 1}, {}),
    ],
)
def test_how_values_compare(names: tuple[str, ...], value: Any, holds: Any, holds_not: Any) -> None:
    for name in names:
        assert ask(value, name, holds) is True
        assert ask(value, name, holds_not) is False
