"""RSGI: what Granian does not say, and what becomes of it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from martlet.adapters import rsgi
from martlet.http import HTTPError, Limits
from martlet.messages import File, Request, Response, Stream
from tests.adapters.applications import Answer, Held, OneAnswer, answering, plain_words, words

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
    scheme: str = "http"
    query_string: str = ""
    authority: str | None = None


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
    described = Scope(headers=RSGIHeaders(fields or []), **scope)
    await asyncio.wait_for(rsgi.rsgi_application(app)(described, protocol), timeout=5)
    return protocol


async def sizes(request: Request) -> Response:
    """Answer with the body's size, or with what was wrong with it, as the application would."""
    try:
        return Response(str(len(await request.read())))
    except HTTPError as error:
        return Response(error.message, status=error.status_code)


# Sending.


async def test_each_shape_goes_by_the_best_call(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(b"0123456789")

    text = await serve(answering(lambda: Response("Hello")), Protocol())
    nothing = await serve(answering(lambda: Response(status=204)), Protocol())
    part = await serve(answering(lambda: Response(File(str(page), start=2, stop=5), status=206)), Protocol())

    assert text.calls == [("bytes", 200, [("content-type", "text/plain; charset=utf-8"), ("content-length", "5")], b"Hello")]
    assert nothing.calls == [("empty", 204, [])]
    assert part.calls[0][:2] + part.calls[0][3:] == ("file", 206, str(page), 2, 5)
    assert ("content-length", "3") in part.calls[0][2]


async def test_an_empty_file_is_no_range(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    protocol = await serve(answering(lambda: Response(File(str(tmp_path / "empty")))), Protocol())

    assert protocol.calls[0][0] == "empty"
    assert ("content-length", "0") in protocol.calls[0][2]


async def test_text_is_left_to_the_server_which_sends_utf_8() -> None:
    protocol = await serve(answering(lambda: Response(headers={"x-name": "Zoë"})), Protocol())

    assert ("x-name", "Zoë") in protocol.calls[0][2]


@pytest.mark.parametrize("status", [99, 101, 600, 1000])
async def test_a_status_that_would_end_the_worker_is_raised_here(status: int) -> None:
    response, protocol = Response("text"), Protocol()
    response.status_code = status

    with pytest.raises(ValueError, match="no status of a final answer"):
        await serve(answering(lambda: response), protocol)

    assert protocol.calls == []


@pytest.mark.parametrize("source", [words, plain_words])
async def test_a_stream_is_closed_and_released_at_its_end(source: Callable[..., Any]) -> None:
    events = list[str]()

    protocol = await serve(answering(lambda: Response(Stream(source(events, b"a", b"", b"b"), held=Held(events)))), Protocol())

    assert protocol.sent == [b"a", b"b"]
    assert events == ["closed", "released"]


async def test_a_stream_ends_when_its_client_leaves() -> None:
    events, protocol = list[str](), Protocol()
    endless = words(events, *[b"x"] * 10_000, pause=0.001)
    serving = asyncio.create_task(serve(answering(lambda: Response(Stream(endless, held=Held(events)))), protocol))
    await protocol.until(3)

    protocol.gone.set()
    await serving

    assert events == ["closed", "released after ClientLeftError"]


async def test_a_closed_transport_ends_a_stream_quietly() -> None:
    events = list[str]()

    protocol = await serve(answering(lambda: Response(Stream(words(events, *"abc"), held=Held(events)))), Protocol(breaks_at=1))

    assert protocol.sent == [b"a"]
    assert events == ["closed", "released after ClientLeftError"]


async def test_a_failure_of_the_stream_itself_is_raised_for_the_log() -> None:
    events = list[str]()
    failing = words(events, b"a", fails=RuntimeError("the shelf fell"))

    with pytest.raises(RuntimeError, match="the shelf fell"):
        await serve(answering(lambda: Response(Stream(failing, held=Held(events)))), Protocol())

    assert events == ["closed", "released after RuntimeError"]


async def test_a_stream_nobody_wants_is_closed_unread() -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(words([], b"a"), held=Held(events), length=1)))

    protocol = await serve(answer, Protocol(), method="HEAD")

    assert protocol.calls[0][0] == "empty"
    assert ("content-length", "1") in protocol.calls[0][2]
    assert events == ["released"]


async def test_sys_exit_in_a_request_is_the_failure_of_that_request() -> None:
    async def leaving(_: Request) -> Response:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"GET '/' raised SystemExit\(3\)"):
        await serve(leaving, Protocol())


async def test_a_websocket_handshake_is_refused() -> None:
    class Handshake(Protocol):
        def close(self, status: int) -> None:
            self.calls.append(("close", status))

    protocol = await serve(answering(Response), Handshake(), proto="ws")

    assert protocol.calls == [("close", 403)]


# Reading. A whole body ends with one empty chunk; a broken one has another before it.

ANNOUNCED: Fields = [("content-length", "5")]
TOO_LONG: Fields = [("content-length", "1001")]
TRAILER: Fields = [("trailer", "x-checksum")]


@pytest.mark.parametrize(
    ("fields", "version", "protocol", "answer"),
    [
        pytest.param(ANNOUNCED, "1.1", lambda: Protocol(b"hello"), (200, b"5"), id="announced"),
        pytest.param(ANNOUNCED, "1.1", lambda: Protocol(b"he", broken=True), (400, None), id="announced, and broken off"),
        pytest.param(TOO_LONG, "1.1", lambda: Protocol(b"x" * 1_001), (413, None), id="announced, and too long"),
        pytest.param([], "1.1", lambda: Protocol(b"he", b"llo", b""), (200, b"5"), id="chunked"),
        pytest.param([], "1.1", lambda: Protocol(b""), (200, b"0"), id="chunked, and empty"),
        pytest.param([], "1.1", lambda: Protocol(b"hello", b"", b""), (400, None), id="chunked, and broken off"),
        pytest.param([], "1.1", lambda: Protocol(b"x" * 600, b"x" * 600, b""), (413, None), id="chunked, and too long"),
        pytest.param(TRAILER, "1.1", lambda: Protocol(b"hello", b"", b""), (200, b"5"), id="trailers make an empty chunk"),
        pytest.param([], "2", lambda: Protocol(b"hello", b"", b""), (200, b"5"), id="HTTP/2 has empty frames"),
    ],
)
async def test_a_body_is_whole_or_refused(
    fields: Fields, version: str, protocol: Callable[[], Protocol], answer: tuple[int, bytes | None]
) -> None:
    served = await serve(sizes, protocol(), method="POST", fields=fields, http_version=version)

    _, status, _, body = served.calls[0]
    assert (status, body if status == 200 else None) == answer


async def test_a_body_is_read_once_and_kept() -> None:
    async def twice(request: Request) -> Response:
        return Response(await request.read() + await request.read())

    protocol = await serve(twice, Protocol(b"hello"), method="POST", fields=ANNOUNCED)

    assert protocol.calls[0][3] == b"hellohello"


@pytest.mark.parametrize(("client", "peer"), [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80)), ("unix", None)])
async def test_the_peer_is_an_address_and_a_port(client: str, peer: tuple[str, int] | None) -> None:
    seen: list[object] = []

    async def look(request: Request) -> Response:
        seen.append(request.client)
        return Response()

    await serve(look, Protocol(), client=client)

    assert seen == [peer]


async def test_the_authority_stands_for_a_host_field_that_http_2_lacks() -> None:
    seen: list[str] = []

    async def look(request: Request) -> Response:
        seen.append(request.host)
        return Response()

    await serve(look, Protocol(), http_version="2", authority="example.org")

    assert seen == ["example.org"]
