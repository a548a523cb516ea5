"""Servers in memory that hand over what a client sent as the three protocols do, and clients that leave midway."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.fuzz.asked import Asked


@dataclass
class Told:
    """What came of a request: an answer, or none where the client had left."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    content: bytes = b""
    is_whole: bool = False

    def header(self, name: str) -> str | None:
        """The first field of this name."""
        return next((value for key, value in self.headers if key == name), None)


async def over_asgi(app: Any, asked: Asked) -> Told:
    """Ask as uvicorn would; a client that has left makes `send` raise OSError."""
    told = Told()
    last = len(asked.chunks) - 1
    events = [
        {"type": "http.request", "body": chunk, "more_body": place < last or asked.breaks_off}
        for place, chunk in enumerate(asked.chunks)
    ] or [{"type": "http.request", "body": b"", "more_body": asked.breaks_off}]
    events.reverse()
    ended = asyncio.Event()
    sent = 0

    async def receive() -> dict[str, Any]:
        if events:
            return events.pop()
        if not asked.breaks_off and asked.leaves_after is None:
            await ended.wait()
        return {"type": "http.disconnect"}

    async def send(event: dict[str, Any]) -> None:
        nonlocal sent
        sent += 1
        if asked.leaves_after is not None and sent > asked.leaves_after:
            ended.set()
            raise OSError("the client has left")
        if event["type"] == "http.response.early_hint":
            return
        if event["type"] == "http.response.start":
            told.status = event["status"]
            told.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event["headers"]]
            return
        told.content += _read(event["path"]) if "path" in event else event.get("body", b"")
        if not event.get("more_body", False):
            told.is_whole = True
            ended.set()

    await app(_scope(asked), receive, send)
    return told


def _path(asked: Asked) -> str:
    return unquote_to_bytes(asked.target.partition("?")[0].encode("latin-1")).decode("utf-8", "replace")


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _scope(asked: Asked) -> dict[str, Any]:
    raw_path, _, query = asked.target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": asked.http_version,
        "method": asked.method,
        "scheme": asked.scheme,
        "path": _path(asked),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": asked.root_path,
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers],
        "server": ("127.0.0.1", 80),
        "client": None if asked.peer is None else (asked.peer, 50_000),
        "extensions": {"http.response.pathsend": {}, "http.response.early_hint": {}},
    }
    if asked.http_version == "1":  # the server that writes 1.0 so leaves out what it may
        for key in ("raw_path", "root_path", "client", "extensions"):
            del scope[key]
    return scope


async def over_rsgi(app: Any, asked: Asked) -> Told:
    """Ask as Granian would: text that is not ASCII is missing, and only a broken call tells that the client has left."""
    protocol = _RSGIProtocol(asked)
    await app.__rsgi__(_RSGIScope(asked), protocol)
    return protocol.told


class _RSGIScope:
    def __init__(self, asked: Asked) -> None:
        query = asked.target.partition("?")[2]
        self.query_string = query.encode("latin-1").decode("utf-8", "replace")
        self.proto = "http"
        self.http_version = asked.http_version
        self.client = "unix:" if asked.peer is None else f"{asked.peer}:50000"
        self.server = "127.0.0.1:80"
        self.scheme = asked.scheme
        self.method = asked.method.upper()
        self.path = _path(asked)
        self.authority = (
            next((value for name, value in asked.headers if name == "host"), None) if asked.http_version == "2" else None
        )
        self.headers = _RSGIHeaders(asked, is_h2=asked.http_version == "2")


class _RSGIHeaders:
    def __init__(self, asked: Asked, *, is_h2: bool) -> None:
        lines = [(name.lower(), value) for name, value in asked.headers if value.isascii()]
        self._lines = [line for line in lines if not (is_h2 and line[0] == "host")]

    def get_all(self, key: str) -> list[str]:
        return [value for name, value in self._lines if name == key]

    def items(self) -> list[tuple[str, str]]:
        return self._lines


class _RSGIProtocol:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._sent = 0
        self.told = Told()

    async def __call__(self) -> bytes:
        if self._asked.breaks_off:
            raise RuntimeError("protocol closed")
        return b"".join(self._asked.chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in filter(None, self._asked.chunks):
            yield chunk
        yield b""
        if self._asked.breaks_off:
            yield b""

    async def client_disconnect(self) -> None:
        if not self._asked.breaks_off and self._asked.leaves_after is None:
            await asyncio.Event().wait()

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self._whole(status, headers, b"")

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self._whole(status, headers, body)

    def response_file_range(self, status: int, headers: list[tuple[str, str]], file: str, start: int, end: int) -> None:
        self._whole(status, headers, Path(file).read_bytes()[start:end])

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> _RSGIProtocol:
        self._begin(status, headers)
        return self

    async def send_bytes(self, data: bytes) -> None:
        self._sent += 1
        if self._asked.leaves_after is not None and self._sent > self._asked.leaves_after:
            raise RuntimeError("transport closed")
        self.told.content += data

    def _begin(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.told.status, self.told.headers = status, headers
        self.told.is_whole = True  # the end of a stream shows only by the application's return

    def _whole(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        self._begin(status, headers)
        self.told.content = content


class BrokenInput(io.BytesIO):
    """A `wsgi.input` whose client leaves before the end."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise ConnectionResetError
        return data


def over_wsgi(app: Any, asked: Asked) -> Told:
    """Ask as gunicorn would; a client that has left makes it close the answer unread."""
    told = Told()

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        told.status = int(status[:3])
        told.headers = [(name.lower(), value) for name, value in headers]

    chunks: Iterable[bytes] = app(_environ(asked), start_response)
    try:
        for number, chunk in enumerate(chunks):
            if asked.leaves_after is not None and number >= asked.leaves_after:
                return told
            told.content += chunk
        told.is_whole = True
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return told


def _environ(asked: Asked) -> dict[str, Any]:
    raw_path, _, query = asked.target.partition("?")
    content = b"".join(asked.chunks)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": asked.method,
        "SCRIPT_NAME": asked.root_path,
        "PATH_INFO": unquote_to_bytes(raw_path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{asked.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": asked.scheme,
        "wsgi.input": BrokenInput(content) if asked.breaks_off else io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.early_hints": list,
    }
    if asked.peer is not None:
        environ.update(REMOTE_ADDR=asked.peer, REMOTE_PORT="50000")
    for name, value in asked.headers:
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        environ[key] = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ', '}{value}" if key in environ else value
    environ["wsgi.input_terminated"] = "CONTENT_LENGTH" not in environ
    return environ
