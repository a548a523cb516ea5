"""The router: gather routes, refuse mistakes at once, and answer which route fits a method and a path."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar

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
        for old in self._routes:
            if old.method == route.method and _regex(old).pattern == _regex(route).pattern:
                raise RouteConflictError(route, old, pattern, same=True)
        self._names.add(route)
        self._routes.append(route)
        self._lookup = None
        return route

    def match(self, method: str, path: str) -> tuple[Target, dict[str, Any]] | tuple[None, dict[str, Any]]:
        found = (self._lookup or self.compile())(method, path)
        return (None, {}) if found is None else (found[0], found[1] or {})

    def find(self, method: str, path: str) -> Found[Target] | WrongMethod | NoSuchPath:
        for route in sorted(self._routes, key=_rank):
            if route.method == method.upper() and (params := _fit(route, path)) is not None:
                return Found(route, route.target, params)
        allowed = self.allowed_methods(path)
        return WrongMethod(allowed) if allowed else NO_SUCH_PATH

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        return tuple(sorted({route.method for route in self._routes if _fit(route, path) is not None}))

    def compile(self) -> Lookup[Target]:
        def lookup(method: str, path: str) -> tuple[Target, dict[str, Any]] | None:
            match self.find(method, path):
                case Found(_, target, params):
                    return target, params
                case _:
                    return None

        self._lookup = lookup
        return lookup

    @property
    def code(self) -> str:
        return ""

    def url_for(self, name: str, /, **params: object) -> str:
        return self._names.url_for(name, params)

    def mount(self, prefix: str, router: "Router[Target]") -> None:
        for route in router.routes:
            self.register(route.method, prefix + route.pattern, route.target, name=route.name, where=route.where, overlaps=route.overlaps)


def _regex(route: Route[Any]) -> re.Pattern[str]:
    text = ""
    for part in route.parts:
        text += "/"
        for piece in part.pieces if isinstance(part, Segment) else (part,):
            text += f"((?:{piece.converter.regex}))" if isinstance(piece, Parameter) else re.escape(piece)
    return re.compile(text, re.ASCII)


def _fit(route: Route[Any], path: str) -> dict[str, Any] | None:
    if (match := _regex(route).fullmatch(path)) is None:
        return None
    try:
        return {n: c.parse(t) for (n, c), t in zip(route.parameters.items(), match.groups(), strict=True)}
    except ValueError:
        return None


def _rank(route: Route[Any]) -> list[tuple[int, int]]:
    order = ["uuid", "date", "int", "decimal", "float", "datetime", "slug", "str", "path"]
    ranks: list[tuple[int, int]] = []
    for part in route.parts:
        if isinstance(part, str):
            ranks.append((0, 0))
        elif len(part.pieces) > 1:
            ranks.append((1, -sum(len(p) for p in part.pieces if isinstance(p, str))))
        else:
            name = part.parameters[0].converter_name
            ranks.append((2, order.index(name) if name in order else 0))
    return ranks
