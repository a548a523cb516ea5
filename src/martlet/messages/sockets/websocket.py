"""A WebSocket (RFC 6455) as handlers see it.

A handler runs in a task of its own from the handshake on. It refuses by raising before it first uses the socket, and the client
gets an ordinary response; with its first use the handshake is answered.
Not here: how a message becomes a value (handed in), how a handler is found and called (handling/), what servers do (adapters/).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Generic, Self, TypeVar

from martlet.http import Headers
from martlet.messages.field_names import FieldName
from martlet.messages.request import Request
from martlet.messages.sockets.connection import FAILED, NORMAL, Message, SocketClosedError, SocketConnection
from martlet.messages.sockets.sending import MessageWriter, send_all

__all__ = ["WebSocket"]

In = TypeVar("In")
Out = TypeVar("Out")

PROTOCOLS: Final = FieldName("sec-websocket-protocol")
# What an application may send (RFC 6455 section 7.4): those of the standard that are no server's own, and the private ones.
SENDABLE: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})


class WebSocket(Generic[In, Out]):
    """A WebSocket that brings values of one type and takes values of another.

    `WebSocket[Said, Heard]` brings JSON (in text messages) or MessagePack (in binary ones) as the type says, checked, and sends
    JSON; `str` and `bytes` are messages as they are, and so is everything where no types are named.
    request: of the handshake.

    Iterating gives the messages until the client leaves; one that is no `In` raises ValidationError.
    """

    __slots__ = ("_connection", "_decode", "_writer", "request")

    def __class_getitem__(cls, types: Any) -> Any:
        """Name both types; raises TypeError for one."""
        if not isinstance(types, tuple):
            name = getattr(types, "__name__", repr(types))
            raise TypeError(
                f"WebSocket[{name}] names one type: name what it brings and what it takes, as WebSocket[{name}, str]."
            )
        return super().__class_getitem__(types)  # type: ignore[misc]

    def __init__(
        self,
        request: Request,
        connection: SocketConnection,
        decode: Callable[[Message], In],
        writer: MessageWriter[Out],
        subprotocols: Sequence[str] = (),
    ) -> None:
        """subprotocols: those that the handler speaks, the best first."""
        self.request = request
        self._connection, self._decode, self._writer = connection, decode, writer
        if subprotocols:
            asked = asked_subprotocols(request)
            connection.subprotocol = next((name for name in subprotocols if name in asked), None)

    @property
    def subprotocol(self) -> str | None:
        """The one that was agreed on: of those that the route names the first that the client named too."""
        return self._connection.subprotocol

    @property
    def close_code(self) -> int | None:
        """Of the closing (RFC 6455 section 7.4), None while it is open: 1005 where none was sent, 1006 where it broke."""
        return self._connection.code

    @property
    def close_reason(self) -> str:
        """Of the closing, as it was sent."""
        return self._connection.reason

    async def accept(self, *, subprotocol: str | None = None, headers: Mapping[str, str] | None = None) -> None:
        """Answer the handshake now; without this the first `receive` or `send` does.

        subprotocol: in the place of the route's choice. headers: of the answer. Raises RuntimeError once it is answered,
        ValueError for a subprotocol that the client did not name, SocketClosedError where the client has left.
        """
        connection = self._connection
        if connection.wanted.done():
            raise RuntimeError("The handshake is answered already: accept() comes before the first receive() and send().")
        if subprotocol is not None and subprotocol not in asked_subprotocols(self.request):
            raise ValueError(f"The client did not name the subprotocol {subprotocol!r}: it would fail the connection.")
        for name in headers or ():
            if name.lower().startswith("sec-websocket-"):
                raise ValueError(f"{name!r} is the server's own to send: name a subprotocol by accept(subprotocol=...).")
        connection.headers = None if headers is None else Headers(headers)
        connection.subprotocol = subprotocol or connection.subprotocol
        await connection.answered()

    async def receive(self) -> In:
        """Give the next message; raises SocketClosedError once the client has closed, ValidationError for what is no `In`."""
        return self._decode(await self._connection.receive())

    async def send(self, message: Out) -> None:
        """Send a message, and wait while the client is slow to take it; raises SocketClosedError once it is closed."""
        await self._connection.send(self._writer.encode(message))

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Close, and tell the client why; does nothing where it is closed already.

        code: 1000, or 3000 to 4999 for a meaning of your own (RFC 6455 section 7.4.2). reason: what is beyond 123 bytes is cut.
        """
        if code not in SENDABLE:
            raise ValueError(f"{code} is no code to close with: 1000 is the usual one, 4000 to 4999 are yours.")
        await self._connection.close(code, reason)

    @asynccontextmanager
    async def sending(
        self, items: AsyncIterator[Any], to_message: Callable[[Any], Out | None] | None = None
    ) -> AsyncGenerator[None]:
        """Send what comes from elsewhere, such as a channel, while the block receives.

        to_message: makes a message of each item, or None to send nothing; what one subscription's event becomes is asked for once
        for all WebSockets of the route. Without it the items are messages. The iterator is closed on leaving, if it can be. Where
        it ends first the WebSocket is closed with 1000, and where it fails with 1011 and its error is raised on leaving.
        """
        task = asyncio.ensure_future(self._send_all(items, to_message))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    async def _send_all(self, items: AsyncIterator[Any], to_message: Callable[[Any], Out | None] | None) -> None:
        try:
            await send_all(self._connection, items, self._writer, to_message)
            await self.close()
        except SocketClosedError:
            return  # whoever receives sees it too
        except (Exception, SystemExit) as error:
            self._connection.want_closing(FAILED, "")
            if isinstance(error, SystemExit):  # in a task it would end the whole loop
                word = f"What was sent raised {error!r}, which is not for a request to raise."
                raise RuntimeError(word) from error  # noqa: TRY004  it tells of no type
            raise
        finally:
            closing = getattr(items, "aclose", None)
            if closing is not None:
                await closing()

    def __aiter__(self) -> Self:
        """Iterate over the messages; several loops may follow each other."""
        return self

    async def __anext__(self) -> In:
        """Give the next message, until the WebSocket is closed."""
        try:
            return await self.receive()
        except SocketClosedError:
            raise StopAsyncIteration from None

    def __repr__(self) -> str:
        """Tell whether it is open."""
        connection = self._connection
        is_open = "asked for" if connection.transport is None else "open"
        state = is_open if connection.code is None else f"closed: {connection.code}"
        return f"<WebSocket {self.request.path} {state}>"


def asked_subprotocols(request: Request) -> list[str]:
    """Give the subprotocols that the client named, the one it likes best first (RFC 6455 section 11.3.4)."""
    return [name for each in (request.field(PROTOCOLS) or "").split(",") if (name := each.strip())]
