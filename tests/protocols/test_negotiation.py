"""Which representation is sent, over every protocol (RFC 9110 section 12), and which content is taken (section 15.5.16)."""

from __future__ import annotations

import pytest
from msgspec import Struct, msgpack

from martlet import HTML, App
from tests.rows import each
from tests.serving import ServeOnce

JSON, PACK, PAGE, PROBLEM = "application/json", "application/vnd.msgpack", "text/html; charset=utf-8", "application/problem+json"


class Book(Struct):
    title: str


def book_page(book: Book) -> HTML:
    return HTML("<h1>{}</h1>").format(book.title)


def library() -> App:
    app = App()

    @app.get("/books/7", page=book_page)
    async def show() -> Book:
        return Book("Walden")

    @app.get("/data")
    def show_plainly() -> Book:
        return Book("Walden")

    @app.get("/text")
    async def greet() -> str:
        return "Hello"

    @app.post("/books")
    async def add(book: Book) -> Book:
        return book

    return app


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@each(
    ("accept", "media_type"),
    [
        pytest.param(None, JSON, id="12.5.1: no field takes anything"),
        pytest.param("*/*", JSON, id="12.5.1: any type"),
        pytest.param("application/*", JSON, id="12.5.1: any subtype"),
        pytest.param("application/json", JSON, id="12.5.1: a type"),
        pytest.param("APPLICATION/JSON", JSON, id="8.3.1: case does not count"),
        pytest.param("text/html", PAGE, id="12.5.1: the page"),
        pytest.param("text/*", PAGE, id="12.5.1: the only text"),
        pytest.param(BROWSER, PAGE, id="12.5.1: what browsers send"),
        pytest.param("application/vnd.msgpack", PACK, id="12.5.1: MessagePack"),
        pytest.param("application/json;q=0.5, text/html;q=0.4", JSON, id="12.4.2: the higher weight"),
        pytest.param("application/json;q=0.4, text/html;q=0.5", PAGE, id="12.4.2: whatever the order"),
        pytest.param("application/json; q=0.4 , text/html ; q=0.5", PAGE, id="5.6.3: blanks around"),
        pytest.param("application/json;Q=0.1, text/html", PAGE, id="12.4.2: q in capitals"),
        pytest.param("*/*;q=0.1, text/html", PAGE, id="12.5.1: the more specific range"),
        pytest.param("application/json;q=0, */*", PACK, id="12.4.2: q=0 is not acceptable, though all else is"),
        pytest.param("application/*;q=0, */*", PAGE, id="12.5.1: not by the more specific range"),
        pytest.param("application/*;q=0.1, application/json", JSON, id="12.5.1: specific before general"),
        pytest.param("text/html;q=0.001", PAGE, id="12.4.2: the smallest weight"),
        pytest.param("image/png, application/json", JSON, id="12.5.1: one of several fits"),
        pytest.param(",, application/json ,", JSON, id="5.6.1.2: empty members do not count"),
        pytest.param("application/json;q=0", None, id="12.4.2: nothing but what is not wanted"),
        pytest.param("image/png", None, id="15.5.7: 406"),
        pytest.param("application/xml, image/*", None, id="15.5.7: of several"),
        pytest.param("*/*;q=0", None, id="12.4.2: nothing at all"),
        pytest.param("text/html;q=0, application/*;q=0", None, id="12.4.2: none of what is there"),
    ],
)
def test_the_representation_that_is_sent(serve_once: ServeOnce, accept: str | None, media_type: str | None) -> None:
    received = serve_once(library).get("/books/7", headers={} if accept is None else {"accept": accept})

    assert received.status_code == (406 if media_type is None else 200)
    assert received.headers["vary"].lower() == "accept"
    if media_type is None:
        assert received.headers["content-type"] in {PROBLEM, PAGE}
    else:
        assert received.headers["content-type"] == media_type
        assert {JSON: b'{"title":"Walden"}', PACK: msgpack.encode(Book("Walden")), PAGE: b"<h1>Walden</h1>"}[
            media_type
        ] == received.content


def test_a_406_says_which_media_types_there_are(serve_once: ServeOnce) -> None:
    received = serve_once(library).get("/books/7", headers={"accept": "image/png, application/problem+json;q=0.1"})

    problem = received.json()
    assert problem["available"] == [JSON, PACK, "application/msgpack", "application/x-msgpack", "text/html"]
    assert (
        problem["detail"] == f"The Accept field takes none of the media types there are here: {', '.join(problem['available'])}."
    )


@each("accept", [";;", "nonsense", "text", "*", "/", "text/html;q=2", 'a/b;c="', "\x00", "é/é", ", ,"], ids=ascii)
def test_a_malformed_field_counts_as_absent_in_what_is_malformed(serve_once: ServeOnce, accept: str) -> None:
    """Section 12.5.1 leaves it to the server; never an error, for a field that the client could have left out."""
    assert serve_once(library).get("/data", headers={"accept": accept.encode().decode("latin-1")}).status_code == 200


@each("lines", [["text/html;q=0.1", "application/json"], ["application/json", "text/html;q=0.1"]])
def test_several_fields_are_one_list(serve_once: ServeOnce, lines: list[str]) -> None:
    """Section 5.3."""
    received = serve_once(library).get("/books/7", headers=[("accept", line) for line in lines])

    assert received.headers["content-type"] == JSON


def test_what_says_what_it_sends_is_not_negotiated(serve_once: ServeOnce) -> None:
    """Section 12.4.1."""
    received = serve_once(library).get("/text", headers={"accept": "image/png"})

    assert (received.status_code, "vary" in received.headers) == (200, False)


def test_head_negotiates_as_get_does(serve_once: ServeOnce) -> None:
    """Section 9.3.2."""
    client = serve_once(library)

    for accept in ("text/html", "application/json", "image/png"):
        got, headed = client.get("/books/7", headers={"accept": accept}), client.head("/books/7", headers={"accept": accept})
        assert (headed.status_code, headed.headers["content-type"]) == (got.status_code, got.headers["content-type"])


@each(
    ("content_type", "content", "status"),
    [
        pytest.param("application/json", b'{"title":"Walden"}', 200, id="8.3: JSON"),
        pytest.param("application/json; charset=utf-8", b'{"title":"Walden"}', 200, id="8.3.1: with a parameter"),
        pytest.param("Application/JSON", b'{"title":"Walden"}', 200, id="8.3.1: case does not count"),
        pytest.param("application/vnd.api+json", b'{"title":"Walden"}', 200, id="RFC 6839 3.1: the suffix +json"),
        pytest.param("application/vnd.msgpack", msgpack.encode({"title": "Walden"}), 200, id="8.3: MessagePack"),
        pytest.param("application/x-www-form-urlencoded", b"title=Walden", 200, id="8.3: a form"),
        pytest.param("text/csv", b"Walden", 415, id="15.5.16: another type"),
        pytest.param("text/plain", b'{"title":"Walden"}', 415, id="15.5.16: nothing is guessed"),
        pytest.param("nonsense", b'{"title":"Walden"}', 415, id="15.5.16: no type at all"),
        pytest.param("application/json", b"{", 400, id="15.5.1: malformed"),
        pytest.param("application/json", b'{"title":7}', 422, id="15.5.21: well-formed, but not what is wanted"),
    ],
)
def test_the_content_that_is_taken(serve_once: ServeOnce, content_type: str, content: bytes, status: int) -> None:
    received = serve_once(library).post("/books", content=content, headers={"content-type": content_type})

    assert received.status_code == status
    if status == 415:
        assert (
            JSON in received.headers["accept-post"] if "accept-post" in received.headers else JSON in received.headers["accept"]
        )
