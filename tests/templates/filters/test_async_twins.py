"""Filters in an asynchronous page: each takes an asynchronous iterable as it takes any other."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.filters import DEFAULT_FILTERS, call_filter
from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply, apply_async


async def one_by_one(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


ROWS = [{"foo": 1, "bar": 2}, {"foo": 2, "bar": 3}, {"foo": 1, "bar": 1}]
CASES: list[tuple[str, list[Any], tuple[Any, ...], dict[str, Any]]] = [
    ("first", [0, 1], (), {}),
    ("last", [0, 1], (), {}),
    ("list", [0, 1], (), {}),
    ("reverse", [0, 1], (), {}),
    ("join", [1, 2, 3], ("|",), {}),
    ("join", ROWS, ("|",), {"attribute": "foo"}),
    ("slice", [0, 1, 2, 3], (3, "X"), {}),
    ("batch", [0, 1, 2, 3], (3, "X"), {}),
    ("groupby", ROWS, ("foo",), {}),
    ("sum", [1, 2, 3], (), {}),
    ("sum", ROWS, ("foo",), {"start": 5}),
    ("sort", [3, 1, 2], (), {"reverse": True}),
    ("unique", ["a", "b", "A"], (), {}),
    ("min", [3, 1, 2], (), {}),
    ("max", ROWS, (), {"attribute": "bar"}),
    ("map", ["1", "2"], ("int",), {}),
    ("map", ROWS, (), {"attribute": "foo"}),
    ("map", [[1, 2], [3]], ("sum",), {}),
    ("select", [1, 2, 3], ("odd",), {}),
    ("reject", [0, None, 1], (), {}),
    ("selectattr", ROWS, ("foo", "eq", 1), {}),
    ("rejectattr", ROWS, ("foo", "eq", 1), {}),
]


@pytest.mark.parametrize("kind", [list, one_by_one], ids=["list", "asynchronous"])
@pytest.mark.parametrize(
    ("name", "items", "args", "kwargs"), CASES, ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)]
)
async def test_the_twin_gives_what_the_filter_gives(
    name: str, items: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any], kind: Callable[[Any], Any]
) -> None:
    expected = apply(name, items, *args, **kwargs)
    found = await apply_async(name, kind(items), *args, **kwargs)

    if hasattr(expected, "__next__"):
        expected, found = list(expected), list(found)
    assert found == expected


async def test_filters_follow_one_another() -> None:
    rejected = call_filter(
        StandInEngine(), "reject", one_by_one("abcca"), ("==", "c"), context=StandInEngine().context(), is_async=True
    )

    assert list(await apply_async("unique", rejected)) == ["a", "b"]


async def test_map_waits_for_what_a_filter_gives() -> None:
    engine = StandInEngine()

    async def doubled(value: int) -> int:
        return 2 * value

    engine.filters["doubled"] = doubled
    mapped = call_filter(engine, "map", [1, 2], ("doubled",), context=engine.context(), is_async=True)

    assert [item async for item in mapped] == [2, 4]


async def test_select_waits_for_what_a_test_gives() -> None:
    engine = StandInEngine()

    async def is_small(value: int) -> bool:
        return value < 2

    engine.tests["small"] = is_small
    chosen = call_filter(engine, "select", [1, 2], ("small",), context=engine.context(), is_async=True)

    assert [item async for item in chosen] == [1]


async def test_nothing_has_no_first_item() -> None:
    assert isinstance(await apply_async("first", one_by_one([])), Undefined)
    assert await apply_async("map", None, "upper") == []


async def test_markup_is_joined_where_values_are_escaped() -> None:
    assert await apply_async("join", one_by_one(["<a>", Markup("<b>")]), autoescape=True) == "&lt;a&gt;<b>"


@each("name", sorted(DEFAULT_FILTERS))
def test_a_twin_stands_where_items_are_gone_through(name: str) -> None:
    one_by_one_filters = {case[0] for case in CASES} | {"random"}

    assert hasattr(DEFAULT_FILTERS[name], "async_twin") is (name in one_by_one_filters)
