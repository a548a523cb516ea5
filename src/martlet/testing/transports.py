"""Drive an application in memory over ASGI, as a server would: over any protocol the same Sent gives the same Received."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from martlet.http import Headers
from martlet.testing.asgi_sockets import over_asgi
from martlet.testing.exchange import CLIENT, SERVER, Received, Run, Sent, endless
from martlet.testing.open_answers import LoopAnswer, OpenAnswer, StreamWire
from martlet.testing.sockets import SocketClient, connect, handshake


class ASGITransport:
    """Speaks ASGI 3 with an application."""

    def __init__(self, app: Any, run: Run) -> None:
        """Begin without a lifespan."""
        self._app = app
        self._run = run
        self._events: asyncio.Queue[dict[str, Any]] | None = None
        self._answers: asyncio.Queue[dict[str, Any]] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Send lifespan.startup; raises RuntimeError with the application's word if it fails."""
        self._run(self._start())

    def stop(self) -> None:
        """Send lifespan.shutdown and wait."""
        self._run(self._stop())

    async def _start(self) -> None:
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._events, self._answers = events, answers
        self._task = asyncio.create_task(self._app(scope, events.get, answers.put))
        await self._exchange("startup")

    async def _stop(self) -> None:
        if self._task is not None:
            await self._exchange("shutdown")
            await self._task
            self._task = None

    async def _exchange(self, phase: str) -> None:
        if self._events is None or self._answers is None or self._task is None:
            raise RuntimeError("The lifespan has not begun.")
        await self._events.put({"type": f"lifespan.{phase}"})
        answer = asyncio.ensure_future(self._answers.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            self._task.result()
            raise RuntimeError(f"The application left its lifespan before it answered {phase}.")
        if answer.result()["type"] == f"lifespan.{phase}.failed":
            raise RuntimeError(answer.result().get("message", ""))

    def send(self, sent: Sent, seconds: float = inf) -> Received:
        """Exchange one request for its answer; seconds: to its end, once a stream has begun. Raises TimeoutError."""
        received: Received = self._run(self._send(sent, seconds))
        return received

    def open(self, sent: Sent) -> OpenAnswer:
        """Begin an answer that is read as it comes."""
        return LoopAnswer(lambda wire: self._carry(sent, wire), self._run)

    def connect(self, sent: Sent, subprotocols: Sequence[str]) -> SocketClient:
        """Open a WebSocket."""
        scope = asgi_scope(handshake(sent, subprotocols))
        return connect(lambda wire: over_asgi(self._app, scope, subprotocols, wire), self._run)

    async def _send(self, sent: Sent, seconds: float) -> Received:
        request, loop, patience = _Request(sent), asyncio.get_running_loop(), asyncio.timeout(None)
        answers: list[Mapping[str, Any]] = []

        async def send(event: Mapping[str, Any]) -> None:
            answers.append(event)
            if event["type"] == "http.response.start":
                return
            if not event.get("more_body", False):
                request.is_over.set()
                patience.reschedule(None)
            elif patience.when() is None and not request.is_over.is_set():
                patience.reschedule(loop.time() + seconds)

        try:
            async with patience:
                await self._app(asgi_scope(sent), request.receive, send)
        except TimeoutError:
            if patience.expired():
                raise endless(sent, seconds) from None
            raise
        return _from_asgi(answers)

    async def _carry(self, sent: Sent, wire: StreamWire) -> None:
        request = _Request(sent, wire.left)

        async def send(event: Mapping[str, Any]) -> None:
            if wire.left.is_set():
                raise OSError("The client has left.")
            if event["type"] == "http.response.start":
                wire.begin(event["status"], [(name.decode(), value.decode()) for name, value in event["headers"]])
                return
            wire.say(_content(event))
            if not event.get("more_body", False):
                wire.end()

        await self._app(asgi_scope(sent), request.receive, send)


class _Request:
    """What an application receives of one request. is_over: set when its client is no more."""

    def __init__(self, sent: Sent, is_over: asyncio.Event | None = None) -> None:
        more = len(sent.chunks) - 1
        self._events: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": index < more or sent.breaks_off}
            for index, chunk in enumerate(sent.chunks)
        ] or [{"type": "http.request", "body": b"", "more_body": sent.breaks_off}]
        self._events.reverse()
        self._breaks_off = sent.breaks_off
        self.is_over = is_over or asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._events:
            return self._events.pop()
        if not self._breaks_off:
            await self.is_over.wait()  # the client stays to the end
        return {"type": "http.disconnect"}


def asgi_scope(sent: Sent) -> dict[str, Any]:
    """Give the scope of a request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": sent.method,
        "scheme": sent.scheme,
        "path": sent.path,
        "raw_path": sent.raw_path.encode("ascii", "replace"),
        "query_string": sent.query_string.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.headers],
        "client": CLIENT,
        "server": SERVER,
    }


def _from_asgi(answers: list[Mapping[str, Any]]) -> Received:
    start = answers[0]
    content = bytearray()
    for event in answers[1:]:
        content += _content(event)
    if answers[-1].get("more_body", False):
        raise RuntimeError("The application returned before it had ended its answer.")
    fields = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Received(start["status"], Headers.from_wire(fields), bytes(content))


def _content(event: Mapping[str, Any]) -> bytes:
    content: bytes = Path(event["path"]).read_bytes() if event["type"] == "http.response.pathsend" else event.get("body", b"")
    return content
