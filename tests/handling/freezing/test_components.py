"""The components that are offered by name are those that run when an app is served: a trace of two requests shows it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import pytest
from msgspec import Struct

from martlet import (
    App,
    ContentNegotiator,
    ExceptionHandlerRegistry,
    HTTPStatus,
    NotFoundError,
    QueryString,
    Response,
    Router,
    WSGIRequest,
    WSGIResponse,
)
from martlet.testing import Client
from tests.serving import PROTOCOLS, ProtocolName


class Book(Struct):
    book_id: int
    page: int


def library() -> App:
    app = App()

    @app.get("/books/{book_id}")
    def show(book_id: int, page: int = 1) -> Book:
        if book_id > 100:
            raise NotFoundError(f"There is no book {book_id}.")
        return Book(book_id, page)

    return app


@contextmanager
def traced() -> Iterator[set[CodeType]]:
    """Gather the code of every Python function that is called, in this thread and in those that start meanwhile."""
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)
        threading.setprofile(None)


def code_of(function: Any) -> CodeType:
    code: CodeType = getattr(function, "__func__", function).__code__
    return code


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_named_components_serve_a_request(protocol: ProtocolName) -> None:
    app = library()
    frozen = app.freeze()

    with traced() as called, Client(app, protocol=protocol) as client:
        found = client.get("/books/7?page=3", headers={"accept": "application/vnd.msgpack, */*;q=0.1"})
        missing = client.get("/books/700")

    assert (found.status_code, missing.status_code) == (200, 404)
    assert found.headers["content-type"] == "application/vnd.msgpack"
    ran = {
        "Router's decision": code_of(frozen.router.compile()),
        "QueryString": code_of(QueryString.__init__),
        "QueryString.get": code_of(QueryString.get),
        "ContentNegotiator": code_of(ContentNegotiator.choose),
        "ExceptionHandlerRegistry": code_of(ExceptionHandlerRegistry.find),
        "HTTPStatus": code_of(HTTPStatus.reason),
    }
    if protocol == "wsgi":
        ran |= {
            "WSGIRequest": code_of(WSGIRequest.__init__),
            "WSGIResponse": code_of(WSGIResponse.__call__),
            "HTTPStatus.line": code_of(HTTPStatus.line),
        }
    assert [name for name, code in ran.items() if code not in called] == []


def test_what_is_frozen_is_made_of_the_named_components() -> None:
    frozen = library().freeze()

    assert type(frozen.router) is Router
    assert type(frozen.negotiator) is ContentNegotiator
    assert type(frozen.error_handlers) is ExceptionHandlerRegistry
    assert frozen.error_handlers.find(NotFoundError) is not None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_handler_is_given_the_named_classes(protocol: ProtocolName) -> None:
    app = App()

    @app.get("/")
    def show(query: QueryString) -> Response:
        assert type(query) is QueryString
        return Response(str(query))

    with Client(app, protocol=protocol) as client:
        assert client.get("/?a=1").text == "a=1"
