"""An application that does not lie at the root: which paths find a route, and what addresses it makes."""

from __future__ import annotations

from typing import Any

import pytest

from martlet import App, Created, Request, Response, URLs
from martlet.messages import Origin
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve


def shop(**options: Any) -> App:
    app = App(**options)

    @app.get("/books/{book_id}")
    async def show_book(book_id: int, request: Request, urls: URLs) -> dict[str, str]:
        return {"root_path": request.root_path, "path": request.path, "url": urls.to("show_book", book_id=book_id)}

    @app.get("/plain/{book_id}")
    def show_plainly(book_id: int, urls: URLs) -> str:
        return urls.to(show_book, book_id=book_id, query={"a": 1})

    @app.post("/books")
    async def add_book(urls: URLs) -> Created[None]:
        return Created(None, location=urls.to(show_book, book_id=7))

    @app.get("/shelves/")
    async def shelves() -> None: ...

    for pattern in ("/any/{rest:path}", "/shop/{rest:path}", "/shopping"):

        @app.get(pattern, name=pattern)
        async def anything(request: Request) -> str:
            return f"{request.root_path} {request.path}"

    @app.on_error(ZeroDivisionError)
    def divided(error: ZeroDivisionError, urls: URLs) -> Response:
        return Response(urls.to("show_plainly", book_id=1))

    @app.get("/divide")
    async def divide() -> float:
        return 1 / 0

    return app


class Server:
    """Calls an app over ASGI or WSGI with a root path that the server was told of."""

    def __init__(self, app: App, root_path: str, *, is_in_path: bool = False) -> None:
        self._app = app
        self._root_path = root_path
        self._is_in_path = is_in_path

    def client(self, protocol: ProtocolName) -> Client:
        return Client(self.asgi if protocol == "asgi" else self.wsgi, protocol=protocol)

    async def asgi(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            before = self._root_path if self._is_in_path else ""
            scope["root_path"] = self._root_path
            scope["path"], scope["raw_path"] = before + scope["path"], before.encode() + scope["raw_path"]
        await self._app(scope, receive, send)

    def wsgi(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["SCRIPT_NAME"] = self._root_path
        return self._app(environ, start_response)


TOLD = [
    pytest.param("asgi", True, id="ASGI, in the path as the specification has it"),
    pytest.param("asgi", False, id="ASGI, not in the path"),
    pytest.param("wsgi", False, id="WSGI"),
]


@pytest.mark.parametrize(("protocol", "is_in_path"), TOLD)
def test_what_the_server_tells_is_before_all_addresses(protocol: ProtocolName, is_in_path: bool) -> None:
    client = Server(shop(), "/shop", is_in_path=is_in_path).client(protocol)

    assert client.get("/books/7").json() == {"root_path": "/shop", "path": "/books/7", "url": "/shop/books/7"}
    assert client.get("/plain/7").text == "/shop/books/7?a=1"
    assert client.post("/books").headers["location"] == "/shop/books/7"
    assert client.get("/divide").text == "/shop/plain/1"
    assert client.get("/books/%37/").headers["location"] == "/shop/books/%37"  # as it was sent


@pytest.mark.parametrize(("protocol", "is_in_path"), TOLD)
def test_a_route_for_everything_sees_what_is_behind_the_root_path(protocol: ProtocolName, is_in_path: bool) -> None:
    client = Server(shop(), "/shop", is_in_path=is_in_path).client(protocol)

    assert client.get("/any/%41").text == "/shop /any/A"
    assert client.get("/shopping").text == "/shop /shopping"


@each(
    ("path", "seen"),
    [
        pytest.param("/shop/books/7", "/books/7", id="the proxy leaves it in the path"),
        pytest.param("/books/7", "/books/7", id="the proxy takes it away"),
    ],
)
@each("root_path", ["/shop", "/shop/"])
def test_an_app_says_itself_where_it_lies(serve: Serve, root_path: str, path: str, seen: str) -> None:
    client = serve(shop(root_path=root_path))

    assert client.get(path).json() == {"root_path": "/shop", "path": seen, "url": "/shop/books/7"}
    assert client.get("/shop/plain/7").text == client.get("/plain/7").text == "/shop/books/7?a=1"
    assert client.get("/shop/shelves").headers["location"] == "/shop/shelves/"


def test_nothing_is_taken_away_twice(serve: Serve) -> None:
    client = serve(shop(root_path="/shop"))

    assert client.get("/shop/shop/x").text == "/shop /shop/x"
    assert client.get("/shopping").text == "/shop /shopping"
    assert client.get("/shop").status_code == 404  # what is left is the root, which has no route


@pytest.mark.parametrize(("protocol", "is_in_path"), TOLD)
def test_what_the_server_tells_goes_before_what_the_app_says(protocol: ProtocolName, is_in_path: bool) -> None:
    client = Server(shop(root_path="/ours"), "/theirs", is_in_path=is_in_path).client(protocol)

    assert client.get("/books/7").json()["url"] == "/theirs/books/7"


def test_an_app_at_the_root_says_nothing(serve: Serve) -> None:
    client = serve(shop())

    assert client.get("/books/7").json() == {"root_path": "", "path": "/books/7", "url": "/books/7"}
    assert client.get("/divide").text == "/plain/1"


@each("root_path", ["shop", "//shop", "https://example.org", "/a?b", "/a#b"])
def test_a_root_path_is_the_beginning_of_a_path(root_path: str) -> None:
    with pytest.raises(ValueError, match="The root path is the beginning of a path"):
        App(root_path=root_path)


def test_a_root_path_that_must_be_encoded_is(serve: Serve) -> None:
    client = serve(shop(root_path="/le café"))

    assert client.get("/books/7").json()["url"] == "/le%20caf%C3%A9/books/7"
    assert client.get("/le%20caf%C3%A9/books/7/").headers["location"] == "/le%20caf%C3%A9/books/7"


def test_what_a_proxy_tells_goes_before_all(serve: Serve) -> None:
    app = shop(root_path="/ours")

    @app.use
    async def trust(request: Request, respond: Any) -> Response:
        request.extras.origin = Origin(root_path="/proxied")
        answer: Response = await respond(request)
        return answer

    assert serve(app).get("/ours/books/7").json()["url"] == "/proxied/books/7"


def test_a_mount_behind_a_root_path_knows_all_of_it(serve: Serve) -> None:
    app, inner = App(root_path="/shop"), shop()
    app.mount("/inner", inner)
    client = serve(app)

    assert client.get("/shop/inner/books/7").json() == {
        "root_path": "/shop/inner",
        "path": "/books/7",
        "url": "/shop/inner/books/7",
    }
    assert client.get("/inner/books/7/").headers["location"] == "/shop/inner/books/7"
