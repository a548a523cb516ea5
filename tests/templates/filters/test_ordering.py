"""Filters that compare items, and those that reach into them."""

from collections import namedtuple
from types import SimpleNamespace
from typing import Any

import pytest

from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply

Day = namedtuple("Day", "day month year")  # noqa: PYI024 -- as an application may have it
Article = namedtuple("Article", "title date")  # noqa: PYI024 -- the same


def objects(*values: Any) -> list[SimpleNamespace]:
    return [SimpleNamespace(value=value) for value in values]


def values(items: Any) -> list[Any]:
    return [item.value for item in items]


@each(
    ("value", "arguments", "expected"),
    [
        ([2, 3, 1], {}, [1, 2, 3]),
        ([2, 3, 1], {"reverse": True}, [3, 2, 1]),
        (["c", "A", "b", "D"], {}, ["A", "b", "c", "D"]),
        (["c", "A", "b", "D"], {"case_sensitive": True}, ["A", "D", "b", "c"]),
        (["foo", "Bar", "blah"], {}, ["Bar", "blah", "foo"]),
    ],
)
def test_items_are_sorted(value: list[Any], arguments: dict[str, Any], expected: list[Any]) -> None:
    assert apply("sort", value, **arguments) == expected


def test_items_are_sorted_by_an_attribute() -> None:
    assert values(apply("sort", iter(objects(3, 2, 4, 1)), attribute="value")) == [1, 2, 3, 4]
    assert values(apply("sort", objects([3], [2]), attribute="value.0")) == [[2], [3]]


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("a,b", [(2, 1), (2, 2), (2, 5), (3, 1)]),
        ("b,a", [(2, 1), (3, 1), (2, 2), (2, 5)]),
        ("a", [(2, 2), (2, 1), (2, 5), (3, 1)]),
    ],
)
def test_items_are_sorted_by_several_attributes(attribute: str, expected: list[tuple[int, int]]) -> None:
    items = [{"a": a, "b": b} for a, b in [(3, 1), (2, 2), (2, 1), (2, 5)]]

    assert [(item["a"], item["b"]) for item in apply("sort", items, attribute=attribute)] == expected


@pytest.mark.parametrize(
    ("arguments", "expected"), [({}, ["b", "A"]), ({"case_sensitive": True}, ["b", "A", "a"])], ids=["any case", "case"]
)
def test_each_item_comes_once(arguments: dict[str, Any], expected: list[str]) -> None:
    assert list(apply("unique", ["b", "A", "a", "b"], **arguments)) == expected


def test_each_attribute_comes_once() -> None:
    assert values(apply("unique", objects(3, 2, 4, 1, 2), attribute="value")) == [3, 2, 4, 1]


@each(
    ("name", "value", "arguments", "expected"),
    [
        ("min", ["a", "B"], {}, "a"),
        ("min", ["a", "B"], {"case_sensitive": True}, "B"),
        ("max", ["a", "B"], {}, "B"),
        ("max", ["a", "B"], {"case_sensitive": True}, "a"),
        ("min", iter([3, 1, 2]), {}, 1),
    ],
)
def test_the_smallest_and_the_largest(name: str, value: Any, arguments: dict[str, Any], expected: str) -> None:
    assert apply(name, value, **arguments) == expected


def test_the_smallest_and_the_largest_by_an_attribute() -> None:
    assert apply("min", objects(5, 1, 9), attribute="value").value == 1
    assert apply("max", objects(5, 1, 9), attribute="value").value == 9


@pytest.mark.parametrize("name", ["min", "max"])
def test_nothing_has_no_smallest(name: str) -> None:
    assert isinstance(apply(name, []), Undefined)


@each(
    ("value", "args", "expected"),
    [
        ([1, 2, 3, 4, 5, 6], (), 21),
        ([{"value": 23}, {"value": 1}, {"value": 18}], ("value",), 42),
        ([{"real": {"value": 23}}, {"real": {"value": 19}}], ("real.value",), 42),
        ({"foo": 23, "bar": 1, "baz": 18}.items(), ("1",), 42),
        ([], (None, 5), 5),
    ],
)
def test_items_are_summed_up(value: Any, args: tuple[Any, ...], expected: int) -> None:
    assert apply("sum", value, *args) == expected


def test_items_are_grouped() -> None:
    items = [{"foo": 1, "bar": 2}, {"foo": 2, "bar": 3}, {"foo": 1, "bar": 1}]

    groups = apply("groupby", items, "foo")

    assert groups == [(1, [items[0], items[2]]), (2, [items[1]])]
    assert groups[0].grouper == 1
    assert groups[0].list == [items[0], items[2]]
    assert str(groups[1]) == "(2, [{'foo': 2, 'bar': 3}])"


def test_items_are_grouped_by_position_and_by_path() -> None:
    articles = [Article("aha", Day(1, 1, 1970)), Article("really?", Day(1, 1, 1971)), Article("no", Day(3, 1, 1970))]

    assert apply("groupby", [("a", 1), ("a", 2), ("b", 1)], 0) == [("a", [("a", 1), ("a", 2)]), ("b", [("b", 1)])]
    assert [(year, [item.title for item in group]) for year, group in apply("groupby", articles, "date.year")] == [
        (1970, ["aha", "no"]),
        (1971, ["really?"]),
    ]


def test_what_lacks_the_attribute_is_grouped_under_a_default() -> None:
    users = [{"name": "emma", "city": "NY"}, {"name": "smith", "city": "WA"}, {"name": "john"}]

    groups = apply("groupby", users, "city", default="NY")

    assert [(city, [user["name"] for user in group]) for city, group in groups] == [("NY", ["emma", "john"]), ("WA", ["smith"])]


@pytest.mark.parametrize(
    ("case_sensitive", "expected"), [(False, [("a", [1, 3]), ("b", [2])]), (True, [("A", [3]), ("a", [1]), ("b", [2])])]
)
def test_groups_regard_case_if_asked(case_sensitive: bool, expected: list[tuple[str, list[int]]]) -> None:
    items = [{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "A", "v": 3}]

    groups = apply("groupby", items, "k", case_sensitive=case_sensitive)

    assert [(key, [item["v"] for item in group]) for key, group in groups] == expected


class WithProperty:
    reads = 0

    @property
    def costly(self) -> int:
        self.reads += 1
        return 1

    def __getitem__(self, name: str) -> str:
        return f"item {name}"


def test_attr_reads_attributes_and_never_items() -> None:
    holder = WithProperty()

    assert apply("attr", holder, "costly") == 1
    assert holder.reads == 1
    assert isinstance(apply("attr", holder, "other"), Undefined)
    assert isinstance(apply("attr", {"a": 1}, "a"), Undefined)
    assert list(apply("attr", {"items": 42}, "items")()) == [("items", 42)]


def test_attr_finds_what_an_object_makes_up() -> None:
    class MadeUp:
        def __getattr__(self, name: str) -> str:
            if name == "there":
                return "made up"
            raise AttributeError(name)

    assert apply("attr", MadeUp(), "there") == "made up"
    assert isinstance(apply("attr", MadeUp(), "elsewhere"), Undefined)


@each(
    ("name", "arguments"),
    [
        ("sort", {"attribute": "secret"}),
        ("unique", {"attribute": "secret"}),
        ("min", {"attribute": "secret"}),
        ("max", {"attribute": "secret"}),
        ("sum", {"attribute": "secret"}),
        ("groupby", {"attribute": "secret"}),
        ("join", {"attribute": "secret"}),
        ("map", {"attribute": "secret"}),
        ("attr", {"name": "secret"}),
    ],
)
def test_every_way_to_an_attribute_goes_through_the_engine(name: str, arguments: dict[str, Any]) -> None:
    asked: list[Any] = []

    def looked_up(obj: Any, key: Any) -> Any:
        asked.append(key)
        return 1

    engine = StandInEngine()
    engine.get_attribute = engine.get_item = looked_up
    value = SimpleNamespace(secret=2)
    found = apply(name, value if name == "attr" else [value], engine=engine, **arguments)

    assert list(found) if hasattr(found, "__iter__") else True
    assert set(asked) == {"secret"}


@pytest.mark.parametrize("name", ["selectattr", "rejectattr"])
def test_choosing_by_attribute_goes_through_the_engine(name: str) -> None:
    asked: list[Any] = []
    engine = StandInEngine()
    engine.get_item = lambda _, key: asked.append(key)

    list(apply(name, [SimpleNamespace(secret=2)], "secret", engine=engine))

    assert asked == ["secret"]
