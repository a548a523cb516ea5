"""Filters that compare items: sorting, grouping, the smallest and the largest, each only once, their sum.

Texts are compared without regard to case unless `case_sensitive` is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, groupby
from typing import Any, NamedTuple

from martlet.templates.filters.attributes import attribute_getter, attributes_getter
from martlet.templates.filters.sequences import collects
from martlet.templates.runtime.async_values import auto_aiter
from martlet.templates.runtime.passing import EngineLike, async_twin, pass_engine

__all__ = ["Group", "group_by", "largest", "smallest", "sort", "total", "unique"]


@collects
@pass_engine
def sort(  # noqa: PLR0917, RUF100 -- the order is that of templates
    engine: EngineLike,
    value: Iterable[Any],
    reverse: bool = False,  # noqa: FBT001, FBT002 -- a template's
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- the same
    attribute: str | int | None = None,
) -> list[Any]:
    """The items in order; equal ones stay in theirs. attribute: by which, several joined by commas."""
    return sorted(value, key=attributes_getter(engine, attribute, ignore_case=not case_sensitive), reverse=reverse)


@collects
@pass_engine
def unique(
    engine: EngineLike,
    value: Iterable[Any],
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- a template's
    attribute: str | int | None = None,
) -> Iterator[Any]:
    """Each item once, where it came first. attribute: by which they are told apart."""
    key = attribute_getter(engine, attribute, ignore_case=not case_sensitive)
    seen: set[Any] = set()
    for item in value:
        found = key(item)
        if found not in seen:
            seen.add(found)
            yield item


def _extreme(engine: EngineLike, value: Iterable[Any], choose: Callable[..., Any], key: Callable[[Any], Any]) -> Any:
    remaining = iter(value)
    for item in remaining:
        return choose(chain([item], remaining), key=key)
    return engine.undefined("there is no smallest or largest item, the sequence is empty")


@collects
@pass_engine
def smallest(
    engine: EngineLike,
    value: Iterable[Any],
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- a template's
    attribute: str | int | None = None,
) -> Any:
    """The smallest item, or the one with the smallest attribute; undefined if there is none."""
    return _extreme(engine, value, min, attribute_getter(engine, attribute, ignore_case=not case_sensitive))


@collects
@pass_engine
def largest(
    engine: EngineLike,
    value: Iterable[Any],
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- a template's
    attribute: str | int | None = None,
) -> Any:
    """The largest item, or the one with the largest attribute; undefined if there is none."""
    return _extreme(engine, value, max, attribute_getter(engine, attribute, ignore_case=not case_sensitive))


class Group(NamedTuple):
    """Items that have something in common: what that is, and they. Prints as a plain tuple."""

    grouper: Any
    list: list[Any]

    def __repr__(self) -> str:
        return repr((self.grouper, self.list))


@collects
@pass_engine
def group_by(
    engine: EngineLike,
    value: Iterable[Any],
    attribute: str | int,
    default: Any = None,
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- a template's
) -> list[Group]:
    """The items with the same attribute together, sorted by it.

    default: what stands for a missing attribute, unless it is None. The grouper is written as in the group's first item.
    """
    key = attribute_getter(engine, attribute, ignore_case=not case_sensitive, default=default)
    as_written = attribute_getter(engine, attribute, default=default)
    groups = [list(group) for _, group in groupby(sorted(value, key=key), key)]
    return [Group(as_written(group[0]), group) for group in groups]


async def _total_later(engine: EngineLike, value: Any, attribute: str | int | None = None, start: Any = 0) -> Any:
    get = attribute_getter(engine, attribute)
    result = start
    async for item in auto_aiter(value):
        result = result + get(item)
    return result


@async_twin(_total_later)
@pass_engine
def total(engine: EngineLike, value: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
    """The sum of the items, or of an attribute of each, and of `start`."""
    if attribute is not None:
        value = map(attribute_getter(engine, attribute), value)
    return sum(value, start)
