"""What no server may be handed is a 500 on every protocol, logged once; most of it is refused where it is written."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from martlet import App, Reply, Request, Respond, Response, Stream
from tests.rows import each
from tests.serving import Serve

STATUSES = [0, 99, 101, 199, 600, 1000, -1]


def pieces() -> Iterator[bytes]:
    yield b"piece"


async def pieces_later() -> AsyncIterator[bytes]:
    yield b"piece"


def changed_by_the_handler(response: Callable[[], Response], change: Callable[[Response], None]) -> App:
    app = App()

    @app.get("/")
    async def answer() -> Response:
        made = response()
        change(made)
        return made

    @app.get("/plain", inline=True)
    def answer_plainly() -> Response:
        made = response()
        change(made)
        return made

    return app


def changed_by_a_middleware(response: Callable[[], Response], change: Callable[[Response], None]) -> App:
    app = App()

    @app.use
    async def meddle(request: Request, respond: Respond) -> Response:
        answer = await respond(request)
        change(answer)
        return answer

    @app.get("/")
    async def answer() -> Response:
        return response()

    @app.get("/plain", inline=True)
    def answer_plainly() -> Response:
        return response()

    return app


def setting(name: str, value: Any) -> Callable[[Response], None]:
    return lambda response: setattr(response, name, value)


@each("status", STATUSES)
def test_a_status_that_ends_no_exchange_is_refused_where_it_is_written(status: int) -> None:
    with pytest.raises(ValueError, match="no status of a final answer"):
        Reply("text", status=status)
    with pytest.raises(ValueError, match="no status of a final answer"):
        Response("text", status=status)


@pytest.mark.parametrize("path", ["/", "/plain"])
@pytest.mark.parametrize("build", [changed_by_the_handler, changed_by_a_middleware])
@pytest.mark.parametrize(
    "change",
    [
        *(pytest.param(setting("status_code", status), id=str(status)) for status in STATUSES),
        pytest.param(setting("body", "text"), id="text"),
        pytest.param(setting("body", None), id="None"),
    ],
)
def test_an_answer_that_was_spoiled_later_is_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture, build: Any, change: Any, path: str
) -> None:
    client = serve(build(lambda: Response("text"), change))

    with caplog.at_level(logging.ERROR):
        answer = client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "content-security-policy" in answer.headers
    assert [record.name for record in caplog.records] == ["martlet.errors"]


@each("path", ["/", "/plain"])
@each("status", [101, 1000])
@each("chunks", [pieces, pieces_later])
def test_its_stream_is_closed(serve: Serve, chunks: Callable[[], Any], status: int, path: str) -> None:
    started: list[Any] = []

    def begun() -> Response:
        started.append(chunks())
        return Response(Stream(started[-1]))

    answer = serve(changed_by_the_handler(begun, setting("status_code", status))).get(path)

    assert answer.status_code == 500
    assert getattr(started[0], "gi_frame", None) is None
    assert getattr(started[0], "ag_frame", None) is None
