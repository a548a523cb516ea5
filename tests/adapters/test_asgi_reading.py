"""Reading over ASGI: bodies, paths and peers as servers write them; and the scopes that are no requests."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from martlet.adapters import ASGIRequest, asgi_application
from martlet.http import ContentTooLargeError, Limits
from martlet.messages import FieldName, IncompleteBodyError, Response
from tests.adapters.applications import OneAnswer, RecordedLifespan, answering
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.rows import each


def request_of(exchange: ASGIExchange, limits: Limits | None = None, **scope: Any) -> ASGIRequest:
    return ASGIRequest(asgi_scope("POST", **scope), exchange.receive, limits or Limits())


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"1000")]], ids=["chunked", "announced"])
async def test_an_upload_that_breaks_off_is_never_taken_for_whole(headers: list[tuple[bytes, bytes]]) -> None:
    exchange = ASGIExchange({"type": "http.request", "body": b"x" * 100, "more_body": True}, leaves=True)
    request = request_of(exchange, headers=headers)

    with pytest.raises(IncompleteBodyError):
        await request.read()


async def test_a_body_that_is_announced_too_long_is_not_even_received() -> None:
    exchange = ASGIExchange()
    request = request_of(exchange, Limits(body_bytes=10), headers=[(b"content-length", b"11")])

    with pytest.raises(ContentTooLargeError):
        await request.read()
    assert exchange.received == 0


async def test_chunks_and_read_share_one_body() -> None:
    request = request_of(ASGIExchange({"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.request"}))

    assert [chunk async for chunk in request.chunks()] == [b"ab"]
    with pytest.raises(RuntimeError, match="already taken by"):
        await request.read()


async def test_an_announced_body_may_come_in_pieces() -> None:
    first = {"type": "http.request", "body": b"ab", "more_body": True}
    request = request_of(ASGIExchange(first, {"type": "http.request", "body": b"cd"}), headers=[(b"content-length", b"4")])

    assert await request.read() == b"abcd"
    assert request.body == b"abcd"


@each(
    ("name", "values", "read"),
    [
        pytest.param("accept", [], None, id="absent"),
        pytest.param("accept", [b""], "", id="empty"),
        pytest.param("accept", [b"text/html", b"*/*"], "text/html, */*", id="several"),
        pytest.param("cookie", [b"a=1", b"b=2; c=3"], "a=1; b=2; c=3", id="cookies"),
        pytest.param("x-many", [b"x"] * 20_000, ", ".join("x" * 20_000), id="a great many, in linear time"),
    ],
)
def test_the_lines_of_one_field_are_joined(name: str, values: list[bytes], read: str | None) -> None:
    lines = [(b"host", b"example.org"), *((name.encode(), value) for value in values)]

    assert request_of(ASGIExchange(), headers=lines).field(FieldName(name)) == read


@each(
    ("path", "raw_path", "read"),
    [
        pytest.param("/a b", b"/a%20b", "/a b", id="as every server decodes it"),
        pytest.param("/%ff", b"/%ff", "/\ufffd", id="h2corn leaves what is no UTF-8"),
        pytest.param("/%41", b"/%2541", "/%41", id="decoded once"),
        pytest.param("http://example.org/a", b"http://example.org/a", "/a", id="hypercorn keeps an absolute target"),
        pytest.param("", b"", "/", id="an empty path"),
        pytest.param("*", b"*", "*", id="the server itself"),
    ],
)
def test_the_path_is_the_same_on_every_server(path: str, raw_path: bytes, read: str) -> None:
    assert request_of(exchange=ASGIExchange(), path=path, raw_path=raw_path).path == read


@each(
    ("client", "read"),
    [
        pytest.param(("127.0.0.1", 80), ("127.0.0.1", 80), id="as the specification says"),
        pytest.param(["127.0.0.1", "80"], ("127.0.0.1", 80), id="text for a port"),
        pytest.param(("/run/app.sock", None), ("/run/app.sock", 0), id="a Unix socket"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_the_peer_is_read_however_the_server_writes_it(client: Any, read: tuple[str, int] | None) -> None:
    assert request_of(ASGIExchange(), client=client).client == read


def test_http_1_0_is_called_so() -> None:
    assert request_of(ASGIExchange(), http_version="1").http_version == "1.0"


# The other scopes.


async def test_a_lifespan_that_fails_is_reported_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    exchange = ASGIExchange({"type": "lifespan.startup"})
    app = OneAnswer(answering(Response), lifespan=RecordedLifespan(fails=ValueError("no database")))

    with caplog.at_level(logging.ERROR):
        await asgi_application(app)({"type": "lifespan"}, exchange.receive, exchange.send)

    assert exchange.sent == [{"type": "lifespan.startup.failed", "message": "ValueError: no database"}]
    assert len(caplog.records) == 1


async def test_a_server_without_a_lifespan_starts_the_application_by_its_first_request() -> None:
    app = OneAnswer(answering(Response))
    exchange = ASGIExchange()

    await asgi_application(app)(asgi_scope(), exchange.receive, exchange.send)

    assert app.lifespan.events == ["start"]


async def test_a_websocket_handshake_is_refused() -> None:
    exchange = ASGIExchange({"type": "websocket.connect"})

    await asgi_application(OneAnswer(answering(Response)))(asgi_scope(type="websocket"), exchange.receive, exchange.send)

    assert [event["type"] for event in exchange.sent] == ["websocket.close"]
