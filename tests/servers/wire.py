"""Speak HTTP/1.1 with a server on the loopback interface: by the standard library's client, or byte by byte."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

SECONDS = 60  # a machine under load answers late, and none of this is waited for where all is well
# What servers add of their own; the rest is what the application set.
SERVERS_OWN = {"connection", "date", "keep-alive", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Answer:
    """What came back; field names in lower case, values as their bytes in a Latin-1 coat.

    whole: False where the connection ended before the message did.
    """

    status: int
    fields: list[tuple[str, str]]
    body: bytes
    whole: bool = True

    def all(self, name: str) -> list[str]:
        """The value of each field of this name."""
        return [value for key, value in self.fields if key == name]

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def ours(self) -> list[tuple[str, str]]:
        """The fields that the application set, sorted by name."""
        return sorted((line for line in self.fields if line[0] not in SERVERS_OWN), key=lambda line: line[0])


def ask(
    port: int,
    target: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] | None = None,
) -> Answer:
    """Send one request; a body of several pieces goes in chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        chunked = body is not None and not isinstance(body, bytes)
        # A server that refuses a body may close before it has read all of it; its answer is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                method, target, body=body, headers={"connection": "close", **(headers or {})}, encode_chunked=chunked
            )
        return _read(connection.getresponse())
    finally:
        connection.close()


def send(port: int, data: bytes, *, method: str = "GET") -> Answer:
    """Send these very bytes, and read the answer."""
    with connect(port) as connection:
        connection.sendall(data)
        return receive(connection, method=method)


def receive(connection: socket.socket, *, method: str = "GET") -> Answer:
    """Read one answer; raises ConnectionError where there is none."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return _read(response)
    finally:
        response.close()


def connect(port: int, *, buffer: int | None = None) -> socket.socket:
    """Open a connection; `buffer` is for a client that takes little at a time, in bytes."""
    connection = socket.socket()
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.settimeout(SECONDS)
    connection.connect(("127.0.0.1", port))
    return connection


def head(line: str, *fields: str, close: bool = True) -> bytes:
    """Write a request's line and fields, with a Host unless one is among them."""
    lines = [line, *fields]
    if not any(field.lower().startswith("host:") for field in fields):
        lines.append("Host: example.org")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _read(response: http.client.HTTPResponse) -> Answer:
    whole = True
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        body, whole = error.partial, False
    except ConnectionResetError:
        body, whole = b"", False
    fields = [(name.lower(), value) for name, value in response.getheaders()]
    return Answer(response.status, fields, body, whole)
