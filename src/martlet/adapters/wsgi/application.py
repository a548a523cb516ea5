"""Serve an application over WSGI (PEP 3333).

A chain of plain functions is stepped right here, in the server's worker thread. A request on whose way something may
suspend goes, from its first step, to the background loop (background_loop.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from contextvars import copy_context
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Final, Protocol, TypeAlias, assert_never

from martlet.adapters.exits import comes_from_signal, not_the_client, survived
from martlet.adapters.files import FileChunks
from martlet.adapters.finishing import Finishing
from martlet.adapters.framing import coated, final_status, has_content, may_have_content, titled_fields, unsendable
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.streams.pulling import PulledHere, close, step
from martlet.adapters.targets import heed_target
from martlet.adapters.wsgi.background_loop import BackgroundLoop
from martlet.adapters.wsgi.closing import close_with
from martlet.adapters.wsgi.exchange import Exchange, LoopPart
from martlet.adapters.wsgi.request import Environ, WSGIRequest
from martlet.http import Headers, HTTPStatus, ServiceUnavailableError
from martlet.messages import (
    CHUNK_BYTES,
    Application,
    Asides,
    File,
    Response,
    Stream,
    StreamsBeingSent,
    encode_chunk,
)


class StartResponse(Protocol):
    """The server's callable that begins an answer."""

    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> object:
        """Take the status line and the fields."""
        ...


RETRY_SECONDS: Final = 5  # until somebody else's stream may have ended
WSGIApplication: TypeAlias = Callable[[Environ, StartResponse], Iterable[bytes]]


class LastWords:
    """What ends a stream of plain events that has lasted its time, or whose application ends."""

    __slots__ = ("_asides", "_ends_at", "_streams")

    def __init__(self, asides: Asides, streams: StreamsBeingSent, most_seconds: float) -> None:
        """most_seconds: from now on."""
        self._asides = asides
        self._streams = streams
        self._ends_at = monotonic() + most_seconds

    def __call__(self) -> bytes:
        """Give them, or nothing as long as the stream goes on."""
        return self._asides.last() if self._streams.is_draining or monotonic() >= self._ends_at else b""


class WSGIResponse:
    """An answer as WSGI gives it: call it with `start_response` and hand the server what it returns.

    body: text (sent as UTF-8), bytes, or an iterable of both; Content-Type defaults to `text/plain; charset=utf-8`,
    Content-Length is set where the length is known, names are written in title case.

    >>> b"".join(WSGIResponse(200, "Hello")(lambda status, headers: print(status)))
    200 OK
    b'Hello'
    """

    __slots__ = ("content", "fields", "status_code")

    def __init__(self, status: int, body: str | bytes | Iterable[str | bytes], headers: Mapping[str, str] | None = None) -> None:
        """Make an answer; raises BadHeaderError and ValueError for a field and a status that no server may be handed."""
        self.status_code = final_status(status)
        fields = Headers(headers or {})
        if isinstance(body, str | bytes):
            body = [body]
        self.content: Iterable[bytes] = [encode_chunk(chunk) for chunk in body] if isinstance(body, list) else PulledHere(body)
        if not may_have_content(status):
            close(self.content)
            self.content = []
        if HTTPStatus.allows_content(status):
            fields.setdefault("content-type", "text/plain; charset=utf-8")
            if isinstance(self.content, list):
                fields["content-length"] = str(sum(map(len, self.content)))
        self.fields = [(name.title(), coated(value)) for name, value in fields.items()]

    @classmethod
    def sending(cls, request: WSGIRequest, response: Response, content: Iterable[bytes]) -> WSGIResponse:
        """Make the answer that sends `response` as these chunks, adding nothing to it but its length."""
        answer = cls.__new__(cls)
        answer.status_code = final_status(response.status_code)
        answer.content = content
        answer.fields = titled_fields(request.method, response, request.environ)
        return answer

    def __call__(self, start_response: StartResponse) -> Iterable[bytes]:
        """Begin the answer and give its chunks."""
        start_response(HTTPStatus.line(self.status_code), self.fields)
        return self.content


def wsgi_application(app: Application, background: BackgroundLoop | None = None) -> WSGIApplication:
    """Make the WSGI callable that serves `app`; `background` is for whoever wants to stop it before the process ends."""
    needs_loop, respond, limits = app.needs_loop, app.respond_in_thread, app.limits
    background = background or BackgroundLoop(app)
    hosts = KnownHosts()

    def serve(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not background.ready:
            background.start()
        heed_target(environ)
        request = WSGIRequest(environ, limits)
        host: str | None = environ.get("HTTP_HOST") or None  # an absent and an empty one look alike
        refusal = None
        if app.checks_host and host not in hosts.known:
            refusal = hosts.refusal(request, host, environ.get("SERVER_PROTOCOL"), app)
        if refusal is not None or needs_loop(request):
            request.exchange = Exchange(LoopPart(background.loop, request, app, refusal), request.input_chunks())
            response = request.exchange.answer()
        else:
            try:
                response = copy_context().run(step, respond(request))
            except BaseException as error:
                request.close_now()
                if isinstance(error, Exception) or comes_from_signal(error):
                    raise
                raise survived(request, error) from error
            if request.has_extras:
                close_with(response, request)
        response = _sendable(request, response, background, app)
        app.default_fields.complete(request, response)
        content = _content(request, response, background, app)
        if request.has_extras and request.extras.after:
            content = Finishing(content, partial(app.after.begin_on, background.loop, request, response.status_code))
        try:
            return WSGIResponse.sending(request, response, content)(start_response)
        except BaseException:
            close(content)
            raise

    return serve


def _sendable(request: WSGIRequest, response: Response, background: BackgroundLoop, app: Application) -> Response:
    """Give the response, or the answer in place of one that cannot be sent, to this client or to anybody."""
    error: Exception | None = unsendable(response)
    if error is None and _holds_thread(request, response) and not app.open_streams.hold_thread(request.limits.wsgi_streams):
        error = ServiceUnavailableError("This server sends as many streams as it has room for.", retry_after=RETRY_SECONDS)
    if error is None:
        return response
    if isinstance(response.body, Stream):
        close(_stream(request, response.body, background, app, wanted=True))
    return app.give_up(request, error)


def _holds_thread(request: WSGIRequest, response: Response) -> bool:
    """Tell whether sending this may keep a thread of the server waiting for long."""
    body = response.body
    return isinstance(body, Stream) and body.asides is not None and has_content(request.method, response)


def _content(request: WSGIRequest, response: Response, background: BackgroundLoop, app: Application) -> Iterable[bytes]:
    """Give the chunks to hand to the server."""
    body = response.body
    wanted = has_content(request.method, response)
    match body:
        case bytes():
            return [body] if wanted else []
        case File():
            return _file(request.environ, body) if wanted else []
        case Stream():
            if not _holds_thread(request, response):
                return _stream(request, body, background, app, wanted=wanted)
            try:
                return Finishing(_stream(request, body, background, app, wanted=wanted), app.open_streams.release_thread)
            except BaseException:
                app.open_streams.release_thread()
                raise
        case _:
            assert_never(body)


def _stream(
    request: WSGIRequest, stream: Stream, background: BackgroundLoop, app: Application, *, wanted: bool
) -> Iterable[bytes]:
    if request.exchange is not None:  # the loop pulls what was made on the loop, and has closed what nobody wants
        return request.exchange if wanted else []
    if not isinstance(stream.chunks, AsyncIterable):
        last_words = None
        if stream.asides is not None and stream.asides.comes_back:
            last_words = LastWords(stream.asides, app.open_streams, request.limits.wsgi_stream_seconds)
        here = PulledHere(stream.chunks, length=stream.length, held=stream.held, last_words=last_words)
        if not wanted:
            here.close()
        return here if wanted else []
    # A plain function answered with an asynchronous stream: the loop pulls that, too.
    request.exchange = Exchange(LoopPart(background.loop, request, app), request.input_chunks())
    if not wanted:
        request.exchange.discard(stream)
        return []
    request.exchange.stream(stream)
    return request.exchange


def _file(environ: Environ, file: File) -> Iterable[bytes]:
    """Use the server's `wsgi.file_wrapper` for a whole file, else read it chunk by chunk."""
    wrapper = environ.get("wsgi.file_wrapper")
    try:
        if wrapper is not None and file.is_whole:
            wrapped: Iterable[bytes] = wrapper(Path(file.path).open("rb"), CHUNK_BYTES)  # noqa: SIM115  the server closes it
            return wrapped
        return PulledHere(FileChunks(file))
    except OSError as error:
        raise not_the_client(error) from error
