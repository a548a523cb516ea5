"""WSGI: plain chains in the worker, everything else on the background loop, and no thread left waiting."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from martlet.http import Limits
from martlet.messages import File, Request, Response, Stream
from tests.adapters.applications import Answer, Held, HeldOnLoop, OneAnswer, answering, plain_words, shouting, sizes, words
from tests.adapters.wsgi_server import environ, served
from tests.rows import each

BOTH = pytest.mark.parametrize("on_loop", [False, True], ids=["in the worker", "on the loop"])
SOURCES = pytest.mark.parametrize("source", [words, plain_words], ids=["async", "sync"])


def served_once(answer: Answer, described: dict[str, Any] | None = None, *, on_loop: bool = False) -> tuple[str, bytes]:
    with served(OneAnswer(answer, on_loop=on_loop, limits=Limits(body_bytes=1_000))) as serve:
        exchange = serve(described or environ())
        return exchange.status, exchange.rest()


# Where things run.


@BOTH
def test_a_chain_without_waiting_stays_in_the_worker(on_loop: bool) -> None:
    async def where(_: Request) -> Response:
        return Response(threading.current_thread().name)

    _, body = served_once(where, on_loop=on_loop)

    assert body == (b"martlet-loop" if on_loop else threading.current_thread().name.encode())


def test_waiting_where_none_was_declared_is_explained() -> None:
    async def waits(_: Request) -> Response:
        await asyncio.sleep(0)
        return Response()

    with pytest.raises(RuntimeError, match="Remove `inline=True`"):
        served_once(waits)


def test_many_requests_share_the_loop_and_wait_for_each_other() -> None:
    meeting = asyncio.Barrier(8)

    async def meet(_: Request) -> Response:
        await meeting.wait()
        return Response("met")

    with served(OneAnswer(meet)) as serve, ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(lambda _: serve(environ()).rest(), range(8), timeout=5))

    assert answers == [b"met"] * 8


# Bodies.


class BrokenInput(io.BytesIO):
    """As a server's own input: broken chunked framing is an exception of its own making."""

    def read(self, _: int | None = -1, /) -> bytes:
        raise OSError("Invalid chunk size: b'zz'")


class EndlessInput(io.BytesIO):
    """An upload in chunks that never ends."""

    def read(self, size: int | None = -1, /) -> bytes:
        return b"x" * (size or 1)


@BOTH
@each(
    ("described", "answer"),
    [
        pytest.param({"body": b"hello"}, ("200 OK", b"5"), id="announced"),
        pytest.param({}, ("200 OK", b"0"), id="nothing announced, so nothing read"),
        pytest.param({"CONTENT_LENGTH": "5", "body": b"hello and more"}, ("200 OK", b"5"), id="not a byte more"),
        pytest.param({"CONTENT_LENGTH": "1000", "body": b"x" * 100}, ("400 Bad Request", None), id="broken off"),
        pytest.param({"CONTENT_LENGTH": "1001", "body": b"x"}, ("413 Content Too Large", None), id="too long"),
        pytest.param({"CONTENT_LENGTH": "-5"}, ("400 Bad Request", None), id="a negative length"),
        pytest.param({"CONTENT_LENGTH": "5, 5"}, ("400 Bad Request", None), id="two lengths"),
        pytest.param({"CONTENT_LENGTH": "٥"}, ("400 Bad Request", None), id="digits that are not ASCII"),
        pytest.param({"CONTENT_LENGTH": "9" * 50}, ("400 Bad Request", None), id="a length beyond 64 bits"),
        pytest.param(
            {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(b"x" * 70_000)},
            ("413 Content Too Large", None),
            id="chunked",
        ),
        pytest.param({"wsgi.input_terminated": True, "wsgi.input": BrokenInput()}, ("400 Bad Request", None), id="broken chunks"),
        pytest.param({"CONTENT_LENGTH": "5", "wsgi.input": None}, ("400 Bad Request", None), id="no input at all"),
    ],
)
def test_a_body_is_whole_or_refused(described: dict[str, Any], answer: tuple[str, bytes | None], on_loop: bool) -> None:
    length = {"CONTENT_LENGTH": described["CONTENT_LENGTH"]} if "CONTENT_LENGTH" in described else {}

    status, body = served_once(sizes, {**environ("POST", **described), **length}, on_loop=on_loop)

    assert (status, body if status == "200 OK" else None) == answer


@BOTH
def test_a_stream_may_read_the_body_while_it_is_sent(on_loop: bool) -> None:
    assert served_once(shouting, environ("POST", b"hello"), on_loop=on_loop) == ("200 OK", b"HELLO")


def test_a_task_that_outlives_its_request_cannot_read_the_body_but_is_told() -> None:
    told: list[str] = []
    done = threading.Event()

    async def answers_first(request: Request) -> Response:
        async def later() -> None:
            await asyncio.sleep(0.01)
            try:
                await request.read()
            except RuntimeError as error:
                told.append(str(error))
            done.set()

        tasks.append(asyncio.create_task(later()))
        return Response()

    tasks: list[asyncio.Task[None]] = []
    with served(OneAnswer(answers_first)) as serve:
        serve(environ("POST", b"hello")).rest()
        assert done.wait(5)

    assert "its body can be read no more" in told[0]


# Streams.


@BOTH
@SOURCES
@each("held", [Held, HeldOnLoop])
def test_a_stream_is_closed_and_released_before_its_end(
    source: Callable[..., Any], held: Callable[[list[str]], Any], on_loop: bool
) -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(source(events, "a", b"", "é"), held=held(events))))

    assert served_once(answer, on_loop=on_loop) == ("200 OK", b"a\xc3\xa9")
    assert events == ["closed", "released"]


@BOTH
@SOURCES
def test_a_stream_is_closed_when_the_server_gives_up_midway(source: Callable[..., Any], on_loop: bool) -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(source(events, *[b"x"] * 10_000), held=Held(events))))

    with served(OneAnswer(answer, on_loop=on_loop)) as serve:
        exchange = serve(environ())
        assert set(exchange.next()) == {ord("x")}
        exchange.close()
        left = list(events)

    assert left == ["closed", "released after CancelledError" if on_loop else "released after GeneratorExit"]


@BOTH
@SOURCES
def test_a_stream_that_is_never_begun_is_closed_at_once(source: Callable[..., Any], on_loop: bool) -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(source([], *[b"x"] * 10_000), held=Held(events))))

    with served(OneAnswer(answer, on_loop=on_loop)) as serve:
        begun = time.monotonic()
        serve(environ()).close()
        left = list(events)

    assert [event.partition(" ")[0] for event in left] == ["released"]
    assert time.monotonic() - begun < 2


@BOTH
@SOURCES
@each("status", [200, 304])
def test_a_stream_nobody_wants_is_closed_unread(source: Callable[..., Any], status: int, on_loop: bool) -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(source([], b"a"), held=Held(events)), status=status))

    with served(OneAnswer(answer, on_loop=on_loop)) as serve:
        exchange = serve(environ("HEAD" if status == 200 else "GET"))
        left = list(events)

        assert exchange.rest() == b""

    assert left == ["released"]


@BOTH
@SOURCES
@each(
    ("fails", "raised"),
    [
        pytest.param(ValueError("the shelf fell"), "the shelf fell", id="as it is"),
        pytest.param(ConnectionResetError("the database"), "the database", id="not taken for the client's"),
        pytest.param(SystemExit(3), "SystemExit", id="not the end of the worker"),
    ],
)
def test_a_failure_midway_is_raised_once_for_the_server(
    source: Callable[..., Any], fails: BaseException, raised: str, on_loop: bool
) -> None:
    events = list[str]()
    answer = answering(lambda: Response(Stream(source(events, b"a", fails=fails), held=Held(events))))

    with served(OneAnswer(answer, on_loop=on_loop)) as serve, ThreadPoolExecutor(1) as workers:
        exchange = workers.submit(serve, environ()).result(5)
        assert workers.submit(exchange.next).result(5) == b"a"
        with pytest.raises((ValueError, RuntimeError), match=raised) as failed:
            workers.submit(exchange.next).result(5)
        workers.submit(exchange.close).result(5)

    assert not isinstance(failed.value, OSError)
    assert events[0] == "closed"
    assert events[1].startswith("released after")


@BOTH
def test_what_a_plain_function_opened_is_released_in_its_thread(on_loop: bool) -> None:
    threads: list[str] = []

    class Opened(Held):
        def __exit__(self, *_: object) -> None:
            threads.append(threading.current_thread().name)

    served_once(answering(lambda: Response(Stream(words([], b"a"), held=Opened([])))), on_loop=on_loop)

    assert (threads == [threading.current_thread().name]) != on_loop


@BOTH
@SOURCES
@each("length", [1, 9])
def test_a_stream_is_held_to_its_length(source: Callable[..., Any], length: int, on_loop: bool) -> None:
    with pytest.raises(ValueError, match="length"):
        served_once(answering(lambda: Response(Stream(source([], b"ab", b"cd"), length=length))), on_loop=on_loop)


# Files.


def test_a_whole_file_is_left_to_the_servers_wrapper(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")
    wrapped: list[Any] = []

    def wrapper(file: Any, _: int) -> list[bytes]:
        wrapped.append(file)
        return [file.read()]

    with served(OneAnswer(answering(lambda: Response(File(str(tmp_path / "page")))), on_loop=False)) as serve:
        whole = serve({**environ(), "wsgi.file_wrapper": wrapper}).rest()
        head = serve({**environ("HEAD"), "wsgi.file_wrapper": wrapper}).rest()
        wrapped[0].close()

    assert (whole, head, len(wrapped)) == (b"0123456789", b"", 1)


def test_a_part_of_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")

    assert served_once(answering(lambda: Response(File(str(tmp_path / "page"), 2, 5), status=206)))[1] == b"234"


def test_a_file_that_is_gone_is_no_client_that_left(tmp_path: Path) -> None:
    (tmp_path / "page").write_bytes(b"0123456789")
    response = Response(File(str(tmp_path / "page")))
    (tmp_path / "page").unlink()

    with pytest.raises(RuntimeError, match="FileNotFoundError"):
        served_once(answering(lambda: response))
