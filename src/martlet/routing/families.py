"""All routes of a router in families of the same shape, so that the second of two that fit the same paths is noticed."""

from dataclasses import dataclass, field
from typing import Any

from martlet.routing.conflicts import Conflicts
from martlet.routing.errors import RouteConflictError
from martlet.routing.patterns import Signature, signature_of
from martlet.routing.precedence import Parts, overlap
from martlet.routing.routes import Route

Members = dict[tuple[str, ...], Route[Any]]


@dataclass(slots=True, eq=False)
class Family:
    """The routes of one method whose segments have the same shapes."""

    parts: Parts
    """Those of one member; all members have its shapes."""
    members: Members = field(default_factory=Members)
    """By their texts: two members with the same ones fit the same paths."""


class Families:
    """The families of each method."""

    def __init__(self) -> None:
        self.by_method: dict[str, dict[Signature, Family]] = {}
        self._conflicts: dict[str, Conflicts] = {}

    def add(self, route: Route[Any]) -> None:
        """Take in a route; raises RouteConflictError where some path fits it and another one equally well."""
        families = self.by_method.setdefault(route.method, {})
        signature = signature_of(route.parts)
        family = families.get(signature) or Family(route.parts)
        texts = tuple([part if isinstance(part, str) else part.head + part.tail for part in route.parts])
        if texts in family.members:
            raise RouteConflictError(route, family.members[texts], overlap(route.parts, route.parts).example, same=True)
        if not route.overlaps:
            self._conflicts.setdefault(route.method, Conflicts()).add(route, signature)
        family.members[texts] = route
        families[signature] = family
