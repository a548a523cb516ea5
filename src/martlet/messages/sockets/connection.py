"""One WebSocket (RFC 6455) between its handler and its server: the handshake that one wants and the other answers; messages."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from martlet.http import Headers
from martlet.messages.sockets.inbox import Inbox, Message, wake

__all__ = ["FAILED", "Message", "SocketClosedError", "SocketConnection", "SocketTransport", "cut_reason"]

# Codes to close with (RFC 6455 section 7.4.1).
NORMAL: Final = 1000
GOING_AWAY: Final = 1001
ABNORMAL: Final = 1006
TOO_BIG: Final = 1009
FAILED: Final = 1011
CLOSE_SECONDS: Final = 10.0  # for a client to take the closing, behind what it has not taken yet
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

    async def accept(self, subprotocol: str | None) -> None:
        """Answer the handshake, with the fields that the server's side was given."""

    async def receive(self) -> Message:
        """Give the next message."""
        ...

    async def send(self, message: Message) -> None:
        """Send a message, and wait while the client is slow to take it."""

    async def close(self, code: int, reason: str) -> None:
        """Close; does nothing where it is closed already."""

    def release(self) -> None:
        """Hold nothing of the server any more: one server keeps a connection as long as somebody holds it."""


class SocketConnection:
    """What a handler and a server share of one WebSocket.

    code, reason: of the closing, None while it is open. headers: of the handshake's answer. subprotocol: agreed on in it.
    wanted: done once the handler wants the handshake answered. changed_at: by the loop's clock, when it was closed, or else when
    the client last took something. inbox: of messages. is_to_tell: whether the client is to be told of the closing. stop_reading:
    called for that.
    """

    __slots__ = (
        "_accepted",
        "_loop",
        "_told",
        "_writes",
        "changed_at",
        "code",
        "headers",
        "inbox",
        "is_to_tell",
        "reason",
        "stop_reading",
        "subprotocol",
        "transport",
        "wanted",
    )

    def __init__(self) -> None:
        """Begin before the handshake is answered; on a loop."""
        self._loop = loop = asyncio.get_running_loop()
        self.code: int | None = None
        self.reason = ""
        self.headers: Headers | None = None
        self.subprotocol: str | None = None
        self.transport: SocketTransport | None = None
        self.inbox = Inbox(loop)
        self.is_to_tell = False
        self.stop_reading: Callable[[], None] = do_nothing
        self.changed_at = math.inf
        self.wanted: asyncio.Future[None] = loop.create_future()
        self._accepted: asyncio.Future[None] = loop.create_future()
        self._told: asyncio.Future[None] | None = None  # the handler, for the closing to be sent
        self._writes = 0  # that have not come back

    @property
    def closed(self) -> SocketClosedError:
        """The error that tells of the closing."""
        return SocketClosedError(ABNORMAL if self.code is None else self.code, self.reason)

    @property
    def unmoved_since(self) -> float:
        """Since when the client takes nothing of what is written, or the closing is not noticed; inf where neither is so."""
        return self.changed_at if self._writes or self.code is not None else math.inf

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
        if self.transport is None:
            await self.answered()
        message = await self.inbox.take()
        if message is None:
            raise self.closed
        return message

    async def send(self, message: Message) -> None:
        """For the handler: send, and wait while the client is slow."""
        transport = self.transport or await self.answered()
        if self.code is not None:
            raise self.closed
        if self._writes == 0:
            self.changed_at = self._loop.time()
        self._writes += 1
        try:
            await transport.send(message)
        except SocketClosedError as error:
            self.end(error.code, error.reason)
            raise
        finally:
            self._writes -= 1
            if self.code is None:
                self.changed_at = self._loop.time()

    async def close(self, code: int, reason: str) -> None:
        """For the handler: have it closed, unless it is, and wait for that."""
        if self.transport is None and self.code is None:
            with suppress(SocketClosedError):
                await self.answered()
        if self.transport is not None and self.code is None:
            self._told = self._loop.create_future()
            self.want_closing(code, reason)
            await asyncio.shield(self._told)

    def want_closing(self, code: int, reason: str) -> None:
        """For both: have the server's task read no more, and tell the client; Granian closes nothing while somebody reads."""
        if self.code is None:
            self.end(code, reason)
            self.is_to_tell = True
            self.stop_reading()

    async def tell_closing(self, seconds: float = CLOSE_SECONDS) -> None:
        """For the server: send the closing frame; a client that takes nothing is not waited for any longer."""
        self.is_to_tell = False
        transport, code = self.transport, self.code
        try:
            if transport is not None and code is not None:
                async with asyncio.timeout(seconds):
                    await transport.close(code, cut_reason(self.reason))
        except TimeoutError:
            return
        finally:
            wake(self._told)

    def begin(self, transport: SocketTransport | None) -> None:
        """For the server: the handshake is answered; None where the client had left."""
        self.transport = transport
        if not self._accepted.done():
            self._accepted.set_result(None)

    def end(self, code: int, reason: str) -> None:
        """For both: note that it is closed, and wake who waits for a message, or for its being taken."""
        if self.code is None:
            self.code, self.reason, self.changed_at = code, reason, self._loop.time()
            self.inbox.close()


def do_nothing() -> None:
    """Be called before anybody reads."""


def cut_reason(reason: str) -> str:
    """Give as much of a reason as a closing frame has room for, in whole characters.

    >>> len(cut_reason("é" * 100).encode())
    122
    """
    data = reason.encode("utf-8", "replace")
    return data[:REASON_BYTES].decode("utf-8", "ignore")
