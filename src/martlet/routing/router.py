"""The router: gather routes, refuse mistakes at once, and answer which route fits a method and a path.

A path is matched as it is given, already percent-decoded; `/a` and `/a/` are different paths. The method is part of the match:
where the pattern with the literal lacks it, one with a parameter that has it still fits. HEAD and OPTIONS mean nothing special.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from inspect import currentframe
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from martlet.routing.converters import BUILT_IN, Converter
from martlet.routing.emitter import Emitter
from martlet.routing.errors import BadMethodError
from martlet.routing.families import Families
from martlet.routing.lookups import write_lookup
from martlet.routing.patterns import Part, PatternReader, Segment
from martlet.routing.reverse import Names
from martlet.routing.routes import NO_SUCH_PATH, WEBSOCKET, Found, NoSuchPath, Route, WrongMethod, line_of

Target = TypeVar("Target")
Value = TypeVar("Value")

Lookup = Callable[[str, str], tuple[Target, Mapping[str, Any]] | None]
"""From method and path to target and parameters, or None. The dict of a plain path is shared: never write to it."""

NO_PARAMETERS: Mapping[str, Converter[Any]] = MappingProxyType({})
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110 section 5.6.2


class Router(Generic[Target]):
    """Routes to targets of one type, and the decision which of them fits.

    converters: more of them by name, beside `str`, `int`, `float`, `path`, `uuid`, `date`, `datetime`, `decimal` and `slug`.
    Raises BadConverterError for one that cannot be used.

    >>> router = Router[str]()
    >>> route = router.register("GET", "/books/{book_id:int}", "show a book", name="book")
    >>> router.match("GET", "/books/7")
    ('show a book', {'book_id': 7})
    >>> router.url_for("book", book_id=7)
    '/books/7'
    """

    def __init__(self, *, converters: Mapping[str, Converter[Any]] | None = None) -> None:
        self._reader = PatternReader({**BUILT_IN, **(converters or {})})
        self._routes: list[Route[Target]] = []
        self._names = Names()
        self._families = Families()
        self._written: Emitter | None = None
        self._lookup: Lookup[Target] | None = None
        self._route_lookup: Lookup[Route[Target]] | None = None

    @property
    def routes(self) -> Sequence[Route[Target]]:
        """All routes, in the order of registration."""
        return tuple(self._routes)

    def register(
        self,
        method: str,
        pattern: str,
        target: Target,
        *,
        name: str | None = None,
        where: str | None = None,
        overlaps: bool = False,
        converters: Mapping[str, str | Converter[Any]] | None = None,
    ) -> Route[Target]:
        """Add a route, and give it back.

        method: ANY_METHOD stands for all of them; ties with a route for one method are no conflict, see `overlaps`. WEBSOCKET is
            what opens one, and is told to `lookup` in the place of a method.
        name: what `url_for` calls it; one name may stand for patterns with different parameters, and for several methods of one.
        where: the line to name in errors, as "shop.py:12"; else the caller's.
        overlaps: a path may fit another pattern equally well; then the leftmost literal or narrower segment wins.
        converters: parameter name to a converter or its name, for parameters that name no converter.
        Raises BadPatternError, UnknownConverterError, BadMethodError, DuplicateNameError and RouteConflictError.
        """
        if where is None:
            here = currentframe()
            where = line_of(here and here.f_back)
        if method != WEBSOCKET and not _METHOD.fullmatch(method):
            raise BadMethodError(method, pattern, where)
        parts = self._reader.read(pattern, where, converters or {})
        written = method if method == WEBSOCKET else method.upper()
        return self._add(Route(written, pattern, target, name, where, parameters_of(parts), overlaps, parts))

    def mount(self, prefix: str, router: "Router[Target]") -> None:
        """Add the present routes of another router below a prefix, which may hold parameters; names and places are kept.

        Raises what `register` raises; BadPatternError also for a prefix that ends in a slash.
        """
        here = currentframe()
        where = line_of(here and here.f_back)
        for route in router.routes:
            parts = self._reader.join(prefix, where, route.parts, route.pattern)
            pattern, parameters = prefix + route.pattern, parameters_of(parts)
            self._add(Route(route.method, pattern, route.target, route.name, route.where, parameters, route.overlaps, parts))

    def _add(self, route: Route[Target]) -> Route[Target]:
        self._names.check(route)
        self._families.add(route)
        self._names.add(route)
        self._routes.append(route)
        self._written = self._lookup = self._route_lookup = None
        return route

    def match(self, method: str, path: str) -> tuple[Target, dict[str, Any]] | tuple[None, dict[str, Any]]:
        """The target and the parameters of the route that fits, in a new dict; or None and an empty one."""
        found = (self._lookup or self.compile())(method, path)
        return (None, {}) if found is None else (found[0], dict(found[1]))

    def find(self, method: str, path: str) -> Found[Target] | WrongMethod | NoSuchPath:
        """The route that fits, or why none does: WrongMethod with the methods of all patterns that fit, or NoSuchPath.

        >>> router = Router[str]()
        >>> route = router.register("GET", "/books", "list books")
        >>> router.find("PUT", "/books")
        WrongMethod(allowed=('GET',))
        """
        if self._route_lookup is None:
            self._route_lookup = self._bind(lambda route: route)
        found = self._route_lookup(method, path)
        if found is not None:
            return Found(found[0], found[0].target, dict(found[1]))
        allowed = self.allowed_methods(path)
        return WrongMethod(allowed) if allowed else NO_SUCH_PATH

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        """The methods of all patterns that fit the path, sorted: what Allow says (RFC 9110 section 10.2.1).

        ANY_METHOD is among them where a route fits for any.
        """
        lookup = self._lookup or self.compile()
        return tuple(sorted([method for method in self._families.by_method if method != WEBSOCKET and lookup(method, path)]))

    def compile(self) -> Lookup[Target]:
        """The decision as one function of method and path, for hot paths; routes registered later are not in it.

        It answers with target and parameters, or None. Never write to the dict of parameters: that of a plain path is shared.
        """
        if self._lookup is None:
            self._lookup = self._bind(lambda route: route.target)
        return self._lookup

    def compile_for(self, value_of: Callable[[Route[Target]], Value]) -> Lookup[Value]:
        """The same with a value of each route in place of its target; it may be asked for more than once."""
        lookup: Lookup[Value] = self._bind(value_of)
        return lookup

    @property
    def code(self) -> str:
        """The source of that function."""
        return self._emitter().source

    def url_for(self, name: str, /, **params: Any) -> str:
        """The path of the route with this name, percent-encoded (RFC 3986 section 3.3); `path` parameters keep their slashes.

        Raises UnknownRouteError, and BadParametersError where one is missing, unknown, unsuitable, or would make a dot segment.
        """
        return self._names.url_for(name, params)

    def check_url(self, name: str, params: AbstractSet[str] | None) -> None:
        """Make sure that `url_for` finds a route by this name that takes parameters of these names, None for any.

        Raises UnknownRouteError and BadParametersError.
        """
        self._names.find(name, params)

    def _emitter(self) -> Emitter:
        if self._written is None:
            self._written = write_lookup(self._families.by_method)
        return self._written

    def _bind(self, value_of: Callable[[Route[Target]], Any]) -> Lookup[Any]:
        lookup: Lookup[Any] = self._emitter().bind("lookup", value_of)
        return lookup


def parameters_of(parts: Sequence[Part]) -> Mapping[str, Converter[Any]]:
    """The converter of each parameter, in the order of the pattern."""
    segments = [part for part in parts if isinstance(part, Segment)]
    if not segments:
        return NO_PARAMETERS
    return MappingProxyType({parameter.name: parameter.converter for segment in segments for parameter in segment.parameters})
