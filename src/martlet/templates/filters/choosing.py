"""Filters that take another filter, a test or an attribute for each item: map, select, reject and their like.

All are lazy; an empty or missing value gives nothing. In an asynchronous page they give asynchronous iterators, and wait for
what a filter or test gives.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.filters.attributes import attribute_getter
from martlet.templates.filters.calling import bound_filter, bound_test
from martlet.templates.runtime.async_values import auto_aiter, auto_await
from martlet.templates.runtime.passing import RenderContext, async_twin, pass_context

__all__ = ["map_items", "reject", "reject_by_attribute", "select", "select_by_attribute"]


def _mapped(context: RenderContext, args: tuple[Any, ...], kwargs: dict[str, Any], *, is_async: bool) -> Callable[[Any], Any]:
    if not args and "attribute" in kwargs:
        attribute, default = kwargs.pop("attribute"), kwargs.pop("default", None)
        if kwargs:
            raise TemplateRuntimeError(f"map(attribute=…) takes no argument named {next(iter(kwargs))!r}, only `default`")
        return attribute_getter(context.engine, attribute, default=default)
    if not args:
        raise TemplateRuntimeError("map needs the name of a filter, as in map('upper'), or attribute='name'")
    return bound_filter(context.engine, args[0], args[1:], kwargs, context=context, is_async=is_async)


async def _map_later(context: RenderContext, value: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    if value:
        function = _mapped(context, args, kwargs, is_async=True)
        async for item in auto_aiter(value):
            yield await auto_await(function(item))


@async_twin(_map_later)
@pass_context
def map_items(context: RenderContext, value: Iterable[Any], /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """Each item through a filter (`map("upper")`, with its arguments behind), or an attribute of each (`map(attribute="name")`).

    default: what stands for a missing attribute, unless it is None. Raises TemplateRuntimeError if neither is named.
    """
    if value:
        yield from map(_mapped(context, args, kwargs, is_async=False), value)


def _condition(
    context: RenderContext, args: tuple[Any, ...], kwargs: dict[str, Any], *, by_attribute: bool
) -> Callable[[Any], Any]:
    """The function that an item is asked with: itself, or an attribute of it, put to a test or asked for its truth."""
    get: Callable[[Any], Any] | None = None
    if by_attribute:
        if not args:
            raise TemplateRuntimeError("selectattr and rejectattr need the name of an attribute, as in selectattr('active')")
        get, args = attribute_getter(context.engine, args[0]), args[1:]
    test = bound_test(context.engine, args[0], args[1:], kwargs, context=context) if args else bool
    if get is None:
        return test
    found = get
    return lambda item: test(found(item))


def _chosen(
    context: RenderContext, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, keep: bool, by_attribute: bool
) -> Iterator[Any]:
    if value:
        condition = _condition(context, args, kwargs, by_attribute=by_attribute)
        for item in value:
            if bool(condition(item)) is keep:
                yield item


async def _chosen_later(
    context: RenderContext, value: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, keep: bool, by_attribute: bool
) -> AsyncIterator[Any]:
    if value:
        condition = _condition(context, args, kwargs, by_attribute=by_attribute)
        async for item in auto_aiter(value):
            if bool(await auto_await(condition(item))) is keep:
                yield item


def _select_later(context: RenderContext, value: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    return _chosen_later(context, value, args, kwargs, keep=True, by_attribute=False)


def _reject_later(context: RenderContext, value: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    return _chosen_later(context, value, args, kwargs, keep=False, by_attribute=False)


def _select_by_attribute_later(context: RenderContext, value: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    return _chosen_later(context, value, args, kwargs, keep=True, by_attribute=True)


def _reject_by_attribute_later(context: RenderContext, value: Any, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
    return _chosen_later(context, value, args, kwargs, keep=False, by_attribute=True)


@async_twin(_select_later)
@pass_context
def select(context: RenderContext, value: Iterable[Any], /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """The items for which a test holds, as in `select("divisibleby", 3)`; without one, those that are true."""
    return _chosen(context, value, args, kwargs, keep=True, by_attribute=False)


@async_twin(_reject_later)
@pass_context
def reject(context: RenderContext, value: Iterable[Any], /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """The items for which a test does not hold; without one, those that are not true."""
    return _chosen(context, value, args, kwargs, keep=False, by_attribute=False)


@async_twin(_select_by_attribute_later)
@pass_context
def select_by_attribute(context: RenderContext, value: Iterable[Any], /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """The items for whose attribute a test holds, as in `selectattr("id", "odd")`; without one, those whose attribute is true."""
    return _chosen(context, value, args, kwargs, keep=True, by_attribute=True)


@async_twin(_reject_by_attribute_later)
@pass_context
def reject_by_attribute(context: RenderContext, value: Iterable[Any], /, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """The items for whose attribute a test does not hold; without one, those whose attribute is not true."""
    return _chosen(context, value, args, kwargs, keep=False, by_attribute=True)
