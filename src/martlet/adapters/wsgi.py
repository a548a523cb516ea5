"""Serve an application over WSGI (PEP 3333).

A chain of plain functions is stepped right here, in the server's worker thread. A request on whose way something may
suspend goes, from its first step, to the background loop (background_loop.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from martlet.adapters.background_loop import BackgroundLoop, Exchange
from martlet.adapters.framing import content_length, has_content
from martlet.adapters.pulling import PulledHere, close, encode, file_chunks
from martlet.http import Headers, HTTPStatus, Limits
from martlet.messages import Application, FieldName, File, PreparedHeaders, Request, Response, Stream

Environ: TypeAlias = dict[str, Any]
T = TypeVar("T")
READ_BYTES: Final = 64 * 1024


class StartResponse(Protocol):
    """The server's callable that begins an answer."""

    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> object:
        """Take the status line and the fields."""
        ...


WSGIApplication: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]


class WSGIRequest(Request):
    """A request read from a WSGI environ (PEP 3333); `body` may be read without awaiting.

    >>> import io
    >>> WSGIRequest({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"hi there")}).body
    b'hi'
    """

    __slots__ = ("environ", "exchange")

    def __init__(self, environ: Environ, limits: Limits | None = None) -> None:
        """Take the environ; keys it lacks read as an empty request would."""
        path: str = environ.get("PATH_INFO", "")
        if not path.isascii():  # PEP 3333: bytes in a Latin-1 coat
            path = path.encode("latin-1", "replace").decode("utf-8", "replace")
        super().__init__(environ.get("REQUEST_METHOD", "GET"), path, limits or Limits())
        self.environ = environ
        self.exchange: Exchange | None = None

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return str(self.environ.get("QUERY_STRING", ""))

    @property
    def client(self) -> tuple[str, int] | None:
        """The peer's address and port."""
        address = self.environ.get("REMOTE_ADDR")
        port = str(self.environ.get("REMOTE_PORT", "0"))
        return (str(address), int(port) if port.isdigit() else 0) if address else None

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return str(self.environ.get("wsgi.url_scheme", "http"))

    @property
    def http_version(self) -> str:
        """`1.0`, `1.1` or `2`."""
        return str(self.environ.get("SERVER_PROTOCOL", "HTTP/1.1")).partition("/")[2]

    @property
    def body(self) -> bytes:
        """The whole body; read now if it was not before. Raises ContentTooLargeError and IncompleteBodyError as `read` does."""
        if self._body is None and self.exchange is None:
            return step(self.read())
        return super().body

    def field(self, name: FieldName) -> str | None:
        """One header field's combined value; the server has joined repeated fields."""
        value: str | None = self.environ.get(name.environ)
        return value or None  # an absent and an empty Content-Type look alike

    def _field_lines(self) -> list[tuple[str, str]]:
        lines = [
            (key[5:].replace("_", "-").lower(), str(value))
            for key, value in self.environ.items()
            # Some servers merge the process's environment into the request's; HTTP_PROXY comes from there.
            if key.startswith("HTTP_") and key != "HTTP_PROXY"
        ]
        own = [key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if self.environ.get(key)]
        return lines + [(key.replace("_", "-").lower(), str(self.environ[key])) for key in own]

    async def _receive(self) -> AsyncIterator[bytes]:
        if self.exchange is None:
            for chunk in self.input_chunks():
                yield chunk
        else:
            while chunk := await self.exchange.read_chunk():
                yield chunk

    def input_chunks(self) -> Iterator[bytes]:
        """Read `wsgi.input`, blocking: Content-Length bytes, or to its end where the server says that it has one."""
        left = self.content_length
        if left is None and not self.environ.get("wsgi.input_terminated"):
            return
        read = self.environ["wsgi.input"].read
        while left is None or left > 0:
            chunk = read(READ_BYTES if left is None else min(READ_BYTES, left))
            if not chunk:
                return
            if left is not None:
                left -= len(chunk)
            yield chunk


class WSGIResponse:
    """An answer as WSGI gives it: call it with `start_response` and hand the server what it returns.

    body: text (sent as UTF-8), bytes, or an iterable of both; Content-Type defaults to `text/plain; charset=utf-8`,
    Content-Length is set where the length is known, names are written in title case.

    >>> b"".join(WSGIResponse(200, "Hello")(lambda status, headers: print(status)))
    200 OK
    b'Hello'
    """

    __slots__ = ("content", "fields", "status_code")

    def __init__(self, status: int, body: str | bytes | Iterable[bytes], headers: Mapping[str, str] | None = None) -> None:
        """Make an answer; raises BadHeaderError for a field that no server may be handed."""
        fields = Headers(headers or {})
        if HTTPStatus.allows_content(status):
            fields.setdefault("content-type", "text/plain; charset=utf-8")
        self.status_code = status
        data = encode(body) if isinstance(body, str | bytes) else None
        self.content: Iterable[bytes] = [data] if data is not None else body  # type: ignore[assignment]
        if data is not None and HTTPStatus.allows_content(status):
            fields["content-length"] = str(len(data))
        self.fields = [(name.title(), value) for name, value in fields.items()]

    @classmethod
    def sending(cls, method: str, response: Response, content: Iterable[bytes]) -> WSGIResponse:
        """Make the answer that sends `response`, adding nothing to it but its length."""
        answer = cls.__new__(cls)
        answer.status_code = response.status_code
        answer.content = content if has_content(method, response) else []
        fields = response.fields
        answer.fields = (
            list(fields.titled)
            if isinstance(fields, PreparedHeaders)
            else [(name.title(), value) for name, value in fields.items() if name not in {"content-length", "transfer-encoding"}]
        )
        size = content_length(method, response)
        if size is not None:
            answer.fields.append(("Content-Length", str(size)))
        return answer

    def __call__(self, start_response: StartResponse) -> Iterable[bytes]:
        """Begin the answer and give its chunks."""
        start_response(HTTPStatus.line(self.status_code), self.fields)
        return self.content


def step(awaitable: Awaitable[T]) -> T:
    """Run an awaitable that never suspends to its end; raises RuntimeError if it does suspend."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as done:
        result: T = done.value
        return result
    close(steps)
    raise RuntimeError(
        "This way was declared free of waiting (plain `def` or `inline=True`), but something on it awaited. "
        "Remove `inline=True`, so that the request runs on the background loop."
    )


def wsgi_application(app: Application) -> WSGIApplication:
    """Make the WSGI callable that serves `app`."""
    needs_loop, respond, limits = app.needs_loop, app.respond_in_thread, app.limits
    background = BackgroundLoop(app)

    def serve(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not background.ready:
            background.start()
        request = WSGIRequest(environ, limits)
        if needs_loop(request):
            request.exchange = background.exchange(request.input_chunks())
            response = request.exchange.answer(request, app)
        else:
            response = step(respond(request))
            if isinstance(response.body, Stream) and isinstance(response.body.chunks, AsyncIterable):
                # A plain function answered with an asynchronous stream: the loop pulls it.
                request.exchange = background.exchange(iter(()))
                request.exchange.stream(response.body, app)
        content = _content(request, response)
        if not has_content(request.method, response):
            close(content)
        return WSGIResponse.sending(request.method, response, content)(start_response)

    return serve


def _content(request: WSGIRequest, response: Response) -> Iterable[bytes]:
    """Give the chunks to hand to the server."""
    body = response.body
    match body:
        case bytes():
            return [body]
        case File():
            return _file(request.environ, body)
        case Stream():
            chunks = body.chunks
            if isinstance(chunks, AsyncIterable) or request.exchange is not None:
                return request.exchange or []
            return PulledHere(chunks, body.held)


def _file(environ: Environ, file: File) -> Iterable[bytes]:
    """Use the server's `wsgi.file_wrapper` for a whole file, else read it chunk by chunk."""
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is not None and file.is_whole:
        wrapped: Iterable[bytes] = wrapper(Path(file.path).open("rb"), READ_BYTES)  # noqa: SIM115  the server closes it
        return wrapped
    return PulledHere(file_chunks(file))
