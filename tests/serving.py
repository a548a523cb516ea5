"""The protocols an app is served over; a new adapter joins by its name in this list."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias, TypeVar

from martlet import App
from martlet.testing import Client

T = TypeVar("T")
ProtocolName: TypeAlias = Literal["asgi", "wsgi", "rsgi"]
Serve: TypeAlias = Callable[[App], Client]
ServeOnce: TypeAlias = Callable[..., Client]

PROTOCOLS: tuple[ProtocolName, ...] = ("asgi", "wsgi", "rsgi")


class Share(Protocol):
    """Chooses the rows of a table that go over the protocol of this run."""

    def __call__(self, rows: Sequence[T]) -> Sequence[T]: ...
