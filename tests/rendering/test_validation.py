"""A 422 lists everything that is wrong, each error at its place, in bounded time."""

import enum
import json
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Required, TypedDict
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from martlet.http import FieldError
from martlet.rendering import Conversion, ErrorCollector, collect_errors
from tests.rows import each


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Item(Struct):
    name: Annotated[str, Meta(min_length=1)]
    price: Decimal = Decimal(0)


class Order(Struct, rename="camel", forbid_unknown_fields=True):
    order_id: int
    items: list[Item]
    paid_on: date | None = None

    def __post_init__(self) -> None:
        if self.order_id == 13:
            raise ValueError("13 is not used")


class Cat(Struct, tag="cat"):
    lives: Annotated[int, Meta(le=9)]


class Dog(Struct, tag="dog"):
    name: str


class Row(Struct, array_like=True):
    x: int
    y: int = 0


class TaggedRow(Struct, array_like=True, tag="row"):
    x: int


class OtherRow(Struct, array_like=True, tag="other"):
    x: str


class Node(Struct):
    below: "list[Node]" = []
    by_name: "dict[str, Node]" = {}
    number: int = 0


@dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.x == self.y:
            raise ValueError("x and y are equal")


class Film(TypedDict, total=False):
    title: Required[str]
    year: int


class Pair(NamedTuple):
    left: int
    right: str = ""


def listed(type_: Any, value: Any, **options: Any) -> list[tuple[str, str]]:
    return [(error.pointer, error.detail) for error in collect_errors(type_, value, **options)]


@each(
    ("type_", "value", "errors"),
    [
        pytest.param(int, "1", [("", "Expected `int`, got `str`")], id="a scalar"),
        pytest.param(
            Item, {"price": "x"}, [("/name", "Missing required field"), ("/price", "Invalid decimal string")], id="a Struct"
        ),
        pytest.param(
            Order,
            {"order_id": 1, "items": [{"name": ""}, 7, {"name": "a", "price": []}], "paidOn": "soon"},
            [
                ("/orderId", "Missing required field"),
                ("/items/0/name", "Expected `str` of length >= 1"),
                ("/items/1", "Expected `object`, got `int`"),
                ("/items/2/price", "Expected `decimal`, got `array`"),
                ("/paidOn", "Invalid RFC3339 encoded date"),
                ("/order_id", "Unknown field"),
            ],
            id="renamed fields, unknown fields, a list",
        ),
        pytest.param(Order, {"orderId": 13, "items": []}, [("", "13 is not used")], id="the object's own check"),
        pytest.param(
            list[Order], [{"orderId": 13, "items": []}], [("/0", "13 is not used")], id="the own check of an object within"
        ),
        pytest.param(
            Point,
            {"x": "a", "y": None, "tags": [1]},
            [
                ("/x", "Expected `int`, got `str`"),
                ("/y", "Expected `int`, got `null`"),
                ("/tags/0", "Expected `str`, got `int`"),
            ],
            id="a dataclass",
        ),
        pytest.param(Point, {"x": 1, "y": 1}, [("", "x and y are equal")], id="a dataclass's own check"),
        pytest.param(
            Film, {"year": "x"}, [("/title", "Missing required field"), ("/year", "Expected `int`, got `str`")], id="TypedDict"
        ),
        pytest.param(Pair, ["a", 1], [("/0", "Expected `int`, got `str`"), ("/1", "Expected `str`, got `int`")], id="NamedTuple"),
        pytest.param(Pair, [], [("", "Expected `array` of length 1 to 2, got 0")], id="NamedTuple, too short"),
        pytest.param(
            Row, ["x", "y", "beyond"], [("/0", "Expected `int`, got `str`"), ("/1", "Expected `int`, got `str`")], id="array"
        ),
        pytest.param(Row, [], [("", "Expected `array` of length 1 or more, got 0")], id="array, too short"),
        pytest.param(TaggedRow, ["row", "x"], [("/1", "Expected `int`, got `str`")], id="array with a tag"),
        pytest.param(
            TaggedRow | OtherRow, ["other", 1], [("/1", "Expected `str`, got `int`")], id="the tag chooses among arrays"
        ),
        pytest.param(TaggedRow | OtherRow, ["third", 1], [("/0", "Invalid value 'third'")], id="no array has this tag"),
        pytest.param(
            tuple[int, str],
            [None, None, 1],
            [
                ("", "Expected `array` of length 2, got 3"),
                ("/0", "Expected `int`, got `null`"),
                ("/1", "Expected `str`, got `null`"),
            ],
            id="tuple",
        ),
        pytest.param(tuple[int, ...], [1, "x"], [("/1", "Expected `int`, got `str`")], id="tuple of any length"),
        pytest.param(
            set[int], [1, "x", None], [("/1", "Expected `int`, got `str`"), ("/2", "Expected `int`, got `null`")], id="set"
        ),
        pytest.param(frozenset[Size], [1, 3], [("/1", "Expected one of `1`, `2`")], id="frozenset of an enumeration"),
        pytest.param(
            set[Any], [[]], [("", "Expected values that a set can hold, got an array or an object")], id="unhashable items"
        ),
        pytest.param(
            dict[str, int],
            {"a/b": "x", "c~d": None, "e": 1},
            [("/a~1b", "Expected `int`, got `str`"), ("/c~0d", "Expected `int`, got `null`")],
            id="dict, keys escaped",
        ),
        pytest.param(
            dict[int, int],
            {"x": "y", "2": 3},
            [("/x", "Invalid key: Expected `int`, got `str`"), ("/x", "Expected `int`, got `str`")],
            id="dict, key and value",
        ),
        pytest.param(
            dict[str, list[Item]], {"k": [{}]}, [("/k/0/name", "Missing required field")], id="objects in lists in dicts"
        ),
        pytest.param(int | None, "x", [("", "Expected `int | null`, got `str`")], id="optional"),
        pytest.param(int | list[int], ["x"], [("/0", "Expected `int`, got `str`")], id="the list of a union"),
        pytest.param(Cat | Dog, {"type": "cat", "lives": 10}, [("/lives", "Expected `int` <= 9")], id="the tag chooses"),
        pytest.param(Cat | Dog, {"type": "cow"}, [("/type", "Invalid value 'cow'")], id="no class has this tag"),
        pytest.param(Cat | Dog, {"lives": 1}, [("/type", "Missing required field")], id="no tag"),
        pytest.param(Cat | Dog | None, {"type": "dog"}, [("/name", "Missing required field")], id="optional union with tags"),
        pytest.param(Item | None, {}, [("/name", "Missing required field")], id="optional object"),
        pytest.param(Color, "green", [("", "Expected one of `red`, `blue`")], id="enumeration"),
        pytest.param(Color | None, "green", [("", "Expected one of `red`, `blue`")], id="optional enumeration"),
        pytest.param(Literal["a", 1], "b", [("", "Expected one of `1`, `a`")], id="Literal"),
        pytest.param(Annotated[Color, Meta(title="Colour")], "x", [("", "Expected one of `red`, `blue`")], id="described"),
        pytest.param(UUID, "x", [("", "Invalid UUID")], id="UUID"),
        pytest.param(
            Annotated[datetime, Meta(tz=True)],
            "2026-11-22T10:00:00",
            [
                ("", "Expected `datetime` with a timezone component"),
            ],
            id="a time zone that must be there",
        ),
        pytest.param(
            Annotated[list[int], Meta(max_length=1)],
            ["x", 2],
            [
                ("", "Expected `array` of length <= 1"),
                ("/0", "Expected `int`, got `str`"),
            ],
            id="length and items",
        ),
        pytest.param(
            Annotated[dict[str, int], Meta(min_length=2, title="Marks")],
            {"a": "x"},
            [
                ("", "Expected `object` of length >= 2"),
                ("/a", "Expected `int`, got `str`"),
            ],
            id="size and values",
        ),
        pytest.param(Any, {"a": object}, [], id="anything"),
        pytest.param(dict[str, msgspec.Raw | None] | int, "x", [("", "Expected `int | object`, got `str`")], id="raw values"),
    ],
)
def test_every_error_is_listed_at_its_place(type_: Any, value: Any, errors: list[tuple[str, str]]) -> None:
    assert listed(type_, value) == errors


def test_an_error_says_where_the_value_came_from() -> None:
    assert collect_errors(int, "x", location="query") == [FieldError("", "Expected `int`, got `str`", "query")]


def test_text_may_stand_for_a_number_where_the_format_has_only_text() -> None:
    assert listed(dict[str, int], {"a": "1", "b": "x"}, strict=False) == [("/b", "Expected `int`, got `str`")]


def test_no_more_errors_are_listed_than_the_limit_and_a_remark_says_so() -> None:
    assert listed(list[int], ["x"] * 5, limit=2) == [
        ("/0", "Expected `int`, got `str`"),
        ("/1", "Expected `int`, got `str`"),
        ("", "Only the first 2 errors are listed"),
    ]


def test_as_many_errors_as_the_limit_need_no_remark() -> None:
    assert len(listed(list[int], ["x"] * 2, limit=2)) == 2


def test_what_the_client_wrote_is_never_repeated_at_length() -> None:
    errors = collect_errors(dict[str, Cat | Dog], {"k" * 5_000: {"type": "t" * 5_000}})

    assert len(errors[0].pointer) < 120
    assert len(errors[0].detail) <= 300


def test_many_allowed_values_are_cut() -> None:
    many = enum.Enum("many", [(f"v{number}", f"value {number}") for number in range(50)])  # type: ignore[misc]

    assert listed(many, "x")[0][1].endswith("`value 19`, …")


def test_a_recursive_type_ends() -> None:
    assert listed(Node, {"below": [{"below": [{"number": "x"}]}, {"number": None}]}) == [
        ("/below/0/below/0/number", "Expected `int`, got `str`"),
        ("/below/1/number", "Expected `int`, got `null`"),
    ]


def test_far_down_a_chain_of_dicts_the_first_error_stands_for_the_rest() -> None:
    value: dict[str, Any] = {"number": "x"}
    for _ in range(20):
        value = {"by_name": {"a": value}}

    assert listed(Node, value) == [("/by_name/a" * 8 + "/by_name", "Expected `int`, got `str`, in one of its values")]


def test_a_message_that_looks_like_a_path_leads_nobody_astray() -> None:
    class Quoting(Struct):
        text: str

        def __post_init__(self) -> None:
            raise ValueError(f"Not this: {self.text}")

    assert listed(list[Quoting], [{"text": "x - at `$.text`"}])[0][1].startswith("Not this: x")
    assert listed(Color, "x - at `$[3]` y") == [("", "Expected one of `red`, `blue`")]


def test_names_with_dots_and_brackets_are_found() -> None:
    class Odd(Struct, rename={"a": "x.y", "b": "x[0]", "c": "x"}):
        a: int
        b: int
        c: list[int]

    assert listed(Odd, {"x.y": "", "x[0]": "", "x": [""]}) == [
        ("/x.y", "Expected `int`, got `str`"),
        ("/x[0]", "Expected `int`, got `str`"),
        ("/x/0", "Expected `int`, got `str`"),
    ]


def test_one_bad_value_among_many_in_a_dict_is_found() -> None:
    assert listed(dict[str, int], {str(number): number for number in range(2_500)} | {"2400": "x"}) == [
        ("/2400", "Expected `int`, got `str`")
    ]


def test_a_class_s_own_mistake_is_not_hidden() -> None:
    class Broken(Struct):
        number: int

        def __post_init__(self) -> None:
            raise KeyError(self.number)

    with pytest.raises(KeyError):
        collect_errors(Broken, {"number": 1})
    with pytest.raises(TypeError, match="not supported"):
        Conversion().convert({}, "no type")


def test_an_unknown_type_is_refused_beforehand() -> None:
    with pytest.raises(TypeError, match="not supported"):
        ErrorCollector(Item | Order)


TYPES: list[Any] = [
    Item,
    Order,
    Point,
    Film,
    Pair,
    Row,
    Cat | Dog,
    Node,
    dict[str, int | None],
    list[tuple[int, str]],
    set[Color],
]
WORDS = [
    "name",
    "price",
    "orderId",
    "items",
    "x",
    "y",
    "tags",
    "title",
    "year",
    "type",
    "cat",
    "lives",
    "below",
    "number",
    "red",
    "1.5",
]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 14) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=12,
)


@given(st.sampled_from(TYPES), PLAIN)
def test_errors_are_found_exactly_where_msgspec_refuses(type_: Any, value: Any) -> None:
    failure = Conversion().failure(value, type_)

    errors = collect_errors(type_, value)

    assert bool(errors) == (failure is not None)
    assert all(error.detail for error in errors)


@given(st.sampled_from(TYPES), PLAIN)
def test_mending_what_is_listed_leaves_nothing_else_in_those_places(type_: Any, value: Any) -> None:
    first = listed(type_, value)

    assert first == listed(type_, json.loads(json.dumps(value)))
    assert len(set(first)) == len(first)


def work_to_collect(type_: Any, value: Any) -> int:
    """How many calls it takes to say what is wrong: a measure of time on which no other process weighs."""
    collector, calls = ErrorCollector(type_), 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        assert collector.collect(value)
    finally:
        sys.setprofile(before)
    return calls


def test_one_bad_item_among_many_is_found_without_a_look_at_each() -> None:
    assert work_to_collect(list[int], [1] * 300_000 + ["x"]) < 10_000


def test_depth_does_not_multiply_the_work() -> None:
    flat: dict[str, Any] = {"below": [{"number": 1}] * 20_000 + [{"number": "x"}]}
    deep = flat
    for _ in range(95):
        deep = {"below": [deep]}

    assert work_to_collect(Node, deep) < 10 * work_to_collect(Node, flat) + 10_000


def test_a_million_errors_cost_no_more_than_the_first_hundred() -> None:
    assert work_to_collect(list[Item], [{}] * 200_000) < 2 * work_to_collect(list[Item], [{}] * 200)
