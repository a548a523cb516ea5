"""Serve an application over RSGI 1.6, Granian's own protocol.

The only code that sees RSGI's scope and protocol objects; the comments name what the server does not do for us.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeAlias

from martlet.adapters.framing import has_content, text_fields
from martlet.adapters.pulling import pull
from martlet.http import Limits
from martlet.messages import Application, FieldName, File, IncompleteBodyError, Request, Response, Stream

Fields: TypeAlias = list[tuple[str, str]]
RSGIApplication: TypeAlias = "Callable[[RSGIScope, RSGIProtocol], Awaitable[None]]"


class RSGIHeaders(Protocol):
    """The request's fields: lower-case text; a value that is not ASCII is missing."""

    def get_all(self, key: str) -> list[str]:
        """All values of one field."""
        ...

    def items(self) -> Iterable[tuple[str, str]]:
        """All field lines."""
        ...


class RSGIScope(Protocol):
    """What the server tells of a request; read-only."""

    proto: str
    http_version: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: RSGIHeaders


class RSGITransport(Protocol):
    """An open streamed answer; it never pushes back."""

    async def send_bytes(self, data: bytes) -> None:
        """Send one chunk."""


class RSGIProtocol(Protocol):
    """The server's side of one exchange."""

    def __call__(self) -> Awaitable[bytes]:
        """Read the whole body."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Read the body in chunks; the last one is empty."""
        ...

    def client_disconnect(self) -> Awaitable[None]:
        """Wait until the connection is gone."""
        ...

    def response_empty(self, status: int, headers: Fields) -> None:
        """Answer without a body."""

    def response_bytes(self, status: int, headers: Fields, body: bytes) -> None:
        """Answer with bytes."""

    def response_file_range(self, status: int, headers: Fields, file: str, start: int, end: int) -> None:
        """Answer with a part of a file."""

    def response_stream(self, status: int, headers: Fields) -> RSGITransport:
        """Begin a streamed answer; it ends when the application returns."""
        ...


class RSGIRequest(Request):
    """A request read from an RSGI scope."""

    __slots__ = ("protocol", "scope")

    def __init__(self, scope: RSGIScope, protocol: RSGIProtocol, limits: Limits) -> None:
        """Take the two objects the server gave."""
        super().__init__(scope.method, scope.path, limits)
        self.scope = scope
        self.protocol = protocol

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return self.scope.query_string

    @property
    def client(self) -> tuple[str, int] | None:
        """The peer's address and port."""
        address, _, port = self.scope.client.rpartition(":")
        return (address.strip("[]"), int(port)) if port.isdigit() else None

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.scope.scheme

    @property
    def http_version(self) -> str:
        """`1.0`, `1.1`, `2` or `3`; the server writes `1` for 1.0."""
        version = self.scope.http_version
        return "1.0" if version == "1" else version

    @property
    def host(self) -> str:
        """The authority asked for; HTTP/2 has it in the request line's place, not in a Host field."""
        return super().host or self.scope.authority or ""

    def field(self, name: FieldName) -> str | None:
        """One header field's combined value."""
        values = self.scope.headers.get_all(name.text)
        if not values:
            return None
        return values[0] if len(values) == 1 else ("; " if name.text == "cookie" else ", ").join(values)

    def _field_lines(self) -> list[tuple[str, str]]:
        return list(self.scope.headers.items())

    async def _receive(self) -> AsyncIterator[bytes]:
        # An upload that breaks off ends like a whole one: `chunks` counts against Content-Length, and here, where
        # none was sent, the connection tells. A broken chunked framing raises the server's own error.
        announced = self.content_length is not None
        gone = None if announced else asyncio.ensure_future(self.protocol.client_disconnect())
        try:
            async for chunk in self.protocol:
                yield bytes(chunk)
            if gone is not None:
                await asyncio.sleep(0)
                if gone.done():
                    raise IncompleteBodyError
        except (RuntimeError, OSError) as error:
            raise IncompleteBodyError from error
        finally:
            if gone is not None:
                gone.cancel()


def rsgi_application(app: Application) -> RSGIApplication:
    """Make the coroutine function that serves `app` as `__rsgi__`."""
    respond, limits = app.respond, app.limits

    async def serve(scope: RSGIScope, protocol: RSGIProtocol) -> None:
        if scope.proto != "http":
            closing: Any = protocol
            closing.close(403)
            return
        request = RSGIRequest(scope, protocol, limits)
        response = await respond(request)
        await send_response(request, response, app)

    return serve


async def send_response(request: RSGIRequest, response: Response, app: Application) -> None:
    """Send a response by the best call the server has for its shape; its methods have no defaults with the access log on."""
    status, headers, body, protocol = response.status_code, text_fields(request.method, response), response.body, request.protocol
    content = has_content(request.method, response)
    match body:
        case bytes() if body and content:
            protocol.response_bytes(status, headers, body)
        case bytes():
            protocol.response_empty(status, headers)
        case File() if content and body.length:
            protocol.response_file_range(status, headers, body.path, body.start, body.stop)
        case File():
            protocol.response_empty(status, headers)
        case Stream():
            async with pull(body, app.threads) as chunks:
                if not content:
                    protocol.response_empty(status, headers)
                    return
                transport = protocol.response_stream(status, headers)
                async for chunk in chunks:
                    await transport.send_bytes(chunk)
