"""WSGIRequest and WSGIResponse by themselves, as a plain WSGI application uses them (PEP 3333)."""

from __future__ import annotations

import io
from typing import Any
from wsgiref.validate import validator

import pytest

from martlet import WSGIRequest, WSGIResponse
from martlet.http import BadHeaderError, BadRequestError, ContentTooLargeError, Limits
from martlet.messages import IncompleteBodyError
from tests.rows import each


def called(response: WSGIResponse) -> tuple[str, dict[str, str], bytes]:
    begun: list[Any] = []
    chunks = response(lambda status, headers: begun.extend([status, dict(headers)]))
    return begun[0], begun[1], b"".join(chunks)


# WSGIRequest.


def test_an_empty_environ_reads_as_an_empty_request() -> None:
    request = WSGIRequest({})

    assert (request.method, request.path, request.query_string, request.body) == ("GET", "/", "", b"")
    assert (request.client, request.scheme, request.http_version, request.host) == (None, "http", "1.1", "")
    assert request.headers.items() == []


@each(
    ("environ", "body"),
    [
        pytest.param({"CONTENT_LENGTH": "4"}, b"data", id="as many bytes as are announced"),
        pytest.param({"CONTENT_LENGTH": ""}, b"", id="an empty length is none"),
        pytest.param({}, b"", id="without a length nothing is read"),
        pytest.param({"wsgi.input_terminated": True}, b"data and more", id="unless the server marks the end"),
        pytest.param({"CONTENT_LENGTH": "0"}, b"", id="zero"),
    ],
)
def test_the_body_is_what_the_environ_says_it_is(environ: dict[str, Any], body: bytes) -> None:
    request = WSGIRequest({"wsgi.input": io.BytesIO(b"data and more"), **environ})

    assert request.body == body
    assert request.body == body, "a second look gives the same bytes"


@each(
    ("environ", "error"),
    [
        pytest.param({"CONTENT_LENGTH": "ten"}, BadRequestError, id="no number"),
        pytest.param({"CONTENT_LENGTH": "+4"}, BadRequestError, id="a sign"),
        pytest.param({"CONTENT_LENGTH": " 4"}, BadRequestError, id="space"),
        pytest.param({"CONTENT_LENGTH": "99"}, IncompleteBodyError, id="more announced than sent"),
        pytest.param({"CONTENT_LENGTH": "101"}, ContentTooLargeError, id="more announced than allowed"),
    ],
)
def test_a_body_that_cannot_be_is_refused(environ: dict[str, Any], error: type[Exception]) -> None:
    request = WSGIRequest({"wsgi.input": io.BytesIO(b"data"), **environ}, Limits(body_bytes=100))

    with pytest.raises(error):
        _ = request.body


@pytest.mark.parametrize(
    ("info", "path"),
    [
        pytest.param("/caf\xc3\xa9", "/café", id="UTF-8 in a Latin-1 coat"),
        pytest.param("/\xff", "/\ufffd", id="no UTF-8"),
        pytest.param("", "/", id="empty"),
    ],
)
def test_the_path_is_text(info: str, path: str) -> None:
    assert WSGIRequest({"PATH_INFO": info}).path == path


def test_fields_are_read_by_their_names() -> None:
    request = WSGIRequest(
        {
            "HTTP_HOST": "example.org",
            "HTTP_X_SHELF": "3",
            "HTTP_X_EMPTY": "",
            "HTTP_PROXY": "from the process",
            "CONTENT_TYPE": "text/plain",
            "CONTENT_LENGTH": "",
            "HOME": "/nowhere",
        }
    )

    assert sorted(request.headers.items()) == [
        ("content-type", "text/plain"),
        ("host", "example.org"),
        ("x-empty", ""),
        ("x-shelf", "3"),
    ]


# WSGIResponse.

MIXED: list[str | bytes] = ["é", b"", b"!"]


@each(
    ("response", "status", "headers", "body"),
    [
        pytest.param(
            WSGIResponse(200, "Hello"),
            "200 OK",
            {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "5"},
            b"Hello",
            id="text",
        ),
        pytest.param(
            WSGIResponse(404, b"\xff", {"content-type": "application/octet-stream", "x-shelf": "3"}),
            "404 Not Found",
            {"Content-Type": "application/octet-stream", "X-Shelf": "3", "Content-Length": "1"},
            b"\xff",
            id="bytes, and fields in title case",
        ),
        pytest.param(
            WSGIResponse(200, ["é", b"!"]),
            "200 OK",
            {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "3"},
            b"\xc3\xa9!",
            id="a list of both",
        ),
        pytest.param(
            WSGIResponse(200, (chunk for chunk in MIXED)),
            "200 OK",
            {"Content-Type": "text/plain; charset=utf-8"},
            b"\xc3\xa9!",
            id="an iterable of unknown length",
        ),
        pytest.param(WSGIResponse(204, "text"), "204 No Content", {}, b"", id="a status without content"),
        pytest.param(
            WSGIResponse(205, "text"),
            "205 Reset Content",
            {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "0"},
            b"",
            id="205 says that it is empty",
        ),
        pytest.param(
            WSGIResponse(299, ""),
            "299 Unknown",
            {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "0"},
            b"",
            id="299",
        ),
        pytest.param(
            WSGIResponse(304, "", {"etag": '"Zoë"'}),
            "304 Not Modified",
            {"Etag": '"Zo\xc3\xab"'},
            b"",
            id="UTF-8 in a Latin-1 coat",
        ),
    ],
)
def test_a_response_is_begun_and_given(response: WSGIResponse, status: str, headers: dict[str, str], body: bytes) -> None:
    assert called(response) == (status, headers, body)


@each("status", [0, 99, 100, 199, 600, 1000])
def test_a_status_no_server_may_be_handed_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match="use one from 200 to 599"):
        WSGIResponse(status, "")


def test_a_field_that_would_split_the_message_is_refused() -> None:
    with pytest.raises(BadHeaderError):
        WSGIResponse(200, "", {"location": "/\r\nset-cookie: a=b"})


def test_an_iterable_is_closed_by_the_server() -> None:
    class Chunks:
        def __init__(self) -> None:
            self.closed = False

        def __iter__(self) -> Chunks:
            return self

        def __next__(self) -> bytes:
            return b"x"

        def close(self) -> None:
            self.closed = True

    chunks = Chunks()
    given: Any = WSGIResponse(200, chunks)(lambda *_: None)
    next(iter(given))

    given.close()

    assert chunks.closed


def test_the_validator_of_the_standard_library_is_content() -> None:
    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return WSGIResponse(200, f"Hello, {WSGIRequest(environ).query_string}!")(start_response)

    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "world",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    chunks: Any = validator(application)(environ, lambda *_: lambda _: None)

    assert b"".join(chunks) == b"Hello, world!"
    chunks.close()
