"""What takes too long ends: the handler is cancelled, its providers clean up, the client gets 503."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from martlet import App, Request, Response, Stream
from martlet.middleware import CORS, Timeout
from tests.middleware.asking import Asked
from tests.rows import each
from tests.serving import Serve

SHORT = 0.05  # seconds


class Connection: ...


def shop(events: list[str], **options: Any) -> App:
    app = App()
    app.use(CORS("*"))
    app.use(Timeout(SHORT, **options))

    @app.provider
    async def connect() -> AsyncIterator[Connection]:
        try:
            yield Connection()
        finally:
            events.append("cleaned up")

    @app.get("/slow")
    async def sleep(connection: Connection) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            events.append("cancelled")
            raise

    @app.get("/fast")
    async def show() -> str:
        return "shown"

    @app.get("/own")
    async def own() -> None:
        raise TimeoutError("of something else")

    @app.get("/stream")
    async def stream() -> Stream:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(3):
                await asyncio.sleep(SHORT / 2)
                yield b"x"

        return Stream(chunks())

    return app


def test_a_handler_that_takes_too_long_is_cancelled_and_cleans_up(serve: Serve) -> None:
    events: list[str] = []

    received = serve(shop(events)).get("/slow")

    assert received.status_code == 503
    assert received.json()["detail"] == "There was no answer within 0.05 seconds."
    assert received.headers["access-control-allow-origin"] == "*"  # middlewares outside see it as an answer
    assert events == ["cancelled", "cleaned up"]


def test_the_client_is_told_when_to_come_back(serve: Serve) -> None:
    assert serve(shop([], retry_after=30)).get("/slow").headers["retry-after"] == "30"
    assert "retry-after" not in serve(shop([])).get("/slow").headers


def test_what_is_in_time_is_left_alone(serve: Serve) -> None:
    client = serve(shop([]))

    assert client.get("/fast").text == "shown"
    assert client.get("/nowhere").status_code == 404


def test_a_handler_s_own_timeout_is_its_own_mistake(serve: Serve) -> None:
    assert serve(shop([])).get("/own").status_code == 500


def test_a_stream_that_has_begun_goes_on(serve: Serve) -> None:
    assert serve(shop([])).get("/stream").text == "xxx"


def test_a_plain_function_goes_on_in_its_thread_while_the_client_is_answered(serve: Serve) -> None:
    app, may_end, ended = App(), threading.Event(), threading.Event()
    app.use(Timeout(SHORT))

    @app.get("/")
    def block() -> str:
        may_end.wait(5)
        ended.set()
        return "late"

    received = serve(app).get("/")
    may_end.set()

    assert received.status_code == 503
    assert ended.wait(5)


def test_over_wsgi_every_request_needs_the_loop() -> None:
    app = App()
    app.use(Timeout(1))

    assert not Timeout.inline
    assert app.freeze().needs_loop(None)  # type: ignore[arg-type]


async def test_what_times_out_inside_in_time_is_not_ours() -> None:
    async def respond(request: Request) -> Response:
        raise TimeoutError("of something else")

    with pytest.raises(TimeoutError, match="of something else"):
        await Timeout(60)(Asked(), respond)


@each("seconds", [0, -1, float("inf"), float("nan"), True, "5", None])
def test_a_time_that_is_none_is_refused(seconds: Any) -> None:
    with pytest.raises(ValueError, match="write seconds, more than 0"):
        Timeout(seconds)


@each("seconds", [-1, 1.5, "5", True])
def test_a_time_to_come_again_that_is_none_is_refused(seconds: Any) -> None:
    with pytest.raises(ValueError, match=r"retry_after is .*: write seconds as a whole number"):
        Timeout(1, retry_after=seconds)


def test_a_request_body_that_does_not_come_is_waited_for_no_longer() -> None:
    # Over ASGI, where a client may send half of it and stay.
    app = App()
    app.use(Timeout(SHORT))

    @app.post("/")
    async def take(request: Request) -> bytes:
        return await request.read()

    sent: list[dict[str, Any]] = []
    events: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": b"x", "more_body": True}])

    async def receive() -> dict[str, Any]:
        event = next(events, None)
        if event is None:
            await asyncio.sleep(60)
        return event or {}

    async def send(event: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        sent.append(event)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))

    assert sent[0]["status"] == 503
