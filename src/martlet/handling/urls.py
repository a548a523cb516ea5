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

    def claim(self, name: str) -> bool:
        """Take a name; False if another route has it."""
        free = name not in self._names
        self._names.add(name)
        return free

    def remember(self, innermost: Callable[..., Any], handler: Callable[..., Any], route: Route[Any]) -> None:
        """Let a handler, guarded or not, stand for its first route."""
        self._routes.setdefault(innermost, route)
        self._routes.setdefault(handler, route)

    def to(self, target: str | Callable[..., Any], /, *, query: dict[str, object] | None = None, **params: object) -> str:
        """Give the path to a handler or a route's name, with its parameters and, if wanted, a query.

        Raises UnknownRouteError for a target that is no route, BadParametersError for parameters that do not fit.
        """
        if isinstance(target, str):
            path = self._router.url_for(target, **params)
        else:
            route = self._routes.get(target)
            if route is None:
                raise UnknownRouteError(getattr(target, "__qualname__", str(target)))
            path = self._router.path_for(route, **params)
        if not query:
            return path
        pairs = [(name, str(value)) for name, value in query.items() if value is not None]
        return f"{path}?{QueryString.from_pairs(pairs)}" if pairs else path
