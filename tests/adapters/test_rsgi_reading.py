"""Reading over RSGI: a body is whole or refused, whatever the server leaves unsaid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from martlet.adapters.rsgi.application import rsgi_application
from martlet.messages import Request, Response
from tests.adapters.applications import OneAnswer, sizes
from tests.adapters.rsgi_server import Fields, Protocol, RSGIHeaders, Scope, serve

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


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        pytest.param([], "2", id="HTTP/2"),
        pytest.param([("host", "other.example")], "2", id="HTTP/2 with a Host field too"),
        pytest.param([("host", "other.example")], "1.1", id="an absolute target over HTTP/1.1"),
        pytest.param([], "1", id="an absolute target over HTTP/1.0"),
    ],
)
async def test_the_authority_of_the_target_is_the_host_whatever_the_field_says(fields: Fields, version: str) -> None:
    seen: list[object] = []

    async def look(request: Request) -> Response:
        seen.extend([request.host, request.headers.get_list("host")])
        return Response()

    described = Scope(headers=RSGIHeaders(fields), http_version=version, authority="example.org")
    await rsgi_application(OneAnswer(look))(described, Protocol())

    assert seen == ["example.org", ["example.org"]]
