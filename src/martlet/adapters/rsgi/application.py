"""Serve an application over RSGI 1.6, Granian's own protocol.

The only code that sees RSGI's scope and protocol objects; the comments name what the server does not do for us.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from functools import partial
from typing import Final, Protocol, TypeAlias, cast

from martlet.adapters.exits import survived
from martlet.adapters.finishing import finish
from martlet.adapters.framing import final_status, has_content, text_fields
from martlet.adapters.giving_up import sendable
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.leaving import ClientLeftError, Watch, answer_to_nobody
from martlet.adapters.rsgi.websocket import RSGISocketProtocol, answer_handshake
from martlet.adapters.streams.pulling import pull
from martlet.adapters.targets import host_asked_for
from martlet.http import Limits
from martlet.messages import CONTENT_ENCODING, HOST, Application, FieldName, File, IncompleteBodyError, Request, Response, Stream

Fields: TypeAlias = list[tuple[str, str]]
RSGIApplication: TypeAlias = "Callable[[RSGIScope, RSGIProtocol], Awaitable[None]]"
TRAILER: Final = FieldName("trailer")


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
    server: str
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
    def server_root_path(self) -> str:
        """Nothing: the protocol does not tell it."""
        return ""

    @property
    def peer(self) -> tuple[str, int] | None:
        """The peer's address and port."""
        address, _, port = self.scope.client.rpartition(":")
        return (address.strip("[]"), int(port)) if port.isdigit() else None

    @property
    def peer_scheme(self) -> str:
        """`http` or `https`."""
        return self.scope.scheme

    @property
    def http_version(self) -> str:
        """`1.0`, `1.1`, `2` or `3`; the server writes `1` for 1.0."""
        version = self.scope.http_version
        return "1.0" if version == "1" else version

    def field(self, name: FieldName) -> str | None:
        """One header field's combined value; Host is the target's authority where it has one, as in HTTP/2."""
        values = self.scope.headers.get_all(name.text)
        combined = ("; " if name.text == "cookie" else ", ").join(values) if values else None
        authority = self.scope.authority if name.text == "host" else None
        return combined if authority is None else host_asked_for(combined, authority, self.scope.http_version)

    def _field_lines(self) -> list[tuple[str, str]]:
        lines, authority = list(self.scope.headers.items()), self.scope.authority
        if authority is None or self.field(HOST) != authority:
            return lines
        return [("host", authority), *(line for line in lines if line[0] != "host")]

    def client_leaving(self) -> Awaitable[object]:
        """Wait until the connection is gone."""
        return self.protocol.client_disconnect()

    async def read(self) -> bytes:
        """Read the whole body; a second call gives the same bytes."""
        # PERF: one call to the server where it holds the client to an announced length; pulling chunks costs 20 µs more.
        is_simple = self._body is None and not self._started and not self.field(CONTENT_ENCODING)
        expected = self.content_length if is_simple else None
        if expected is None or expected > self.limits.body_bytes:
            return await super().read()
        self._started = True
        try:
            self._body = await self.protocol()
        except RuntimeError as error:
            raise IncompleteBodyError from error
        return self._body

    async def _receive(self) -> AsyncGenerator[bytes]:
        # The server marks a body's end by one empty chunk. One that it puts before is where the framing broke or the
        # client left, which it does not say otherwise. (HTTP/2 has empty frames, and trailers make such a chunk too.)
        may_be_empty = self.http_version == "2" or self.field(TRAILER) is not None
        broken = 0
        try:
            async for chunk in self.protocol:
                broken += not chunk
                if broken > 1 and not may_be_empty:
                    raise IncompleteBodyError
                yield bytes(chunk)
        except (RuntimeError, OSError) as error:
            raise IncompleteBodyError from error


def rsgi_application(app: Application) -> RSGIApplication:
    """Make the coroutine function that serves `app` as `__rsgi__`."""
    respond, handshake, limits, lifespan = app.respond, app.handshake, app.limits, app.lifespan
    hosts = KnownHosts()

    async def serve(scope: RSGIScope, protocol: RSGIProtocol) -> None:
        if not lifespan.started:  # a server that skips `__rsgi_init__`
            await lifespan.start()
        request = RSGIRequest(scope, protocol, limits)
        is_socket = scope.proto != "http"
        if is_socket:
            request.expect_no_body()
        try:
            host = request.field(HOST) if app.checks_host else None
            is_known = not app.checks_host or host in hosts.known
            refusal = None if is_known else hosts.refusal(request, host, scope.http_version, app)
            try:
                response = await ((handshake if is_socket else respond) if refusal is None else refusal)(request)
            except ClientLeftError:
                response = answer_to_nobody()
            if is_socket:
                await answer_handshake(request, response, cast("RSGISocketProtocol", protocol), app)
                return
            if type(response.body) is not bytes or not 200 <= response.status_code <= 599:
                response = await sendable(request, response, app)
            app.default_fields.complete(request, response)
            try:
                await send_response(request, response, app)
            finally:
                await finish(request, response, app)
        except SystemExit as error:
            raise survived(request, error) from error
        finally:
            if request.has_extras:
                await request.close()

    return serve


async def send_response(request: RSGIRequest, response: Response, app: Application) -> None:
    """Send a response by the best call the server has for its shape; its methods have no defaults with the access log on."""
    body, protocol = response.body, request.protocol
    if isinstance(body, Stream):
        try:
            await _send_stream(request, response, body, app)
        except ClientLeftError:
            return
    else:
        status, headers = final_status(response.status_code), text_fields(request.method, response)
        match body if has_content(request.method, response) else b"":
            case b"":
                protocol.response_empty(status, headers)
            case bytes(data):
                protocol.response_bytes(status, headers, data)
            case File(length=0):
                protocol.response_empty(status, headers)
            case File(path, start, stop):
                protocol.response_file_range(status, headers, path, start, stop)


async def _send_stream(request: RSGIRequest, response: Response, stream: Stream, app: Application) -> None:
    protocol = request.protocol
    # The answer ends when its transport is no more. So it is held here only: in a variable, the traceback of a failure would
    # keep it, and the client waiting.
    begun: list[RSGITransport] = []
    try:
        async with pull(stream, app.threads) as chunks:
            if has_content(request.method, response):
                status, headers = final_status(response.status_code), text_fields(request.method, response)
                # A stream that fails at once would look like an empty answer, whatever length it announced; so the first
                # chunk of one that is no endless stream of events is there before the answer begins.
                first = b"" if stream.length is None else await anext(chunks, b"")
                begun.append(protocol.response_stream(status, headers))
                await _send_chunks(request, stream, begun, first, chunks, app)
    finally:
        begun.clear()
    if not has_content(request.method, response):
        protocol.response_empty(final_status(response.status_code), text_fields(request.method, response))


async def _send_chunks(
    request: RSGIRequest, stream: Stream, begun: list[RSGITransport], first: bytes, chunks: AsyncIterator[bytes], app: Application
) -> None:
    limits, write = request.limits, partial(_send_chunk, begun)
    most_bytes: int | None = None  # of a length that is known
    if stream.length is None:
        comes_back = stream.asides is not None and stream.asides.comes_back
        most_bytes = limits.rsgi_stream_bytes if comes_back else limits.rsgi_download_bytes
    async with Watch(request.protocol.client_disconnect) as watch:
        if first:
            await write(first)
        await app.open_streams.send(chunks, write, limits, stream, most_bytes=most_bytes)
    if watch.left:
        raise ClientLeftError


async def _send_chunk(begun: list[RSGITransport], chunk: bytes) -> None:
    try:
        await begun[0].send_bytes(chunk)
    except RuntimeError as error:
        raise ClientLeftError from error
