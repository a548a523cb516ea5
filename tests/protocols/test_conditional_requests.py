"""Conditions on requests, over every protocol: RFC 9110, Sections 13 and 15.4.5; RFC 6585, Section 3."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import (
    App,
    Body,
    Compression,
    Cookie,
    ETag,
    File,
    FreezeError,
    Group,
    Header,
    NotFoundError,
    Query,
    Reply,
    Request,
    Response,
    Stream,
    UnauthorizedError,
    Validators,
)
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, Serve, ServeOnce
from tests.shared_cases import conformance

CHANGED = datetime(2024, 7, 1, 10, tzinfo=UTC)
AT, BEFORE, AFTER = "Mon, 01 Jul 2024 10:00:00 GMT", "Mon, 01 Jul 2024 09:59:59 GMT", "Mon, 01 Jul 2024 10:00:01 GMT"


class Book(msgspec.Struct):
    title: str
    version: int = 1


class Session:
    pass


class User(msgspec.Struct):
    name: str


@dataclass
class Shelf:
    """Books by number, and what was called."""

    books: dict[int, Book] = field(default_factory=lambda: {1: Book("Moby-Dick", 7)})
    calls: list[str] = field(default_factory=list)

    def start_anew(self) -> None:
        self.books, self.calls = {1: Book("Moby-Dick", 7)}, []


def library(shelf: Shelf) -> App:
    app = App()

    @app.provider
    async def the_shelf() -> Shelf:
        return shelf

    async def book_state(book_id: int, shelf: Shelf) -> Validators | None:
        shelf.calls.append("state")
        book = shelf.books.get(book_id)
        return None if book is None else Validators(ETag(str(book.version)), CHANGED)

    @app.get("/books/{book_id}", validator=book_state)
    async def show_book(book_id: int, shelf: Shelf) -> Book:
        shelf.calls.append("show")
        if book_id not in shelf.books:
            raise NotFoundError
        return shelf.books[book_id]

    @app.put("/books/{book_id}", validator=book_state)
    async def put_book(book_id: int, book: Book, shelf: Shelf) -> Book:
        shelf.calls.append("put")
        shelf.books[book_id] = book
        return book

    @app.delete("/books/{book_id}", validator=book_state, requires_precondition=True)
    def delete_book(book_id: int, shelf: Shelf) -> None:
        shelf.calls.append("delete")
        if shelf.books.pop(book_id, None) is None:  # the validator told of nothing, and If-None-Match: * let that pass
            raise NotFoundError

    return app


@pytest.fixture(scope="module")
def the_shelf() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module")
def the_library(the_shelf: Shelf, serve_once: ServeOnce) -> Client:
    return serve_once(partial(library, the_shelf))


@pytest.fixture
def client(the_shelf: Shelf, the_library: Client) -> Client:
    """The library, with its first books."""
    the_shelf.start_anew()
    return the_library


TAG, OTHER = '"7"', '"6"'
ROWS = [
    # GET
    ("no condition", "GET", {}, 200),
    ("13.1.1 If-Match, the same tag", "GET", {"if-match": TAG}, 200),
    ("13.1.1 If-Match, star", "GET", {"if-match": "*"}, 200),
    ("13.1.1 If-Match, another tag", "GET", {"if-match": OTHER}, 412),
    ("13.1.1 If-Match, a weak tag", "GET", {"if-match": "W/" + TAG}, 412),
    ("13.1.2 If-None-Match, the same tag", "GET", {"if-none-match": TAG}, 304),
    ("13.1.2 If-None-Match, a weak tag", "GET", {"if-none-match": "W/" + TAG}, 304),
    ("13.1.2 If-None-Match, one of several", "GET", {"if-none-match": f"{OTHER}, {TAG}"}, 304),
    ("13.1.2 If-None-Match, star", "GET", {"if-none-match": "*"}, 304),
    ("13.1.2 If-None-Match, another tag", "GET", {"if-none-match": OTHER}, 200),
    ("13.1.2 If-None-Match, the same tag, HEAD", "HEAD", {"if-none-match": TAG}, 304),
    ("13.1.3 If-Modified-Since, the same date", "GET", {"if-modified-since": AT}, 304),
    ("13.1.3 If-Modified-Since, later", "GET", {"if-modified-since": AFTER}, 304),
    ("13.1.3 If-Modified-Since, earlier", "GET", {"if-modified-since": BEFORE}, 200),
    ("13.1.3 If-Modified-Since, no date", "GET", {"if-modified-since": "soon"}, 200),
    ("13.1.3 If-Modified-Since beside If-None-Match", "GET", {"if-modified-since": AT, "if-none-match": OTHER}, 200),
    ("13.1.4 If-Unmodified-Since, the same date", "GET", {"if-unmodified-since": AT}, 200),
    ("13.1.4 If-Unmodified-Since, earlier", "GET", {"if-unmodified-since": BEFORE}, 412),
    ("13.2.2 all of them hold or do not", "GET", {"if-match": TAG, "if-unmodified-since": BEFORE, "if-none-match": TAG}, 304),
    # PUT
    ("13.1.1 PUT, the same tag", "PUT", {"if-match": TAG}, 200),
    ("13.1.1 PUT, another tag", "PUT", {"if-match": OTHER}, 412),
    ("13.1.1 PUT, star", "PUT", {"if-match": "*"}, 200),
    ("13.1.2 PUT, If-None-Match star where something is", "PUT", {"if-none-match": "*"}, 412),
    ("13.1.2 PUT, If-None-Match with another tag", "PUT", {"if-none-match": OTHER}, 200),
    ("13.1.3 PUT, If-Modified-Since means nothing", "PUT", {"if-modified-since": AFTER}, 200),
    ("13.1.4 PUT, If-Unmodified-Since", "PUT", {"if-unmodified-since": BEFORE}, 412),
    # DELETE, which requires a precondition
    ("6585-3 DELETE without a condition", "DELETE", {}, 428),
    ("6585-3 DELETE with If-Match", "DELETE", {"if-match": TAG}, 204),
    ("6585-3 DELETE with If-Unmodified-Since", "DELETE", {"if-unmodified-since": AT}, 204),
    ("6585-3 DELETE with a date that is none", "DELETE", {"if-unmodified-since": "never"}, 428),
    ("6585-3 DELETE with a condition that says no state", "DELETE", {"if-none-match": OTHER}, 428),
    ("6585-3 DELETE with another tag", "DELETE", {"if-match": OTHER}, 412),
]


@pytest.mark.parametrize(("method", "headers", "status"), [pytest.param(*row, id=name) for name, *row in ROWS])
def test_conditions_on_a_route_with_a_validator(
    client: Client, the_shelf: Shelf, method: str, headers: dict[str, str], status: int
) -> None:
    options: Any = {"json": {"title": "Walden", "version": 8}} if method == "PUT" else {}

    received = client.request(method, "/books/1", headers=headers, **options)

    assert received.status_code == status
    assert the_shelf.calls == (["state"] if status in {304, 412, 428} else ["state", the_shelf.calls[-1]])
    if status == 304:
        assert received.content == b""
        assert not {"content-type", "content-length", "last-modified"} & set(received.headers)
    if method in {"GET", "HEAD"} and status in {200, 304}:
        assert received.headers["etag"] == TAG
        assert received.headers["vary"] == "accept"  # as in the 200, RFC 9110 section 15.4.5
    if method in {"GET", "HEAD"} and status == 200:
        assert received.headers["last-modified"] == AT
    if method == "PUT":
        assert "etag" not in received.headers  # the old state's, which the answer is no longer about


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        pytest.param("GET", {}, 404, id="nothing there"),
        pytest.param("GET", {"if-match": "*"}, 404, id="13.2.1 a condition never hides a 404"),
        pytest.param("GET", {"if-none-match": "*"}, 404, id="13.2.1 nor here"),
        pytest.param("PUT", {"if-match": "*"}, 412, id="13.1.1 star, nothing there"),
        pytest.param("PUT", {"if-match": TAG}, 412, id="13.1.1 a tag, nothing there"),
        pytest.param("PUT", {"if-none-match": "*"}, 200, id="13.1.2 create, do not replace"),
        pytest.param("PUT", {"if-unmodified-since": BEFORE}, 200, id="13.1.4 no date is known"),
        pytest.param("DELETE", {"if-unmodified-since": AT}, 428, id="6585-3 a date that is compared with nothing"),
    ],
)
def test_conditions_where_nothing_is(client: Client, method: str, headers: dict[str, str], status: int) -> None:
    options: Any = {"json": {"title": "Walden"}} if method == "PUT" else {}

    assert client.request(method, "/books/2", headers=headers, **options).status_code == status


def test_the_refusals_are_problem_documents(client: Client) -> None:
    failed = client.put("/books/1", headers={"if-match": OTHER}, json={"title": "Walden"})
    required = client.delete("/books/1")

    assert failed.json()["detail"] == "What is here is in another state than the request is meant for."
    assert required.json()["detail"].startswith("Say which state this is to change: send If-Match")


# Order of answers.


def test_conditions_count_only_where_the_answer_would_be_a_success(serve: Serve) -> None:
    """RFC 9110, Section 13.2.1: 401, 406, 415 and 422 before 304 and 412; the body is not read for a 412."""
    app, asked = App(), []

    def state() -> str:
        asked.append("state")
        return "7"

    def stranger(request: Request) -> None:
        if "x-friend" not in request.headers:
            raise UnauthorizedError

    @app.get("/", validator=state, guards=[stranger])
    async def show(page: int = 1) -> Book:
        return Book("Moby-Dick", page)

    @app.put("/", validator=state, guards=[stranger])
    async def put(book: Book) -> Book:
        return book

    client, friend = serve(app), {"x-friend": "yes", "if-match": OTHER}

    assert client.get("/", headers={"if-none-match": TAG}).status_code == 401
    assert client.get("/", headers={**friend, "accept": "image/png"}).status_code == 406
    assert client.get("/?page=x", headers=friend).status_code == 422
    assert client.put("/", headers={**friend, "content-type": "text/css"}, content=b"a").status_code == 415
    assert asked == []
    assert client.put("/", headers=friend, content=b"{", breaks_off=False).status_code == 415
    assert client.put("/", headers={**friend, "content-type": "application/json"}, content=b"{").status_code == 412
    assert client.get("/", headers=friend).status_code == 412


def test_a_body_is_not_read_for_a_refusal() -> None:
    app = App()

    @app.put("/", validator=lambda: "7", inline=True)
    async def put(book: Book) -> Book:
        raise AssertionError("never called")

    with Client(app) as client:
        kind = {"content-type": "application/json", "content-length": "100", "if-match": OTHER}
        received = client.put("/", headers=kind, content=[], breaks_off=True)

    assert received.status_code == 412  # reading would have found the body cut off


# What a validator may be.


@each(
    ("state", "fields"),
    [
        pytest.param(ETag("v1"), {"etag": '"v1"'}, id="an ETag"),
        pytest.param(ETag("v1", weak=True), {"etag": 'W/"v1"'}, id="a weak ETag"),
        pytest.param("v1", {"etag": '"v1"'}, id="a str is a tag's value"),
        pytest.param('W/"v1"', {"etag": 'W/"v1"'}, id="a str that is a field's value already"),
        pytest.param("what no tag can hold: é\r\n", {"etag": str(ETag.of("what no tag can hold: é\r\n".encode()))}, id="hashed"),
        pytest.param("\ud800", {"etag": str(ETag.of(b"\xed\xa0\x80"))}, id="a lone surrogate"),
        pytest.param("", {"etag": '""'}, id="an empty str"),
        pytest.param(CHANGED, {"last-modified": AT}, id="a datetime"),
        pytest.param(datetime(2999, 1, 1, tzinfo=UTC), {}, id="8.8.2.1 a time to come is not told"),
        pytest.param(Validators(ETag("v1"), datetime.max.replace(tzinfo=UTC)), {"etag": '"v1"'}, id="nor beside a tag"),
        pytest.param(Validators(), {}, id="Validators that know nothing"),
        pytest.param(None, {}, id="None"),
    ],
)
def test_what_a_validator_gives(serve: Serve, state: Any, fields: dict[str, str]) -> None:
    app = App()

    @app.get("/", validator=lambda: state)
    async def show() -> str:
        return "text"

    received = serve(app).get("/")

    assert received.status_code == 200
    assert {name: value for name, value in received.headers.items() if name in {"etag", "last-modified"}} == fields


def test_a_validator_is_bound_like_a_handler(serve: Serve) -> None:
    """Path, query, header, cookie, provided, the user; its providers are those of the handler."""
    app, made = App(), []

    @app.provider
    async def session() -> AsyncIterator[Session]:
        made.append("session")
        yield Session()

    @app.authenticator
    def who(request: Request) -> User | None:
        return User("Ann")

    def state(
        shelf: int,
        session: Session,
        user: User,
        page: int = 1,
        *,
        tenant: Annotated[str, Header()],
        theme: Annotated[str, Cookie()] = "light",
        sort: Annotated[str, Query("order")] = "up",
    ) -> str:
        return f"{shelf}.{user.name}.{page}.{tenant}.{theme}.{sort}"

    @app.get("/shelves/{shelf}", validator=state)
    async def show(shelf: int, session: Session, page: int = 1) -> str:
        return f"{shelf} {page}"

    client = serve(app)
    received = client.get("/shelves/3?page=2&order=down", headers={"tenant": "t1", "cookie": "theme=dark"})

    assert received.headers["etag"] == '"3.Ann.2.t1.dark.down"'
    assert made == ["session"]
    assert client.get("/shelves/3?page=x", headers={"tenant": "t1"}).status_code == 422
    assert client.get("/shelves/3").status_code == 422
    assert client.get("/shelves/x", headers={"tenant": "t1"}).status_code == 404


@each("validator_waits", [False, True], ids=["def validator", "async validator"])
@each("handler_waits", [False, True], ids=["def handler", "async handler"])
@each("method", ["GET", "PUT"])
@each("inline", [False, True], ids=["", "inline"])
def test_all_kinds_of_functions(serve: Serve, *, validator_waits: bool, handler_waits: bool, method: str, inline: bool) -> None:
    app = App()

    async def state_later() -> str:
        return "7"

    def state_now() -> str:
        return "7"

    async def show_later(book: Book) -> Book:
        return book

    def show_now(book: Book) -> Book:
        return book

    async def text_later() -> str:
        return "text"

    def text_now() -> str:
        return "text"

    validator: Any = state_later if validator_waits else state_now
    taking, giving = (show_later, text_later) if handler_waits else (show_now, text_now)
    app.get("/", validator=validator, inline=inline)(giving)
    app.put("/", validator=validator, inline=inline)(taking)
    client = serve(app)
    options: Any = {"json": {"title": "Walden"}} if method == "PUT" else {}
    large: Any = {"json": {"title": "W" * 100_000}} if method == "PUT" else {}

    assert client.request(method, "/", **options).status_code == 200
    assert client.request(method, "/", headers={"if-match": TAG}, **large).status_code == 200
    assert client.request(method, "/", headers={"if-match": OTHER}, **options).status_code == 412
    assert client.request(method, "/", headers={"if-match": OTHER}, **large).status_code == 412
    assert client.get("/", headers={"if-none-match": TAG}).status_code == 304


# Representations.


def negotiating() -> App:
    app = App()

    @app.get("/book", validator=lambda: "7", page=lambda book: f"<h1>{book.title}</h1>")
    async def show() -> Book:
        return Book("Moby-Dick")

    @app.get("/anything", validator=lambda: "7")
    async def anything() -> Any:
        return {"title": "Moby-Dick"}

    @app.put("/book", validator=lambda: "7")
    async def put(book: Book) -> None: ...

    return app


@each("path", ["/book", "/anything"])
def test_each_representation_has_a_strong_tag_of_its_own(serve_once: ServeOnce, path: str) -> None:
    """RFC 9110, Section 8.8.1: or a cache would take JSON for MessagePack."""
    client = serve_once(negotiating)
    accepts = ["application/json", "application/msgpack"]

    tags = [client.get(path, headers={"accept": accept}).headers["etag"] for accept in accepts]

    assert tags == ['"7"', '"7;application/msgpack"']
    for accept, tag, other in zip(accepts, tags, reversed(tags), strict=True):
        assert client.get(path, headers={"accept": accept, "if-none-match": tag}).status_code == 304
        assert client.get(path, headers={"accept": accept, "if-none-match": other}).status_code == 200
        assert client.get(path, headers={"accept": accept, "if-match": other}).status_code == 412


def test_what_cannot_be_negotiated_after_all_has_the_plain_tag(serve_once: ServeOnce) -> None:
    received = serve_once(negotiating).get("/anything", headers={"accept": "image/png", "if-none-match": TAG})

    assert received.status_code == 304


def test_a_page_has_a_tag_of_its_own(serve_once: ServeOnce) -> None:
    assert serve_once(negotiating).get("/book", headers={"accept": "text/html"}).headers["etag"] == '"7;text/html"'


@each(
    ("if_match", "status"),
    [
        ('"7"', 204),
        ('"7;application/msgpack"', 204),
        ('"7;text/html"', 204),
        ('"6;text/html", "7;application/msgpack"', 204),
        ('"7;text/css"', 412),
        ('"6;text/html"', 412),
        ('W/"7;text/html"', 412),
        ('"7;"', 412),
        (";", 412),
    ],
)
def test_whoever_read_any_representation_may_change_it(serve_once: ServeOnce, if_match: str, status: int) -> None:
    received = serve_once(negotiating).put("/book", headers={"if-match": if_match}, json={"title": "Walden"})

    assert received.status_code == status


def test_what_a_handler_tells_itself_wins(serve: Serve) -> None:
    app = App()

    @app.get("/", validator=lambda: Validators(ETag("7"), CHANGED))
    async def show() -> Reply[Book]:
        return Reply(Book("Moby-Dick"), headers={"etag": '"own"', "cache-control": "no-cache"})

    received = serve(app).get("/")

    assert received.headers["etag"] == '"own"'
    assert received.headers["last-modified"] == AT
    assert received.headers["cache-control"] == "no-cache"


# Files.


def test_a_file_answers_conditions_by_itself(serve: Serve, tmp_path: Path) -> None:
    app, path = App(), tmp_path / "file.txt"
    path.write_text("content")
    os.utime(path, ns=(0, int(CHANGED.timestamp()) * 10**9 + 999_999_999))

    @app.get("/")
    async def show() -> Response:
        return Response(File(str(path)), media_type="text/plain", headers={"cache-control": "no-cache", "set-cookie": "a=b"})

    client = serve(app)
    got = client.get("/")
    by_tag = client.get("/", headers={"if-none-match": got.headers["etag"]})

    assert got.headers["last-modified"] == AT  # cut, not rounded
    assert by_tag.status_code == 304
    assert {name: by_tag.headers.get(name) for name in ("etag", "cache-control", "set-cookie")} == {
        "etag": got.headers["etag"],
        "cache-control": "no-cache",
        "set-cookie": "a=b",
    }
    assert not {"content-type", "content-length", "last-modified", "accept-ranges"} & set(by_tag.headers)
    assert client.get("/", headers={"if-modified-since": AT}).status_code == 304
    assert client.get("/", headers={"if-unmodified-since": BEFORE}).status_code == 412
    path.write_text("changed")
    assert client.get("/", headers={"if-none-match": got.headers["etag"]}).status_code == 200


@pytest.mark.parametrize(
    ("changed_ns", "last_modified"),
    [
        pytest.param(0, "Thu, 01 Jan 1970 00:00:00 GMT", id="the epoch"),
        pytest.param(-1, "Wed, 31 Dec 1969 23:59:59 GMT", id="before the epoch"),
        pytest.param(4_000_000_000 * 10**9, None, id="8.8.2.1 a time to come is not told"),
    ],
)
def test_any_time_of_a_file_is_taken(serve: Serve, tmp_path: Path, changed_ns: int, last_modified: str | None) -> None:
    app, path = App(), tmp_path / "file"
    path.write_bytes(b"content")
    os.utime(path, ns=(0, changed_ns))

    @app.get("/")
    async def show() -> File:
        return File(str(path))

    client = serve(app)
    received = client.get("/")

    assert received.headers.get("last-modified") == last_modified
    assert client.get("/", headers={"if-none-match": received.headers["etag"]}).status_code == 304


def test_a_time_that_no_date_says_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    file = File(str(path))
    object.__setattr__(file, "changed_ns", -(10**20))  # some file systems hold such times, this one may not

    assert file.validators.last_modified is None


@pytest.mark.parametrize(
    "case",
    cases := conformance("http/range_conditional/falcon_if_none_match.json")["cases"],
    ids=[f"row {row}" for row in range(len(cases))],
)
def test_files_answer_if_none_match_as_falcon_does(serve: Serve, tmp_path: Path, case: dict[str, Any]) -> None:
    """5 rows, of which `"6782afce-9"` is Falcon's tag of the file."""
    app, path = App(), tmp_path / "file"
    path.write_bytes(b"123456789")

    @app.get("/")
    async def show() -> File:
        return File(str(path))

    client = serve(app)
    own = client.get("/").headers["etag"]

    received = client.get("/", headers={"if-none-match": case["if_none_match"].replace('"6782afce-9"', own)})

    assert received.status_code == (304 if case["is_304"] else 200)


def test_a_stream_that_is_not_sent_is_closed(serve: Serve) -> None:
    app, closed = App(), []

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            raise AssertionError("never asked")

        def close(self) -> None:
            closed.append("closed")

    @app.get("/", validator=lambda request: "early" if "x-early" in request.headers else "7;")
    async def show() -> Response:
        return Response(Stream(Chunks()), headers={"etag": TAG})

    received = serve(app).get("/", headers={"if-none-match": TAG})

    assert received.status_code == 304
    assert closed == ["closed"]


# Mistakes.


async def nothing() -> None: ...


async def takes_body(book: Annotated[Book, msgspec.Meta()]) -> str:
    return ""


async def says_body(book: Annotated[Book, Body()]) -> str:
    return ""


async def gives_number() -> int:
    return 1


async def generates() -> AsyncIterator[str]:
    yield ""


@each(
    ("options", "message"),
    [
        ({"requires_precondition": True}, "requires a precondition, and has no validator"),
        ({"validator": gives_number}, "returns int, which tells no state"),
        ({"validator": generates}, "is a generator, which tells no state"),
        ({"validator": takes_body}, "only a handler takes the body"),
        ({"validator": says_body}, "asks for the body, which is read only after it has spoken"),
    ],
)
def test_mistakes_are_told_before_the_first_request(options: Any, message: str) -> None:
    app = App()
    app.put("/", **options)(nothing)

    with pytest.raises(FreezeError, match=message):
        app.freeze()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_required_precondition_without_a_validator_is_a_mistake_for_any_method(method: str) -> None:
    app = App()
    app.route("/", methods=[method], requires_precondition=True)(nothing)

    with pytest.raises(FreezeError, match="requires a precondition, and has no validator"):
        app.freeze()


def test_a_group_may_have_one_validator_for_all_its_routes(serve: Serve) -> None:
    books = Group("/books/{book_id}", validator=lambda book_id: f"v{book_id}", requires_precondition=True)

    @books.get("")
    async def show(book_id: str) -> str:
        return book_id

    @books.put("")
    async def put(book_id: str) -> str:
        return book_id

    @books.post("/copies", requires_precondition=False)
    async def copy(book_id: str) -> str:
        return book_id

    app = App()
    app.include(books)
    client = serve(app)

    assert client.get("/books/7", headers={"if-none-match": '"v7"'}).status_code == 304
    assert client.put("/books/7").status_code == 428
    assert client.put("/books/7", headers={"if-match": '"v7"'}).status_code == 200
    assert client.post("/books/7/copies").status_code == 200


def test_a_value_that_tells_no_state_is_the_authors_mistake(serve: Serve) -> None:
    app = App()

    @app.get("/", validator=lambda: 7)
    async def show() -> str:
        return ""

    assert serve(app).get("/").status_code == 500


TOLD = {"Cache-Control": "private, max-age=60", "Content-Location": "/books/1.json", "Expires": AFTER, "Vary": "cookie, Accept"}


def told_by_the_validator(handler: Callable[[], object]) -> App:
    app = App()
    app.use(Compression(["gzip"]))

    def state() -> Validators:
        return Validators(ETag("7"), CHANGED, TOLD)

    app.get("/", validator=state)(handler)
    return app


def of_data() -> dict[str, str]:
    return {"title": "Moby-Dick" * 100}


def of_text() -> str:
    return "Moby-Dick" * 100


@each("coding", ["gzip", "identity"])
@each("handler", [of_data, of_text])
def test_a_304_says_what_the_200_says_of_caches(serve: Serve, handler: Callable[[], object], coding: str) -> None:
    client = serve(told_by_the_validator(handler))

    whole = client.get("/", headers={"accept-encoding": coding})
    known = client.get("/", headers={"accept-encoding": coding, "if-none-match": whole.headers["etag"]})

    names = ("cache-control", "content-location", "expires", "etag")
    assert (whole.status_code, known.status_code) == (200, 304)
    assert [known.headers.get(name) for name in names] == [whole.headers.get(name) for name in names]
    assert whole.headers["cache-control"] == "private, max-age=60"
    assert set(known.headers["vary"].lower().split(", ")) == set(whole.headers["vary"].lower().split(", "))
    assert {"accept", "cookie", "accept-encoding"} == set(whole.headers["vary"].lower().split(", "))
    assert whole.headers["etag"].startswith("W/") is (coding == "gzip")


def test_who_holds_both_is_told_the_tag_of_what_it_would_get(serve: Serve) -> None:
    client = serve(told_by_the_validator(of_text))

    held = {"if-none-match": '"7", W/"7"'}
    tags = [client.get("/", headers={**held, "accept-encoding": coding}).headers["etag"] for coding in ("gzip", "identity")]

    assert tags == ['W/"7"', '"7"']


def test_what_the_handler_says_itself_goes_before(serve: Serve) -> None:
    async def own() -> Reply[str]:
        return Reply("text", headers={"cache-control": "no-store", "vary": "origin"})

    answer = serve(told_by_the_validator(own)).get("/")

    assert answer.headers["cache-control"] == "no-store"
    assert set(answer.headers["vary"].lower().split(", ")) == {"origin", "cookie", "accept"}


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_the_tag_and_the_time_are_not_told_twice(name: str) -> None:
    with pytest.raises(ValueError, match="in its place"):
        Validators(ETag("7"), headers={name: "x"})


# Laws.


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Client]]:
    """One client for each protocol, for all examples."""
    app, path = library(Shelf()), tmp_path_factory.mktemp("conditions") / "file"
    path.write_bytes(b"content")

    @app.get("/file")
    async def file() -> File:
        return File(str(path))

    with ExitStack() as stack:
        yield [stack.enter_context(Client(app, protocol=protocol)) for protocol in PROTOCOLS]


VALUES = st.sampled_from([TAG, OTHER, "*", "W/" + TAG, AT, BEFORE, AFTER, "", '"', 'W/"7'])
NOISE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)  # RSGI leaves out values that are no UTF-8
NAMES = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range")


@given(
    method=st.sampled_from(["GET", "HEAD", "DELETE"]),
    path=st.sampled_from(["/books/1", "/books/2", "/file"]),
    headers=st.dictionaries(st.sampled_from(NAMES), VALUES | NOISE),
)
def test_any_conditions_have_the_same_answer_everywhere_and_never_a_500(
    clients: list[Client], method: str, path: str, headers: dict[str, str]
) -> None:
    if method == "DELETE" and path == "/books/1":
        headers = {**headers, "if-match": OTHER}  # or the book would be gone

    answers = [client.request(method, path, headers=headers) for client in clients]

    assert answers[0].status_code in {200, 206, 304, 404, 405, 412, 416, 428}
    assert len({(answer.status_code, answer.headers.get("etag"), answer.headers.get("content-range")) for answer in answers}) == 1
    if "content-type" in answers[0].headers and "multipart" not in answers[0].headers["content-type"]:
        assert answers[0].content == answers[1].content == answers[2].content
