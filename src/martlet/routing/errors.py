"""What can be wrong with a route table, or with a request for a URL; each says what, where, and how to mend it.

All of it is the programmer's: a path that fits no route is an answer of the router, never an error.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Protocol


class Registered(Protocol):
    """What an error tells of a route: which method and pattern it has, and where it was registered."""

    @property
    def method(self) -> str:
        """The HTTP method, in capitals."""
        ...

    @property
    def pattern(self) -> str:
        """The path with holes, as it was written."""
        ...

    @property
    def where(self) -> str:
        """The line of the registration, as in "shop.py:12"."""
        ...


class RoutingError(Exception):
    """Any mistake in a route table or in asking it for a URL."""


class BadPatternError(RoutingError, ValueError):
    """A pattern that cannot be read, or that no path could ever fit; `pattern` and `where` are attributes."""

    def __init__(self, problem: str, pattern: str, where: str) -> None:
        super().__init__(f"{pattern!r} ({where}): {problem}")
        self.pattern, self.where = pattern, where


class BadMethodError(RoutingError, ValueError):
    """A method that is not a token of RFC 9110 section 5.6.2, so that no request can bear it."""

    def __init__(self, method: str, pattern: str, where: str) -> None:
        super().__init__(f"{method!r} is no HTTP method, for {pattern!r} ({where}). Write one word, as in 'GET'.")
        self.method, self.pattern, self.where = method, pattern, where


class BadConverterError(RoutingError, TypeError):
    """Something that cannot serve as a converter; `name` is an attribute."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"The converter {name!r} cannot be used: {problem}.")
        self.name = name


class UnknownConverterError(RoutingError, LookupError):
    """A parameter whose converter nobody has defined; `converter`, `known`, `pattern` and `where` are attributes."""

    def __init__(self, converter: str, known: Iterable[str], pattern: str, where: str) -> None:
        names = sorted(known)
        near = get_close_matches(converter, names, 1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        super().__init__(
            f"{pattern!r} ({where}): there is no converter {converter!r}.{guess} Known are {', '.join(names)}; "
            f"another one is given by name to the router, as in converters={{{converter!r}: …}}."
        )
        self.converter, self.known, self.pattern, self.where = converter, tuple(names), pattern, where


class RouteConflictError(RoutingError):
    """Two patterns of one method that some path fits equally well; `new`, `old` and, if one was found, `path` are attributes."""

    def __init__(self, new: Registered, old: Registered, path: str | None, *, same: bool = False) -> None:
        patterns = f"{new.method} {new.pattern!r} ({new.where}) and {old.pattern!r} ({old.where})"
        example = "some path" if path is None else repr(path)
        if same:
            problem = f"{patterns} fit the same paths, as {example}. Remove one, or give it another method or pattern."
        else:
            problem = (
                f"{patterns} both fit {example}, and neither is narrower. Make a literal segment differ, narrow a parameter "
                "as in {id:int}, or say overlaps=True at one of them: then the leftmost literal or narrower segment wins."
            )
        super().__init__(problem)
        self.new, self.old, self.path = new, old, path


class DuplicateNameError(RoutingError, ValueError):
    """One name for two patterns with the same parameters, so that no URL can be made from it; `new` and `old` are attributes."""

    def __init__(self, name: str, new: Registered, old: Registered) -> None:
        super().__init__(
            f"The name {name!r} of {new.pattern!r} ({new.where}) already means {old.pattern!r} ({old.where}), "
            "which takes the same parameters. Give one of them another name=."
        )
        self.name, self.new, self.old = name, new, old


class UnknownRouteError(RoutingError, LookupError):
    """A URL was asked for a name that no route bears; `name` is an attribute."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, list(known), 3)
        guess = f" Near it are {', '.join(map(repr, near))}." if near else ""
        super().__init__(f"No route has the name {name!r}.{guess} A route gets one by name= where it is registered.")
        self.name = name


class BadParametersError(RoutingError, ValueError):
    """A URL was asked for with parameters that its pattern cannot take; `pattern` and `where` are attributes."""

    def __init__(self, problem: str, name: str, pattern: str, where: str) -> None:
        super().__init__(f"No URL for {name!r}, {pattern!r} ({where}): {problem}")
        self.name, self.pattern, self.where = name, pattern, where
