"""What the code of a page uses while it runs: missing values, loops, and functions that want the context."""

from martlet.templates.runtime.async_values import auto_aiter, auto_await, auto_to_list
from martlet.templates.runtime.budgets import Budget, counted, counted_async, deeper, spending
from martlet.templates.runtime.loops import AsyncLoopContext, LoopContext
from martlet.templates.runtime.passing import (
    EngineLike,
    EvalContext,
    RenderContext,
    async_twin,
    pass_context,
    pass_engine,
    pass_eval_context,
)
from martlet.templates.runtime.sandbox import Guard, Sandbox, is_safe_attribute, is_safe_callable, unsafe
from martlet.templates.runtime.undefined import (
    MISSING,
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    make_logging_undefined,
    undefined_message,
)
from martlet.templates.runtime.values import DEFAULT_GLOBALS, Cycler, Joiner, Namespace, lipsum

__all__ = [
    "DEFAULT_GLOBALS",
    "MISSING",
    "AsyncLoopContext",
    "Budget",
    "ChainableUndefined",
    "Cycler",
    "DebugUndefined",
    "EngineLike",
    "EvalContext",
    "Guard",
    "Joiner",
    "LoopContext",
    "Namespace",
    "RenderContext",
    "Sandbox",
    "StrictUndefined",
    "Undefined",
    "async_twin",
    "auto_aiter",
    "auto_await",
    "auto_to_list",
    "counted",
    "counted_async",
    "deeper",
    "is_safe_attribute",
    "is_safe_callable",
    "lipsum",
    "make_logging_undefined",
    "pass_context",
    "pass_engine",
    "pass_eval_context",
    "spending",
    "undefined_message",
    "unsafe",
]
