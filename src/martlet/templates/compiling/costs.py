"""What a sandboxed page pays for: its code counts what it runs through, what it makes, and what it prints or compares.

The work of a loop's body, a macro or a block is in proportion to what is written in it, so that a long one counts for more.
Outside of a sandbox all of this writes nothing.
"""

from __future__ import annotations

from typing import Final

from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Span

__all__ = ["CALL", "counted_items", "made_text", "printable_text", "spend_line"]

NODES: Final = 16  # of a body, that are worth an iteration
CALL: Final = 4  # iterations that the call of a macro, a block or a template is worth


def _weight(body: object) -> int:
    return sum(1 for _ in nodes.walk(body)) // NODES


def spend_line(unit: UnitWriter, body: Body, at: Span, call: int = CALL) -> None:
    """At the head of a function: it was called."""
    if unit.facts.sandboxed and (iterations := call + _weight(body)):
        unit.line(f"spend({iterations})", at)


def counted_items(unit: UnitWriter, items: str, body: object = ()) -> str:
    """What a loop goes through."""
    if not unit.facts.sandboxed:
        return items
    weight = 1 + _weight(body)
    return f"{'counted_async' if unit.mode.is_async else 'counted'}({items}{f', {weight}' if weight > 1 else ''})"


def made_text(unit: UnitWriter, value: str) -> str:
    """A list or its like, which is new each time."""
    return f"made({value})" if unit.facts.sandboxed else value


def printable_text(unit: UnitWriter, value: str, node: nodes.Node | None = None) -> str:
    """A value that is printed, compared or hashed: in a sandbox not one that is too large for it."""
    return f"printable({value})" if unit.facts.sandboxed and not isinstance(node, nodes.Literal) else value
