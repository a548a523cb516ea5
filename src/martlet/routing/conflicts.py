"""Find the patterns that tie with a new one, without comparing it to every other.

Routes whose segments have the same shapes form a family. Whether two families can tie is seen from the shapes alone; for the few
that can, each keeps an index of its routes, by the texts in which two tied routes must agree. So a new route costs one look-up
for each such family, however many routes there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from martlet.routing.errors import RouteConflictError
from martlet.routing.languages import Language
from martlet.routing.patterns import Part, Segment
from martlet.routing.precedence import Order, Parts, compare_parts, joined, may_tie, overlap
from martlet.routing.routes import Route

Signature = tuple[str | None, ...]
"""The shape of each segment of a pattern, None for a plain text."""


@dataclass(slots=True, eq=False)
class Family:
    """The routes of one method whose segments have the same shapes."""

    parts: Parts
    """Those of one member; all members have its shapes."""
    members: dict[tuple[str, ...], Route[Any]] = field(default_factory=dict[tuple[str, ...], Route[Any]])
    """By their texts: two members with the same ones fit the same paths."""
    ties: "list[Tie]" = field(default_factory=list["Tie"])
    """One for each family that may hold a route tied with one of this."""


class Tie:
    """What a route of one family must be like to tie with one of another, and those that are, by the texts they must agree in."""

    def __init__(self, parts: Parts, other: Parts) -> None:
        self.mirror = self
        self.index: dict[tuple[str, ...], list[Route[Any]]] = {}
        self._shared: list[tuple[int, int | None, int]] = []
        self._checks: list[tuple[int, Language]] = []
        for position, (one, facing) in enumerate(zip(parts, other, strict=False)):
            alone = len(parts) == len(other) or position < min(len(parts), len(other)) - 1
            if has_text(one) and has_text(facing):
                self._shared.append((position, *shared_lengths(one, facing)))
            elif has_text(one) and isinstance(facing, Segment) and alone:
                self._checks.append((position, facing.language))

    def admits(self, parts: Parts) -> bool:
        """Whether the texts of a route of the first family suit the parameters of the other."""
        return all(not compare_parts(joined((parts[position],)), language).disjoint for position, language in self._checks)

    def enter(self, routes: Iterable[Route[Any]]) -> None:
        """Keep those of these routes that may be tied with one of the other family."""
        for route in routes:
            if self.admits(route.parts):
                self.index.setdefault(self.key(route.parts), []).append(route)

    def key(self, parts: Parts) -> tuple[str, ...]:
        """The texts in which two tied routes agree."""
        return tuple([shared_text(parts[position], head, tail) for position, head, tail in self._shared])


def has_text(part: Part) -> bool:
    """True for a segment with text at its start or its end."""
    return isinstance(part, str) or bool(part.head or part.tail)


def shared_lengths(one: Part, other: Part) -> tuple[int | None, int]:
    """How long a start and an end two segments must have in common to overlap; None for the whole of two plain texts."""
    if isinstance(one, str):
        return (None, 0) if isinstance(other, str) else (len(other.head), len(other.tail))
    if isinstance(other, str):
        return len(one.head), len(one.tail)
    return min(len(one.head), len(other.head)), min(len(one.tail), len(other.tail))


def shared_text(part: Part, head: int | None, tail: int) -> str:
    """The start and the end of a segment, of these lengths."""
    if isinstance(part, str):
        return part if head is None else part[:head] + part[len(part) - tail :]
    return part.head[:head] + part.tail[len(part.tail) - tail :]


class Conflicts:
    """All routes of a router, so ordered that the ties of a new one are found at once."""

    def __init__(self) -> None:
        self.families: dict[str, dict[Signature, Family]] = {}
        """By method, and by the shapes of their segments."""

    def add(self, route: Route[Any]) -> None:
        """Take in a route; raises RouteConflictError where some path fits it and another one equally well."""
        families = self.families.setdefault(route.method, {})
        signature = tuple([None if isinstance(part, str) else part.shape for part in route.parts])
        family = families.get(signature)
        if family is None:
            family = new_family(route.parts, families.values())
            families[signature] = family
        texts = tuple([part if isinstance(part, str) else part.head + part.tail for part in route.parts])
        if texts in family.members:
            raise RouteConflictError(route, family.members[texts], overlap(route.parts, route.parts).example, same=True)
        if not route.overlaps:
            check_ties(route, family)
        family.members[texts] = route


def new_family(parts: Parts, families: Iterable[Family]) -> Family:
    """An empty family for routes of these shapes, bound to those it may tie with."""
    family = Family(parts)
    for other in families:
        if may_tie(parts, other.parts):
            here, there = Tie(parts, other.parts), Tie(other.parts, parts)
            here.mirror, there.mirror = there, here
            family.ties.append(here)
            other.ties.append(there)
            there.enter(route for route in other.members.values() if not route.overlaps)
    return family


def check_ties(route: Route[Any], family: Family) -> None:
    """Compare a route with those that may tie with it, then enter it for those to come."""
    admitting = [tie for tie in family.ties if tie.admits(route.parts)]
    for tie in admitting:
        for other in tie.mirror.index.get(tie.key(route.parts), ()):
            order, example = overlap(route.parts, other.parts)
            if order is Order.TIED:
                raise RouteConflictError(route, other, example)
    for tie in admitting:
        tie.index.setdefault(tie.key(route.parts), []).append(route)
