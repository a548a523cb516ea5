"""What the code of a page uses while it runs: missing values, loops, and functions that want the context."""

from martlet.templates.runtime.async_values import auto_aiter, auto_await, auto_to_list
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
from martlet.templates.runtime.undefined import (
    MISSING,
    ChainableUndefined,
    DebugUndefined,
    StrictUndefined,
    Undefined,
    make_logging_undefined,
)
from martlet.templates.runtime.values import DEFAULT_GLOBALS, Cycler, Joiner, Namespace, lipsum

__all__ = [
    "DEFAULT_GLOBALS",
    "MISSING",
    "AsyncLoopContext",
    "ChainableUndefined",
    "Cycler",
    "DebugUndefined",
    "EngineLike",
    "EvalContext",
    "Joiner",
    "LoopContext",
    "Namespace",
    "RenderContext",
    "StrictUndefined",
    "Undefined",
    "async_twin",
    "auto_aiter",
    "auto_await",
    "auto_to_list",
    "lipsum",
    "make_logging_undefined",
    "pass_context",
    "pass_engine",
    "pass_eval_context",
]
