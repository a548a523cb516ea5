"""Ranges of what handlers return, over every protocol: RFC 9110, Sections 14 and 15.3.7."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, ETag, File, Limits, Response, Stream, Validators, WSGIRequest
from martlet.messages import select_response
from martlet.testing import Client
from tests.rows import TestFunction, each
from tests.serving import PROTOCOLS, ServeOnce
from tests.shared_cases import conformance

DIGITS = b"0123456789abcdef"
CHANGED = 1_719_828_000  # seconds since the epoch
CHANGED_TEXT = "Mon, 01 Jul 2024 10:00:00 GMT"
PART = re.compile(rb"\r\nContent-Type: ([^\r]+)\r\nContent-Range: bytes ([0-9]+)-([0-9]+)/([0-9]+)\r\n\r\n(.*)\r\n\Z", re.DOTALL)


def files(folder: Path, content: bytes = DIGITS) -> App:
    """`/file` is a file, `/part` bytes 4 to 12 of it, `/bytes` its content; `/stream` and `/plain` know nothing of ranges."""
    app = App(limits=Limits(ranges=5))
    path = folder / str(len(content)) / "digits.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (CHANGED, CHANGED))

    @app.get("/file")
    async def whole_file() -> File:
        return File(str(path))

    @app.get("/part")
    def part_of_file() -> Response:
        return Response(File(str(path), start=4, stop=12), media_type="text/plain", headers={"x-shelf": "3"})

    @app.get("/any")
    async def whatever() -> Any:
        return File(str(path))

    @app.get("/bytes", validator=lambda: "v1")
    async def content_bytes() -> bytes:
        return content

    @app.get("/stream", validator=lambda: "v1")
    async def stream() -> Stream:
        return Stream([content])

    @app.get("/plain")
    async def plain() -> bytes:
        return content

    @app.get("/missing", validator=lambda: "v1")
    async def missing() -> Response:
        return Response("gone", status=404)

    @app.post("/file")
    async def posted() -> File:
        return File(str(path))

    return app


def parts_of(content_type: str, body: bytes) -> list[tuple[int, int, int, bytes]]:
    """Take a multipart/byteranges body apart: start, stop, size and bytes of each part."""
    boundary = content_type.removeprefix("multipart/byteranges; boundary=")
    first, *pieces, last = body.split(b"--" + boundary.encode())
    assert (first, last) == (b"", b"--\r\n")
    found = [PART.match(piece) for piece in pieces]
    return [(int(part[2]), int(part[3]) + 1, int(part[4]), part[5]) for part in found if part is not None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@each("path", ["/file", "/any", "/bytes"])
@each(
    ("wanted", "status", "content", "content_range"),
    [
        pytest.param("bytes=0-4", 206, b"01234", "bytes 0-4/16", id="14.1.2 from the start"),
        pytest.param("bytes=8-", 206, b"89abcdef", "bytes 8-15/16", id="14.1.2 to the end"),
        pytest.param("bytes=-3", 206, b"def", "bytes 13-15/16", id="14.1.2 a suffix"),
        pytest.param("bytes=-300", 206, DIGITS, "bytes 0-15/16", id="14.1.2 a suffix longer than the whole"),
        pytest.param("bytes=15-30", 206, b"f", "bytes 15-15/16", id="14.1.2 the end cut to the size"),
        pytest.param("bytes=0-1,2-3", 206, b"0123", "bytes 0-3/16", id="15.3.7.2 parts that touch are one"),
        pytest.param("bytes=0-0, 100-", 206, b"0", "bytes 0-0/16", id="14.2 those outside are left out"),
        pytest.param("bytes=16-", 416, None, "bytes */16", id="15.5.17 beyond the end"),
        pytest.param("bytes=-0", 416, None, "bytes */16", id="14.1.2 a suffix of nothing"),
        pytest.param("bytes=5-2", 200, DIGITS, None, id="14.2 malformed is ignored"),
        pytest.param("bytes=٣-", 200, DIGITS, None, id="14.1.2 digits are ASCII"),
        pytest.param("lines=0-4", 200, DIGITS, None, id="14.2 another unit is ignored"),
        pytest.param("bytes=0-0,2-2,4-4,6-6,8-8,10-10", 200, DIGITS, None, id="14.2 more than Limits.ranges is ignored"),
        pytest.param("bytes=0-,0-,0-,0-", 200, DIGITS, None, id="17.15 the whole four times is sent once"),
    ],
)
def test_one_range(
    serve_once: ServeOnce, folder: Path, path: str, wanted: str, status: int, content: bytes | None, content_range: str | None
) -> None:
    received = serve_once(files, folder).get(path, headers={"range": wanted.encode().decode("latin-1")})

    assert received.status_code == status
    assert received.headers.get("content-range") == content_range
    if content is not None:
        assert received.content == content
        assert received.headers["content-length"] == str(len(content))
        assert received.headers["accept-ranges"] == "bytes"
        assert received.headers["etag"].strip('"')


@each(("path", "content_type"), [("/file", "text/plain; charset=utf-8"), ("/bytes", "application/octet-stream")])
def test_several_ranges_come_in_parts(serve_once: ServeOnce, folder: Path, path: str, content_type: str) -> None:
    """RFC 9110, Sections 14.6 and 15.3.7.2: in the order asked for, each with the Content-Type of the whole."""
    received = serve_once(files, folder).get(path, headers={"range": "bytes=10-11, 0-2 ,-1, 500-"})

    assert received.status_code == 206
    assert "content-range" not in received.headers
    assert parts_of(received.headers["content-type"], received.content) == [
        (10, 12, 16, b"ab"),
        (0, 3, 16, b"012"),
        (15, 16, 16, b"f"),
    ]
    assert f"Content-Type: {content_type}".encode() in received.content
    assert received.headers["content-length"] == str(len(received.content))


def test_a_boundary_is_another_each_time(serve_once: ServeOnce, folder: Path) -> None:
    client = serve_once(files, folder)

    kinds = {client.get("/file", headers={"range": "bytes=0-0,2-2"}).headers["content-type"] for _ in range(3)}

    assert len(kinds) == 3


def test_ranges_of_a_part_are_counted_in_the_part(serve_once: ServeOnce, folder: Path) -> None:
    client = serve_once(files, folder)

    whole, one = client.get("/part"), client.get("/part", headers={"range": "bytes=6-"})
    several = client.get("/part", headers={"range": "bytes=0-0,-1"})

    assert whole.content == b"456789ab"
    assert (one.content, one.headers["content-range"], one.headers["x-shelf"]) == (b"ab", "bytes 6-7/8", "3")
    assert [part[3] for part in parts_of(several.headers["content-type"], several.content)] == [b"4", b"b"]
    assert whole.headers["etag"] != client.get("/file").headers["etag"]


@each(
    ("method", "path"),
    [
        pytest.param("HEAD", "/file", id="14.2 HEAD"),
        pytest.param("POST", "/file", id="14.2 POST"),
        pytest.param("GET", "/stream", id="a stream, whose bytes are made only once"),
        pytest.param("GET", "/plain", id="bytes without a validator"),
    ],
)
def test_other_requests_get_the_whole(serve_once: ServeOnce, folder: Path, method: str, path: str) -> None:
    received = serve_once(files, folder).request(method, path, headers={"range": "bytes=0-4"})

    assert received.status_code == 200
    assert received.content == (b"" if method == "HEAD" else DIGITS)
    assert "content-range" not in received.headers


def test_a_range_means_nothing_to_an_error(serve_once: ServeOnce, folder: Path) -> None:
    """RFC 9110, Section 14.2: only where the answer would be 200."""
    received = serve_once(files, folder).get("/missing", headers={"range": "bytes=0-0"})

    assert (received.status_code, received.content) == (404, b"gone")
    assert "etag" not in received.headers


def test_head_tells_of_ranges_and_the_size_of_the_whole(serve_once: ServeOnce, folder: Path) -> None:
    received = serve_once(files, folder).head("/file", headers={"range": "bytes=0-4"})

    assert received.headers["accept-ranges"] == "bytes"
    assert received.headers["content-length"] == "16"
    assert received.headers["last-modified"] == CHANGED_TEXT


@each(
    ("if_range", "status"),
    [
        pytest.param("{etag}", 206, id="13.1.5 the same tag"),
        pytest.param("W/{etag}", 200, id="13.1.5 the comparison is strong"),
        pytest.param('"other"', 200, id="13.1.5 another tag"),
        pytest.param(CHANGED_TEXT, 206, id="13.1.5 the very date"),
        pytest.param("Mon, 01 Jul 2024 10:00:01 GMT", 200, id="13.1.5 a later date is not the same"),
        pytest.param("junk", 200, id="13.1.5 neither"),
        pytest.param("", 200, id="13.1.5 nothing"),
    ],
)
def test_if_range(serve_once: ServeOnce, folder: Path, if_range: str, status: int) -> None:
    client = serve_once(files, folder)
    etag = client.get("/file").headers["etag"]

    received = client.get("/file", headers={"range": "bytes=0-4", "if-range": if_range.format(etag=etag)})

    assert received.status_code == status


def test_if_range_goes_before_an_unsatisfiable_range(serve_once: ServeOnce, folder: Path) -> None:
    """RFC 9110, Section 13.2.2: Range is looked at only if If-Range holds."""
    received = serve_once(files, folder).get("/file", headers={"range": "bytes=99-", "if-range": '"other"'})

    assert received.status_code == 200


def test_conditions_go_before_ranges(serve_once: ServeOnce, folder: Path) -> None:
    """RFC 9110, Section 13.2.2."""
    client = serve_once(files, folder)
    etag = client.get("/file").headers["etag"]

    assert client.get("/file", headers={"range": "bytes=0-4", "if-none-match": etag}).status_code == 304
    assert client.get("/file", headers={"range": "bytes=0-4", "if-match": '"other"'}).status_code == 412
    assert client.get("/file", headers={"range": "bytes=0-4", "if-match": etag}).status_code == 206


@each(("wanted", "status"), [("bytes=0-", 416), ("bytes=-5", 200), ("bytes=0-0,-1", 200)])
def test_an_empty_file(serve_once: ServeOnce, folder: Path, wanted: str, status: int) -> None:
    received = serve_once(files, folder, b"").get("/file", headers={"range": wanted})

    assert received.status_code == status


def test_a_refused_range_is_a_problem_document(serve_once: ServeOnce, folder: Path) -> None:
    received = serve_once(files, folder).get("/file", headers={"range": "bytes=16-"})

    assert received.headers["content-type"] == "application/problem+json"
    assert received.json()["detail"] == "What is here has 16 bytes, and none of them was asked for."


@pytest.mark.parametrize("piece", ["0-0,", "-1,", "0-,", ",", "5-1,"])
def test_a_hundred_thousand_ranges_cost_milliseconds(tmp_path: Path, piece: str) -> None:
    with Client(files(tmp_path)) as client:
        client.get("/file")
        start = time.perf_counter()

        received = client.get("/file", headers={"range": "bytes=" + piece * 100_000})

        assert time.perf_counter() - start < 0.5
        assert (received.status_code, received.content) == (200, DIGITS)


def test_a_file_that_shrinks_ends_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(DIGITS)
    file = File(str(path))
    path.write_bytes(b"0123")

    response = select_response(asking("bytes=0-1,8-9"), Response(file))

    assert isinstance(response.body, Stream)
    with pytest.raises(OSError, match="became shorter while it was sent"):
        list(cast("Iterator[bytes]", response.body.chunks))


def test_an_author_may_keep_ranges_out() -> None:
    response = Response(DIGITS, headers={"accept-ranges": "none"})

    assert select_response(asking("bytes=0-1"), response, Validators(ETag("1"))).status_code == 200


def test_the_given_response_stays_as_it_is() -> None:
    response = Response(DIGITS)

    part = select_response(asking("bytes=0-1"), response, Validators(ETag("1")))

    assert (part.status_code, part.body) == (206, b"01")
    assert (response.status_code, response.body, response.headers.items()) == (
        200,
        DIGITS,
        [("content-type", "application/octet-stream")],
    )


def asking(wanted: str) -> WSGIRequest:
    return WSGIRequest({"REQUEST_METHOD": "GET", "HTTP_RANGE": wanted})


# Conformance tables of other projects.

NGINX_EXCEPTIONS = {
    "bytes=alpha": "malformed: ignored, as RFC 9110, Section 14.2 allows; nginx says 416",
    "bytes=10-alpha": "the same",
    "bytes=10": "the same",
    "bytes=10-11 12-": "the same",
}
FALCON_EXCEPTIONS = {
    "1-3": "malformed: ignored; Falcon says 400",
    "bytes=8-4": "the same",
    "bytes=1--3": "the same",
    "bytes=--0": "the same",
    "bytes=0-0,-1": "several ranges are served; Falcon refuses them",
}
SEND_EXCEPTIONS = {"bytes=1-1,3-": "several ranges are served; send gives the whole"}


def rows(name: str, count: int) -> Callable[[TestFunction], TestFunction]:
    table = conformance(f"http/range_conditional/{name}.json")
    return each("case", table["cases"], ids=[f"row {row}" for row in range(count)], count=count)


@rows("nginx_range", 18)
def test_as_nginx_does(serve_once: ServeOnce, folder: Path, case: dict[str, Any]) -> None:
    """18 rows of nginx's own tests; four of them are malformed ranges."""
    content = "".join(f"X{number:03}XXXXXX" for number in range(100)).encode()
    status = 200 if case["range"] in NGINX_EXCEPTIONS else case["status"]

    received = serve_once(files, folder, content).get("/file", headers={"range": case["range"]})

    assert received.status_code == status
    if case.get("content_range"):
        assert received.headers["content-range"] == case["content_range"]
    if "multipart" in case:
        assert received.headers["content-type"].startswith("multipart/") is case["multipart"]


@rows("falcon_static_range", 14)
def test_as_falcon_does(serve_once: ServeOnce, folder: Path, case: dict[str, Any]) -> None:
    """14 rows of Falcon's static files."""
    received = serve_once(files, folder).get("/file", headers={"range": case["range_header"]})

    assert received.status_code == (206 if case["exp_content_range"] else 200)
    assert received.headers.get("content-range") == case["exp_content_range"]
    assert received.text == case["exp_content"]


@rows("falcon_static_bad_range", 9)
def test_bad_ranges_as_falcon_does(serve_once: ServeOnce, folder: Path, case: dict[str, Any]) -> None:
    """9 rows; of those Falcon answers with 400 four are malformed, and one has two ranges."""
    wanted = case["range_header"]

    received = serve_once(files, folder).get("/file", headers={"range": wanted})

    assert received.status_code in ({200, 206} if wanted in FALCON_EXCEPTIONS else {int(case["exp_status"][:3])})


@rows("send_range", 12)
def test_as_send_does(serve_once: ServeOnce, folder: Path, case: dict[str, Any]) -> None:
    """12 rows of the file server of Express; one has ranges that it does not serve apart."""
    expected = {**case, "status": 206, "body": None} if case["range"] in SEND_EXCEPTIONS else case

    received = serve_once(files, folder, b"123456789").get("/file", headers={"range": case["range"]})

    assert received.status_code == expected["status"]
    for name in ("content_range", "content_length"):
        if expected.get(name):
            assert received.headers[name.replace("_", "-")] == expected[name]
    if expected.get("body"):
        assert received.text == expected["body"]


# Laws.

SPEC = st.builds("{}-{}".format, st.integers(0, 40), st.integers(0, 40) | st.just("")) | st.builds(
    "-{}".format, st.integers(0, 40)
)
RANGES = st.lists(SPEC, min_size=1, max_size=6).map(lambda specs: "bytes=" + ",".join(specs)) | st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30
)


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Client]]:
    """One client for each protocol, for all examples."""
    app = files(tmp_path_factory.mktemp("ranges"))
    with ExitStack() as stack:
        yield [stack.enter_context(Client(app, protocol=protocol)) for protocol in PROTOCOLS]


@given(wanted=RANGES, path=st.sampled_from(["/file", "/bytes", "/part"]))
def test_what_is_served_are_slices_of_the_content(clients: list[Client], wanted: str, path: str) -> None:
    content = DIGITS[4:12] if path == "/part" else DIGITS
    answers = []
    for client in clients:
        received = client.get(path, headers={"range": wanted})
        kind, single = received.headers["content-type"], received.headers.get("content-range")
        parts = [(start, stop, data) for start, stop, _, data in parts_of(kind, received.content)] if "multipart" in kind else []
        answers.append((received.status_code, single, parts or received.content))
        assert received.status_code in {200, 206, 416}
        if received.status_code == 200:
            assert received.content == content
        elif single is not None and received.status_code == 206:
            start, stop = (int(number) for number in single.removeprefix("bytes ").split("/")[0].split("-"))
            assert received.content == content[start : stop + 1]
        for start, stop, data in parts:
            assert data == content[start:stop]
    assert answers[0] == answers[1] == answers[2]
