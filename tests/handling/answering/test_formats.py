"""Renderers and decoders that the application registers, beside JSON, MessagePack and forms or in their place."""

import csv
import io
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, BadRequestError, NotFoundError, Reply
from tests.rows import each
from tests.serving import Serve


class Book(Struct):
    title: str
    year: int


def to_csv(value: Any) -> str:
    rows = value if isinstance(value, list) else [value]
    return "".join(f"{row.title},{row.year}\r\n" for row in rows)


def from_csv(data: bytes) -> Any:
    rows = list(csv.DictReader(io.StringIO(data.decode()), fieldnames=["title", "year"]))
    return rows[0]


def library(**options: Any) -> App:
    app = App(**options)

    @app.get("/book")
    def show() -> Book:
        return Book("Walden", 1854)

    @app.post("/book")
    def add(new: Book) -> Reply[Book]:
        return Reply(new, status=201)

    return app


def test_a_registered_renderer_is_offered_beside_the_others(serve: Serve) -> None:
    client = serve(library(renderers={"text/csv": to_csv}))

    as_csv = client.get("/book", headers={"accept": "text/csv"})

    assert as_csv.text == "Walden,1854\r\n"
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.headers["vary"] == "accept"
    assert client.get("/book").json() == {"title": "Walden", "year": 1854}
    assert client.get("/book", headers={"accept": "text/csv;q=0.5, */*"}).headers["content-type"] == "application/json"


def test_a_registered_renderer_takes_the_place_of_a_built_in_one(serve: Serve) -> None:
    client = serve(library(renderers={"application/json": lambda _: b'{"own": true}'}))

    assert client.get("/book").json() == {"own": True}


@each(
    ("accept", "chosen"),
    [
        pytest.param(None, "application/json", id="nothing is said"),
        pytest.param("", "application/json", id="nothing stands in the field"),
        pytest.param("*/*", "application/json", id="anything will do"),
        pytest.param("text/*", "text/csv; charset=utf-8", id="any text"),
        pytest.param("application/json;q=0.1, text/csv", "text/csv; charset=utf-8", id="the better quality"),
        pytest.param("application/json;q=0, */*", "application/vnd.msgpack", id="anything but one"),
        pytest.param("application/x-msgpack", "application/x-msgpack", id="an older name"),
        pytest.param(";;nonsense", "application/json", id="no Accept field at all"),
        pytest.param("TEXT/CSV", "text/csv; charset=utf-8", id="capitals"),
    ],
)
def test_accept_decides(serve: Serve, accept: str | None, chosen: str) -> None:
    client = serve(library(renderers={"text/csv": to_csv}))

    for _ in range(2):  # what is remembered is the same
        received = client.get("/book", headers={} if accept is None else {"accept": accept})

        assert received.headers["content-type"] == chosen


def test_a_registered_decoder_reads_text_for_numbers_too(serve: Serve) -> None:
    client = serve(library(decoders={"text/csv": from_csv}))

    received = client.post("/book", headers={"content-type": "text/csv; charset=utf-8"}, content="Walden,1854")

    assert received.status_code == 201
    assert received.json() == {"title": "Walden", "year": 1854}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"Walden,long ago", 422, id="what it gives does not fit"),
        pytest.param(b"", 400, id="it finds nothing"),
        pytest.param(b"\xff\xfe,1", 400, id="no text"),
    ],
)
def test_what_a_registered_decoder_cannot_read_is_refused(serve: Serve, content: bytes, status: int) -> None:
    client = serve(library(decoders={"text/csv": from_csv}))

    assert client.post("/book", headers={"content-type": "text/csv"}, content=content).status_code == status


def test_a_decoder_may_refuse_in_its_own_words(serve: Serve) -> None:
    def refuse(data: bytes) -> Any:
        raise BadRequestError("Not on a Sunday.")

    received = serve(library(decoders={"text/csv": refuse})).post("/book", headers={"content-type": "text/csv"}, content=b"x")

    assert (received.status_code, received.json()["detail"]) == (400, "Not on a Sunday.")


def test_a_registered_decoder_takes_the_place_of_a_built_in_one(serve: Serve) -> None:
    client = serve(library(decoders={"application/json": lambda data: {"title": "own", "year": len(data)}}))

    assert client.post("/book", headers={"content-type": "application/json"}, content=b"{}").json() == {"title": "own", "year": 2}


def test_an_error_is_a_problem_document_whatever_is_registered(serve: Serve) -> None:
    app = App(renderers={"text/csv": to_csv})

    @app.get("/")
    def show() -> Book:
        raise NotFoundError("No such book.", shelf=7)

    received = serve(app).get("/", headers={"accept": "text/csv"})

    assert received.status_code == 404
    assert received.headers["content-type"] == "application/problem+json"
    assert received.json()["shelf"] == 7


def test_a_renderer_that_fails_is_500(serve: Serve) -> None:
    def broken(value: Any) -> str:
        raise ZeroDivisionError

    received = serve(library(renderers={"text/csv": broken})).get("/book", headers={"accept": "text/csv"})

    assert received.status_code == 500
