"""Gathering routes: what `App` and `Group` have in common, before anything is decided."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Unpack, cast

from martlet.adapters import REST, mounted
from martlet.files import FileOptions, OpenFiles, StaticFiles
from martlet.handling.declaring.options import (
    GroupOptions,
    MountOptions,
    RouteOptions,
    StaticOptions,
    check_directory,
    check_options,
    checked_prefix,
    kinds_of,
)
from martlet.handling.declaring.verbs import H, Verbs
from martlet.handling.signatures.functions import caller_place
from martlet.routing import ANY_METHOD
from martlet.security import DECLARED_ATTRIBUTE, Guard, as_guard


class AlreadyFrozenError(RuntimeError):
    """Something was declared after everything had been decided.

    >>> str(AlreadyFrozenError("The route '/late'", "app.py:9"))
    "app.py:9: The route '/late' comes too late: the application is frozen. Declare it before the first request or freeze()."
    """

    def __init__(self, what: str, where: str) -> None:
        """Name what came too late, and from where."""
        super().__init__(
            f"{where}: {what} comes too late: the application is frozen. Declare it before the first request or freeze()."
        )
        self.what = what
        self.where = where


@dataclass(frozen=True, slots=True)
class Declaration:
    """A route as its author wrote it."""

    methods: tuple[str, ...]
    pattern: str
    handler: Callable[..., Any]
    options: RouteOptions
    where: str  # of the line that declares it
    guards: tuple[Guard, ...] = ()  # those of the groups around it and its own, outermost first
    files: StaticFiles | None = None  # of these, once they are open, `handler` is a method
    kind: type[Any] = RouteOptions  # of its options; what a group says beside them means nothing here
    gives_way: bool = False  # to a route of the same pattern, wherever it is declared


class Routes(Verbs):
    """Declares routes by decorators; `App` and `Group` are both this."""

    def __init__(self, prefix: str = "", **options: Unpack[GroupOptions]) -> None:
        """prefix: stands before every pattern declared here. options: of every route declared here, see GroupOptions."""
        check_options(options, GroupOptions, caller_place(1))
        self.prefix = prefix
        self._options = options
        self._is_closed = False
        self._declared: list[Declaration | tuple[str, Routes]] = []

    def static(self, prefix: str, directory: str | os.PathLike[str], **options: Unpack[StaticOptions]) -> None:
        """Answer GET and HEAD below `prefix` with the files of a directory; see StaticOptions and FileOptions.

        Routes of their own below the prefix, and at it, go before. A directory that is not there is told when the app freezes.
        Raises ValueError for options that make no sense.
        """
        where = caller_place(1)
        check_options(options, StaticOptions, where)
        prefix = checked_prefix(prefix, where)
        check_directory(directory, where)
        self.check_open(f"The files below {prefix!r}")
        own = {name: value for name, value in options.items() if name in FileOptions.__annotations__}
        files = StaticFiles(directory, **cast("FileOptions", own))
        guards = tuple(as_guard(guard) for guard in options.get("guards", ()))
        others = {name: value for name, value in options.items() if name not in own}
        route = cast("RouteOptions", {**others, "inline": True, "overlaps": True})
        below = Declaration(("GET",), f"{prefix}/{{path:path}}", OpenFiles.answer, route, where, guards, files)
        unnamed = replace(below, options=cast("RouteOptions", {**route, "name": ""}), gives_way=True)
        self._declared += [below, replace(unnamed, pattern=f"{prefix}/")]
        if prefix:
            self._declared.append(replace(unnamed, pattern=prefix, handler=OpenFiles.answer_above))

    def mount(self, prefix: str, application: Any, **options: Unpack[MountOptions]) -> None:
        """Hand every request below `prefix`, whatever its method, to another application; see MountOptions.

        It speaks ASGI or WSGI, or is another Martlet app, and is started and stopped with this one. Routes of their own below
        the prefix go before. Raises TypeError for what is no application.
        """
        where = caller_place(1)
        check_options(options, MountOptions, where)
        prefix = checked_prefix(prefix, where)
        self.check_open(f"The mount {prefix!r}")
        mount = mounted(application, options.get("kind"))
        pattern = f"{prefix}/{{{REST}:path}}"
        own = {name: value for name, value in options.items() if name != "kind"}
        route = cast("RouteOptions", {"name": pattern, **own, "inline": mount.inline, "overlaps": True, "finishes": True})
        guards = tuple(as_guard(guard) for guard in options.get("guards", ()))
        below = Declaration((ANY_METHOD,), pattern, mount, route, where, guards)
        patterns = [prefix, f"{prefix}/"] if prefix else ["/"]
        self._declared += [below, *(replace(below, pattern=each, gives_way=True) for each in patterns)]

    def include(self, group: Group, prefix: str = "") -> None:
        """Merge a group's routes, those it gets later too, under a further prefix; raises AlreadyFrozenError."""
        if not isinstance(group, Group):  # pyright: ignore[reportUnnecessaryIsInstance]  not everybody runs a type checker
            raise TypeError(f"include() merges a Group, not {type(group).__name__}: another app's middleware would be lost.")
        if group is self or group.includes(self):
            raise TypeError(f"{caller_place(1)}: the group {group.prefix!r} would include itself; leave out one of the includes.")
        self.check_open("A group")
        self._declared.append((prefix, group))

    def includes(self, other: Routes) -> bool:
        """Whether another one is merged into this one, directly or within a third."""
        groups = [declared[1] for declared in self._declared if isinstance(declared, tuple)]
        return any(group is other or group.includes(other) for group in groups)

    def close(self) -> None:
        """Take no more declarations, here and in included groups: what came later would be ignored without a word."""
        self._is_closed = True
        for declared in self._declared:
            if isinstance(declared, tuple):
                declared[1].close()

    def check_open(self, what: str, depth: int = 2) -> None:
        """Raise AlreadyFrozenError if declarations are no longer taken; `depth`: frames up to the author's line."""
        if self._is_closed:
            raise AlreadyFrozenError(what, caller_place(depth))

    def declarations(self) -> list[Declaration]:
        """Give all routes declared here and in included groups, patterns and guards complete."""
        found: list[Declaration] = []
        for declared in self._declared:
            if isinstance(declared, Declaration):
                found.append(self._inside(declared, ""))
            else:
                prefix, group = declared
                found.extend(self._inside(declaration, prefix) for declaration in group.declarations())
        return found

    def _inside(self, declaration: Declaration, prefix: str) -> Declaration:
        outer = [as_guard(guard) for guard in self._options.get("guards", ())]
        return replace(
            declaration,
            pattern=f"{self.prefix}{prefix}{declaration.pattern}",
            options=_joined(self._options, declaration.options, declaration.kind),
            guards=(*outer, *declaration.guards),
        )

    def declare(
        self, methods: tuple[str, ...], pattern: str, options: RouteOptions, known: type[Any] = RouteOptions
    ) -> Callable[[H], H]:
        """Declare a route; known: the options it may carry. Raises as the verbs do."""
        where = caller_place(2)
        if not isinstance(pattern, str):  # pyright: ignore[reportUnnecessaryIsInstance]  `@app.get` without parentheses
            raise TypeError(f'{where}: a route needs its pattern, as in @app.get("/books"); write the parentheses too.')
        check_options(options, known, where)
        self.check_open(f"The route {pattern!r}", depth=3)
        guards = tuple(as_guard(guard) for guard in options.get("guards", ()))

        def declared(handler: H) -> H:
            self._declared.append(Declaration(methods, pattern, handler, options, where, guards, kind=known))
            with suppress(AttributeError):  # a method has no attributes of its own, and cannot be guarded afterwards either
                setattr(handler, DECLARED_ATTRIBUTE, where)
            return handler

        return declared


def _joined(outer: GroupOptions, inner: RouteOptions, kind: type[Any]) -> RouteOptions:
    """Join a group's options with a route's own, those left out that mean nothing to such a route."""
    known = kinds_of(kind)  # type: ignore[arg-type]  # a class is hashable
    joined = {name: value for name, value in {**outer, **inner}.items() if name in known}
    options = cast("RouteOptions", joined)  # a guard of both is put together by its own rule
    if "limits" in outer and "limits" in inner:
        options["limits"] = inner["limits"].over(outer["limits"])
    return options


class Group(Routes):
    """Routes that stand alone in their module; `app.include(group)` merges them.

    >>> books = Group("/books")
    >>> @books.get("/{book_id}")
    ... async def show_book(book_id: int) -> str: ...
    >>> books.declarations()[0].pattern
    '/books/{book_id}'
    """
