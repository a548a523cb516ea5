"""The one seam between a server and an application: a request in, a response out.

An adapter is handed an `Application` and knows nothing else of what it serves.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, Protocol, TypeAlias

from martlet.http import Limits
from martlet.messages.body import Stream
from martlet.messages.default_fields import DefaultFields
from martlet.messages.dialect import Dialect, Direct
from martlet.messages.draining import Draining
from martlet.messages.request import Request
from martlet.messages.response import Response
from martlet.messages.sockets.connection import SocketTransport
from martlet.messages.sockets.upgrade import Upgrade

Respond: TypeAlias = Callable[[Request], Awaitable[Response]]
Refuse: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]
Middleware: TypeAlias = Callable[[Request, Respond], Awaitable[Response]]


class Lifespan(Protocol):
    """What must happen once before the first request and once after the last."""

    @property
    def started(self) -> bool:
        """Whether the application is ready to answer."""
        ...

    async def start(self) -> None:
        """Get ready to answer; raises what the application's own start-up raised. A second call does nothing."""

    async def stop(self) -> None:
        """Release what `start` acquired, in reverse order; does nothing if never started."""


class AfterAnswers(Protocol):
    """What goes on once answers have been sent."""

    def begin(self, request: Request, status_code: int) -> None:
        """Begin the work that a request left, and do not wait for it; on the loop."""

    def begin_on(self, loop: asyncio.AbstractEventLoop, request: Request, status_code: int) -> None:
        """The same from another thread."""

    async def drain(self) -> None:
        """Wait until everything is done, but not for ever."""


class StreamsBeingSent(Protocol):
    """Sends streams, and looks after all of them while they last."""

    @property
    def is_draining(self) -> bool:
        """Whether streams that clients take up again are ended early."""
        ...

    def __len__(self) -> int:
        """Count them, but for those that a WSGI server's thread pulls by itself."""
        ...

    def drain(self) -> None:
        """End every stream that its client takes up again, with its last words; from any thread, and at once."""

    def resume(self) -> None:
        """Let streams begin again, where an application starts anew."""

    def send(
        self,
        chunks: AsyncIterator[bytes],
        write: Callable[[bytes], Awaitable[Any]],
        limits: Limits,
        stream: Stream,
        *,
        most_bytes: int | None = None,
        most_seconds: float = ...,
    ) -> Coroutine[Any, Any, None]:
        """Write a stream's chunks as they come, and what has to be said between and behind them."""
        ...

    async def carry(self, upgrade: Upgrade, transport: SocketTransport, limits: Limits) -> None:
        """Carry a WebSocket until its handler has ended, and look after it as after a stream."""

    def hold_thread(self, most: int) -> bool:
        """Count a stream that holds a WSGI server's thread; False where there are as many as may be."""
        ...

    def release_thread(self) -> None:
        """Count it no longer."""


class Application(Protocol):
    """What an adapter is handed: how to answer, and what the answering needs."""

    @property
    def respond(self) -> Respond:
        """Answer a request on the running event loop."""
        ...

    @property
    def handshake(self) -> Respond:
        """Answer the handshake of a WebSocket on the running event loop, by an Upgrade or by any other response."""
        ...

    @property
    def directly(self) -> Callable[[Dialect], Direct | None]:
        """Make endpoints that speak a protocol themselves; None where something stands around them, or would have to."""
        ...

    @property
    def respond_in_thread(self) -> Respond:
        """Answer a request with an awaitable that never suspends; only for those of which `needs_loop` is false."""
        ...

    @property
    def refuse(self) -> Refuse:
        """Answer a request that the adapter will not let in, on the event loop; middlewares see this answer as any other."""
        ...

    @property
    def give_up(self) -> Callable[[Request, Exception], Response]:
        """Answer in place of what cannot be sent, without any code of the application; log what is no HTTPError."""
        ...

    @property
    def needs_loop(self) -> Callable[[Request], bool]:
        """Tell whether something on a request's way may suspend."""
        ...

    @property
    def lifespan(self) -> Lifespan:
        """What runs before the first request and after the last."""
        ...

    @property
    def after(self) -> AfterAnswers:
        """What does the work that requests leave for after their answers."""
        ...

    @property
    def draining(self) -> Draining:
        """Whether the application is about to end, and by when."""
        ...

    @property
    def open_streams(self) -> StreamsBeingSent:
        """The streams that are being sent."""
        ...

    @property
    def checks_host(self) -> bool:
        """Whether a request must say whom it is for; False where somebody in front has seen to it."""
        ...

    @property
    def default_fields(self) -> DefaultFields:
        """What every answer carries unless it says otherwise itself."""
        ...

    @property
    def limits(self) -> Limits:
        """The bounds in force until a route with its own is found."""
        ...

    @property
    def threads(self) -> Executor:
        """Where synchronous iterators and file reads run while an event loop goes on."""
        ...
