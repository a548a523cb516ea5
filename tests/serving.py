"""The protocols an app is served over; a new adapter joins by its name in this list."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias, TypeVar

from martlet import App
from martlet.testing import Client

T = TypeVar("T")
ProtocolName: TypeAlias = Literal["asgi", "wsgi", "rsgi"]
Serve: TypeAlias = Callable[[App], Client]
ServeOnce: TypeAlias = Callable[..., Client]

PROTOCOLS: tuple[ProtocolName, ...] = ("asgi", "wsgi", "rsgi")


class Serving:
    """Serves apps over one protocol until it ends, or a row of a table does."""

    def __init__(self, protocol: ProtocolName) -> None:
        self._protocol: ProtocolName = protocol
        self._stack = ExitStack()

    def __call__(self, app: App) -> Client:
        """Start an app."""
        return self._stack.enter_context(Client(app, protocol=self._protocol))

    def end_row(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Stop at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop what was started."""
        self._stack.__exit__(kind, error, trace)


class Share(Protocol):
    """Chooses the rows of a table that go over the protocol of this run."""

    def __call__(self, rows: Sequence[T]) -> Sequence[T]: ...
