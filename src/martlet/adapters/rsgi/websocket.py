"""Serve the WebSockets of an application over RSGI 1.6; the comments name what the server cannot do.

It takes no subprotocol, no header fields and no code to close with: `martlet run` serves an app with WebSockets over ASGI.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Final, Protocol

from martlet.adapters.finishing import finish
from martlet.adapters.framing import final_status
from martlet.adapters.giving_up import sendable
from martlet.adapters.streams.open_socket import carry_socket
from martlet.adapters.streams.pulling import pull
from martlet.messages import Application, Message, Request, Response, SocketClosedError, Stream, Upgrade

CLOSED: Final = 0


class RSGIMessage(Protocol):
    """What a client sent; `data` only where it is a message."""

    kind: int
    data: str | bytes


class RSGISocketTransport(Protocol):
    """An accepted WebSocket."""

    def receive(self) -> Awaitable[RSGIMessage]:
        """Wait for what comes next."""
        ...

    def send_bytes(self, data: bytes) -> Awaitable[None]:
        """Send a binary message."""
        ...

    def send_str(self, data: str) -> Awaitable[None]:
        """Send a text message."""
        ...


class RSGISocketProtocol(Protocol):
    """The server's side of a handshake."""

    def accept(self) -> Awaitable[RSGISocketTransport]:
        """Answer it."""
        ...

    def close(self, status: int | None = None) -> Any:
        """Refuse it with a status, or close what was accepted; the status is ignored then."""
        ...


async def answer_handshake(request: Request, response: Response, protocol: RSGISocketProtocol, app: Application) -> None:
    """Carry a WebSocket to its end, or refuse it; a refusal has a status, and no body."""
    body = response.body
    try:
        if isinstance(body, Upgrade):
            await carry_socket(body, RSGISocket(protocol), request.limits, app)
            return
        response = await sendable(request, response, app)
        if isinstance(body, Stream):
            async with pull(body, app.threads):
                pass  # closed unread
        protocol.close(final_status(response.status_code))
    finally:
        await finish(request, response, app)


class RSGISocket:
    """One WebSocket of an RSGI server."""

    __slots__ = ("_protocol", "_transport")

    def __init__(self, protocol: RSGISocketProtocol) -> None:
        """Take the server's object."""
        self._protocol = protocol
        self._transport: Any = None

    async def accept(self, subprotocol: str | None) -> None:  # noqa: ARG002  the server takes none
        """Answer the handshake."""
        try:
            self._transport = await self._protocol.accept()
        except RuntimeError as error:
            raise SocketClosedError from error

    async def receive(self) -> Message:
        """Give the next message."""
        try:
            message = await self._transport.receive()
        except RuntimeError as error:  # the connection broke
            raise SocketClosedError from error
        if message.kind == CLOSED:
            raise SocketClosedError(1005)
        data: Message = message.data
        return data if isinstance(data, str) else bytes(data)

    async def send(self, message: Message) -> None:
        """Send a message, and wait while the client is slow to take it."""
        try:
            await (self._transport.send_str(message) if type(message) is str else self._transport.send_bytes(message))
        except RuntimeError as error:
            raise SocketClosedError from error

    async def close(self, code: int, reason: str) -> None:  # noqa: ARG002  the server takes neither
        """Close."""
        if self._transport is not None:
            self._transport = None  # the connection ends when it is no more
            self._protocol.close()

    def release(self) -> None:
        """Let the connection end."""
        self._transport = None
