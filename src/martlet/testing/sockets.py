"""A WebSocket to an application in memory, over ASGI or RSGI."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, Self, TypeAlias

import msgspec

from martlet.http import Headers
from martlet.messages import Message, SocketClosedError
from martlet.testing.exchange import Received, Run, Sent

__all__ = ["HandshakeRefusedError", "Opened", "SocketClient", "Wire", "connect", "handshake"]

SECONDS: Final = 10.0  # that an answer may take; an application that says nothing would stop the tests for ever

HANDSHAKE: Final = (
    ("connection", "Upgrade"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "bWFydGxldCB0ZXN0cyBpdA=="),
)


class HandshakeRefusedError(Exception):
    """The application answered the handshake with a response; `response` has it."""

    def __init__(self, response: Received) -> None:
        """Tell its status."""
        super().__init__(f"The handshake was answered with {response.status_code}: {response.content[:300]!r}")
        self.response = response


class Opened:
    """The handshake's answer."""

    def __init__(self, subprotocol: str | None = None, headers: Headers | None = None) -> None:
        """Take what the answer said."""
        self.subprotocol = subprotocol
        self.headers = headers or Headers()


Said: TypeAlias = Message | Opened | Received | SocketClosedError


class Wire:
    """Both directions of one connection."""

    def __init__(self) -> None:
        """Begin empty; on the client's loop."""
        self.to_app: asyncio.Queue[Message | SocketClosedError] = asyncio.Queue()
        self.to_client: asyncio.Queue[Said] = asyncio.Queue()
        self.is_closed = False

    async def receive(self) -> Message:
        """Give the application the next message; raises SocketClosedError once the client has closed."""
        message = SocketClosedError() if self.is_closed and self.to_app.empty() else await self.to_app.get()
        if isinstance(message, SocketClosedError):
            self.is_closed = True
            raise message
        return message

    def say(self, said: Said) -> None:
        """Give the client what the application said."""
        self.to_client.put_nowait(said)

    def close(self, code: int, reason: str = "") -> None:
        """Close from the application's side."""
        if not self.is_closed:
            self.is_closed = True
            self.say(SocketClosedError(code, reason))
            self.to_app.put_nowait(SocketClosedError(code, reason))


class SocketClient:
    """One open WebSocket; as a context manager it closes on leaving.

    subprotocol, headers: of the handshake's answer.
    """

    def __init__(self, wire: Wire, task: asyncio.Task[None], run: Run) -> None:
        """Wait for the handshake's answer; raises HandshakeRefusedError for a response, and what the application raised."""
        self._wire, self.task, self._run = wire, task, run
        opened = self._next()
        if isinstance(opened, Received):
            raise HandshakeRefusedError(opened)
        if not isinstance(opened, Opened):
            raise HandshakeRefusedError(Received(500, Headers(), repr(opened).encode()))
        self.subprotocol = opened.subprotocol
        self.headers = opened.headers

    def send(self, message: Message) -> None:
        """Send a text message, or a binary one; raises SocketClosedError once the application has closed."""

        async def put() -> None:
            if self._wire.is_closed:
                raise SocketClosedError
            self._wire.to_app.put_nowait(message)

        self._run(put())

    def send_json(self, value: Any) -> None:
        """Send a value as JSON, in a text message."""
        self.send(msgspec.json.encode(value).decode())

    def receive(self) -> Message:
        """Wait for the next message; raises SocketClosedError once the application has closed, TimeoutError after ten seconds."""
        said = self._next()
        if isinstance(said, str | bytes):
            return said
        if isinstance(said, SocketClosedError):
            self._wire.say(said)  # every further call is told the same
            raise said
        raise RuntimeError(f"The application answered the handshake twice: {said!r}")

    def receive_json(self) -> Any:
        """Wait for the next message, and read it as JSON."""
        return msgspec.json.decode(self.receive())

    def __iter__(self) -> Iterator[Message]:
        """Give the messages until the application closes."""
        while True:
            try:
                yield self.receive()
            except SocketClosedError:
                return

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close, and wait for the handler to end."""

        async def leave() -> None:
            if not self._wire.is_closed:
                self._wire.to_app.put_nowait(SocketClosedError(code, reason))
            await asyncio.wait([self.task], timeout=SECONDS)

        self._run(leave())

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _next(self) -> Said:
        said: Said = self._run(self._said())
        return said

    async def _said(self) -> Said:
        waiting = asyncio.ensure_future(self._wire.to_client.get())
        await asyncio.wait({waiting, self.task}, timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done() or not self._wire.to_client.empty():
            return await waiting
        waiting.cancel()
        if not self.task.done():
            raise TimeoutError(f"The application said nothing for {SECONDS:g} seconds.")
        self.task.result()
        return SocketClosedError(1006, "the application returned without closing")


def connect(carry: Callable[[Wire], Coroutine[Any, Any, None]], run: Run) -> SocketClient:
    """Open a WebSocket that a coroutine carries on the client's loop."""

    async def begin() -> tuple[Wire, asyncio.Task[None]]:
        wire = Wire()
        return wire, asyncio.ensure_future(carry(wire))

    wire, task = run(begin())
    return SocketClient(wire, task, run)


def handshake(sent: Sent, subprotocols: Sequence[str]) -> Sent:
    """Add what a client sends to ask for a WebSocket (RFC 6455 section 4.1)."""
    lines = [*sent.headers, *HANDSHAKE]
    if subprotocols:
        lines.append(("sec-websocket-protocol", ", ".join(subprotocols)))
    return replace(sent, headers=lines)
