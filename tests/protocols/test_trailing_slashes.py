"""A slash too much or too few at a path's end: a redirect that never leaves the site, or 404 (RFC 9110 section 15.4.9)."""

from __future__ import annotations

from typing import Literal

import pytest

from martlet import App, Request
from tests.rows import each
from tests.serving import Serve, ServeOnce


def shop(trailing_slash: Literal["redirect", "strict"] = "redirect") -> App:
    app = App(trailing_slash=trailing_slash)

    @app.get("/books")
    async def list_books() -> str:
        return "books"

    @app.post("/books")
    async def add_book() -> None: ...

    @app.get("/shelves/{name}/")
    async def show_shelf(name: str) -> str:
        return name

    @app.query("/search")
    async def search() -> None: ...

    @app.post("/orders")
    async def order() -> None: ...

    @app.get("/{first}/{second}/three")
    async def show_three(first: str, second: str) -> None: ...

    return app


@each(
    ("method", "target", "location"),
    [
        pytest.param("GET", "/books/", "/books", id="a slash too much"),
        pytest.param("GET", "/shelves/a", "/shelves/a/", id="a slash too few"),
        pytest.param("HEAD", "/books/", "/books", id="HEAD"),
        pytest.param("QUERY", "/search/", "/search", id="QUERY, whose body 308 keeps"),
        pytest.param("OPTIONS", "/orders/", "/orders", id="OPTIONS, whatever the methods there"),
        pytest.param("GET", "/books/?page=2&next=/a%2Fb", "/books?page=2&next=/a%2Fb", id="the query as it was sent"),
        pytest.param("GET", "/shelves/le%20caf%C3%A9", "/shelves/le%20caf%C3%A9/", id="what must be encoded"),
        pytest.param("GET", "/shelves/50%25", "/shelves/50%25/", id="a percent sign"),
        pytest.param("GET", "/shelves/a%3Fb%23c", "/shelves/a%3Fb%23c/", id="a question mark that is none"),
        pytest.param("GET", "/shelves/a%0D%0ASet-Cookie:b", "/shelves/a%0D%0ASet-Cookie:b/", id="a line break"),
        pytest.param("GET", "/%5Cevil.example/x/three/", "/%5Cevil.example/x/three", id="a backslash stays one, encoded"),
        pytest.param("GET", "/%09/evil.example/three/", "/%09/evil.example/three", id="a tab, which browsers drop, stays one"),
    ],
)
def test_only_a_slash_away_is_a_redirect(serve_once: ServeOnce, method: str, target: str, location: str) -> None:
    received = serve_once(shop).request(method, target)

    assert received.status_code == 308
    assert received.headers["location"] == location
    assert received.content == b""


@each(
    ("method", "target", "status"),
    [
        pytest.param("GET", "/books", 200, id="what is there"),
        pytest.param("POST", "/orders/", 404, id="POST: a redirect may lose it"),
        pytest.param("DELETE", "/books/", 404, id="DELETE"),
        pytest.param("GET", "/orders/", 404, id="a path that has not this method"),
        pytest.param("GET", "/nothing/", 404, id="nothing there either way"),
        pytest.param("GET", "/books//", 404, id="two slashes"),
        pytest.param("PUT", "/books", 405, id="another method"),
        pytest.param("BREW", "/books/", 501, id="a method nobody knows"),
        pytest.param("GET", "/", 404, id="nothing but a slash"),
    ],
)
def test_anything_else_is_answered_as_it_was(serve_once: ServeOnce, method: str, target: str, status: int) -> None:
    received = serve_once(shop).request(method, target)

    assert received.status_code == status
    assert "location" not in received.headers


@each(
    "target",
    [
        "//evil.example/",
        "//evil.example//",
        "///evil.example/",
        "/%2Fevil.example/",
        "//evil.example/%2F..",
        "//",
        "///",
        "@evil.example/",
        "evil.example/",
    ],
)
def test_a_redirect_never_names_another_host(serve: Serve, target: str) -> None:
    app = App()

    @app.get("/{first}/{second}")
    @app.get("/{only}")
    async def show(request: Request) -> None: ...

    received = serve(app).get(target)

    assert received.status_code == 404
    assert "location" not in received.headers


def test_a_strict_app_redirects_nobody(serve_once: ServeOnce) -> None:
    client = serve_once(shop, "strict")

    assert client.get("/books/").status_code == 404
    assert client.get("/shelves/a").status_code == 404
