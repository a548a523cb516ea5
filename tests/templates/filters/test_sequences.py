"""Filters for sequences."""

import random
from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.errors import TemplateRuntimeError, UndefinedError
from martlet.templates.filters.sequences import collects
from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import apply

User = namedtuple("User", "username")  # noqa: PYI024 -- as an application may have it


@pytest.mark.parametrize("name", ["first", "last", "random"])
def test_an_empty_sequence_has_no_item(name: str) -> None:
    found = apply(name, [])

    assert isinstance(found, Undefined)
    with pytest.raises(UndefinedError, match="sequence is empty"):
        found + 1


@each(
    ("name", "value", "expected"),
    [
        ("first", list(range(10)), 0),
        ("first", iter("ab"), "a"),
        ("last", list(range(10)), 9),
        ("last", {"a": 1, "b": 2}, "b"),
        ("list", "abc", ["a", "b", "c"]),
        ("length", "hello world", 11),
        ("count", [1, 2], 2),
        ("len", {"a": 1}, 1),
        ("items", {1: "a"}, [(1, "a")]),
        ("items", Undefined(name="x"), []),
        ("reverse", [1, 2, 3], [3, 2, 1]),
        ("reverse", (item for item in (1, 2)), [2, 1]),
    ],
)
def test_ends_and_items(name: str, value: Any, expected: Any) -> None:
    found = apply(name, value)

    assert (list(found) if isinstance(expected, list) else found) == expected


def test_a_text_is_reversed_as_a_text() -> None:
    assert apply("reverse", "foobar") == "raboof"


@pytest.mark.parametrize(("name", "error"), [("reverse", TemplateRuntimeError), ("items", TypeError)])
def test_what_has_no_items_is_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="not int"):
        apply(name, 1)


@pytest.fixture
def _known_seed() -> Iterator[None]:
    state = random.getstate()
    random.seed("martlet")
    yield
    random.setstate(state)


@pytest.mark.usefixtures("_known_seed")
def test_what_is_picked_follows_the_seed() -> None:
    picked = [apply("random", "1234567890") for _ in range(10)]

    random.seed("martlet")

    assert picked == [random.choice("1234567890") for _ in range(10)]


@each(
    ("value", "args", "expected"),
    [
        ("yes", ("no",), "yes"),
        (Undefined(name="x"), ("no",), "no"),
        (Undefined(name="x"), (), ""),
        (False, ("no",), False),
        (False, ("no", True), "no"),
    ],
)
def test_a_default_stands_for_what_is_undefined(value: Any, args: tuple[Any, ...], expected: Any) -> None:
    assert apply("default", value, *args) == expected
    assert apply("d", value, *args) == expected


@each(
    ("arguments", "expected"),
    [
        ({}, [("aa", 0), ("AB", 3), ("b", 1), ("c", 2)]),
        ({"case_sensitive": True}, [("AB", 3), ("aa", 0), ("b", 1), ("c", 2)]),
        ({"by": "value"}, [("aa", 0), ("b", 1), ("c", 2), ("AB", 3)]),
        ({"reverse": True}, [("c", 2), ("b", 1), ("AB", 3), ("aa", 0)]),
    ],
)
def test_mappings_are_sorted(arguments: dict[str, Any], expected: list[tuple[str, int]]) -> None:
    assert apply("dictsort", {"aa": 0, "b": 1, "c": 2, "AB": 3}, **arguments) == expected


def test_mappings_are_sorted_by_keys_or_values_only() -> None:
    with pytest.raises(TemplateRuntimeError, match="'key' or 'value', not by 'item'"):
        apply("dictsort", {}, by="item")


@each(
    ("value", "args", "expected"),
    [
        ([1, 2, 3], ("|",), "1|2|3"),
        ([1, 2, 3], (), "123"),
        ([User("foo"), User("bar")], (", ", "username"), "foo, bar"),
        ((item for item in "ab"), ("-",), "a-b"),
        ([Markup("<b>"), "<i>"], ("<",), "<b><<i>"),
    ],
)
def test_items_are_joined(value: Any, args: tuple[Any, ...], expected: str) -> None:
    assert apply("join", value, *args) == expected


@each(
    ("value", "separator", "expected"),
    [
        (["<foo>", Markup("<span>foo</span>")], "", Markup("&lt;foo&gt;<span>foo</span>")),
        (["<foo>", Markup("<b>")], "<", Markup("&lt;foo&gt;&lt;<b>")),
        (["<a>", 1], Markup("<br>"), Markup("&lt;a&gt;<br>1")),
        (["<a>", 1], ", ", "<a>, 1"),
    ],
)
def test_joined_items_are_escaped_where_one_is_markup(value: list[Any], separator: str, expected: str) -> None:
    joined = apply("join", value, separator, autoescape=True)

    assert joined == expected
    assert type(joined) is type(expected)


@each(
    ("args", "expected"),
    [
        ((3,), [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]),
        ((3, "X"), [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, "X", "X"]]),
        ((20, "X"), [[*range(10), *"XXXXXXXXXX"]]),
        ((5, "X"), [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]),
    ],
)
def test_items_are_put_on_lines(args: tuple[Any, ...], expected: list[list[Any]]) -> None:
    assert list(apply("batch", range(10), *args)) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((3,), [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]),
        ((3, "X"), [[0, 1, 2, 3], [4, 5, 6, "X"], [7, 8, 9, "X"]]),
        ((5, "X"), [[0, 1, "X"], [2, 3, "X"], [4, 5, "X"], [6, 7, "X"], [8, 9, "X"]]),
    ],
)
def test_items_are_put_in_columns(args: tuple[Any, ...], expected: list[list[Any]]) -> None:
    assert list(apply("slice", range(10), *args)) == expected


@pytest.mark.parametrize("name", ["batch", "slice"])
def test_fewer_than_one_column_is_refused(name: str) -> None:
    with pytest.raises(TemplateRuntimeError, match="at least 1"):
        apply(name, [1], 0)


async def test_a_filter_of_ones_own_can_take_asynchronous_iterables() -> None:
    @collects
    def smallest_two(value: list[int]) -> list[int]:
        return sorted(value)[:2]

    async def numbers() -> Any:
        for number in (3, 1, 2):
            yield number

    assert await smallest_two.async_twin(numbers()) == [1, 2]  # type: ignore[attr-defined]
    assert smallest_two([2, 1]) == [1, 2]
