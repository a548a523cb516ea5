"""Find the patterns that tie with a new one, without comparing it to every other.

Patterns can overlap only where the plain segments that both begin with are the same. So each such beginning has a node, with
those patterns whose first parameter stands there, and those that go on with more text; the former are compared with both.

At a node, patterns whose segments have the same shapes are kin. Whether two kinds of kin can tie is seen from the shapes alone;
for the few that can, each keeps an index of its routes, by the texts in which two tied routes must agree. So a new route costs
one look-up for each of them, however many routes there are.
"""

from collections.abc import Iterable
from typing import Any

from martlet.routing.errors import RouteConflictError
from martlet.routing.languages import Language
from martlet.routing.patterns import Part, Segment, Signature, signature_of
from martlet.routing.precedence import Order, Parts, compare_parts, joined, may_tie, overlap
from martlet.routing.routes import Route


class Tie:
    """What a route of one kind of kin must be like to tie with one of another, and the routes that are."""

    def __init__(self, parts: Parts, other: Parts) -> None:
        self.mirror = self
        """The same, seen from the other kind."""
        self.index: dict[tuple[str, ...], list[Route[Any]]] = {}
        """By the texts in which two tied routes agree."""
        self._shared: list[tuple[int, int | None, int]] = []
        self._checks: list[tuple[int, Language]] = []
        for position, (one, facing) in enumerate(zip(parts, other, strict=False)):
            alone = len(parts) == len(other) or position < min(len(parts), len(other)) - 1
            if has_text(one) and has_text(facing):
                self._shared.append((position, *shared_lengths(one, facing)))
            elif has_text(one) and isinstance(facing, Segment) and alone:
                self._checks.append((position, facing.language))

    def admits(self, parts: Parts) -> bool:
        """Whether the texts of a route suit the parameters of the other kind."""
        return all(not compare_parts(joined((parts[position],)), language).disjoint for position, language in self._checks)

    def key(self, parts: Parts) -> tuple[str, ...]:
        """The texts in which two tied routes agree."""
        return tuple([shared_text(parts[position], head, tail) for position, head, tail in self._shared])

    def check(self, route: Route[Any]) -> None:
        """Raise RouteConflictError where a route of the other kind is tied with this one."""
        if self.mirror.index and self.admits(route.parts):
            for other in self.mirror.index.get(self.key(route.parts), ()):
                order, example = overlap(route.parts, other.parts)
                if order is Order.TIED:
                    raise RouteConflictError(route, other, example)

    def enter(self, route: Route[Any]) -> None:
        """Keep a route for those of the other kind that are to come."""
        if self.admits(route.parts):
            self.index.setdefault(self.key(route.parts), []).append(route)


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


class Kin:
    """The routes at one node whose segments have the same shapes."""

    def __init__(self, parts: Parts, others: Iterable["Kin"]) -> None:
        self.parts = parts
        self.routes: list[Route[Any]] = []
        self.ties: list[Tie] = []
        for other in others:
            if may_tie(parts, other.parts):
                self._tie(other)

    def _tie(self, other: "Kin") -> None:
        here, there = Tie(self.parts, other.parts), Tie(other.parts, self.parts)
        here.mirror, there.mirror = there, here
        self.ties.append(here)
        other.ties.append(there)
        for route in other.routes:
            there.enter(route)

    def check(self, route: Route[Any]) -> None:
        """Raise RouteConflictError where some route at this node is tied with this one."""
        for tie in self.ties:
            tie.check(route)

    def enter(self, route: Route[Any]) -> None:
        """Keep a route that was checked."""
        self.routes.append(route)
        for tie in self.ties:
            tie.enter(route)


class Node:
    """The routes that begin with the same plain segments; `place` is the number of these."""

    __slots__ = ("_kinds", "_place", "_some_here", "_waiting")

    def __init__(self, place: int) -> None:
        self._place = place
        self._some_here = False
        self._waiting: list[Route[Any]] = []
        self._kinds: tuple[dict[Signature, Kin], dict[Signature, Kin]] | None = None

    def kin(self, route: Route[Any], signature: Signature) -> Kin | None:
        """The kin that a route joins; None as long as it is alone, or as the first parameters of all stand further on."""
        if self._kinds is None:
            if not self._waiting or not (self._some_here or signature[self._place] is not None):
                return None
            self._kinds = {}, {}
            for other in self._waiting:
                self._join(self._kinds, other, signature_of(other.parts)).enter(other)
        return self._join(self._kinds, route, signature)

    def wait(self, route: Route[Any], signature: Signature) -> None:
        """Keep a route until there is something to compare it with."""
        self._waiting.append(route)
        self._some_here = self._some_here or signature[self._place] is not None

    def _join(self, kinds: tuple[dict[Signature, Kin], dict[Signature, Kin]], route: Route[Any], signature: Signature) -> Kin:
        here, further = kinds
        opens = signature[self._place] is not None
        own = here if opens else further
        kin = own.get(signature)
        if kin is None:
            kin = own[signature] = Kin(route.parts, [*here.values(), *further.values()] if opens else here.values())
        return kin


class Conflicts:
    """The routes of one method that were not allowed to overlap, by the plain segments they begin with."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, ...], Node] = {}

    def add(self, route: Route[Any], signature: Signature) -> None:
        """Take in a route; raises RouteConflictError where it is tied with another one."""
        plain = next((place for place, shape in enumerate(signature) if shape is not None), None)
        if plain is None:
            return  # a plain path is narrower than whatever else fits it
        joined_kin: list[tuple[Node, Kin | None]] = []
        for place in range(plain + 1):
            node = self._node(tuple([str(part) for part in route.parts[:place]]))
            joined_kin.append((node, node.kin(route, signature)))
        for _, kin in joined_kin:
            if kin is not None:
                kin.check(route)
        for node, kin in joined_kin:
            if kin is None:
                node.wait(route, signature)
            else:
                kin.enter(route)

    def _node(self, beginning: tuple[str, ...]) -> Node:
        node = self._nodes.get(beginning)
        if node is None:
            node = self._nodes[beginning] = Node(len(beginning))
        return node
