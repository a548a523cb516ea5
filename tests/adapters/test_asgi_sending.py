"""Sending bytes and files over ASGI, and what is left to the server when the application fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.messages import File, Request, Response, Stream
from tests.adapters.applications import Held, answering, words
from tests.adapters.asgi_server import ASGIExchange, serve

Words = Callable[..., Any]


# Sending.


async def test_bytes_leave_in_two_events_with_their_length() -> None:
    exchange = ASGIExchange()

    await serve(answering(lambda: Response("Hello", headers={"x-shelf": "3"})), exchange)

    assert exchange.status == 200
    assert exchange.headers == {b"content-type": b"text/plain; charset=utf-8", b"content-length": b"5", b"x-shelf": b"3"}
    assert exchange.body == b"Hello"
    assert len(exchange.sent) == 2


@pytest.mark.parametrize(
    ("status", "length"),
    [
        pytest.param(204, None, id="204"),
        pytest.param(304, None, id="304"),
        pytest.param(205, b"0", id="205 says that it is empty"),
    ],
)
async def test_a_status_without_content_has_none(status: int, length: bytes | None) -> None:
    exchange = ASGIExchange()

    await serve(answering(lambda: Response("body", status=status)), exchange)

    assert exchange.body == b""
    assert exchange.headers.get(b"content-length") == length


@pytest.mark.parametrize("status", [0, 99, 100, 101, 199, 600, 1000])
async def test_a_status_that_was_assigned_wrongly_never_reaches_the_server(status: int) -> None:
    exchange, events = ASGIExchange(), list[str]()

    def answer() -> Response:
        response = Response(Stream(words(events, b"a"), held=Held(events)))
        response.status_code = status
        return response

    await serve(answering(answer), exchange)

    assert exchange.status == 500
    assert exchange.body.startswith(f"{status} is no status of a final answer".encode())
    assert events == ["released"]


async def test_a_value_that_is_not_ascii_leaves_as_utf_8() -> None:
    exchange = ASGIExchange()

    await serve(answering(lambda: Response(headers={"x-name": "Zoë"})), exchange)

    assert exchange.headers[b"x-name"] == b"Zo\xc3\xab"


async def test_framing_fields_of_the_author_are_not_sent() -> None:
    exchange = ASGIExchange()

    await serve(answering(lambda: Response("Hello", headers={"content-length": "99", "transfer-encoding": "chunked"})), exchange)

    assert exchange.headers[b"content-length"] == b"5"
    assert b"transfer-encoding" not in exchange.headers


# Files.


async def test_a_whole_file_is_left_to_a_server_that_can_send_one(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")
    exchange = ASGIExchange()

    await serve(answering(lambda: Response(File(str(tmp_path / "page")))), exchange, extensions={"http.response.pathsend": {}})

    assert exchange.sent[1] == {"type": "http.response.pathsend", "path": str(tmp_path / "page")}
    assert exchange.headers[b"content-length"] == b"10"


@pytest.mark.parametrize("extensions", [{}, {"http.response.pathsend": {}}], ids=["plain server", "a part"])
async def test_a_file_is_read_where_the_server_cannot(tmp_path: Path, extensions: dict[str, Any]) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")
    exchange = ASGIExchange()

    await serve(
        answering(lambda: Response(File(str(tmp_path / "page"), start=2, stop=5), status=206)), exchange, extensions=extensions
    )

    assert exchange.body == b"234"
    assert exchange.headers[b"content-length"] == b"3"


async def test_a_file_that_is_gone_fails_before_the_answer_begins(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")
    response = Response(File(str(tmp_path / "page")))
    (tmp_path / "page").unlink()
    exchange = ASGIExchange()

    with pytest.raises(FileNotFoundError):
        await serve(answering(lambda: response), exchange)

    assert exchange.sent == []


async def test_a_file_that_became_shorter_cuts_the_connection(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"x" * 100_000)
    response = Response(File(str(tmp_path / "page")))
    (tmp_path / "page").write_bytes(b"x" * 10)
    exchange = ASGIExchange()

    with pytest.raises(OSError, match="became shorter"):
        await serve(answering(lambda: response), exchange)

    assert not exchange.ended


# What the application raises.


async def test_what_the_seam_raises_is_the_servers_to_answer() -> None:
    async def broken(_: Request) -> Response:
        raise RuntimeError("a mistake of ours")

    exchange = ASGIExchange()

    with pytest.raises(RuntimeError, match="a mistake of ours"):
        await serve(broken, exchange)

    assert exchange.sent == []


async def test_sys_exit_in_a_request_is_the_failure_of_that_request() -> None:
    async def leaving(_: Request) -> Response:
        raise SystemExit(3)

    with pytest.raises(RuntimeError, match=r"GET '/' raised SystemExit\(3\)"):
        await serve(leaving, ASGIExchange())


async def test_sys_exit_in_a_stream_is_the_failure_of_that_stream() -> None:
    with pytest.raises(RuntimeError, match=r"A stream raised SystemExit\(3\)"):
        await serve(answering(lambda: Response(Stream(words([], b"a", fails=SystemExit(3))))), ASGIExchange())
