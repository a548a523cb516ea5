"""Drive an application in memory over WSGI, as a server would."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from martlet.http import Headers
from martlet.testing.exchange import CLIENT, SERVER, Received, Run, Sent, endless
from martlet.testing.open_answers import OpenAnswer, ThreadAnswer
from martlet.testing.sockets import HandshakeRefusedError, SocketClient, handshake

__all__ = ["WSGITransport"]


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

    def send(self, sent: Sent, seconds: float = inf) -> Received:
        """Exchange one request for its answer; seconds: to its end, from its first chunk on, looked at between two of them."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            begun.append((status, headers))

        chunks: Iterable[bytes] = self._app(_environ(sent), start_response)
        try:
            content = _joined(chunks, sent, seconds)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, headers = begun[-1]
        fields = [(name.lower(), value.encode("latin-1").decode()) for name, value in headers]
        return Received(int(status[:3]), Headers.from_wire(fields), content)

    def open(self, sent: Sent) -> OpenAnswer:
        """Begin an answer that is read as it comes."""
        return ThreadAnswer(self._app, _environ(sent))

    def connect(self, sent: Sent, subprotocols: Sequence[str]) -> SocketClient:
        """Ask for a WebSocket, which the protocol has no way to open."""
        raise HandshakeRefusedError(self.send(handshake(sent, subprotocols)))


def _joined(chunks: Iterable[bytes], sent: Sent, seconds: float) -> bytes:
    content, deadline = bytearray(), inf
    for chunk in chunks:
        content += chunk
        now = time.monotonic()
        if now > deadline:
            raise endless(sent, seconds)
        deadline = min(deadline, now + seconds)
    return bytes(content)


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
