"""HEAD, OPTIONS, Allow: what every resource answers without its author doing anything (RFC 9110 section 9)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec import Struct

from martlet import App, Request, Response, Stream
from tests.rows import each
from tests.serving import Serve, ServeOnce


def library() -> App:
    app = App()

    @app.get("/books/{book_id}")
    async def show_book(book_id: int) -> str:
        return f"book {book_id}"

    @app.delete("/books/{name}")
    async def delete_book(name: str) -> None:
        return None

    @app.get("/own")
    async def own() -> str:
        return "body"

    @app.head("/own")
    async def own_head() -> Response:
        return Response(headers={"x-own": "yes", "content-length": "4"})

    @app.query("/search")
    async def search() -> str:
        return "found"

    @app.route("/stamps", methods=["trace"])
    async def stamps() -> None: ...

    return app


def test_head_answers_as_get_without_its_body(serve_once: ServeOnce) -> None:
    client = serve_once(library)

    got, headed = client.get("/books/7"), client.head("/books/7")

    assert headed.status_code == 200
    assert headed.content == b""
    assert sorted(headed.headers.items()) == sorted(got.headers.items())
    assert headed.headers["content-length"] == "6"


@pytest.mark.parametrize("head_first", [True, False], ids=["HEAD first", "GET first"])
def test_an_explicit_head_wins_whatever_its_parameter_is_called(serve: Serve, head_first: bool) -> None:
    app = App()

    def head() -> None:
        @app.head("/{b}")
        async def own_head(b: str) -> Response:
            return Response(headers={"x-own": b})

    if head_first:
        head()

    @app.get("/{a}")
    async def show(a: str) -> str:
        return a

    if not head_first:
        head()
    client = serve(app)

    assert client.head("/x").headers["x-own"] == "x"
    assert client.get("/x").text == "x"


def test_an_explicit_head_wins_and_states_its_own_length(serve_once: ServeOnce) -> None:
    received = serve_once(library).head("/own")

    assert received.headers["x-own"] == "yes"
    assert received.headers["content-length"] == "4"
    assert received.content == b""


@each(
    ("path", "allow"),
    [
        pytest.param("/books/7", "DELETE, GET, HEAD, OPTIONS", id="the union of all patterns that fit"),
        pytest.param("/books/seven", "DELETE, OPTIONS", id="only patterns whose converters fit"),
        pytest.param("/search", "OPTIONS, QUERY", id="QUERY, RFC 10008"),
        pytest.param("/stamps", "OPTIONS, TRACE", id="a method without a decorator of its own"),
    ],
)
def test_options_and_405_list_the_same_methods(serve_once: ServeOnce, path: str, allow: str) -> None:
    client = serve_once(library)

    options, refused = client.options(path), client.put(path)

    assert options.status_code == 204
    assert refused.status_code == 405
    assert options.headers["allow"] == refused.headers["allow"] == allow
    assert "content-length" not in options.headers


def test_options_of_the_server_itself_lists_every_method(serve_once: ServeOnce) -> None:
    received = serve_once(library).options("*")

    assert received.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, QUERY, TRACE"


def test_a_route_for_any_method_leaves_the_others_theirs(serve: Serve) -> None:
    app = App()

    @app.route("/tea", methods=["*"])
    async def any_tea(request: Request) -> str:
        return request.method

    @app.get("/tea")
    async def tea() -> str:
        return "tea"

    client = serve(app)

    assert client.get("/tea").text == "tea"
    assert client.head("/tea").headers["content-length"] == "3"
    assert [client.request(method, "/tea").text for method in ("POST", "BREW", "OPTIONS", "*")] == [
        "POST",
        "BREW",
        "OPTIONS",
        "*",
    ]
    assert client.request("*", "/coffee").status_code == 501
    assert client.request("post", "/tea").status_code == 501  # or an application behind it might take it for POST
    assert client.options("*").headers["allow"] == "GET, HEAD, OPTIONS"


@each("method", ["BREW", "get2", "X" * 500])
def test_a_method_nobody_knows_is_501(serve_once: ServeOnce, method: str) -> None:
    assert serve_once(library).request(method, "/own").status_code == 501


def test_the_body_of_a_stream_is_closed_unread_on_head(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            events.append("pulled")
            raise StopIteration

        def close(self) -> None:
            events.append("closed")

    @app.get("/stream")
    async def stream() -> Response:
        return Response(Stream(Chunks()))

    received = serve(app).head("/stream")

    assert received.status_code == 200
    assert events == ["closed"]


@each("path", ["/books/" + "9" * 5_000, "/books/99999999999999999999", "/books/-1", "/books/%D9%A3", "/books/7%0A"])
def test_a_number_that_is_none_is_no_such_page(serve_once: ServeOnce, path: str) -> None:
    assert serve_once(library).get(path).status_code == 405  # DELETE takes any name, so the address exists
    assert serve_once(library).get(path.replace("books", "none")).status_code == 404


class Wanted(Struct):
    title: str
    year: int = 0


def catalogue() -> App:
    app = App()

    @app.query("/books")
    async def search(wanted: Wanted) -> Wanted:
        return wanted

    @app.patch("/books")
    async def change(wanted: Wanted) -> None: ...

    @app.post("/loans")
    async def lend(wanted: Wanted) -> None: ...

    return app


def test_a_query_says_in_its_body_what_it_asks_for(serve_once: ServeOnce) -> None:
    received = serve_once(catalogue).query("/books", json={"title": "Walden"})

    assert received.status_code == 200
    assert received.json() == {"title": "Walden", "year": 0}


@each(
    ("fields", "content", "status"),
    [
        pytest.param({}, b'{"title": "Walden"}', 415, id="no Content-Type, RFC 10008 section 2"),
        pytest.param({"content-type": "text/csv"}, b"title", 415, id="a type that is not understood"),
        pytest.param({"content-type": "application/json"}, b"{", 400, id="no JSON"),
        pytest.param({"content-type": "application/json"}, b'{"year": "x"}', 422, id="JSON that does not fit"),
    ],
)
def test_a_query_that_is_none_is_refused(serve_once: ServeOnce, fields: dict[str, str], content: bytes, status: int) -> None:
    received = serve_once(catalogue).query("/books", headers=fields, content=content)

    assert received.status_code == status
    assert status != 415 or "application/json" in received.headers["accept-query"]


def test_options_tells_what_bodies_a_resource_takes(serve_once: ServeOnce) -> None:
    client = serve_once(catalogue)

    books, loans = client.options("/books").headers, client.options("/loans").headers

    assert books["accept-query"].startswith("application/json")  # RFC 10008 section 3
    assert books["accept-patch"].startswith("application/json")  # RFC 5789 section 3.1
    assert "accept-query" not in loans
    assert "accept-patch" not in loans


def test_a_patch_of_a_type_that_is_not_understood_is_told_which_ones_are(serve_once: ServeOnce) -> None:
    received = serve_once(catalogue).patch("/books", content="-title", headers={"content-type": "text/x-diff"})

    assert received.status_code == 415
    assert received.headers["accept-patch"] == received.headers["accept"]  # RFC 5789 section 2.2
    assert "accept-query" not in received.headers


@each(
    ("method", "target", "status"),
    [
        pytest.param("OPTIONS", "*", 204, id="RFC 9112 3.2.4: the asterisk form"),
        pytest.param("GET", "*", 400, id="RFC 9112 3.2.4: the asterisk form is for OPTIONS alone"),
        pytest.param("POST", "*", 400, id="RFC 9112 3.2.4: whatever the method"),
        pytest.param("CONNECT", "/books/7", 501, id="RFC 9110 9.3.6: most origin servers do not implement CONNECT"),
        pytest.param("CONNECT", "/nowhere", 501, id="RFC 9110 9.3.6: at no address"),
        pytest.param("TRACE", "/books/7", 405, id="RFC 9110 9.3.8: TRACE where nobody asked for it"),
        pytest.param("FOO", "/nowhere", 501, id="RFC 9110 9.1: unrecognized before not found"),
        pytest.param("PROPFIND", "/books/7", 405, id="RFC 9110 9.1: recognized, not allowed"),
        pytest.param("PROPFIND", "/nowhere", 404, id="RFC 9110 15.5.5: nor is there anything"),
        pytest.param("get", "/books/7", 501, id="RFC 9110 9.1: case counts"),
        pytest.param("Delete", "/books/swift", 501, id="RFC 9110 9.1: of each letter"),
    ],
)
def test_the_status_for_a_method_and_a_target(serve_once: ServeOnce, method: str, target: str, status: int) -> None:
    received = serve_once(library).request(method, target)

    assert received.status_code == status
    assert ("allow" in received.headers) is (status in {204, 405})
