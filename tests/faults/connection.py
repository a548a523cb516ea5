"""A client's connection: one request after the other over HTTP/1.1, and no second try of its own.

A request whose answer does not come whole may or may not have been done, and that is what the caller must be told.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

ANSWER_SECONDS = 30.0  # far more than any bound of the application's own


class BrokenExchangeError(Exception):
    """The connection was refused, or broke before the answer was whole; `was_sent` tells whether the request may have arrived."""

    def __init__(self, what: str, *, was_sent: bool) -> None:
        super().__init__(what)
        self.was_sent = was_sent


@dataclass(frozen=True)
class Answer:
    """What came back, and when, in seconds of the event loop's clock."""

    status: int
    body: Any
    cookie: str | None  # that was set; empty for one that was taken away
    began: float
    ended: float


class Connection:
    """To one server; opened when it is needed, and again after it broke."""

    def __init__(self, port: int, address: str = "127.0.0.1", seconds: float = ANSWER_SECONDS) -> None:
        self._port = port
        self._address = address
        self._seconds = seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, target: str, cookie: str | None) -> Answer:
        """Ask once; raises BrokenExchangeError."""
        clock = asyncio.get_running_loop().time
        began, was_sent = clock(), False
        try:
            async with asyncio.timeout(self._seconds):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._address, self._port)
                reader, writer = self._streams
                was_sent = True
                writer.write(_request(method, target, cookie, f"{self._address}:{self._port}"))
                status, fields, body = await _read(reader)
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:  # a TimeoutError is an OSError
            self.close()
            raise BrokenExchangeError(f"{type(error).__name__} {error}", was_sent=was_sent) from error
        except BaseException:
            self.close()
            raise
        return Answer(status, json.loads(body or b"null"), _cookie(fields), began, clock())

    def close(self) -> None:
        """Close it at once."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def _request(method: str, target: str, cookie: str | None, host: str) -> bytes:
    fields = [f"{method} {target} HTTP/1.1", f"host: {host}", "sec-fetch-site: same-origin"]
    if cookie is not None:
        fields.append(f"cookie: session={cookie}")
    if method == "POST":
        fields.append("content-length: 0")
    return "\r\n".join([*fields, "", ""]).encode()


async def _read(reader: asyncio.StreamReader) -> tuple[int, list[tuple[str, str]], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *rest = head.removesuffix("\r\n\r\n").split("\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (field.partition(":") for field in rest)]
    length = next((int(value) for name, value in fields if name == "content-length"), 0)
    return int(line.split()[1]), fields, await reader.readexactly(length)


def _cookie(fields: list[tuple[str, str]]) -> str | None:
    for name, value in fields:
        if name == "set-cookie" and value.startswith("session="):
            return value.partition(";")[0].partition("=")[2]
    return None
