"""The router: gather routes, refuse mistakes at once, and answer which route fits a method and a path."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from martlet.routing.conflicts import Conflicts
from martlet.routing.decisions import write_lookup
from martlet.routing.converters import BUILT_IN, Converter
from martlet.routing.errors import BadMethodError, RouteConflictError
from martlet.routing.patterns import Parameter, PatternReader, Segment
from martlet.routing.reverse import Names
from martlet.routing.routes import NO_SUCH_PATH, Found, NoSuchPath, Route, WrongMethod

Target = TypeVar("Target")
Lookup = Callable[[str, str], tuple[Target, dict[str, Any]] | None]

_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Router(Generic[Target]):
    """Routes, and the decision which of them fits."""

    def __init__(self, *, converters: Mapping[str, Converter[Any]] | None = None) -> None:
        self._reader = PatternReader({**BUILT_IN, **(converters or {})})
        self._routes: list[Route[Target]] = []
        self._names = Names()
        self._conflicts = Conflicts()
        self._lookup: Lookup[Target] | None = None

    @property
    def routes(self) -> Sequence[Route[Target]]:
        return tuple(self._routes)

    def register(
        self, method: str, pattern: str, target: Target, *, name: str | None = None, where: str | None = None,
        overlaps: bool = False, converters: Mapping[str, str] | None = None,
    ) -> Route[Target]:
        if where is None:
            caller = sys._getframe(1)
            where = f"{caller.f_code.co_filename}:{caller.f_lineno}"
        if not _METHOD.fullmatch(method):
            raise BadMethodError(method, pattern, where)
        parts = self._reader.read(pattern, where, converters or {})
        parameters = {p.name: p.converter for part in parts if isinstance(part, Segment) for p in part.parameters}
        route = Route(method.upper(), pattern, target, name, where, MappingProxyType(parameters), overlaps, parts)
        self._conflicts.add(route)
        self._names.add(route)
        self._routes.append(route)
        self._lookup = None
        return route

    def match(self, method: str, path: str) -> tuple[Target, dict[str, Any]] | tuple[None, dict[str, Any]]:
        found = (self._lookup or self.compile())(method, path)
        return (None, {}) if found is None else (found[0], found[1] or {})

    def find(self, method: str, path: str) -> Found[Target] | WrongMethod | NoSuchPath:
        found = self._bound(lambda route: route)(method, path)
        if found is not None:
            return Found(found[0], found[0].target, found[1] or {})
        allowed = self.allowed_methods(path)
        return WrongMethod(allowed) if allowed else NO_SUCH_PATH

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        lookup = self.compile()
        return tuple(sorted([m for m in self._conflicts.families if lookup(m, path) is not None]))

    def _bound(self, value_of):
        emitter = write_lookup({m: f.values() for m, f in self._conflicts.families.items()})
        self.code = emitter.source
        return emitter.bind("lookup", compile(emitter.source, "<router>", "exec"), value_of)

    def compile(self) -> Lookup[Target]:
        self._lookup = self._bound(lambda r: r.target)
        return self._lookup

    def url_for(self, name: str, /, **params: object) -> str:
        return self._names.url_for(name, params)

    def mount(self, prefix: str, router: "Router[Target]") -> None:
        for route in router.routes:
            self.register(route.method, prefix + route.pattern, route.target, name=route.name, where=route.where, overlaps=route.overlaps)


