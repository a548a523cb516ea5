"""Middleware: around everything, routing included; it sees every answer as a response, and its own mistakes are answered."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from martlet import App, BadRequestError, NotFoundError, Request, Respond, Response, WSGIRequest
from tests.rows import each
from tests.serving import Serve

Middleware = Callable[[Request, Respond], Awaitable[Response]]


def noting(events: list[str], name: str) -> Middleware:
    async def note(request: Request, respond: Respond) -> Response:
        events.append(f"{name} sees {request.method}")
        response = await respond(request)
        events.append(f"{name} sees {response.status_code}")
        return response

    return note


def shop(*middlewares: Middleware, inline: bool = False) -> App:
    app = App()
    for middleware in middlewares:
        app.use(middleware, inline=inline)

    @app.get("/")
    def show() -> str:
        return "shown"

    @app.get("/waiting")
    async def wait() -> str:
        return "shown"

    @app.get("/broken")
    def fail() -> str:
        raise ZeroDivisionError

    @app.get("/refused")
    def refuse() -> str:
        raise BadRequestError

    return app


@each("inline", [False, True])
@each("path", ["/", "/waiting"])
def test_the_first_middleware_is_outermost(serve: Serve, inline: bool, path: str) -> None:
    events: list[str] = []
    app = shop(noting(events, "first"), noting(events, "second"), inline=inline)

    assert serve(app).get(path).text == "shown"
    assert events == ["first sees GET", "second sees GET", "second sees 200", "first sees 200"]


@each("inline", [False, True])
@each(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", "/", 405),
        ("OPTIONS", "/", 204),
        ("BREW", "/", 501),
        ("GET", "/refused", 400),
        ("GET", "/broken", 500),
        ("HEAD", "/", 200),
    ],
)
def test_a_middleware_sees_every_answer_as_a_response(serve: Serve, inline: bool, method: str, path: str, status: int) -> None:
    events: list[str] = []

    received = serve(shop(noting(events, "it"), inline=inline)).request(method, path)

    assert received.status_code == status
    assert events == [f"it sees {method}", f"it sees {status}"]


@pytest.mark.parametrize("inline", [False, True])
def test_a_middleware_may_answer_by_itself(serve: Serve, inline: bool) -> None:
    events: list[str] = []

    async def closed(request: Request, respond: Respond) -> Response:
        return Response("closed", status=503, headers={"retry-after": "60"})

    received = serve(shop(closed, noting(events, "inner"), inline=inline)).get("/")

    assert (received.status_code, received.text, received.headers["retry-after"]) == (503, "closed", "60")
    assert events == []


@pytest.mark.parametrize("inline", [False, True])
def test_a_middleware_may_change_the_answer(serve: Serve, inline: bool) -> None:
    async def mark(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        response.headers["x-mark"] = "seen"
        return response

    client = serve(shop(mark, inline=inline))

    assert [client.get(path).headers["x-mark"] for path in ("/", "/waiting", "/nowhere", "/broken")] == ["seen"] * 4


@pytest.mark.parametrize("inline", [False, True])
def test_what_one_answer_was_given_does_not_show_in_the_next(serve: Serve, inline: bool) -> None:
    async def count(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        response.headers.add("x-count", "1")
        return response

    client = serve(shop(count, inline=inline))

    assert [client.get("/").headers.get_list("x-count") for _ in range(3)] == [["1"]] * 3


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize(("error", "status"), [(NotFoundError("Not in this shop."), 404), (ZeroDivisionError("secret"), 500)])
def test_a_mistake_of_its_own_is_answered_outside_it(
    serve: Serve, caplog: pytest.LogCaptureFixture, inline: bool, error: Exception, status: int
) -> None:
    async def stumble(request: Request, respond: Respond) -> Response:
        raise error

    with caplog.at_level(logging.ERROR, "martlet"):
        received = serve(shop(stumble, inline=inline)).get("/")

    assert received.status_code == status
    assert received.headers["content-type"] == "application/problem+json"
    assert "secret" not in received.text
    assert len(caplog.records) == (1 if status == 500 else 0)


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize("value", [None, "text", 7])
def test_a_middleware_that_gives_no_response_is_500(
    serve: Serve, caplog: pytest.LogCaptureFixture, inline: bool, value: Any
) -> None:
    async def forget(request: Request, respond: Respond) -> Response:
        await respond(request)
        return value  # type: ignore[no-any-return]

    with caplog.at_level(logging.ERROR, "martlet"):
        received = serve(shop(forget, inline=inline)).get("/")

    assert received.status_code == 500
    assert "middleware" in str(caplog.records[0].exc_info)


def test_an_object_may_be_a_middleware(serve: Serve) -> None:
    class Counter:
        def __init__(self) -> None:
            self.count = 0

        async def __call__(self, request: Request, respond: Respond) -> Response:
            self.count += 1
            return await respond(request)

    counter = Counter()
    client = serve(shop(counter))
    client.get("/")
    client.get("/nowhere")

    assert counter.count == 2


def test_a_middleware_may_read_the_body_before_the_handler(serve: Serve) -> None:
    async def measure(request: Request, respond: Respond) -> Response:
        size = len(await request.read())
        response = await respond(request)
        response.headers["x-size"] = str(size)
        return response

    app = App()
    app.use(measure)

    @app.post("/")
    async def echo(request: Request) -> bytes:
        return await request.read()

    received = serve(app).post("/", content=[b"ab", b"c"])

    assert (received.content, received.headers["x-size"]) == (b"abc", "3")


def test_a_middleware_may_ask_again(serve: Serve) -> None:
    async def insist(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        return response if response.status_code < 500 else await respond(request)

    app, tries = App(), []
    app.use(insist)

    @app.get("/")
    def flaky() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError
        return "shown"

    assert serve(app).get("/").text == "shown"
    assert len(tries) == 2


@each("inline", [False, True])
@each(
    ("error", "status"),
    [(BadRequestError("Not so."), 400), (ZeroDivisionError(), 500), (None, 500)],
    ids=["400", "500", "no response"],
)
def test_an_outer_middleware_sees_what_an_inner_one_raised_as_a_response(
    serve: Serve, inline: bool, error: Exception | None, status: int
) -> None:
    events: list[str] = []

    async def stumble(request: Request, respond: Respond) -> Response:
        if error is not None:
            raise error
        return None  # type: ignore[return-value]

    received = serve(shop(noting(events, "outer"), stumble, inline=inline)).get("/")

    assert received.status_code == status
    assert events == ["outer sees GET", f"outer sees {status}"]


@each(("promised", "told", "needs_loop"), [(True, None, False), (True, False, True), (False, None, True), (False, True, False)])
def test_a_class_may_promise_to_be_inline_for_its_middlewares(promised: bool, told: bool | None, needs_loop: bool) -> None:
    class Quick:
        inline = promised

        async def __call__(self, request: Request, respond: Respond) -> Response:
            return await respond(request)

    app = App()
    app.use(Quick(), inline=told)

    assert app.freeze().needs_loop(WSGIRequest({})) is needs_loop
