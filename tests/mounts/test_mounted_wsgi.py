"""WSGI applications below a prefix, over each protocol: their environ, their bodies, their failures (PEP 3333)."""

from __future__ import annotations

import contextvars
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from martlet import App, Limits, Request, Respond, Response
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def mounting(application: Application, prefix: str = "/old", **options: Any) -> App:
    app = App()
    app.mount(prefix, application, **options)
    return app


def telling(*keys: str) -> Application:
    """An application that answers with these values of its environ."""

    def tell(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [repr(tuple(environ.get(key) for key in keys)).encode()]

    return tell


@each(
    ("prefix", "target", "script_name", "path_info"),
    [
        pytest.param("/old", "/old/books/7", "/old", "/books/7", id="below the prefix"),
        pytest.param("/old", "/old/", "/old", "/", id="its own root"),
        pytest.param("/old", "/old", "/old", "", id="without a slash"),
        pytest.param("", "/books", "", "/books", id="everything"),
        pytest.param("/{shop}/old", "/ours/old/a", "/ours/old", "/a", id="a parameter in the prefix"),
        pytest.param("/alt", "/alt/le%20caf%C3%A9", "/alt", "/le café".encode().decode("latin-1"), id="UTF-8 in Latin-1"),
        pytest.param("/é", "/%C3%A9/%C3%A9", "/é".encode().decode("latin-1"), "/é".encode().decode("latin-1"), id="both"),
    ],
)
def test_a_mounted_application_knows_where_it_lies(
    serve: Serve, prefix: str, target: str, script_name: str, path_info: str
) -> None:
    client = serve(mounting(telling("SCRIPT_NAME", "PATH_INFO"), prefix))

    assert client.get(target).text == repr((script_name, path_info))


def test_the_environ_says_what_the_request_says(serve: Serve) -> None:
    keys = ["REQUEST_METHOD", "QUERY_STRING", "SERVER_PROTOCOL", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "CONTENT_TYPE"]
    keys += ["CONTENT_LENGTH", "HTTP_HOST", "HTTP_X_MANY", "HTTP_COOKIE", "wsgi.url_scheme", "wsgi.version"]
    client = serve(mounting(telling(*keys)))
    fields = [("host", "shop.example"), ("x-many", "1"), ("x-many", "2"), ("cookie", "a=1"), ("cookie", "b=2")]

    said = client.request("BREW", "/old/?x=1&y=%20", content=b"12345", headers=[*fields, ("content-type", "a/b")]).text

    expected = ["BREW", "x=1&y=%20", "HTTP/1.1", "127.0.0.1", "127.0.0.1", "80", "a/b"]
    assert said == repr((*expected, "5", "shop.example", "1, 2", "a=1; b=2", "http", (1, 0)))


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_no_field_takes_the_place_of_another(protocol: ProtocolName) -> None:
    with Client(mounting(telling("HTTP_X_REAL_IP", "HTTP_PROXY")), protocol=protocol) as client:
        said = client.get("/old/", headers=[("x-real-ip", "1"), ("x_real_ip", "2"), ("proxy", "evil.example")]).text

    assert said == repr(("1", None))


def answering(content: Iterable[bytes], status: str = "200 OK", *fields: tuple[str, str]) -> Application:
    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, list(fields))
        return content

    return answer


def test_fields_and_status_pass(serve: Serve) -> None:
    name = "Zoë".encode().decode("latin-1")
    fields = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Name", name), ("Connection", "close")]
    client = serve(mounting(answering([b"te", b"a"], "418 I'm a teapot", *fields)))

    received = client.get("/old/")

    assert (received.status_code, received.content) == (418, b"tea")
    assert received.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert received.headers["x-name"] == "Zoë"
    assert received.headers["content-length"] == "3"
    assert "connection" not in received.headers
    assert "content-type" not in received.headers


class Content:
    """Chunks that note what is done with them."""

    def __init__(self, *chunks: bytes) -> None:
        self.events: list[str] = []
        self._chunks = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        self.events.append("closed")


@each(
    ("fields", "chunks"),
    [
        pytest.param([], [b"a", b"", b"bc"], id="no length"),
        pytest.param([("Content-Length", "3")], [b"a", b"bc"], id="a length"),
        pytest.param([("Content-Length", "3")], [b"abc"], id="a length that the first chunk has"),
        pytest.param([("Content-Length", "0")], [], id="nothing"),
        pytest.param([], [b"", b""], id="nothing but empty chunks"),
    ],
)
def test_a_streamed_answer_is_closed_once(serve: Serve, fields: list[tuple[str, str]], chunks: list[bytes]) -> None:
    content = Content(*chunks)

    received = serve(mounting(answering(content, "200 OK", *fields))).get("/old/")

    assert received.content == b"".join(chunks)
    assert content.events == ["closed"]


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_content_is_closed_unread(serve: Serve, status: str) -> None:
    content = Content(b"body")

    received = serve(mounting(answering(content, status))).get("/old/")

    assert received.content == b""
    assert content.events == ["closed"]


def test_head_keeps_the_length(serve: Serve) -> None:
    content = Content(b"four")

    received = serve(mounting(answering(content, "200 OK", ("Content-Length", "4")))).head("/old/")

    assert received.content == b""
    assert received.headers["content-length"] == "4"
    assert content.events == ["closed"]


def test_an_answer_may_begin_with_its_first_chunk(serve: Serve) -> None:
    def generate(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        yield b""
        start_response("201 Created", [])
        yield b"made"
        yield b" late"

    received = serve(mounting(generate)).get("/old/")

    assert (received.status_code, received.content) == (201, b"made late")


def test_what_was_written_comes_first(serve: Serve) -> None:
    def write(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        put = start_response("200 OK", [])
        put(b"written, ")
        return iter([b"returned"])

    assert serve(mounting(write)).get("/old/").content == b"written, returned"


def test_an_application_may_think_better_of_its_answer(serve: Serve) -> None:
    def repent(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            raise ValueError("on purpose")
        except ValueError:
            start_response("503 Service Unavailable", [("X-Why", "repented")], sys.exc_info())
        return [b"sorry"]

    received = serve(mounting(repent)).get("/old/")

    assert (received.status_code, received.headers["x-why"]) == (503, "repented")


def test_a_file_wrapper_is_there(serve: Serve) -> None:
    class Noting(io.BytesIO):
        pass

    file = Noting(b"x" * 200_000)

    def send_file(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](file, 1_000)
        return wrapped

    assert serve(mounting(send_file)).get("/old/").content == b"x" * 200_000
    assert file.closed


# Request bodies.


def measure(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [str(len(environ["wsgi.input"].read())).encode()]


@each("sent", [b"", b"small", b"x" * 300_000, [b"a" * 70_000] * 3, [b"x"] * 50], ids=len)
def test_a_body_is_a_file(serve: Serve, sent: bytes | list[bytes]) -> None:
    received = serve(mounting(measure)).post("/old/", content=sent)

    assert received.text == str(len(b"".join(sent) if isinstance(sent, list) else sent))


def test_a_body_is_read_by_lines_and_in_parts(serve: Serve) -> None:
    def read(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        body = environ["wsgi.input"]
        return [repr([body.readline(), body.read(2), body.read(0), list(body), body.read(), body.read(5)]).encode()]

    received = serve(mounting(read)).post("/old/", content=[b"one\ntw", b"o\nthree"])

    assert received.text == repr([b"one\n", b"tw", b"", [b"o\n", b"three"], b"", b""])


def test_a_body_may_be_read_while_the_answer_is_sent(serve: Serve) -> None:
    def echo(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        while chunk := environ["wsgi.input"].read(10_000):
            yield chunk

    sent = bytes(range(256)) * 1_000

    assert serve(mounting(echo)).post("/old/", content=[sent[:100_000], sent[100_000:]]).content == sent


def test_a_body_that_breaks_off_is_a_400(serve: Serve) -> None:
    received = serve(mounting(measure)).post("/old/", content=[b"part"], headers={"content-length": "100000"}, breaks_off=True)

    assert received.status_code == 400


def test_a_body_that_breaks_off_is_an_oserror_to_the_application(serve: Serve) -> None:
    def notice(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            environ["wsgi.input"].read()
        except OSError:
            return [b"noticed"]
        return [b"whole"]

    received = serve(mounting(notice)).post("/old/", content=[b"part"], headers={"content-length": "100000"}, breaks_off=True)

    assert received.text == "noticed"


def test_a_body_beyond_the_limits_is_refused(serve: Serve) -> None:
    client = serve(mounting(measure, limits=Limits(body_bytes=10)))

    assert client.post("/old/", content=b"x" * 10).text == "10"
    assert client.post("/old/", content=b"x" * 11).status_code == 413
    assert client.post("/old/", content=[b"x"] * 11).status_code == 413


def test_a_refused_body_counts_for_more_than_the_answer_to_it(serve: Serve) -> None:
    def swallow(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        for _ in range(2):
            with suppress(BaseException):
                environ["wsgi.input"].read()
        start_response("500 Internal Server Error", [])
        return [b"failed"]

    client = serve(mounting(swallow, limits=Limits(body_bytes=10)))

    assert client.post("/old/", content=[b"x"] * 11).status_code == 413


def test_a_body_that_was_read_before_is_read_again(serve: Serve) -> None:
    app = mounting(measure)

    @app.use
    async def look(request: Request, respond: Respond) -> Response:
        await request.read()
        return await respond(request)

    assert serve(app).post("/old/", content=b"12345").text == "5"


# Failures.


def raise_at_once(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    raise RuntimeError("on purpose")


def raise_stop_iteration(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    raise StopIteration


def begin_nothing(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    return [b"body"]


def begin_twice(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def fail_before_the_first_chunk(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield from ()
    raise RuntimeError("on purpose")


@pytest.mark.parametrize(
    "application",
    [
        raise_at_once,
        raise_stop_iteration,
        begin_nothing,
        begin_twice,
        fail_before_the_first_chunk,
        pytest.param(answering([], "999 Unheard of"), id="a status that is none"),
        pytest.param(answering([], "OK"), id="a status without a number"),
        pytest.param(answering([], "200 OK", ("X-Name", "a\r\nSet-Cookie: b")), id="a field that would be two"),
        pytest.param(answering([], "200 OK", ("X Name", "a")), id="a name that is none"),
    ],
)
def test_a_failure_before_the_answer_is_a_500_that_is_logged_once(
    serve: Serve, application: Application, caplog: pytest.LogCaptureFixture
) -> None:
    received = serve(mounting(application)).get("/old/x")

    assert received.status_code == 500
    assert "on purpose" not in received.text
    assert [record.name for record in caplog.records if record.levelno >= logging.ERROR] == ["martlet.errors"]


def test_a_failure_midway_never_looks_whole(protocol: ProtocolName) -> None:
    events: list[str] = []

    def fail_midway(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            yield b"a"
            yield b"b"
            raise RuntimeError("on purpose")
        finally:
            events.append("closed")

    with Client(mounting(fail_midway), protocol=protocol) as client, pytest.raises(RuntimeError, match="on purpose"):
        client.get("/old/")

    assert events == ["closed"]


# Threads and contexts.


def test_the_loop_goes_on_while_the_application_blocks(protocol: ProtocolName) -> None:
    threads: list[str] = []

    def note(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        threads.append(threading.current_thread().name)
        start_response("200 OK", [])
        return []

    with Client(mounting(note), protocol=protocol) as client:
        client.get("/old/")

    assert threads == ["MainThread"] if protocol == "wsgi" else threads[0].startswith("martlet_")


def test_the_context_is_one_from_the_call_to_the_last_chunk(serve: Serve) -> None:
    who = contextvars.ContextVar[str]("who")

    def generate(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        token = who.set(f"{who.get()} Lovelace")
        yield b"a"
        yield who.get().encode()
        who.reset(token)
        yield who.get().encode()

    app = mounting(generate)

    @app.use
    async def set_who(request: Request, respond: Respond) -> Response:
        who.set("Ada")
        return await respond(request)

    assert serve(app).get("/old/").content == b"aAda LovelaceAda"
