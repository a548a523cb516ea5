"""What the functions of a page may ask their context for: of the inner variables, only that is handed on to them."""

from __future__ import annotations

from typing import Final

from martlet.templates.compiling.linking import Linked
from martlet.templates.syntax import nodes

__all__ = ["ANY_VARIABLE", "names_asked_for"]

# Stands among the names of a function that calls something, which may ask for the whole context; but not for a loop's `loop`,
# so that a loop that only includes what calls something still needs no object for it.
ANY_VARIABLE: Final = "*"


def names_asked_for(page: Linked) -> dict[str, frozenset[str] | None]:
    """The names that each function may ask for, by way of others too; None if it may be any name at all."""
    asked: dict[str, frozenset[str] | None] = {}
    calls: dict[str, set[str]] = {}
    for name, unit in page.units.items():
        below = list(nodes.walk(unit.body))
        calls[name] = {node.unit for node in below if isinstance(node, nodes.RunUnit) and node.sees_context}
        asked[name] = None if unit.may_extend or any(map(_is_open, below)) else _named(below)
    for _ in calls:  # as many rounds as a chain of calls is long, at most
        before = dict(asked)
        for name, called in calls.items():
            asked[name] = _together([asked[name], *(asked[other] for other in called)])
        if asked == before:
            break
    return asked


def _is_open(node: nodes.Node) -> bool:
    """Whether another template, known only while rendering, or a listing of all there is sees the context."""
    return isinstance(node, nodes.Debug) or getattr(node, "with_context", False)


def _named(below: list[nodes.Node]) -> frozenset[str]:
    names = {node.name for node in below if isinstance(node, nodes.Name)}
    calls = any(isinstance(node, (nodes.Call, nodes.Filter, nodes.Translation)) for node in below)
    return frozenset(names | {ANY_VARIABLE} if calls else names)


def _together(found: list[frozenset[str] | None]) -> frozenset[str] | None:
    known = [names for names in found if names is not None]
    return frozenset[str]().union(*known) if len(known) == len(found) else None
