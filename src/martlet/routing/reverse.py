"""From a route's name and parameters back to a URL path, percent-encoded per segment (RFC 3986 section 3.3)."""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from urllib.parse import quote

from martlet.routing.errors import BadParametersError, DuplicateNameError, UnknownRouteError
from martlet.routing.languages import expression
from martlet.routing.patterns import Part
from martlet.routing.routes import Route
from martlet.routing.taking import Parameter

SAFE = "!$&'()*+,;=:@-._~"  # the characters of `pchar` that need no encoding, beside letters and digits


class Names:
    """The routes that have a name; one name may mean several patterns, told apart by their parameters."""

    def __init__(self) -> None:
        self._routes: dict[str, list[Route[Any]]] = {}

    def check(self, route: Route[Any]) -> None:
        """Raise DuplicateNameError where another pattern has this route's name and parameters."""
        for old in self._routes.get(route.name, ()) if route.name is not None else ():
            if old.parameters.keys() == route.parameters.keys() and old.pattern != route.pattern:
                raise DuplicateNameError(old.name or "", route, old)

    def add(self, route: Route[Any]) -> None:
        """Remember a route that has a name."""
        if route.name is not None:
            self._routes.setdefault(route.name, []).append(route)

    def url_for(self, name: str, params: Mapping[str, Any]) -> str:
        """The path of the route with this name; raises UnknownRouteError and BadParametersError."""
        route = self.find(name, params.keys())
        path = "/" + "/".join(format_part(part, route, params) for part in route.parts)
        # Two slashes at the start would name another host to a browser.
        return f"/%2F{path[2:]}" if path.startswith("//") else path

    def find(self, name: str, params: AbstractSet[str] | None) -> Route[Any]:
        """The route with this name that takes parameters of these names, None for any; raises as `url_for` does."""
        routes = self._routes.get(name)
        if not routes:
            raise UnknownRouteError(name, self._routes)
        for route in routes:
            if params is None or route.parameters.keys() == params:
                return route
        raise BadParametersError(wrong_parameters(routes, params or ()), name, routes[0].pattern, routes[0].where)


def wrong_parameters(routes: Iterable[Route[Any]], params: Collection[str]) -> str:
    """What is missing and what is too much, beside each pattern that has the name."""
    problems: list[str] = []
    for route in routes:
        missing = [name for name in route.parameters if name not in params]
        extra = [name for name in params if name not in route.parameters]
        problem = [f"{' and '.join(map(repr, missing))} missing"] if missing else []
        problem += [f"{' and '.join(map(repr, extra))} not in the pattern"] if extra else []
        problems.append(", ".join(problem))
    return "; or ".join(problems) + "."


def format_part(part: Part, route: Route[Any], params: Mapping[str, Any]) -> str:
    """One segment with its parameters filled in."""
    if isinstance(part, str):
        return quote(part, safe=SAFE)
    text = "".join([format_piece(piece, route, params) for piece in (part.head, *part.core, part.tail)])
    # Encoding would not help: clients take "%2e%2e" for ".." too, https://url.spec.whatwg.org/#double-dot-path-segment.
    if any(segment in {".", ".."} for segment in text.split("/")):
        raise refusal(f"{text!r} has a dot segment, which clients resolve.", route)
    return text


def format_piece(piece: str | Parameter, route: Route[Any], params: Mapping[str, Any]) -> str:
    """The encoded text of one piece; a converter's refusal becomes BadParametersError."""
    if isinstance(piece, str):
        return quote(piece, safe=SAFE)
    value, spans = params[piece.name], piece.hole.spans
    try:
        text = piece.converter.format(value)
        encoded = quote(text, safe=SAFE + "/" if spans else SAFE)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise refusal(f"{piece.name}={value!r} does not suit {piece.converter_name!r}: {error}.", route) from error
    if not expression((piece.hole,)).fullmatch(text) or ("/" in text and not spans):
        raise refusal(f"{piece.name}={value!r} gives {text!r}, which would not lead back here.", route)
    return encoded


def refusal(problem: str, route: Route[Any]) -> BadParametersError:
    """The error for one route."""
    return BadParametersError(problem, route.name or "", route.pattern, route.where)
