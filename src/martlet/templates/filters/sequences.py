"""Filters for sequences: their ends, their parts, and one text of them all.

In an asynchronous page each has a twin that takes asynchronous iterables too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from markupsafe import escape

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.filters.attributes import attribute_getter, fold_case
from martlet.templates.filters.text import as_text
from martlet.templates.runtime.async_values import auto_aiter, auto_to_list
from martlet.templates.runtime.passing import (
    EngineLike,
    EvalContext,
    RenderContext,
    async_twin,
    pass_context,
    pass_engine,
    pass_eval_context,
)
from martlet.templates.runtime.undefined import Undefined

__all__ = [
    "batch",
    "collects",
    "default",
    "dict_sort",
    "first",
    "items",
    "join",
    "last",
    "pick_random",
    "reverse",
    "slices",
    "to_list",
]

F = TypeVar("F", bound=Callable[..., Any])


def collects(function: F) -> F:
    """Give a filter a twin that first takes all items of an asynchronous iterable."""
    before = 0 if getattr(function, "template_argument", None) is None else 1

    async def collected(*args: Any, **kwargs: Any) -> Any:
        value = args[before]
        if hasattr(value, "__aiter__") and not isinstance(value, Undefined):
            args = (*args[:before], await auto_to_list(value), *args[before + 1 :])
        return function(*args, **kwargs)

    return async_twin(collected)(function)


def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:  # noqa: FBT001, FBT002 -- a template's
    """The value, or `default_value` if it is undefined. boolean: or if it is false, empty or nought."""
    if isinstance(value, Undefined) or (boolean and not value):
        return default_value
    return value


async def _first_later(engine: EngineLike, value: Any) -> Any:
    async for item in auto_aiter(value):
        return item
    return engine.undefined("there is no first item, the sequence is empty")


@async_twin(_first_later)
@pass_engine
def first(engine: EngineLike, value: Iterable[Any]) -> Any:
    """The first item; undefined if there is none."""
    for item in value:
        return item
    return engine.undefined("there is no first item, the sequence is empty")


@collects
@pass_engine
def last(engine: EngineLike, value: Any) -> Any:
    """The last item; undefined if there is none. Raises TypeError for what has no end to begin at, such as a generator."""
    for item in reversed(value):
        return item
    return engine.undefined("there is no last item, the sequence is empty")


@collects
@pass_context  # not the engine: what is random is nothing to be computed beforehand
def pick_random(context: RenderContext, value: Any) -> Any:
    """One of the items; undefined if there is none."""
    if not len(value):
        return context.engine.undefined("there is no item to pick, the sequence is empty")
    return random.choice(value)  # noqa: S311 -- what a page shows is no secret


@collects
def to_list(value: Iterable[Any]) -> list[Any]:
    """All items; the characters of a text."""
    return list(value)


@collects
def reverse(value: Any) -> Any:
    """The other way round: a text as text, anything else item by item. Raises TemplateRuntimeError for what has no items."""
    if isinstance(value, str):
        return value[::-1]
    try:
        return reversed(value)
    except TypeError:
        pass
    try:
        return list(value)[::-1]
    except TypeError as error:
        raise TemplateRuntimeError(f"reverse needs a text or something with items, not {type(value).__name__}") from error


def items(value: Any) -> Iterable[tuple[Any, Any]]:
    """The pairs of a mapping; none if it is undefined. Raises TypeError for anything else."""
    if isinstance(value, Undefined):
        return ()
    if isinstance(value, Mapping):
        return cast("Mapping[Any, Any]", value).items()
    raise TypeError(f"items needs a mapping, not {type(value).__name__}")


def dict_sort(
    value: Mapping[Any, Any],
    case_sensitive: bool = False,  # noqa: FBT001, FBT002 -- a template's
    by: str = "key",
    reverse: bool = False,  # noqa: FBT001, FBT002 -- the same
) -> list[tuple[Any, Any]]:
    """The pairs of a mapping, sorted by "key" or by "value". Raises TemplateRuntimeError for another `by`."""
    if by not in {"key", "value"}:
        raise TemplateRuntimeError(f"dictsort sorts by 'key' or 'value', not by {by!r}")
    position = 0 if by == "key" else 1

    def key(pair: tuple[Any, Any]) -> Any:
        return pair[position] if case_sensitive else fold_case(pair[position])

    return sorted(value.items(), key=key, reverse=reverse)


async def _join_later(context: EvalContext, value: Any, d: Any = "", attribute: str | int | None = None) -> str:
    return join(context, await auto_to_list(value), d, attribute)


@async_twin(_join_later)
@pass_eval_context
def join(context: EvalContext, value: Iterable[Any], d: Any = "", attribute: str | int | None = None) -> str:
    """One text of all items, with `d` between. attribute: of each item, in its place.

    Where values are escaped and one of the texts is markup, the others are escaped and the whole is markup.
    """
    if attribute is not None:
        value = map(attribute_getter(context.engine, attribute), value)
    if not context.autoescape:
        return str(d).join(map(str, value))
    if hasattr(d, "__html__"):
        return as_text(d).join(map(as_text, value))
    texts: list[Any] = []
    has_markup = False
    for item in value:
        if type(item) is str:
            texts.append(item)
        elif hasattr(item, "__html__"):
            has_markup = True
            texts.append(item)
        else:
            texts.append(str(item))
    return escape(d).join(texts) if has_markup else str(d).join(texts)


@collects
def slices(value: Iterable[Any], slices: int, fill_with: Any = None) -> Iterator[list[Any]]:
    """So many lists of equal length, the first ones an item longer if it does not come out even.

    fill_with: put at the end of the shorter ones, unless it is None. Raises TemplateRuntimeError if `slices` is below 1.

    >>> list(slices("abcde", 3, "-"))
    [['a', 'b'], ['c', 'd'], ['e', '-']]
    """
    if slices < 1:
        raise TemplateRuntimeError(f"slice makes at least 1 list, not {slices}")
    return _slices(list(value), slices, fill_with)


def _slices(found: list[Any], count: int, fill_with: Any) -> Iterator[list[Any]]:
    length, longer = divmod(len(found), count)
    start = 0
    for number in range(count):
        end = start + length + (number < longer)
        part = found[start:end]
        if fill_with is not None and number >= longer:
            part.append(fill_with)
        yield part
        start = end


@collects
def batch(value: Iterable[Any], linecount: int, fill_with: Any = None) -> Iterator[list[Any]]:
    """Lists of so many items each. fill_with: for what the last one lacks, unless it is None.

    Raises TemplateRuntimeError if `linecount` is below 1.

    >>> list(batch("abcde", 3, "-"))
    [['a', 'b', 'c'], ['d', 'e', '-']]
    """
    if linecount < 1:
        raise TemplateRuntimeError(f"batch makes lists of at least 1 item, not of {linecount}")
    return _batch(value, linecount, fill_with)


def _batch(value: Iterable[Any], size: int, fill_with: Any) -> Iterator[list[Any]]:
    line: list[Any] = []
    for item in value:
        line.append(item)
        if len(line) == size:
            yield line
            line = []
    if line:
        if fill_with is not None:
            line += [fill_with] * (size - len(line))
        yield line
