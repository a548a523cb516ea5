"""What a handler's value becomes, by its annotation or else by what it is; data in the form the client asks for."""

# ruff: noqa: ANN001, ANN202  what is not annotated is so on purpose

import dataclasses
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any, TypedDict

import msgspec
import pytest
from msgspec import Struct

from martlet import HTML, App, Created, NotFoundError, Page, Reply, Request, Response, Stream
from martlet.http import SetCookie
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, Serve

MESSAGE_PACK = {"accept": "application/vnd.msgpack"}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
TEXT = "text/plain; charset=utf-8"
MARKUP = "text/html; charset=utf-8"
OCTETS = "application/octet-stream"
JSON = "application/json"


class Book(Struct):
    title: str
    year: int = 1854


@dataclasses.dataclass
class Author:
    name: str


class Marks(TypedDict):
    total: int


WALDEN = Book("Walden")


def giving(annotation: Any, value: Any) -> Any:
    """Make a handler that gives `value`; without an annotation where that is None."""

    async def show():  # type: ignore[no-untyped-def]
        return value

    if annotation is not None:
        show.__annotations__["return"] = annotation
    return show


def answering(annotation: Any, value: Any, **options: Any) -> App:
    """An app whose one route gives `value`."""
    app = App()
    show = giving(annotation, value)
    app.get("/", **options)(show)
    app.post("/", **options)(show)
    return app


# Annotation, value, then: status, Content-Type, content. A row with None for annotation is an unannotated handler.
FIXED: list[tuple[Any, Any, int, str | None, bytes]] = [
    (str, "café", 200, TEXT, "café".encode()),
    (str, "", 200, TEXT, b""),
    (HTML, HTML("<b>Hi</b>"), 200, MARKUP, b"<b>Hi</b>"),
    (bytes, b"\x00\xff", 200, OCTETS, b"\x00\xff"),
    (type(None), None, 204, None, b""),
    (Response, Response("gone", status=410), 410, TEXT, b"gone"),
    (Response, Response(status=304), 304, None, b""),
    (str | None, "here", 200, TEXT, b"here"),
    (str | None, None, 204, None, b""),
    (HTML | bytes, b"raw", 200, OCTETS, b"raw"),
    (HTML | bytes, HTML("<i>"), 200, MARKUP, b"<i>"),
    (str | Response, Response("teapot", status=418), 418, TEXT, b"teapot"),
    (Reply[str], Reply("queued", status=202), 202, TEXT, b"queued"),
    (Reply[HTML], Reply(HTML("<b>")), 200, MARKUP, b"<b>"),
    (Reply[bytes], Reply(b"raw", status=201), 201, OCTETS, b"raw"),
    (Reply[None], Reply(None, status=202), 202, None, b""),
    (None, "café", 200, TEXT, "café".encode()),
    (None, HTML("<b>"), 200, MARKUP, b"<b>"),
    (None, b"raw", 200, OCTETS, b"raw"),
    (None, None, 204, None, b""),
    (None, Response("gone", status=410), 410, TEXT, b"gone"),
    (None, Reply("queued", status=202), 202, TEXT, b"queued"),
    (Any, "text", 200, TEXT, b"text"),
    (object, HTML("<b>"), 200, MARKUP, b"<b>"),
]

DATA: list[tuple[Any, Any, Any]] = [
    (Book, WALDEN, {"title": "Walden", "year": 1854}),
    (Author, Author("Thoreau"), {"name": "Thoreau"}),
    (Marks, {"total": 3}, {"total": 3}),
    (dict[str, int], {"a": 1}, {"a": 1}),
    (list[Book], [WALDEN], [{"title": "Walden", "year": 1854}]),
    (tuple[int, ...], (1, 2), [1, 2]),
    (set[int], {1}, [1]),
    (int, 7, 7),
    (float, 2.5, 2.5),
    (bool, False, False),
    (date, date(2026, 11, 22), "2026-11-22"),
    (Book | None, WALDEN, {"title": "Walden", "year": 1854}),
    (Book | Author, Author("Thoreau"), {"name": "Thoreau"}),
    (Book | Response, WALDEN, {"title": "Walden", "year": 1854}),
    (Reply[Book], Reply(WALDEN), {"title": "Walden", "year": 1854}),
    (Page[Book], Page(WALDEN, shelf="poems"), {"title": "Walden", "year": 1854}),
    (Reply[Page[Book]], Reply(Page(WALDEN, shelf="poems")), {"title": "Walden", "year": 1854}),
    (Reply, Reply([1]), [1]),
    (dict, {"a": None}, {"a": None}),
    (None, {"a": [1, None]}, {"a": [1, None]}),
    (None, WALDEN, {"title": "Walden", "year": 1854}),
    (None, [1, 2], [1, 2]),
    (None, 0, 0),
    (None, False, False),
    (None, Page(WALDEN), {"title": "Walden", "year": 1854}),
    (Any, {"a": 1}, {"a": 1}),
]


def kind(annotation: Any, value: Any) -> str:
    if annotation is None:
        return f"unannotated, {value!r}"
    return f"{getattr(annotation, '__name__', annotation)}, {value!r}"


@pytest.fixture(scope="module", params=PROTOCOLS)
def table(request: pytest.FixtureRequest) -> Iterator[Client]:
    """One app with a route for every row of both tables."""
    app = App()
    for place, rows in (("fixed", FIXED), ("data", DATA)):
        for number, (annotation, value, *_) in enumerate(rows):
            app.get(f"/{place}/{number}", name=f"{place} {number}")(giving(annotation, value))
    with Client(app, protocol=request.param) as client:
        yield client


@each("number", [pytest.param(n, id=f"{n} {kind(*row[:2])[:50]}") for n, row in enumerate(FIXED)])
def test_a_value_with_one_form_is_not_negotiated(table: Client, number: int) -> None:
    _, _, status, content_type, content = FIXED[number]

    for accept in ("*/*", "image/png"):
        received = table.get(f"/fixed/{number}", headers={"accept": accept})

        assert (received.status_code, received.headers.get("content-type"), received.content) == (status, content_type, content)
        assert "vary" not in received.headers


@each("number", [pytest.param(n, id=f"{n} {kind(*row[:2])[:50]}") for n, row in enumerate(DATA)])
def test_data_is_json_or_messagepack_as_the_client_asks(table: Client, number: int) -> None:
    annotation, _, data = DATA[number]

    as_json, as_msgpack = [table.get(f"/data/{number}", headers=headers) for headers in ({}, MESSAGE_PACK)]

    assert as_json.status_code == as_msgpack.status_code == 200
    assert as_json.headers["content-type"] == JSON
    assert as_json.json() == data
    assert as_msgpack.headers["content-type"] == "application/vnd.msgpack"
    assert as_json.headers["vary"] == as_msgpack.headers["vary"] == "accept"
    if annotation is not date:  # which MessagePack writes in a form of its own
        assert msgspec.msgpack.decode(as_msgpack.content) == data
    assert table.get(f"/data/{number}", headers={"accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("annotation", [Book | None, Reply[Book | None], None])
def test_none_among_data_is_no_content(serve: Serve, annotation: Any) -> None:
    received = serve(answering(annotation, None)).get("/")

    assert (received.status_code, received.content) == (204, b"")
    assert "content-type" not in received.headers
    assert "content-length" not in received.headers


def test_a_406_is_answered_before_anything_is_done(serve: Serve) -> None:
    done: list[int] = []
    app = App()

    @app.post("/")
    def add() -> Book:
        done.append(1)
        return WALDEN

    received = serve(app).post("/", headers={"accept": "image/png"})

    assert received.status_code == 406
    assert received.json()["available"][0] == JSON
    assert done == []


def test_a_reply_carries_status_fields_and_cookies(serve: Serve) -> None:
    app = App()

    @app.post("/")
    def add() -> Reply[Book]:
        return Reply(
            WALDEN,
            status=202,
            headers=[("Retry-After", "5"), ("Link", "</a>"), ("Link", "</b>")],
            cookies=[SetCookie("cart", "c7"), SetCookie("theme", "dark")],
        )

    received = serve(app).post("/")

    assert received.status_code == 202
    assert received.json()["title"] == "Walden"
    assert received.headers["retry-after"] == "5"
    assert received.headers.get_list("link") == ["</a>", "</b>"]
    assert [line.partition(";")[0] for line in received.headers.get_list("set-cookie")] == ["cart=c7", "theme=dark"]
    assert received.headers["vary"] == "accept"


def test_a_reply_does_not_leak_into_the_next_answer(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(cart: str | None = None) -> Reply[str]:
        return Reply("text", cookies=[SetCookie("cart", cart)]) if cart else Reply("text")

    client = serve(app)
    first, second = client.get("/?cart=c7"), client.get("/")

    assert "set-cookie" in first.headers
    assert "set-cookie" not in second.headers


def test_a_content_type_of_a_reply_takes_the_place_of_the_usual_one(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show() -> Reply[Book]:
        return Reply(WALDEN, headers={"content-type": "application/vnd.book+json"})

    received = serve(app).get("/")

    assert received.headers.get_list("content-type") == ["application/vnd.book+json"]
    assert received.json()["title"] == "Walden"


# Pages.


def book_page(book: Book, **extra: Any) -> str:
    return f"<h1>{book.title}</h1>{extra or ''}"


def html_page(book: Book, shelf: str = "none") -> HTML:
    return HTML("<h1>{}</h1>{}").format(book.title, shelf)


def adding(result: Any, page: Callable[..., Any] | None = None) -> App:
    return answering(Created[Book], result, **({} if page is None else {"page": page}))


def test_one_route_answers_browsers_with_a_page_and_programs_with_data(serve: Serve) -> None:
    client = serve(answering(Book, Book("<Walden>"), page=html_page))

    page, data = client.get("/", headers=BROWSER), client.get("/")

    assert (page.headers["content-type"], page.text) == (MARKUP, "<h1>&lt;Walden&gt;</h1>none")
    assert (data.headers["content-type"], data.json()["title"]) == (JSON, "<Walden>")
    assert page.headers["vary"] == data.headers["vary"] == "accept"


def test_what_a_page_gives_as_plain_text_is_escaped(serve: Serve) -> None:
    received = serve(answering(Book, WALDEN, page=book_page)).get("/", headers=BROWSER)

    assert received.text == "&lt;h1&gt;Walden&lt;/h1&gt;"


def test_a_page_sees_what_is_only_for_it(serve: Serve) -> None:
    client = serve(answering(Page[Book], Page(WALDEN, shelf="poems"), page=html_page))

    assert client.get("/", headers=BROWSER).text == "<h1>Walden</h1>poems"
    assert client.get("/").json() == {"title": "Walden", "year": 1854}


def test_the_page_of_a_missing_thing_is_an_error_page(serve: Serve) -> None:
    app = App()

    @app.get("/", page=html_page)
    def show() -> Book:
        raise NotFoundError("There is no such book.")

    received = serve(app).get("/", headers=BROWSER)

    assert received.status_code == 404
    assert received.headers["content-type"] == MARKUP
    assert "There is no such book." in received.text


def test_what_was_created_is_201_with_its_location(serve: Serve) -> None:
    received = serve(adding(Created(WALDEN, location="/books/7"))).post("/")

    assert received.status_code == 201
    assert received.headers["location"] == "/books/7"
    assert received.json()["title"] == "Walden"


def test_a_browser_is_led_to_what_was_created(serve: Serve) -> None:
    created = Created(WALDEN, location="/books/7", cookies=[SetCookie("seen", "1")])
    client = serve(adding(created, html_page))

    browser, program = client.post("/", headers=BROWSER), client.post("/", headers={"accept": JSON})

    assert (browser.status_code, browser.headers["location"], browser.content) == (303, "/books/7", b"")
    assert browser.headers["set-cookie"].startswith("seen=1")
    assert browser.headers["vary"] == "accept"
    assert (program.status_code, program.headers["location"]) == (201, "/books/7")
    assert program.json()["title"] == "Walden"


def test_a_browser_without_a_page_gets_the_data(serve: Serve) -> None:
    received = serve(adding(Created(WALDEN, location="/books/7"))).post("/", headers=BROWSER)

    assert (received.status_code, received.headers["location"]) == (201, "/books/7")
    assert received.json()["title"] == "Walden"


# Responses of one's own.


def test_a_stream_is_sent_in_order(serve: Serve) -> None:
    async def chunks() -> AsyncIterator[str]:
        for number in range(3):
            yield f"{number};"

    client = serve(answering(Response, Response(Stream(chunks()), media_type="text/csv")))
    received = client.get("/")

    assert received.content == b"0;1;2;"
    assert received.headers["content-type"] == "text/csv"


def test_an_answer_may_depend_on_the_request_alone(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(request):  # type: ignore[no-untyped-def]
        return {"name": request.query.get("name"), "is": isinstance(request, Request)}

    assert serve(app).get("/?name=Ada").json() == {"name": "Ada", "is": True}


def test_a_value_that_no_renderer_takes_is_500_and_never_half_an_answer(serve: Serve) -> None:
    received = serve(answering(None, object())).get("/")

    assert received.status_code == 500
    assert received.json()["title"] == "Internal Server Error"


@each("value", [bytearray(b"ab"), memoryview(b"ab"), "ab", None, 7])
def test_what_is_no_bytes_in_spite_of_its_annotation_is_answered(serve: Serve, value: Any) -> None:
    assert serve(answering(bytes, value)).get("/").status_code in {200, 500}
