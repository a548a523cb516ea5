"""One WebSocket (RFC 6455) between its handler and its server: the handshake that one wants and the other answers; messages."""

from __future__ import annotations

import asyncio
from typing import Final, Protocol, TypeAlias

from martlet.http import Headers

__all__ = ["Message", "SocketClosedError", "SocketConnection", "SocketTransport", "cut_reason"]

Message: TypeAlias = str | bytes  # a text message, or a binary one

NORMAL: Final = 1000
ABNORMAL: Final = 1006
REASON_BYTES: Final = 123  # a control frame has 125 bytes, two of which are the code (RFC 6455 section 5.5)


class SocketClosedError(Exception):
    """The WebSocket is closed: nothing more comes, and nothing can be sent.

    code: of the closing (RFC 6455 section 7.4): 1005 where none was sent, 1006 where the connection broke. reason: as sent.

    >>> SocketClosedError(1001, "going away")
    SocketClosedError('The WebSocket is closed: 1001 going away')
    """

    def __init__(self, code: int = ABNORMAL, reason: str = "") -> None:
        """Tell why."""
        super().__init__(f"The WebSocket is closed: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class SocketTransport(Protocol):
    """The server's side of one WebSocket; every method but `close` raises SocketClosedError once it is closed."""

    async def accept(self, subprotocol: str | None, headers: Headers) -> None:
        """Answer the handshake."""

    async def receive(self) -> Message:
        """Give the next message."""
        ...

    async def send(self, message: Message) -> None:
        """Send a message, and wait while the client is slow to take it."""

    async def close(self, code: int, reason: str) -> None:
        """Close; does nothing where it is closed already."""


class SocketConnection:
    """What a handler and a server share of one WebSocket.

    code, reason: of the closing, None while it is open. headers: of the handshake's answer. subprotocol: agreed on in it.
    wanted: done once the handler wants the handshake answered.
    """

    __slots__ = (
        "_accepted",
        "_inbox",
        "_is_receiving",
        "code",
        "headers",
        "is_received",
        "reason",
        "subprotocol",
        "transport",
        "wanted",
    )

    def __init__(self) -> None:
        """Begin before the handshake is answered; on a loop."""
        loop = asyncio.get_running_loop()
        self.code: int | None = None
        self.reason = ""
        self.headers = Headers()
        self.subprotocol: str | None = None
        self.transport: SocketTransport | None = None
        self.is_received = False  # whether the handler has ever asked for a message
        self.wanted: asyncio.Future[None] = loop.create_future()
        self._accepted: asyncio.Future[None] = loop.create_future()
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue(1)  # so that a client feels who reads it; None ends it
        self._is_receiving = False

    @property
    def closed(self) -> SocketClosedError:
        """The error that tells of the closing."""
        return SocketClosedError(ABNORMAL if self.code is None else self.code, self.reason)

    async def answered(self) -> SocketTransport:
        """For the handler: have the handshake answered, and wait for it; raises SocketClosedError where it is over."""
        if self.transport is None:
            if not self.wanted.done():
                self.wanted.set_result(None)
            await asyncio.shield(self._accepted)
        if self.transport is None:
            raise self.closed
        return self.transport

    async def receive(self) -> Message:
        """For the handler: give the next message; raises SocketClosedError once there is none."""
        if self._is_receiving:
            raise RuntimeError("Two tasks receive from one WebSocket: let one of them receive, and hand on what it gets.")
        self._is_receiving = True
        try:
            await self.answered()
            self.is_received = True
            message = None if self.code is not None and self._inbox.empty() else await self._inbox.get()
        finally:
            self._is_receiving = False
        if message is None:
            raise self.closed
        return message

    async def send(self, message: Message) -> None:
        """For the handler: send, and wait while the client is slow."""
        transport = self.transport or await self.answered()
        if self.code is not None:
            raise self.closed
        try:
            await transport.send(message)
        except SocketClosedError as error:
            self.end(error.code, error.reason)
            raise

    async def close(self, code: int, reason: str) -> None:
        """For both: close, unless it is closed."""
        if self.code is None:
            transport = self.transport or await self.answered()
            self.end(code, reason)
            await transport.close(code, cut_reason(reason))

    def begin(self, transport: SocketTransport | None) -> None:
        """For the server: the handshake is answered; None where the client had left."""
        self.transport = transport
        self._accepted.set_result(None)

    async def bring(self, message: Message) -> None:
        """For the server: hand over a message, and wait until there is room for the next."""
        await self._inbox.put(message)

    def end(self, code: int, reason: str) -> None:
        """For both: note that it is closed, and wake who waits for a message."""
        if self.code is None:
            self.code, self.reason = code, reason
            if self._inbox.empty():
                self._inbox.put_nowait(None)


def cut_reason(reason: str) -> str:
    """Give as much of a reason as a closing frame has room for, in whole characters.

    >>> len(cut_reason("é" * 100).encode())
    122
    """
    data = reason.encode("utf-8", "replace")
    return data[:REASON_BYTES].decode("utf-8", "ignore")
