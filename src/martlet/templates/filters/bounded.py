"""The filters, tests and globals of a sandboxed engine. All that they take and all that they make is counted, new ones likewise.

Each item that a filter is given is an iteration of the page, each text a part of one, and each result a value that the page made.
Filters by which much can be made of little look at their arguments besides, see filter_bounds.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from functools import wraps
from types import AsyncGeneratorType, GeneratorType
from typing import Any, Final, cast

from martlet.templates.filters import attributes, sequences, tests
from martlet.templates.filters.attributes import attribute_getter
from martlet.templates.filters.filter_bounds import FILTER_CHECKS
from martlet.templates.filters.ordering import total
from martlet.templates.filters.text import as_text
from martlet.templates.runtime.bounds import check_joined
from martlet.templates.runtime.budgets import counted, counted_async, hold, spend
from martlet.templates.runtime.passing import EngineLike, EvalContext, pass_engine, pass_eval_context
from martlet.templates.runtime.sandbox import Sandbox
from martlet.templates.runtime.values import lipsum
from martlet.templates.runtime.weights import bytes_of, check_items, check_printable, items_in, made

__all__ = ["bounded_filters", "bounded_globals", "bounded_tests"]

# They look at no more than the value itself, one item of it, or its length.
TAKE_AS_IT_IS: Final = frozenset(
    {attributes.attribute, len, sequences.default, sequences.first, sequences.items, sequences.last, sequences.pick_random}
)
ASK_FOR_TYPES: Final = frozenset(
    {
        callable,
        tests.is_boolean,
        tests.is_defined,
        tests.is_escaped,
        tests.is_false,
        tests.is_float,
        tests.is_integer,
        tests.is_iterable,
        tests.is_mapping,
        tests.is_none,
        tests.is_number,
        tests.is_same_as,
        tests.is_sequence,
        tests.is_string,
        tests.is_true,
        tests.is_undefined,
    }
)


def bounded_filters(policy: Sandbox, filters: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """These filters as a sandboxed engine has them."""
    instead = {sequences.join: _bounded_join(policy), total: _bounded_total(policy)}
    return {
        name: function
        if function in TAKE_AS_IT_IS
        else _bounded(policy, instead.get(function, function), FILTER_CHECKS.get(function), _take_items)
        for name, function in filters.items()
    }


def bounded_tests(policy: Sandbox, tests: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """These tests as a sandboxed engine has them."""
    return {name: test if test in ASK_FOR_TYPES else _bounded(policy, test, None, _take) for name, test in tests.items()}


def bounded_globals(policy: Sandbox) -> dict[str, Callable[..., Any]]:
    """The globals that a sandboxed engine has in the place of others."""

    @wraps(lipsum)
    def bounded_lipsum(n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:  # noqa: A002, FBT001, FBT002 -- as there
        words = abs(n * (max or 1))
        check_items(policy, words)
        spend(words)
        return lipsum(n, html, min, max)

    return {"range": policy.range, "lipsum": bounded_lipsum}


def _bounded(
    policy: Sandbox,
    function: Callable[..., Any],
    check: Callable[..., None] | None,
    take: Callable[[Sandbox, Any], Any],
) -> Callable[..., Any]:
    before = 0 if getattr(function, "template_argument", None) is None else 1

    def bound(target: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(target)
        def run(*args: Any, **kwargs: Any) -> Any:
            spend(1)
            given = [take(policy, value) for value in args[before:]]
            named = {name: take(policy, value) for name, value in kwargs.items()}
            if check is not None:
                check(policy, *given, **named)
            return _given_back(policy, target(*args[:before], *given, **named))

        return run

    bounded = bound(function)
    twin = getattr(function, "async_twin", None)
    if twin is not None:
        bounded.async_twin = bound(twin)  # type: ignore[attr-defined]
    return bounded


def _take(policy: Sandbox, value: Any) -> Any:
    """What a test is given, counted; of an iterator each item when it is taken."""
    if isinstance(value, AsyncGeneratorType):
        return counted_async(_printable_later(policy, cast("AsyncIterator[Any]", value)))
    if _is_iterator(value):
        return counted(_printable(policy, value))
    return check_printable(policy, value)


def _take_items(policy: Sandbox, value: Any) -> Any:
    """The same of a filter, which does more with each item."""
    spend(items_in(value))
    return _take(policy, value)


def _is_iterator(value: object) -> bool:
    """Whether this is one of Python's own iterators: nothing but its items can be meant."""
    kind: type[object] = type(value)
    return kind is GeneratorType or (hasattr(kind, "__next__") and kind.__module__ in {"builtins", "itertools"})


def _printable(policy: Sandbox, items: Iterator[Any]) -> Iterator[Any]:
    for item in items:
        yield check_printable(policy, item)


async def _printable_later(policy: Sandbox, items: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for item in items:
        yield check_printable(policy, item)


def _given_back(policy: Sandbox, value: Any) -> Any:
    """What a filter gives, counted."""
    if isinstance(value, AsyncGeneratorType):
        return counted_async(cast("AsyncIterator[Any]", value))
    if _is_iterator(value):
        hold(bytes_of(value))
        return counted(_held(value))
    if type(value) is list:
        check_items(policy, items_in(value))
    elif hasattr(value, "__await__"):
        return _given_back_later(policy, value)
    return made(policy, value)


async def _given_back_later(policy: Sandbox, value: Awaitable[Any]) -> Any:
    return _given_back(policy, await value)


def _held(items: Iterator[Any]) -> Iterator[Any]:
    """Lists that are items, as `batch` makes them, are values too."""
    for item in items:
        if type(item) is list:
            hold(bytes_of(item))
        yield item


def _bounded_join(policy: Sandbox) -> Callable[..., Any]:
    @sequences.collects
    @pass_eval_context
    def join(context: EvalContext, value: Iterable[Any], d: Any = "", attribute: str | int | None = None) -> str:
        items = value if attribute is None else map(attribute_getter(context.engine, attribute), value)
        return sequences.join(context, check_joined(policy, as_text(d), items), d)

    return join


def _bounded_total(policy: Sandbox) -> Callable[..., Any]:
    @sequences.collects
    @pass_engine
    def total(engine: EngineLike, value: Iterable[Any], attribute: str | int | None = None, start: Any = 0) -> Any:
        get = attribute_getter(engine, attribute)
        result = start
        for item in value:
            result = policy.binary("+", result, get(item))
        return result

    return total
