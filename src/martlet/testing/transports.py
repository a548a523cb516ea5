"""Drive an application in memory over ASGI and WSGI, as a server would: the same Sent gives the same Received."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from martlet.http import Headers
from martlet.testing.asgi_sockets import over_asgi
from martlet.testing.exchange import Received, Run, Sent
from martlet.testing.sockets import HandshakeRefusedError, SocketClient, connect, handshake

CLIENT: Final = ("127.0.0.1", 50_000)
SERVER: Final = ("127.0.0.1", 80)


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

    def send(self, sent: Sent) -> Received:
        """Exchange one request for its answer."""
        received: Received = self._run(self._send(sent))
        return received

    def connect(self, sent: Sent, subprotocols: Sequence[str]) -> SocketClient:
        """Open a WebSocket."""
        scope = asgi_scope(handshake(sent, subprotocols))
        return connect(lambda wire: over_asgi(self._app, scope, subprotocols, wire), self._run)

    async def _send(self, sent: Sent) -> Received:
        more = len(sent.chunks) - 1
        events: list[dict[str, Any]] = [
            {"type": "http.request", "body": chunk, "more_body": index < more or sent.breaks_off}
            for index, chunk in enumerate(sent.chunks)
        ] or [{"type": "http.request", "body": b"", "more_body": sent.breaks_off}]
        events.reverse()
        answers: list[Mapping[str, Any]] = []
        answered = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if events:
                return events.pop()
            if not sent.breaks_off:
                await answered.wait()  # the client stays to the end
            return {"type": "http.disconnect"}

        async def send(event: Mapping[str, Any]) -> None:
            answers.append(event)
            if event["type"] != "http.response.start" and not event.get("more_body", False):
                answered.set()

        await self._app(asgi_scope(sent), receive, send)
        return _from_asgi(answers)


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
        if event["type"] == "http.response.pathsend":
            content += Path(event["path"]).read_bytes()
        content += event.get("body", b"")
    if answers[-1].get("more_body", False):
        raise RuntimeError("The application returned before it had ended its answer.")
    fields = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return Received(start["status"], Headers.from_wire(fields), bytes(content))


class WSGITransport:
    """Speaks PEP 3333 with an application."""

    def __init__(self, app: Any, run: Run) -> None:  # noqa: ARG002  one signature for all transports
        """WSGI has no lifespan: the first request starts the application."""
        self._app = app

    def start(self) -> None:
        """Nothing to send."""

    def stop(self) -> None:
        """Stop what the first request started, as the end of the process would."""
        stop = getattr(self._app, "__wsgi_del__", None)
        if stop is not None:
            stop()

    def send(self, sent: Sent) -> Received:
        """Exchange one request for its answer."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            begun.append((status, headers))

        chunks: Iterable[bytes] = self._app(_environ(sent), start_response)
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = begun[-1]
        fields = [(name.lower(), value.encode("latin-1").decode()) for name, value in headers]
        return Received(int(status[:3]), Headers.from_wire(fields), content)

    def connect(self, sent: Sent, subprotocols: Sequence[str]) -> SocketClient:
        """Ask for a WebSocket, which the protocol has no way to open."""
        raise HandshakeRefusedError(self.send(handshake(sent, subprotocols)))


def _environ(sent: Sent) -> dict[str, Any]:
    joined: dict[str, str] = {}
    for name, value in sent.headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        joined[key] = f"{joined[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{value}" if key in joined else value
    return {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "RAW_URI": sent.target,
        "PATH_INFO": sent.wsgi_path,
        "QUERY_STRING": sent.query_string,
        "SERVER_NAME": SERVER[0],
        "SERVER_PORT": str(SERVER[1]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": CLIENT[0],
        "REMOTE_PORT": str(CLIENT[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": sent.scheme,
        "wsgi.input": io.BytesIO(b"".join(sent.chunks)),
        "wsgi.input_terminated": "CONTENT_LENGTH" not in joined,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **joined,
    }
