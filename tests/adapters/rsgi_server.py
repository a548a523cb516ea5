"""Granian's side of one RSGI exchange, with what it does not say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from martlet.adapters.rsgi import application as rsgi
from martlet.http import Limits
from tests.adapters.applications import Answer, OneAnswer

Fields = list[tuple[str, str]]


class ClosedError(RuntimeError):
    """As `granian.rsgi.ProtocolClosed` is."""


class RSGIHeaders:
    """Lower-case text; a value that is not ASCII is missing."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def get_all(self, key: str) -> list[str]:
        return [value for name, value in self._fields if name == key]

    def items(self) -> Fields:
        return self._fields


@dataclass
class Scope:
    """What Granian tells of a request."""

    method: str = "GET"
    path: str = "/"
    headers: rsgi.RSGIHeaders = field(default_factory=lambda: RSGIHeaders([]))
    proto: str = "http"
    http_version: str = "1.1"
    client: str = "127.0.0.1:50000"
    server: str = "127.0.0.1:80"
    scheme: str = "http"
    query_string: str = ""
    authority: str | None = None  # HTTP/1.1 has one where the target is absolute, HTTP/2 always


class Protocol:
    """Granian's side of one exchange: `chunks` as its iterator gives them, ClosedError in place of a whole body that broke."""

    def __init__(self, *chunks: bytes, broken: bool = False, breaks_at: int | None = None) -> None:
        self._chunks = chunks
        self._broken = broken
        self._breaks_at = breaks_at
        self._news = asyncio.Event()
        self.calls: list[tuple[Any, ...]] = []
        self.sent: list[bytes] = []
        self.gone = asyncio.Event()

    async def __call__(self) -> bytes:
        if self._broken:
            raise ClosedError("RSGI transport is closed")
        return b"".join(self._chunks)

    async def _iterate(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._iterate()

    async def client_disconnect(self) -> None:
        await self.gone.wait()

    # With the access log on these have no defaults, so here they have none.

    def response_empty(self, status: int, headers: Fields) -> None:
        self.calls.append(("empty", status, headers))

    def response_bytes(self, status: int, headers: Fields, body: bytes) -> None:
        self.calls.append(("bytes", status, headers, body))

    def response_file_range(self, status: int, headers: Fields, file: str, start: int, end: int) -> None:
        self.calls.append(("file", status, headers, file, start, end))

    def response_stream(self, status: int, headers: Fields) -> Protocol:
        self.calls.append(("stream", status, headers))
        return self

    async def send_bytes(self, data: bytes) -> None:
        if self._breaks_at is not None and len(self.sent) >= self._breaks_at:
            raise ClosedError("RSGI transport is closed")
        self.sent.append(data)
        self._news.set()

    async def until(self, number: int) -> None:
        """Wait until so many chunks were sent."""
        while len(self.sent) < number:
            self._news.clear()
            await self._news.wait()


async def serve(answer: Answer, protocol: Protocol, *, fields: Fields | None = None, **scope: Any) -> Protocol:
    app = OneAnswer(answer, limits=Limits(body_bytes=1_000))
    given = fields or []
    has_host = scope.get("http_version") == "2" or any(name == "host" for name, _ in given)
    described = Scope(headers=RSGIHeaders(given if has_host else [("host", "example.org"), *given]), **scope)
    await asyncio.wait_for(rsgi.rsgi_application(app)(described, protocol), timeout=5)
    return protocol
