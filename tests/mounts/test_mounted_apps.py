"""A Martlet app below a prefix of another: its routes, errors, limits and life are its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from martlet import App, Created, Limits, NotFoundError, Request, Respond, Response, Stream, URLs
from martlet.testing import Client
from tests.serving import ProtocolName, Serve


class Shelf:
    """What the inner app supplies."""

    def __init__(self, label: str = "a shelf") -> None:
        self.label = label


def inner_app(events: list[str] | None = None) -> App:
    noted = [] if events is None else events
    app = App(limits=Limits(body_bytes=10))

    @app.provider(scope="app")
    async def shelf() -> AsyncIterator[Shelf]:
        noted.append("inner open")
        yield Shelf()
        noted.append("inner close")

    @app.get("/")
    async def home(request: Request) -> str:
        return f"home at {request.root_path}{request.path}"

    @app.get("/books/{book_id}")
    async def show_book(book_id: int, shelf: Shelf) -> str:
        return f"book {book_id} on {shelf.label}"

    @app.post("/books")
    async def add_book(request: Request, urls: URLs) -> Created[dict[str, int]]:
        size = len(await request.read())
        return Created({"size": size}, location=urls.to(show_book, book_id=7))

    @app.get("/stream")
    async def stream(request: Request) -> Response:
        async def chunks() -> AsyncIterator[str]:
            yield request.path
            yield request.root_path

        return Response(Stream(chunks()))

    @app.on_error(NotFoundError)
    def nothing(error: NotFoundError) -> Response:
        return Response("nothing inside", status=404)

    return app


def outer_app(inner: App) -> App:
    app = App()
    app.mount("/shop", inner)

    @app.get("/")
    async def home() -> str:
        return "outer home"

    return app


def test_each_app_answers_its_own_paths(serve: Serve) -> None:
    client = serve(outer_app(inner_app()))

    assert client.get("/").text == "outer home"
    assert client.get("/shop/").text == "home at /shop/"
    assert client.get("/shop/books/7").text == "book 7 on a shelf"
    assert client.get("/shop/stream").text == "/stream/shop"


def test_each_app_answers_its_own_errors(serve: Serve) -> None:
    client = serve(outer_app(inner_app()))

    assert client.get("/shop/nix").text == "nothing inside"
    assert client.get("/nix").json()["status"] == 404
    assert client.put("/shop/books").headers["allow"] == "OPTIONS, POST"


def test_slashes_are_mended_with_the_prefix(serve: Serve) -> None:
    client = serve(outer_app(inner_app()))

    assert client.get("/shop").headers["location"] == "/shop/"
    assert client.get("/shop/books/7/?a=1").headers["location"] == "/shop/books/7?a=1"


def test_the_limits_are_those_of_the_inner_app(serve: Serve) -> None:
    client = serve(outer_app(inner_app()))

    assert client.post("/shop/books", content=b"x" * 10).json() == {"size": 10}
    assert client.post("/shop/books", content=b"x" * 11).status_code == 413


def test_the_outer_app_may_read_the_body_before_and_after(serve: Serve) -> None:
    app = outer_app(inner_app())
    seen: list[bytes] = []

    @app.use
    async def read(request: Request, respond: Respond) -> Response:
        seen.append(await request.read())
        response = await respond(request)
        seen.append(request.body)
        return response

    assert serve(app).post("/shop/books", content=b"12345").json() == {"size": 5}
    assert seen == [b"12345", b"12345"]


def test_the_outer_app_sees_the_whole_path_afterwards(serve: Serve) -> None:
    app = outer_app(inner_app())
    seen: list[str] = []

    @app.use
    async def note(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        seen.append(request.path)
        return response

    serve(app).get("/shop/books/7")

    assert seen == ["/shop/books/7"]


def test_apps_inside_each_other_add_up_their_prefixes(serve: Serve) -> None:
    street = App()
    street.mount("/street", outer_app(inner_app()))

    client = serve(street)

    assert client.get("/street/shop/").text == "home at /street/shop/"
    assert client.get("/street/").text == "outer home"


def test_the_inner_app_lives_inside_the_outer_one(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = outer_app(inner_app(events))

    @app.lifespan
    async def around() -> AsyncIterator[None]:
        events.append("outer open")
        yield
        events.append("outer close")

    with Client(app, protocol=protocol) as client:
        client.get("/shop/books/7")

    assert events == ["outer open", "inner open", "inner close", "outer close"]


def test_an_inner_app_that_cannot_start_keeps_the_outer_one_from_starting() -> None:
    inner = App()

    @inner.lifespan
    async def fail() -> AsyncIterator[None]:
        if inner.freeze().lifespan.started:
            yield
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"), Client(outer_app(inner)):
        pytest.fail("It started.")


def test_what_a_test_overrides_in_the_inner_app_is_overridden(serve: Serve) -> None:
    inner = inner_app()
    client = serve(outer_app(inner))

    with inner.override(Shelf, Shelf("another shelf")):
        inside = client.get("/shop/books/7").text

    assert inside == "book 7 on another shelf"
    assert client.get("/shop/books/7").text == "book 7 on a shelf"


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_another_application_may_lie_in_the_inner_app(serve: Serve, kind: str) -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = (await receive())["body"]
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": f"{scope['root_path']} {scope['path']} ".encode() + body})

    def wsgi(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']} ".encode(), environ["wsgi.input"].read()]

    street, inner = App(), App()
    inner.mount("/old", asgi if kind == "asgi" else wsgi)
    street.mount("/shop", inner)

    received = serve(street).post("/shop/old/a%20b", content=b"body").text

    assert received == ("/shop/old /shop/old/a b body" if kind == "asgi" else "/shop/old /a b body")
