"""Reverse URLs: from a handler, or a route's name, and its parameters to the path that leads there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from martlet.http import QueryString
from martlet.routing import Route, Router, UnknownRouteError


class URLs:
    """Makes paths; a handler asks for it by type: `async def add(new: NewBook, urls: URLs)`.

    >>> router: Router[str] = Router()
    >>> route = router.register("GET", "/books/{book_id:int}", "target", name="show_book")
    >>> URLs(router).to("show_book", book_id=7)
    '/books/7'
    """

    def __init__(self, router: Router[Any]) -> None:
        """Make paths of this router's patterns."""
        self._router = router
        self._routes: dict[Callable[..., Any], Route[Any]] = {}
        self._names: set[str] = set()

    def name_for(self, handler: Callable[..., Any], where: str) -> str:
        """Name a route after its handler; of two handlers with one name, the second is named by its place too."""
        name = getattr(handler, "__name__", type(handler).__name__)
        if name in self._names:
            name = f"{name} at {where}"
        self._names.add(name)
        return name

    def _name_of(self, handler: Callable[..., Any]) -> str:
        route = self._routes.get(handler)
        if route is None or route.name is None:
            raise UnknownRouteError(getattr(handler, "__qualname__", str(handler)), sorted(self._names))
        return route.name

    def remember(self, innermost: Callable[..., Any], handler: Callable[..., Any], route: Route[Any]) -> None:
        """Let a handler, guarded or not, stand for its first route."""
        self._routes.setdefault(innermost, route)
        self._routes.setdefault(handler, route)

    def to(self, target: str | Callable[..., Any], /, *, query: dict[str, object] | None = None, **params: object) -> str:
        """Give the path to a handler or a route's name, with its parameters and, if wanted, a query.

        Raises UnknownRouteError for a target that is no route, BadParametersError for parameters that do not fit.
        """
        name = target if isinstance(target, str) else self._name_of(target)
        path = self._router.url_for(name, **params)
        if not query:
            return path
        pairs = [(name, str(value)) for name, value in query.items() if value is not None]
        return f"{path}?{QueryString.from_pairs(pairs)}" if pairs else path
