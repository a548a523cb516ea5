"""What the pass on nodes asks its caller for."""

from __future__ import annotations

from typing import Protocol

from martlet.templates.escaping.places import Place, State
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Statement

__all__ = ["Units", "may_end"]


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
