"""A route: one method and one pattern, with what they lead to; and the three answers to "which route fits?"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Generic, TypeVar

from martlet.routing.converters import Converter
from martlet.routing.patterns import Part

Target = TypeVar("Target")

ANY_METHOD = "*"
WEBSOCKET = "(websocket)"  # the handshake of one, beside all methods: no token, so that no request has it for its method
"""In a method's place: the route fits whatever the method is, unless one for the method has the same pattern."""


@dataclass(frozen=True, slots=True, eq=False)
class Route(Generic[Target]):
    """One method and pattern, and the target they lead to; routes are compared by identity."""

    method: str
    """In capitals, or ANY_METHOD, or WEBSOCKET."""
    pattern: str
    """The path with holes, as it was written; below a mount, with the prefix."""
    target: Target
    name: str | None
    """What `url_for` calls it."""
    where: str
    """The line of the registration, as in "shop.py:12"."""
    parameters: Mapping[str, Converter[Any]]
    """The converter of each parameter, in the order of the pattern."""
    overlaps: bool
    """True where a path may fit another route equally well, and the leftmost literal or narrower segment shall win."""
    parts: tuple[Part, ...] = field(repr=False)
    """The segments of the pattern, after its first slash."""


@dataclass(frozen=True, slots=True)
class Found(Generic[Target]):
    """The route that fits method and path, and the values of its parameters."""

    route: Route[Target]
    target: Target
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class WrongMethod:
    """Some pattern fits the path, but none for this method: 405, with these methods in Allow."""

    allowed: tuple[str, ...]
    """The methods of all patterns that fit, sorted."""


@dataclass(frozen=True, slots=True)
class NoSuchPath:
    """No pattern fits the path, whatever the method: 404."""


NO_SUCH_PATH = NoSuchPath()


def line_of(frame: FrameType | None) -> str:
    """The file and line that a frame stands at, as "shop.py:12"."""
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown line"
