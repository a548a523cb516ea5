"""Tags made of content: RFC 9110, Sections 8.8.3 and 13."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet import App, ETag, File, Request, Response, Stream
from martlet.middleware import Compression, ConditionalGet
from tests.rows import each
from tests.serving import Serve, ServeOnce

PAGE = "swift " * 200
TAG = str(ETag.of(PAGE.encode()))


def pages(*, max_bytes: int = 10_000, weak: bool = False) -> App:
    app = App(security_headers=None)
    app.use(ConditionalGet(max_bytes=max_bytes, weak=weak))

    @app.get("/")
    async def home() -> str:
        return PAGE

    @app.get("/empty")
    async def empty() -> str:
        return ""

    @app.get("/private")
    async def private() -> Response:
        return Response(PAGE, headers={"cache-control": "private, No-Store"})

    @app.get("/own")
    async def own() -> Response:
        return Response(PAGE, headers={"etag": '"own"', "last-modified": "Mon, 01 Jul 2024 10:00:00 GMT", "set-cookie": "a=b"})

    @app.get("/dated")
    async def dated() -> Response:
        return Response(Stream([PAGE]), headers={"last-modified": "Mon, 01 Jul 2024 10:00:00 GMT"})

    @app.get("/gone")
    async def gone() -> Response:
        return Response(PAGE, status=410)

    @app.get("/stream")
    async def stream() -> Stream:
        return Stream([PAGE])

    @app.post("/")
    async def posted() -> str:
        return PAGE

    @app.head("/head")
    async def head() -> Response:
        return Response(headers={"content-length": "1200"})

    return app


def test_content_has_a_tag_that_stays(serve_once: ServeOnce) -> None:
    client = serve_once(pages)

    first, second = client.get("/"), client.get("/")

    assert first.headers["etag"] == second.headers["etag"] == TAG
    assert client.head("/").headers["etag"] == TAG


@each(
    ("method", "path", "headers", "status"),
    [
        pytest.param("GET", "/", {"if-none-match": TAG}, 304, id="13.1.2 the same content"),
        pytest.param("GET", "/", {"if-none-match": "W/" + TAG}, 304, id="13.1.2 the comparison is weak"),
        pytest.param("HEAD", "/", {"if-none-match": TAG}, 304, id="13.1.2 HEAD"),
        pytest.param("GET", "/", {"if-none-match": '"other"'}, 200, id="13.1.2 other content"),
        pytest.param("GET", "/", {"if-match": '"other"'}, 412, id="13.1.1 other content"),
        pytest.param("GET", "/", {"if-match": TAG}, 200, id="13.1.1 the same content"),
        pytest.param("POST", "/", {"if-none-match": TAG}, 200, id="13.2.1 what has been done is not refused"),
        pytest.param("POST", "/", {"if-match": '"other"'}, 200, id="13.2.1 nor here"),
        pytest.param("GET", "/gone", {"if-none-match": "*"}, 410, id="13.2.1 no success, no condition"),
        pytest.param("GET", "/own", {"if-none-match": '"own"'}, 304, id="a tag of its own"),
        pytest.param("GET", "/own", {"if-none-match": TAG}, 200, id="a tag of its own, and not another"),
        pytest.param("GET", "/dated", {"if-modified-since": "Mon, 01 Jul 2024 10:00:00 GMT"}, 304, id="13.1.3 a date"),
        pytest.param("GET", "/dated", {"if-unmodified-since": "Mon, 01 Jul 2024 09:00:00 GMT"}, 412, id="13.1.4 a stream"),
        pytest.param("GET", "/", {"range": "bytes=0-4"}, 206, id="14.2 a part"),
        pytest.param("GET", "/", {"range": "bytes=0-4", "if-range": TAG}, 206, id="13.1.5 a part of the same"),
        pytest.param("GET", "/", {"range": "bytes=0-4", "if-range": '"other"'}, 200, id="13.1.5 a part of another"),
        pytest.param("GET", "/missing", {"if-none-match": "*"}, 404, id="nothing there"),
    ],
)
def test_conditions(serve_once: ServeOnce, method: str, path: str, headers: dict[str, str], status: int) -> None:
    received = serve_once(pages).request(method, path, headers=headers)

    assert received.status_code == status
    if status == 304:
        assert received.content == b""
        assert "content-type" not in received.headers


@each("path", ["/empty", "/private", "/stream", "/gone"])
def test_what_gets_no_tag(serve_once: ServeOnce, path: str) -> None:
    received = serve_once(pages).get(path)

    assert "etag" not in received.headers
    assert "accept-ranges" not in received.headers


def test_an_answer_to_head_without_content_gets_none(serve_once: ServeOnce) -> None:
    assert "etag" not in serve_once(pages).head("/head").headers


def test_large_content_is_not_read_through(serve_once: ServeOnce) -> None:
    assert "etag" not in serve_once(pages, max_bytes=100).get("/").headers


def test_a_weak_tag(serve_once: ServeOnce) -> None:
    client = serve_once(pages, weak=True)

    assert client.get("/").headers["etag"] == "W/" + TAG
    assert client.get("/", headers={"if-none-match": "W/" + TAG}).status_code == 304
    assert client.get("/", headers={"if-match": "W/" + TAG}).status_code == 412
    assert client.get("/", headers={"range": "bytes=0-4", "if-range": "W/" + TAG}).status_code == 200


def test_the_other_fields_of_a_304_are_those_of_the_200(serve_once: ServeOnce) -> None:
    """RFC 9110, Section 15.4.5."""
    received = serve_once(pages).get("/own", headers={"if-none-match": '"own"'})

    assert sorted(received.headers) == ["etag", "set-cookie"]


def test_a_response_that_is_given_again_and_again_is_not_changed(serve: Serve) -> None:
    app, one = App(security_headers=None), Response(PAGE)
    app.use(ConditionalGet())

    @app.get("/")
    async def home() -> Response:
        return one

    client = serve(app)
    statuses = [client.get("/", headers={"range": "bytes=0-0"}).status_code, client.get("/").status_code]

    assert statuses == [206, 200]
    assert one.headers.items() == [("content-type", "text/plain; charset=utf-8")]


def test_files_keep_their_own_tags(serve: Serve, tmp_path: Path) -> None:
    app, path = pages(), tmp_path / "file"
    path.write_text(PAGE)

    @app.get("/file")
    async def file() -> File:
        return File(str(path))

    client = serve(app)
    etag = client.get("/file").headers["etag"]

    assert etag != TAG
    assert client.get("/file", headers={"if-none-match": etag}).status_code == 304
    assert client.get("/file", headers={"range": "bytes=0-4"}).content == b"swift"


def test_inside_of_compression(serve: Serve) -> None:
    """RFC 9110, Section 8.8.3.3: other bytes, another strong tag; so the coded content's tag is weak."""
    app = App(security_headers=None)
    app.use(Compression(["gzip"]))
    app.use(ConditionalGet())

    @app.get("/")
    async def home(request: Request) -> str:
        return PAGE

    client = serve(app)
    coded = client.get("/", headers={"accept-encoding": "gzip"})
    again = client.get("/", headers={"accept-encoding": "gzip", "if-none-match": coded.headers["etag"]})
    part = client.get("/", headers={"accept-encoding": "gzip", "range": "bytes=0-4"})

    assert (coded.headers["etag"], coded.headers["content-encoding"]) == ("W/" + TAG, "gzip")
    assert "accept-ranges" not in coded.headers
    assert (again.status_code, again.headers["etag"], again.headers["vary"]) == (304, "W/" + TAG, "accept-encoding")
    assert (part.status_code, part.content, part.headers.get("content-encoding")) == (206, b"swift", None)
