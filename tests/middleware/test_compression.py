"""Compression of answers: which coding, of what, and what the fields say then (RFC 9110, Sections 8.4, 12.5.3 and 12.5.5)."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, File, Group, NotFoundError, Request, Response, Stream, WSGIRequest
from martlet.codings import Coding, UnknownCodingError, find_coding, installed_codings
from martlet.http import AcceptEncoding
from martlet.middleware import Compression
from martlet.optional_packages import MissingExtraError
from martlet.testing import Client
from tests.rows import each
from tests.serving import Serve

TEXT = "The swift never lands. " * 100
EVERYTHING = {"accept-encoding": "gzip, deflate, br, zstd"}


def decoded(name: str | None, data: bytes) -> bytes:
    if name is None:
        return data
    decoder = find_coding(name).decoder()
    content = decoder.decode(data, 10_000_000)
    while not decoder.needs_input:
        content += decoder.decode(b"", 10_000_000)
    assert decoder.is_complete
    return content


def app_answering(response: Response, compression: Compression | None = None) -> App:
    """An app that gives this one response, to GET and POST."""
    app = App(security_headers=None)
    app.use(compression or Compression())

    @app.route("/", methods=["GET", "POST"], inline=True)
    def answer() -> Response:
        return response

    return app


@each(
    ("accept", "coding"),
    [
        pytest.param(None, None, id="no field: whoever sends none can seldom decode, RFC 9110 12.5.3"),
        pytest.param("", None, id="an empty field: no coding is wanted, RFC 9110 12.5.3"),
        pytest.param("gzip, deflate, br, zstd", "zstd", id="among equals the server's order, RFC 9110 12.4.2"),
        pytest.param("gzip, deflate, br", "br", id="br before gzip"),
        pytest.param("gzip, deflate", "gzip", id="gzip where there is no better"),
        pytest.param("deflate", None, id="deflate is not on offer"),
        pytest.param("compress", None, id="an unknown coding is no wish for another"),
        pytest.param("*", "zstd", id="any, RFC 9110 12.5.3"),
        pytest.param("*;q=0.5", "zstd", id="any, if less"),
        pytest.param("*, zstd;q=0", "br", id="any but one"),
        pytest.param("*;q=0.5, identity", None, id="identity is wanted more, RFC 9110 12.4.2"),
        pytest.param("gzip;q=0.5, identity;q=0.5", "gzip", id="coded among equals"),
        pytest.param("gzip;q=0.4, identity;q=0.5", None, id="identity is wanted a little more"),
        pytest.param("gzip;q=1.0, br;q=0.9, zstd;q=0.8", "gzip", id="the client's qualities come first"),
        pytest.param("gzip;q=0", None, id="q=0 rules out, RFC 9110 12.4.2"),
        pytest.param("gzip;q=0, br", "br", id="q=0 rules out only what it names"),
        pytest.param("gzip;q=0.000", None, id="q=0 in thousandths"),
        pytest.param("gzip;q=0.001", "gzip", id="hardly wanted is wanted"),
        pytest.param("identity", None, id="identity alone"),
        pytest.param("identity;q=0, gzip", "gzip", id="identity is ruled out, RFC 9110 12.5.3"),
        pytest.param("identity;q=0, *;q=0.1", "zstd", id="anything but identity"),
        pytest.param("*;q=0, gzip", "gzip", id="nothing but gzip, RFC 9110 12.5.3"),
        pytest.param("*;q=0, identity", None, id="nothing but identity"),
        pytest.param("GZIP", "gzip", id="names do not heed case, RFC 9110 8.4.1"),
        pytest.param("x-gzip", "gzip", id="the older name, RFC 9110 8.4.1.3"),
        pytest.param("gzip;q=nonsense, br;q=0.1", "br", id="a member that makes no sense is skipped"),
        pytest.param("gzip;q=2", None, id="a quality above 1 makes no sense"),
        pytest.param("gzip ; q=0.3 , br ;q=0.2", "gzip", id="space around, RFC 9110 5.6.6"),
        pytest.param(",,gzip,,", "gzip", id="empty members, RFC 9110 5.6.1.2"),
        pytest.param("q=1, ;, =, \x80", None, id="rubbish"),
        pytest.param("gzip" + ", x" * 5_000, "gzip", id="a long field"),
    ],
)
def test_the_coding_is_what_the_client_wants_most(serve: Serve, accept: str | None, coding: str | None) -> None:
    client = serve(app_answering(Response(TEXT)))

    answer = client.get("/", headers={} if accept is None else {"accept-encoding": accept})

    assert answer.headers.get("content-encoding") == coding
    assert decoded(coding, answer.content).decode() == TEXT
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]


@each("accept", ["identity;q=0", "*;q=0", "identity;q=0, compress", "zstd;q=0, *;q=0", "*;q=0, identity;q=0"])
def test_who_rules_out_everything_gets_406(serve: Serve, accept: str) -> None:
    client = serve(app_answering(Response("hi", headers={"vary": "accept"})))

    answer = client.get("/", headers={"accept-encoding": accept})

    assert (answer.status_code, answer.headers["vary"]) == (406, "accept, accept-encoding")
    assert client.head("/", headers={"accept-encoding": accept}).status_code == 406


def test_what_was_done_is_told_even_to_who_rules_out_everything(serve: Serve) -> None:
    client = serve(app_answering(Response("made", status=201)))

    answer = client.post("/", headers={"accept-encoding": "*;q=0"})

    assert (answer.status_code, answer.text) == (201, "made")


def test_an_error_is_told_even_to_who_rules_out_everything(serve: Serve) -> None:
    app = App(security_headers=None)
    app.use(Compression())

    assert serve(app).get("/nowhere", headers={"accept-encoding": "*;q=0"}).status_code == 404


def test_where_identity_is_ruled_out_nothing_is_too_small_and_nothing_of_a_wrong_type(serve: Serve) -> None:
    client = serve(app_answering(Response(b"\x89PNG", media_type="image/png")))

    answer = client.get("/", headers={"accept-encoding": "gzip, identity;q=0"})

    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert decoded("gzip", answer.content) == b"\x89PNG"


@each(
    ("media_type", "is_compressed"),
    [
        ("text/html; charset=utf-8", True),
        ("text/x-own", True),
        ("TEXT/Plain", True),
        ("application/json", True),
        ("application/problem+json", True),
        ("application/vnd.own+json; version=1", True),
        ("application/atom+xml", True),
        ("image/svg+xml", True),
        ("application/msgpack", True),
        ("application/javascript", True),
        ("application/x-ndjson", True),
        ("text/event-stream", True),
        ("font/ttf", True),
        ("font/woff2", False),
        ("image/png", False),
        ("video/mp4", False),
        ("application/zip", False),
        ("application/gzip", False),
        ("application/octet-stream", False),
        ("application/json-not", False),
        ("own", False),
        ("+json", False),
        ("", False),
    ],
)
def test_only_compressible_types_are_compressed(media_type: str, is_compressed: bool) -> None:
    client = Client(app_answering(Response(TEXT.encode(), media_type=media_type)))

    answer = client.get("/", headers=EVERYTHING)

    assert ("content-encoding" in answer.headers, "vary" in answer.headers) == (is_compressed, is_compressed)


def test_types_are_the_authors_choice() -> None:
    compression = Compression(media_types=frozenset({"application/x-own", "+own"}))
    own = Client(app_answering(Response(TEXT, media_type="application/x-own"), compression))
    text = Client(app_answering(Response(TEXT), compression))

    assert own.get("/", headers=EVERYTHING).headers["content-encoding"] == "zstd"
    assert "content-encoding" not in text.get("/", headers=EVERYTHING).headers


@pytest.mark.parametrize(("size", "is_compressed"), [(499, False), (500, True)])
def test_what_is_small_goes_as_it_is(serve: Serve, size: int, is_compressed: bool) -> None:
    client = serve(app_answering(Response("a" * size)))

    answer = client.get("/", headers=EVERYTHING)

    assert ("content-encoding" in answer.headers, "vary" in answer.headers) == (is_compressed, is_compressed)


def test_what_would_grow_goes_as_it_is() -> None:
    noise = bytes((number * number * 7919 >> 5) & 255 for number in range(600)) + bytes(range(256))
    client = Client(app_answering(Response(noise, media_type="text/plain"), Compression(["gzip"])))

    answer = client.get("/", headers=EVERYTHING)

    assert (answer.content, answer.headers.get("content-encoding")) == (noise, None)
    assert answer.headers["vary"] == "accept-encoding"


@each(
    ("vary", "told"),
    [
        (["Cookie"], ["Cookie, accept-encoding"]),
        (["Accept-Encoding"], ["Accept-Encoding"]),
        (["accept, ACCEPT-ENCODING"], ["accept, ACCEPT-ENCODING"]),
        (["Accept", "Cookie"], ["Accept, Cookie, accept-encoding"]),
        (["*"], ["*"]),
    ],
    ids=str,
)
@each("accept", ["gzip", "identity"])
def test_vary_names_the_field_once_beside_what_was_there(vary: list[str], told: list[str], accept: str) -> None:
    client = Client(app_answering(Response(TEXT, headers=[("vary", value) for value in vary])))

    assert client.get("/", headers={"accept-encoding": accept}).headers.get_list("vary") == told


@pytest.mark.parametrize(("etag", "told"), [('"v7"', 'W/"v7"'), ('W/"v7"', 'W/"v7"'), ("nonsense", "nonsense")])
def test_a_coded_answer_has_a_weak_tag(serve: Serve, etag: str, told: str) -> None:
    client = serve(app_answering(Response(TEXT, headers={"etag": etag})))

    assert client.get("/", headers=EVERYTHING).headers["etag"] == told
    assert client.get("/").headers["etag"] == etag


@each(
    ("held", "told"),
    [
        ('W/"v7"', 'W/"v7"'),
        ('"v7"', '"v7"'),
        ('W/"v6", W/"v7"', 'W/"v7"'),
        ('"v7", W/"v7"', 'W/"v7"'),
        ("*", '"v7"'),
    ],
)
def test_a_304_names_the_tag_that_the_client_holds(serve: Serve, held: str, told: str) -> None:
    """A cache brings what it stored up to date by the tag (RFC 9111, Section 4.3.4)."""
    client = serve(app_answering(Response(status=304, headers={"etag": '"v7"', "vary": "cookie"})))

    answer = client.get("/", headers={**EVERYTHING, "if-none-match": held})

    assert (answer.status_code, answer.headers["etag"], answer.content) == (304, told, b"")
    assert answer.headers["vary"] == "cookie, accept-encoding"
    assert "content-encoding" not in answer.headers


def test_parts_of_a_coded_answer_are_not_offered(serve: Serve) -> None:
    client = serve(app_answering(Response(TEXT, headers={"accept-ranges": "bytes"})))

    assert "accept-ranges" not in client.get("/", headers=EVERYTHING).headers
    assert client.get("/").headers["accept-ranges"] == "bytes"


@each(
    "fields",
    [
        {"cache-control": "public, no-transform"},
        {"cache-control": "No-Transform"},
        {"content-encoding": "br"},
        {"content-digest": "sha-256=:AAA=:"},
        {"repr-digest": "sha-256=:AAA=:"},
        {"digest": "sha-256=AAA="},
    ],
    ids=str,
)
def test_what_its_author_has_fixed_is_left_alone(serve: Serve, fields: dict[str, str]) -> None:
    client = serve(app_answering(Response(TEXT, headers={**fields, "etag": '"v7"'})))

    for accept in ("gzip", "gzip, identity;q=0", "*;q=0"):
        answer = client.get("/", headers={"accept-encoding": accept})

        assert answer.text == TEXT
        assert {name: answer.headers[name] for name in fields} == fields
        assert (answer.headers["etag"], "vary" in answer.headers) == ('"v7"', False)


@pytest.mark.parametrize("text", [TEXT, "short"])
def test_an_answer_marked_as_identity_is_left_alone_and_loses_the_mark(serve: Serve, text: str) -> None:
    client = serve(app_answering(Response(text, headers={"content-encoding": "Identity"})))

    for _ in range(2):
        answer = client.get("/", headers=EVERYTHING)
        assert (answer.text, answer.headers.items()) == (
            text,
            [("content-type", "text/plain; charset=utf-8"), ("content-length", str(len(text)))],
        )


def test_a_route_and_a_group_may_stay_uncompressed(serve: Serve) -> None:
    app, account = App(), Group("/account", compress=False)
    app.use(Compression())

    @app.get("/search", compress=False)
    async def search(q: str) -> str:
        return TEXT + q

    @account.get("/token")
    def token() -> str:
        return TEXT

    @account.get("/failing")
    def failing() -> str:
        raise NotFoundError(TEXT)

    @account.get("/open", compress=True)
    def opened() -> str:
        return TEXT

    app.include(account)
    client = serve(app)

    answers = {path: client.get(path, headers=EVERYTHING) for path in ("/search?q=x", "/account/token", "/account/failing")}
    assert [path for path, answer in answers.items() if "accept-encoding" in answer.headers.get("vary", "")] == []
    assert [path for path, answer in answers.items() if len(answer.content) < len(TEXT)] == []
    assert client.get("/account/open", headers=EVERYTHING).headers["content-encoding"] == "zstd"


def test_errors_are_compressed_as_everything(serve: Serve) -> None:
    app = App(security_headers=None)
    app.use(Compression())

    @app.get("/")
    def failing() -> str:
        raise NotFoundError(TEXT)

    answer = serve(app).get("/", headers=EVERYTHING)

    assert (answer.status_code, answer.headers["content-encoding"]) == (404, "zstd")
    assert decoded("zstd", answer.content).startswith(b'{"type"')


@pytest.mark.parametrize("status", [204, 205])
def test_no_content_is_not_compressed(serve: Serve, status: int) -> None:
    client = serve(app_answering(Response(TEXT, status=status)))

    answer = client.get("/", headers=EVERYTHING)

    assert (answer.content, "content-encoding" in answer.headers, "vary" in answer.headers) == (b"", False, False)


def test_an_empty_answer_is_not_compressed(serve: Serve) -> None:
    client = serve(app_answering(Response("", media_type="text/plain")))

    for accept in ("gzip", "gzip, identity;q=0"):
        answer = client.get("/", headers={"accept-encoding": accept})
        assert (answer.content, answer.headers.items()) == (
            b"",
            [("content-type", "text/plain"), ("content-length", "0")],
        )


@pytest.mark.parametrize("fields", [{}, {"etag": '"v7"', "accept-ranges": "bytes"}], ids=["plain", "with a tag"])
def test_head_answers_as_get_does(serve: Serve, fields: dict[str, str]) -> None:
    client = serve(app_answering(Response(TEXT, headers=fields)))

    got, asked = client.get("/", headers=EVERYTHING), client.head("/", headers=EVERYTHING)

    assert (asked.content, asked.headers.items()) == (b"", got.headers.items())


def test_a_head_of_its_own_is_told_as_its_get_but_for_the_length(serve: Serve) -> None:
    app = App(security_headers=None)
    app.use(Compression())

    @app.get("/")
    def birds() -> Response:
        return Response(TEXT, headers={"etag": '"v7"'})

    @app.head("/")
    def birds_head() -> Response:
        length = str(len(TEXT))
        return Response(headers={"etag": '"v7"', "content-type": "text/plain; charset=utf-8", "content-length": length})

    client = serve(app)
    got, asked = client.get("/", headers=EVERYTHING).headers, client.head("/", headers=EVERYTHING).headers

    got.remove("content-length")
    assert asked == got
    assert client.head("/").headers["content-length"] == str(len(TEXT))


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/byteranges; boundary=x"])
def test_a_part_is_not_compressed_but_varies_as_the_whole(serve: Serve, media_type: str) -> None:
    response = Response(TEXT.encode(), status=206, headers={"content-range": "bytes 0-2299/5000"}, media_type=media_type)
    client = serve(app_answering(response))

    for accept in ("gzip", "gzip, identity;q=0"):
        answer = client.get("/", headers={"accept-encoding": accept})
        assert (answer.text, answer.headers.get("content-encoding"), answer.headers["vary"]) == (TEXT, None, "accept-encoding")


def test_a_part_of_what_is_not_compressible_does_not_vary() -> None:
    response = Response(bytes(900), status=206, headers={"content-range": "bytes 0-899/5000"}, media_type="image/png")

    assert "vary" not in Client(app_answering(response)).get("/", headers=EVERYTHING).headers


def test_a_file_is_compressed_on_its_way(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "birds.txt"
    path.write_text(TEXT * 400, encoding="utf-8")
    client = serve(app_answering(Response(File(str(path), start=7), media_type="text/plain")))

    answer = client.get("/", headers=EVERYTHING)

    assert (answer.headers["content-encoding"], answer.headers.get("content-length")) == ("zstd", None)
    assert decoded("zstd", answer.content).decode() == (TEXT * 400)[7:]
    assert client.head("/", headers=EVERYTHING).headers == answer.headers
    assert client.get("/").headers["content-length"] == str(len(TEXT) * 400 - 7)


def test_a_small_file_goes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bird.txt"
    path.write_text("swift", encoding="utf-8")
    client = Client(app_answering(Response(File(str(path)), media_type="text/plain")))

    assert client.get("/", headers=EVERYTHING).text == "swift"


def test_a_response_that_is_given_again_and_again_stays_itself(serve: Serve) -> None:
    response = Response(TEXT, headers={"etag": '"v7"'})
    client = serve(app_answering(response))

    for coding in ("gzip", "br", None, "zstd"):
        answer = client.get("/", headers={"accept-encoding": coding or "identity"})
        assert decoded(coding, answer.content).decode() == TEXT
        assert answer.headers.get("content-encoding") == coding


class Chunks:
    """Chunks of either kind, which tell when they are closed."""

    def __init__(self, *chunks: bytes | str) -> None:
        self.chunks = chunks
        self.closed = 0

    def __iter__(self) -> Iterator[bytes | str]:
        try:
            yield from self.chunks
        finally:
            self.closed += 1

    async def __aiter__(self) -> AsyncIterator[bytes | str]:
        try:
            for chunk in self.chunks:
                yield chunk
        finally:
            self.closed += 1


class OnlySync:
    """The synchronous half."""

    def __init__(self, chunks: Chunks) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes | str]:
        return iter(self.chunks)


@pytest.fixture(params=["asynchronous", "synchronous"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def streamed(chunks: Chunks, kind: str, length: int | None = None) -> Stream:
    return Stream(chunks if kind == "asynchronous" else OnlySync(chunks), length)


@each("coding", ["zstd", "br", "gzip"])
def test_a_stream_is_compressed_chunk_by_chunk(serve: Serve, kind: str, coding: str) -> None:
    chunks = Chunks("é", b"", b"swift", "", TEXT, bytes(600_000))
    client = serve(app_answering(Response(streamed(chunks, kind), media_type="text/plain")))

    answer = client.get("/", headers={"accept-encoding": coding})

    assert decoded(coding, answer.content) == "éswift".encode() + TEXT.encode() + bytes(600_000)
    assert (answer.headers["content-encoding"], answer.headers.get("content-length")) == (coding, None)
    assert chunks.closed == 1


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_an_event_leaves_as_soon_as_it_is_there(coding: str) -> None:
    taken: list[int] = []

    async def events() -> AsyncIterator[str]:
        for number in range(3):
            taken.append(number)
            yield f"data: {number}\n\n"

    async def respond(request: Request) -> Response:
        return Response(Stream(events()), media_type="text/event-stream")

    app = app_answering(Response())
    request = await received_request(app, {"accept-encoding": coding})
    response = await Compression()(request, respond)
    assert isinstance(response.body, Stream)
    assert not isinstance(response.body.chunks, Iterator)
    decoder = find_coding(coding).decoder()
    pulled = aiter(response.body.chunks)  # type: ignore[arg-type]

    for number in range(3):
        chunk = await anext(pulled)
        assert isinstance(chunk, bytes)
        assert decoder.decode(chunk, 1_000) == b"data: %d\n\n" % number
        assert taken == list(range(number + 1))


async def received_request(app: App, headers: dict[str, str]) -> Request:
    """A request as a middleware gets it."""
    received: list[Request] = []
    probe = App()

    @probe.use
    async def keep(request: Request, respond: object) -> Response:
        received.append(request)
        return Response()

    Client(probe).get("/", headers=headers)
    return received[0]


def test_a_stream_known_to_be_small_goes_as_it_is(serve: Serve, kind: str) -> None:
    client = serve(app_answering(Response(streamed(Chunks(b"swift"), kind, 5), media_type="text/plain")))

    answer = client.get("/", headers=EVERYTHING)

    assert (answer.content, answer.headers["content-length"]) == (b"swift", "5")


def test_a_stream_for_head_is_closed_unread(serve: Serve, kind: str) -> None:
    chunks = Chunks(TEXT)
    client = serve(app_answering(Response(streamed(chunks, kind), media_type="text/plain")))

    answer = client.head("/", headers=EVERYTHING)

    assert (answer.content, answer.headers["content-encoding"]) == (b"", "zstd")
    assert chunks.closed == 0


def test_a_stream_that_nobody_takes_is_closed(serve: Serve, kind: str) -> None:
    stream, released = streamed(Chunks(TEXT), kind), ExitStack()
    ended: list[str] = []
    released.callback(ended.append, "released")
    stream.held = released
    client = serve(app_answering(Response(stream, media_type="text/plain")))

    assert client.get("/", headers={"accept-encoding": "*;q=0"}).status_code == 406
    assert ended == ["released"]


@each("length", [len(TEXT) - 1, len(TEXT) + 1], ids=["too much", "too little"])
def test_a_stream_is_held_to_its_length(kind: str, length: int) -> None:
    client = Client(app_answering(Response(streamed(Chunks(TEXT), kind, length), media_type="text/plain")))

    with pytest.raises(ValueError, match="correct `length`, or leave it out"):
        client.get("/", headers=EVERYTHING)


def test_a_failure_midway_is_never_taken_for_the_end(serve: Serve) -> None:
    def failing() -> Iterator[bytes]:
        yield TEXT.encode()
        raise RuntimeError("midway")

    client = serve(app_answering(Response(Stream(failing()), media_type="text/plain")))

    with pytest.raises(RuntimeError, match="midway"):
        client.get("/", headers=EVERYTHING)


@pytest.fixture
def compressing(monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads that encoded something at once, in order."""
    threads: list[threading.Thread] = []
    encode = Coding.encode

    def noted(coding: Coding, data: bytes, level: int | None = None) -> bytes:
        threads.append(threading.current_thread())
        return encode(coding, data, level)

    monkeypatch.setattr(Coding, "encode", noted)
    return threads


def test_a_large_answer_is_compressed_beside_the_loop(compressing: list[threading.Thread]) -> None:
    large = TEXT * 1_000
    client = Client(app_answering(Response(large)))

    answer = client.get("/", headers=EVERYTHING)

    assert decoded("zstd", answer.content).decode() == large
    assert answer.headers["content-length"] == str(len(answer.content))
    assert [thread.name.startswith("martlet-compression") for thread in compressing] == [True]


def test_plain_functions_under_wsgi_need_no_loop_for_it(compressing: list[threading.Thread]) -> None:
    app = app_answering(Response(TEXT * 1_000))
    client = Client(app, protocol="wsgi")

    assert client.get("/", headers=EVERYTHING).headers["content-encoding"] == "zstd"
    assert compressing == [threading.current_thread()]
    assert not app.freeze().needs_loop(WSGIRequest({"PATH_INFO": "/"}))


def test_codings_and_levels_are_the_authors_choice() -> None:
    quick = Client(app_answering(Response(TEXT), Compression(["deflate", "gzip"], levels={"gzip": 1})))
    slow = Client(app_answering(Response(TEXT), Compression(["gzip"], levels={"gzip": 9})))

    assert quick.get("/", headers=EVERYTHING).headers["content-encoding"] == "deflate"
    fast, small = (client.get("/", headers={"accept-encoding": "gzip"}).content for client in (quick, slow))
    assert decoded("gzip", fast) == decoded("gzip", small)
    assert fast != small


@each(("codings", "levels"), [(["snappy"], {}), (None, {"gzip": 12}), (None, {"br": -1}), (["zstd"], {"zstd": 22})], ids=str)
def test_a_choice_that_cannot_be_had_is_told_at_once(codings: list[str] | None, levels: dict[str, int]) -> None:
    with pytest.raises((UnknownCodingError, ValueError)):
        Compression(codings, levels=levels)


@each("size", ["x", -1, 1.5, None, True])
def test_a_size_that_is_none_is_refused(size: Any) -> None:
    with pytest.raises(ValueError, match=r"min_bytes is .*: write bytes as a whole number"):
        Compression(min_bytes=size)


def test_without_packages_there_is_gzip(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("brotli", "brotlicffi", "backports.zstd", "compression.zstd"):
        monkeypatch.setitem(sys.modules, package, None)
    installed_codings.cache_clear()
    try:
        assert Compression().codings == ("gzip",)
        with pytest.raises(MissingExtraError, match=r"pip install 'martlet\[brotli\]'"):
            Compression(["br"])
    finally:
        installed_codings.cache_clear()


def test_many_fields_are_not_all_remembered() -> None:
    client = Client(app_answering(Response(TEXT)))

    answers = [client.get("/", headers={"accept-encoding": f"gzip, x{number}"}) for number in range(300)]

    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}


MEMBERS = st.tuples(
    st.sampled_from(["gzip", "br", "zstd", "deflate", "identity", "*", "x-gzip", "swift", ""]),
    st.sampled_from(["", ";q=0", ";q=0.5", ";q=1", ";q=x", "; q=0.001"]),
)
FIELDS = st.lists(MEMBERS, max_size=5).map(lambda members: ", ".join(name + weight for name, weight in members))


@given(
    accept=FIELDS | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    text=st.text(max_size=50),
    times=st.integers(0, 60),
)
def test_whatever_is_asked_for_the_content_is_the_same(accept: str, text: str, times: int) -> None:
    content = (text * times).encode("utf-8", "replace")
    client = Client(app_answering(Response(content, media_type="text/plain; charset=utf-8", headers={"etag": '"v7"'})))

    answer = client.get("/", headers={"accept-encoding": accept})

    if answer.status_code == 406:
        assert "identity" in accept or "*" in accept
        return
    coding = answer.headers.get("content-encoding")
    assert decoded(coding, answer.content) == content
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["etag"] == ('"v7"' if coding is None else 'W/"v7"')
    assert coding is None or AcceptEncoding.parse(accept).quality(coding) > 0
