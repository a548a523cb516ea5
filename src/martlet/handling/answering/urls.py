"""Reverse URLs: from a handler, or a route's name, and its parameters to the path that leads there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from copy import copy
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final, NoReturn

from martlet.files import OpenFiles
from martlet.handling.signatures.functions import innermost
from martlet.http import QueryString, format_path
from martlet.routing import Route, Router, UnknownRouteError

ASSETS_COMPARED: Final = 1_000  # names of files; more would hold up other requests where a client had a part in the name


class UnknownAssetError(LookupError):
    """A URL was asked for a static file that is in no directory of files.

    >>> print(UnknownAssetError("app.cs", ["css/app.css", "app.css"]))
    There is no static file 'app.cs'. Near it is 'app.css', 'css/app.css'.
    """

    def __init__(self, path: str, known: Iterable[str]) -> None:
        """Name it, and files near it."""
        candidates = list(islice(known, ASSETS_COMPARED))
        near = get_close_matches(path, candidates, 3)
        some = f"Near it is {', '.join(map(repr, near))}." if near else "Give its path in the directory of an app.static(...)."
        super().__init__(f"There is no static file {path!r}. {some}")
        self.path = path


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
        self._files: list[tuple[str, OpenFiles]] = []
        self._root_path = ""
        self._assets: dict[str, str] = {}

    def below(self, root_path: str) -> URLs:
        """Give what makes the same paths behind a root path, as `Request.root_path` tells it."""
        if not root_path:
            return self
        urls = copy(self)
        vars(urls).update(_root_path=format_path(root_path), _assets={})
        return urls

    def name_for(self, handler: Callable[..., Any], where: str) -> str:
        """Name a route after its handler; of two handlers with one name, the second is named by its place too."""
        function = innermost(handler)
        name = getattr(function, "__name__", type(function).__name__)
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

    def add_files(self, name: str, files: OpenFiles) -> None:
        """Let `asset` find the files of a directory; `name` is their route's."""
        self._files.append((name, files))

    def asset(self, path: str, /, **params: object) -> str:
        """Give the URL of a static file by its path in its directory: the fingerprinted one, if `martlet assets build` made it.

        Of several directories that have such a file the first declared is meant. params: of a group's prefix around them.
        Raises UnknownAssetError for a file that is nowhere, BadParametersError for parameters that do not fit.
        """
        known = None if params else self._assets.get(path)
        if known is not None:
            return known
        for name, files in self._files:
            found = files.asset(path)
            if found is not None:
                url = self._root_path + self._router.url_for(name, path=found, **params)
                if not params:
                    self._assets[path] = url  # no more than there are files
                return url
        return self._refuse_asset(path)

    def _refuse_asset(self, path: str) -> NoReturn:
        raise UnknownAssetError(path, (each for _, files in self._files for each in files.names()))

    def check(self, name: str, params: AbstractSet[str] | None) -> None:
        """Make sure that `to` knows a route of this name that takes parameters of these names, None for any; raises as `to`."""
        self._router.check_url(name, None if params is None else params - {"query"})

    def check_asset(self, path: str, params: AbstractSet[str] | None) -> None:
        """Make sure that `asset` finds a file, and that its route takes parameters of these names; raises as `asset`."""
        for name, files in self._files:
            if files.asset(path) is not None:
                self._router.check_url(name, None if params is None else {"path", *params})
                return
        self._refuse_asset(path)

    def to(self, target: str | Callable[..., Any], /, *, query: dict[str, object] | None = None, **params: object) -> str:
        """Give the path to a handler or a route's name, with its parameters and, if wanted, a query.

        Raises UnknownRouteError for a target that is no route, BadParametersError for parameters that do not fit.
        """
        name = target if isinstance(target, str) else self._name_of(target)
        path = self._root_path + self._router.url_for(name, **params)
        if not query:
            return path
        pairs = [(name, str(value)) for name, value in query.items() if value is not None]
        return f"{path}?{QueryString.from_pairs(pairs)}" if pairs else path
