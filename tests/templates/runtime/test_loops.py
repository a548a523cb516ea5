"""`loop`."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from martlet.templates.errors import UndefinedError
from martlet.templates.runtime import AsyncLoopContext, LoopContext, StrictUndefined, Undefined


def generated(items: Iterable[Any], taken: list[Any] | None = None) -> Iterator[Any]:
    for item in items:
        if taken is not None:
            taken.append(item)
        yield item


async def generated_later(items: Iterable[Any], taken: list[Any] | None = None) -> AsyncIterator[Any]:
    for item in generated(items, taken):
        yield item


POSITIONS = [
    # index, index0, revindex, revindex0, first, last, length
    ("a", 1, 0, 3, 2, True, False, 3),
    ("b", 2, 1, 2, 1, False, False, 3),
    ("c", 3, 2, 1, 0, False, True, 3),
]


@pytest.mark.parametrize("kind", [list, generated, dict.fromkeys], ids=["list", "generator", "dict"])
def test_a_loop_knows_where_it_is(kind: Any) -> None:
    assert [
        (item, loop.index, loop.index0, loop.revindex, loop.revindex0, loop.first, loop.last, loop.length)
        for item, loop in LoopContext(kind("abc"), Undefined)
    ] == POSITIONS


@pytest.mark.parametrize("kind", [list, generated, generated_later], ids=["list", "generator", "asynchronous"])
async def test_an_asynchronous_loop_knows_where_it_is(kind: Any) -> None:
    assert [
        (item, loop.index, loop.index0, await loop.revindex, await loop.revindex0, loop.first, await loop.last, await loop.length)
        async for item, loop in AsyncLoopContext(kind("abc"), Undefined)
    ] == POSITIONS


def test_items_are_taken_when_they_are_due() -> None:
    taken: list[str] = []
    loop = LoopContext(generated("abcd", taken), Undefined)

    next(loop)
    assert (loop.index, loop.first, taken) == (1, True, ["a"])
    assert (loop.last, taken) == (False, ["a", "b"])
    assert (loop.nextitem, taken) == ("b", ["a", "b"])
    assert (loop.length, taken) == (4, ["a", "b", "c", "d"])
    assert [item for item, _ in loop] == ["b", "c", "d"]


async def test_asynchronous_items_are_taken_when_they_are_due() -> None:
    taken: list[str] = []
    loop = AsyncLoopContext(generated_later("abcd", taken), Undefined)

    await anext(loop)
    assert (loop.index, loop.first, taken) == (1, True, ["a"])
    assert (await loop.last, taken) == (False, ["a", "b"])
    assert (await loop.nextitem, taken) == ("b", ["a", "b"])
    assert (await loop.length, taken) == (4, ["a", "b", "c", "d"])
    assert [item async for item, _ in loop] == ["b", "c", "d"]


def test_a_loop_knows_its_neighbours() -> None:
    seen = [(loop.previtem, item, loop.nextitem) for item, loop in LoopContext("abc", Undefined)]

    assert seen == [(Undefined(), "a", "b"), ("a", "b", "c"), ("b", "c", Undefined())]


async def test_an_asynchronous_loop_knows_its_neighbours() -> None:
    seen = [(loop.previtem, item, await loop.nextitem) async for item, loop in AsyncLoopContext("abc", Undefined)]

    assert seen == [(Undefined(), "a", "b"), ("a", "b", "c"), ("b", "c", Undefined())]


def test_a_missing_neighbour_is_of_the_engines_kind() -> None:
    loop = LoopContext("a", StrictUndefined)
    next(loop)

    with pytest.raises(UndefinedError, match="there is no previous item"):
        str(loop.previtem)
    with pytest.raises(UndefinedError, match="there is no next item"):
        str(loop.nextitem)


def test_values_go_round() -> None:
    assert [loop.cycle("odd", "even") for _, loop in LoopContext("abc", Undefined)] == ["odd", "even", "odd"]


def test_no_values_cannot_go_round() -> None:
    with pytest.raises(TypeError, match="was given no values"):
        LoopContext("a", Undefined).cycle()


@pytest.mark.parametrize(
    ("values", "changes"),
    [([None, None, 1, 1, 2], [True, False, True, False, True]), ([(), 0, False], [True, True, False])],
)
def test_a_loop_tells_what_changed(values: list[Any], changes: list[bool]) -> None:
    assert [loop.changed(item) for item, loop in LoopContext(values, Undefined)] == changes


def test_several_values_change_together() -> None:
    loop = LoopContext("a", Undefined)

    assert [loop.changed(1, 2), loop.changed(1, 2), loop.changed(1, 3), loop.changed()] == [True, False, True, True]


@pytest.mark.parametrize("kind", [LoopContext, AsyncLoopContext])
def test_a_recursive_loop_is_called_for_the_items_below(kind: Any) -> None:
    calls: list[Any] = []

    def recurse(items: Any, again: Any, depth: int) -> str:
        calls.append((items, again is recurse, depth))
        return "body"

    loop = kind("a", Undefined, recurse, 2)

    assert (loop.depth0, loop.depth) == (2, 3)
    assert loop("xyz") == "body"
    assert calls == [("xyz", True, 3)]


def test_only_a_recursive_loop_can_be_called() -> None:
    with pytest.raises(TypeError, match="must be marked `recursive`"):
        LoopContext("a", Undefined)("b")


def test_what_is_no_iterable_is_refused() -> None:
    with pytest.raises(TypeError):
        LoopContext(42, Undefined)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        AsyncLoopContext(42, Undefined)  # type: ignore[arg-type]


async def test_a_loop_prints_as_where_it_is() -> None:
    loop, later = LoopContext("ab", Undefined), AsyncLoopContext("ab", Undefined)
    next(loop)

    assert repr(loop) == "<LoopContext 1/2>"
    assert len(loop) == 2
    assert repr(later) == "<AsyncLoopContext 0/?>"
    await later.length
    assert repr(later) == "<AsyncLoopContext 0/2>"
