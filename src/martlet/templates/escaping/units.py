"""What the pass on nodes asks its caller for, and how it says what is wrong."""

from __future__ import annotations

from typing import Protocol

from martlet.templates.errors import EscapingError
from martlet.templates.escaping.places import Place, State
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Statement

__all__ = ["SourceLike", "Units", "escaping_error", "may_end"]


class SourceLike(Protocol):
    """Where a body was read, for errors."""

    @property
    def text(self) -> str:
        """The whole template."""
        ...

    @property
    def name(self) -> str | None:
        """By which it was loaded."""
        ...

    @property
    def filename(self) -> str | None:
        """Where it lies."""
        ...


class Units(Protocol):
    """Places what leads into other parts of a page: gives what stands for it, and the place behind it."""

    def block(self, node: nodes.Block, place: Place) -> tuple[Statement, Place]:
        """A block that stands at `place`."""
        ...

    def include(self, node: nodes.Include, place: Place) -> tuple[Statement, Place]:
        """An included template; the node itself if its name is not known."""
        ...

    def printed_call(self, node: nodes.Print, place: Place) -> tuple[Statement, Place] | None:
        """`super()`, `self.name()` and the like; None if what is called is not known: its result is a value like any other."""
        ...


def may_end(start: Place, end: Place) -> bool:
    """Whether a text of its own that began at `start` may end here."""
    if start.state is State.SCRIPT and end.state is State.SCRIPT_LINE:
        return True
    return end.state in (start.state, State.DEAD)


def escaping_error(message: str, at: nodes.Span, source: SourceLike | None) -> EscapingError:
    """The error, with what it needs to show the line."""
    end = at.end_column if at.end_line == at.line else None
    found = (None, None, None) if source is None else (source.text, source.name, source.filename)
    return EscapingError(message, at.line, column=at.column, end_column=end, source=found[0], name=found[1], filename=found[2])
