"""What is handed on of a place: its variables; and what is waited for there."""

from __future__ import annotations

from martlet.templates.compiling.asking import ANY_VARIABLE
from martlet.templates.compiling.costs import made_text
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax.nodes import Span

__all__ = ["await_lines", "context_text"]


def await_lines(unit: UnitWriter, result: str, at: Span) -> None:
    """In an asynchronous page, wait for a value that is awaitable."""
    if unit.mode.is_async:
        found = made_text(unit, f"await {result}")
        unit.line(f'if hasattr({result}, "__await__"): {result} = {found}', at)


def context_text(unit: UnitWriter, asked: frozenset[str] | None = None) -> str:
    """The context with the inner variables, for those who are handed it. asked: the names they may ask for; None: any."""
    visible = unit.scope.visible()
    if asked is not None and ANY_VARIABLE not in asked:
        visible = {name: variable for name, variable in visible.items() if name in asked}
    if not visible:
        return "ctx"
    return "with_locals(ctx, {" + ", ".join(f"{quoted(name)}: {variable}" for name, variable in visible.items()) + "})"
