"""Filters and tests by their names, for functions that are given a name while a page runs: `map("upper")`, `select("even")`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from martlet.templates.errors import TemplateRuntimeError, did_you_mean
from martlet.templates.runtime.passing import EngineLike, EvalContext, RenderContext

__all__ = ["CallsByName"]


class CallsByName:
    """What an engine offers to its own filters."""

    filters: dict[str, Callable[..., Any]]
    tests: dict[str, Callable[..., Any]]

    def call_filter(
        self: EngineLike,
        name: str,
        value: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        context: RenderContext | None = None,
        eval_context: EvalContext | None = None,
        is_async: bool = False,
    ) -> Any:
        """Apply a filter by its name; raises TemplateRuntimeError if there is none."""
        function = self.filters.get(name)
        if function is None:
            raise TemplateRuntimeError(f"No filter named {name!r}{did_you_mean(name, self.filters)}.")
        if is_async:
            function = getattr(function, "async_twin", function)
        return function(*_passed(self, function, context, eval_context), value, *args, **(kwargs or {}))

    def call_test(
        self: EngineLike,
        name: str,
        value: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        context: RenderContext | None = None,
        eval_context: EvalContext | None = None,
    ) -> Any:
        """Apply a test by its name; raises TemplateRuntimeError if there is none."""
        function = self.tests.get(name)
        if function is None:
            raise TemplateRuntimeError(f"No test named {name!r}{did_you_mean(name, self.tests)}.")
        return function(*_passed(self, function, context, eval_context), value, *args, **(kwargs or {}))


def _passed(
    engine: EngineLike, function: Callable[..., Any], context: RenderContext | None, eval_context: EvalContext | None
) -> tuple[Any, ...]:
    """What a function wants before its arguments."""
    match getattr(function, "template_argument", None):
        case "context":
            return (context or RenderContext({}, engine),)
        case "eval_context":
            return (eval_context or (context or RenderContext({}, engine)).eval_context,)
        case "engine":
            return (engine,)
        case _:
            return ()
