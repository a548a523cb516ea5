"""A WSGI server for one request, strict about PEP 3333: it starts, iterates, and always closes."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from martlet.adapters import wsgi_application
from martlet.adapters.wsgi.background_loop import BackgroundLoop
from tests.adapters.applications import OneAnswer

Environ = dict[str, Any]


def environ(method: str = "GET", body: bytes = b"", **others: Any) -> Environ:
    """Describe a request as a server does; without a body there is no Content-Length."""
    length = {"CONTENT_LENGTH": str(len(body))} if body else {}
    return {"REQUEST_METHOD": method, "PATH_INFO": "/", "wsgi.input": io.BytesIO(body), **length, **others}


class WSGIExchange:
    """One exchange: what the application gave, chunk by chunk."""

    def __init__(self, app: Callable[..., Iterable[bytes]], described: Environ) -> None:
        self._chunks = app(described, self._start)
        self._iterator: Iterator[bytes] = iter(self._chunks)
        self.status: str
        self.fields: list[tuple[str, str]]

    def _start(self, status: str, headers: list[tuple[str, str]], *_: object) -> None:
        self.status, self.fields = status, headers

    def next(self) -> bytes:
        """Pull one chunk."""
        return next(self._iterator)

    def rest(self) -> bytes:
        """Pull what is left, and close."""
        try:
            return b"".join(self._iterator)
        finally:
            self.close()

    def close(self) -> None:
        """End the exchange, as PEP 3333 asks of every server."""
        closing = getattr(self._chunks, "close", None)
        if closing is not None:
            closing()


@contextmanager
def served(app: OneAnswer) -> Iterator[Callable[[Environ], WSGIExchange]]:
    """Serve an application until the block ends; nothing of it may be left running then."""
    before = set(threading.enumerate())
    background = BackgroundLoop(app)
    serve = wsgi_application(app, background)
    try:
        yield lambda described: WSGIExchange(serve, described)
    finally:
        background.stop()
    assert [thread for thread in threading.enumerate() if thread not in before and thread.name == "martlet-loop"] == []
