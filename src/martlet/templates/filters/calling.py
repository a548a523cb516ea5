"""Filters and tests called by their names, with what they want besides their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from martlet.templates.errors import TemplateRuntimeError, did_you_mean
from martlet.templates.runtime.passing import EngineLike, EvalContext, RenderContext

__all__ = ["bound_filter", "bound_test", "call_filter", "call_test"]


def bound_filter(
    engine: EngineLike,
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    context: RenderContext | None = None,
    eval_context: EvalContext | None = None,
    is_async: bool = False,
) -> Callable[[Any], Any]:
    """The filter of this name as a function of a value alone.

    is_async: with its twin for asynchronous pages, if it has one, whose result is to be awaited.
    Raises TemplateRuntimeError if there is none, or if it wants a context and none is given.
    """
    function = engine.filters.get(name)
    if function is None:
        raise TemplateRuntimeError(f"No filter named {name!r}{did_you_mean(str(name), engine.filters)}")
    first = _wanted(engine, "filter", name, function, context, eval_context)
    if is_async:
        function = getattr(function, "async_twin", function)
    return _bound(function, first, args, kwargs)


def bound_test(
    engine: EngineLike,
    name: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    context: RenderContext | None = None,
    eval_context: EvalContext | None = None,
) -> Callable[[Any], Any]:
    """The test of this name as a function of a value alone. Raises TemplateRuntimeError as bound_filter does."""
    function = engine.tests.get(name)
    if function is None:
        raise TemplateRuntimeError(f"No test named {name!r}{did_you_mean(str(name), engine.tests)}")
    return _bound(function, _wanted(engine, "test", name, function, context, eval_context), args, kwargs)


def _bound(
    function: Callable[..., Any], first: tuple[Any, ...], args: Sequence[Any], kwargs: Mapping[str, Any] | None
) -> Callable[[Any], Any]:
    if not (first or args or kwargs):
        return function
    named = dict(kwargs or {})
    return lambda value: function(*first, value, *args, **named)


def _wanted(
    engine: EngineLike,
    kind: str,
    name: str,
    function: Callable[..., Any],
    context: RenderContext | None,
    eval_context: EvalContext | None,
) -> tuple[Any, ...]:
    wanted = getattr(function, "template_argument", None)
    if wanted is None:
        return ()
    if wanted == "engine":
        return (engine,)
    if wanted == "context":
        if context is None:
            raise TemplateRuntimeError(f"the {kind} {name!r} wants a context and can only be called from a template")
        return (context,)
    if eval_context is None:
        eval_context = EvalContext(engine, autoescape=False) if context is None else context.eval_context
    return (eval_context,)


def call_filter(engine: EngineLike, name: str, value: Any, args: Sequence[Any] = (), **bound: Any) -> Any:
    """Apply a filter by its name; `bound` is what bound_filter takes."""
    return bound_filter(engine, name, args, **bound)(value)


def call_test(engine: EngineLike, name: str, value: Any, args: Sequence[Any] = (), **bound: Any) -> Any:
    """Apply a test by its name; `bound` is what bound_test takes."""
    return bound_test(engine, name, args, **bound)(value)
