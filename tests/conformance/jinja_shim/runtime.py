"""`jinja2.runtime` and `jinja2.async_utils`."""

from typing import Any

from martlet.templates.runtime import (
    MISSING,
    ChainableUndefined,
    DebugUndefined,
    LoopContext,
    RenderContext,
    StrictUndefined,
    Undefined,
    auto_aiter,
    make_logging_undefined,
)

missing = MISSING
Context = RenderContext

__all__ = [
    "ChainableUndefined",
    "Context",
    "DebugUndefined",
    "LoopContext",
    "StrictUndefined",
    "Undefined",
    "auto_aiter",
    "is_undefined",
    "make_logging_undefined",
    "missing",
]


def is_undefined(value: Any) -> bool:
    """Whether it is a missing value."""
    return isinstance(value, Undefined)
