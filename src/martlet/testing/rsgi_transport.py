"""Drive an application in memory over RSGI, with the habits of the one server that has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from math import inf
from pathlib import Path
from typing import Any, SupportsIndex

from martlet.http import Headers
from martlet.testing.exchange import CLIENT, SERVER, Received, Run, Sent, endless
from martlet.testing.open_answers import LoopAnswer, OpenAnswer, StreamWire
from martlet.testing.rsgi_sockets import over_rsgi
from martlet.testing.sockets import SocketClient, connect, handshake


class RSGITransport:
    """Speaks RSGI 1.6 with an application, with the habits of the one server that has it."""

    def __init__(self, app: Any, run: Run) -> None:
        """Begin without `__rsgi_init__`."""
        self._app = app
        self._run = run
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Call `__rsgi_init__` as a worker does."""
        self._app.__rsgi_init__(_Loop(self._run))

    def stop(self) -> None:
        """Call `__rsgi_del__` as a worker does."""
        self._app.__rsgi_del__(_Loop(self._run))

    def send(self, sent: Sent, seconds: float = inf) -> Received:
        """Exchange one request for its answer; seconds: to its end, once a stream has begun. Raises TimeoutError."""
        received: Received = self._run(self._send(sent, seconds))
        return received

    def open(self, sent: Sent) -> OpenAnswer:
        """Begin an answer that is read as it comes."""
        return LoopAnswer(lambda wire: self._app.__rsgi__(RSGIScope(sent), _OpenProtocol(sent, wire)), self._run)

    def connect(self, sent: Sent, subprotocols: Sequence[str]) -> SocketClient:
        """Open a WebSocket."""
        scope = RSGIScope(handshake(sent, subprotocols))
        return connect(lambda wire: over_rsgi(self._app, scope, wire), self._run)

    async def _send(self, sent: Sent, seconds: float) -> Received:
        loop, patience = asyncio.get_running_loop(), asyncio.timeout(None)
        protocol = _RSGIProtocol(sent, lambda: patience.reschedule(loop.time() + seconds))
        try:
            async with patience:
                await self._app.__rsgi__(RSGIScope(sent), protocol)
        except TimeoutError:
            if patience.expired():
                raise endless(sent, seconds) from None
            raise
        return protocol.received()


class _Loop:
    """Stands for the worker's loop, which runs here in the client's thread."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def run_until_complete(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._run(work)


class _RSGIHeaders:
    """Lower-case text; a value that is not ASCII is missing, as on the server."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        self._lines = [(name.lower(), value) for name, value in lines if value.isascii()]

    def get_all(self, key: str) -> list[str]:
        return [value for name, value in self._lines if name == key]

    def items(self) -> list[tuple[str, str]]:
        return self._lines


class RSGIScope:
    """What the server tells of a request."""

    def __init__(self, sent: Sent) -> None:
        self.proto = "http"
        self.rsgi_version = "1.6"
        self.http_version = "1.1"
        self.client = f"{CLIENT[0]}:{CLIENT[1]}"
        self.server = f"{SERVER[0]}:{SERVER[1]}"
        self.scheme = sent.scheme
        self.method = sent.method
        self.path = sent.path
        self.query_string = sent.query_string
        self.authority: str | None = None
        self.headers = _RSGIHeaders(sent.headers)


class _RSGIProtocol:
    """One exchange; an upload that breaks off ends like a whole one, and only the connection tells."""

    def __init__(self, sent: Sent, streams: Callable[[], None]) -> None:
        """streams: called when an answer is begun that comes piece by piece."""
        self._sent = sent
        self._streams = streams
        self._answer: tuple[int, list[tuple[str, str]], _Content] | None = None

    async def __call__(self) -> bytes:
        if self._sent.breaks_off:
            raise RuntimeError("protocol closed")
        return b"".join(self._sent.chunks)

    async def _iterate(self) -> AsyncIterator[bytes]:
        for chunk in self._sent.chunks:
            yield chunk
        yield b""
        if self._sent.breaks_off:  # one that is not the last, for what went wrong
            yield b""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterate()

    async def client_disconnect(self) -> None:
        if not self._sent.breaks_off:
            await asyncio.Event().wait()

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self._begin(status, headers)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._begin(status, headers).extend(body)

    def response_file_range(self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int) -> None:
        self._begin(status, headers).extend(Path(file).read_bytes()[start:end])

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> _RSGIStream:
        self._streams()
        return _RSGIStream(self._begin(status, headers))

    def _begin(self, status: int, headers: list[tuple[str, str]]) -> _Content:
        "".join(part for line in headers for part in line)  # a TypeError for bytes, as the server raises it
        if self._answer is None:  # a second answer is ignored without a word
            self._answer = (status, headers, self._content(status, headers))
        return self._answer[2]

    def _content(self, status: int, headers: list[tuple[str, str]]) -> _Content:  # noqa: ARG002  as those who need it
        return _Content()

    def received(self) -> Received:
        if self._answer is None:
            return Received(500, Headers(), b"")
        status, headers, content = self._answer
        return Received(status, Headers.from_wire(headers), bytes(content))


class _OpenProtocol(_RSGIProtocol):
    """An exchange whose answer is told as it comes."""

    def __init__(self, sent: Sent, wire: StreamWire) -> None:
        super().__init__(sent, lambda: None)
        self._wire = wire

    async def client_disconnect(self) -> None:
        await self._wire.left.wait()

    def _content(self, status: int, headers: list[tuple[str, str]]) -> _Content:
        self._wire.begin(status, headers)
        return _OpenContent(self._wire)


class _Content(bytearray):
    """What is collected of an answer."""


class _OpenContent(_Content):
    def __init__(self, wire: StreamWire) -> None:
        super().__init__()
        self._wire = wire

    def extend(self, data: Iterable[SupportsIndex], /) -> None:
        if self._wire.left.is_set():
            raise RuntimeError("protocol closed")
        self._wire.say(bytes(data))


class _RSGIStream:
    def __init__(self, content: _Content) -> None:
        self._content = content

    async def send_bytes(self, data: bytes) -> None:
        self._content.extend(data)
