"""WSGI when something of ours, or of the server's, goes wrong: one error for the log, and no thread that waits for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from martlet.adapters import WSGIRequest, wsgi_application
from martlet.adapters.wsgi import exchange
from martlet.adapters.wsgi.background_loop import BackgroundLoop
from martlet.messages import Request, Response, Stream
from tests.adapters.applications import Held, OneAnswer, RecordedLifespan, answering, words
from tests.adapters.wsgi_server import environ, served
from tests.rows import each

BOTH = pytest.mark.parametrize("on_loop", [False, True], ids=["in the worker", "on the loop"])


class StrangeError(BaseException):
    """What no `except Exception` sees."""


@BOTH
@each(
    ("raised", "seen"),
    [
        pytest.param(ValueError("a mistake of ours"), ValueError, id="an exception"),
        pytest.param(SystemExit(3), RuntimeError, id="sys.exit"),
        pytest.param(asyncio.CancelledError(), RuntimeError, id="a stray cancellation"),
        pytest.param(StrangeError(), RuntimeError, id="an exception of another kind"),
    ],
)
def test_what_the_seam_raises_is_an_exception_for_the_server(raised: BaseException, seen: type[Exception], on_loop: bool) -> None:
    async def broken(_: Request) -> Response:
        raise raised

    async def sound(_: Request) -> Response:
        return Response("sound")

    app = OneAnswer(broken, on_loop=on_loop)
    background = BackgroundLoop(app)
    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(wsgi_application(app, background), environ(), lambda *_: None)
        with pytest.raises(seen):
            asked.result(5)
        after = workers.submit(wsgi_application(OneAnswer(sound, on_loop=on_loop), background), environ(), lambda *_: None)
        assert list(after.result(5)) == [b"sound"]
    background.stop()


def test_sys_exit_in_the_main_thread_may_be_the_servers_own() -> None:
    async def interrupted(_: Request) -> Response:
        raise SystemExit(1)

    with served(OneAnswer(interrupted, on_loop=False)) as serve, pytest.raises(SystemExit):
        serve(environ())


def test_a_task_that_ends_the_loop_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def starts_one(_: Request) -> Response:
        async def leave() -> None:
            raise SystemExit(5)

        task = asyncio.create_task(leave())
        await asyncio.sleep(0.01)
        return Response("still here" if isinstance(task.exception(), SystemExit) else "not yet")

    with served(OneAnswer(starts_one)) as serve:
        assert serve(environ()).rest() == b"still here"
        assert serve(environ()).rest() == b"still here"

    assert "tried to end the process" in caplog.text


@BOTH
@each("status", [101, 1000])
def test_a_wrong_status_closes_its_stream(status: int, on_loop: bool) -> None:
    events = list[str]()

    def answer() -> Response:
        response = Response(Stream(words([], b"a"), held=Held(events)))
        response.status_code = status
        return response

    with served(OneAnswer(answering(answer), on_loop=on_loop)) as serve:
        assert b"no status of a final answer" in serve(environ()).rest()
        assert [event.partition(" ")[0] for event in events] == ["released"]


@BOTH
def test_a_server_that_refuses_a_field_closes_the_stream(on_loop: bool) -> None:
    events = list[str]()

    def refuse(status: str, headers: list[tuple[str, str]]) -> None:
        raise ValueError("a field this server does not like")

    app = OneAnswer(answering(lambda: Response(Stream(words([], b"a"), held=Held(events)))), on_loop=on_loop)
    background = BackgroundLoop(app)

    with pytest.raises(ValueError, match="does not like"):
        wsgi_application(app, background)(environ(), refuse)

    background.stop()
    assert [event.partition(" ")[0] for event in events] == ["released"]


def test_a_request_under_way_fails_when_the_process_ends() -> None:
    waiting = threading.Event()

    async def waits(_: Request) -> Response:
        waiting.set()
        await asyncio.Event().wait()
        return Response()

    app = OneAnswer(waits)
    background = BackgroundLoop(app)
    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(wsgi_application(app, background), environ(), lambda *_: None)
        assert waiting.wait(5)

        background.stop()

        with pytest.raises(RuntimeError, match="CancelledError"):
            asked.result(5)
    assert app.lifespan.events == ["start", "stop"]


def test_a_stream_under_way_is_closed_when_the_process_ends() -> None:
    events = list[str]()
    app = OneAnswer(answering(lambda: Response(Stream(words(events, *[b"x"] * 100), held=Held(events)))))
    background = BackgroundLoop(app)
    chunks: Iterable[bytes] = wsgi_application(app, background)(environ(), lambda *_: None)
    iterator = iter(chunks)
    next(iterator)

    background.stop()
    with pytest.raises(RuntimeError):
        list(iterator)
    closing: Any = chunks
    closing.close()

    assert events == ["closed", "released after CancelledError"]


def test_a_worker_does_not_wait_for_a_loop_that_was_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "LOOK_SECONDS", 0.01)
    loop = asyncio.new_event_loop()  # which nobody runs
    app = OneAnswer(answering(Response))
    waiting = exchange.Exchange(exchange.LoopPart(loop, WSGIRequest(environ()), app), iter(()))

    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(waiting.answer)
        time.sleep(0.03)
        loop.close()

        with pytest.raises(RuntimeError, match="the process is ending"):
            asked.result(5)
    with pytest.raises(RuntimeError, match="the process is ending"):
        waiting.answer()


@BOTH
def test_what_is_no_stream_is_released_all_the_same(on_loop: bool) -> None:
    events = list[str]()
    chunks: Any = 7

    app = OneAnswer(answering(lambda: Response(Stream(chunks, held=Held(events)))), on_loop=on_loop)
    with served(app) as serve, pytest.raises(TypeError):
        serve(environ()).rest()

    assert events == ["released after TypeError"]


@BOTH
@each("chunk", [7, None, ["a"], memoryview(b"a")])
def test_a_chunk_that_is_none_is_refused(chunk: Any, on_loop: bool) -> None:
    app = OneAnswer(answering(lambda: Response(Stream([b"a", chunk]))), on_loop=on_loop)
    with served(app) as serve, pytest.raises(TypeError, match="A stream gives bytes or str"):
        serve(environ()).rest()


# The loop's own life.


def test_the_application_starts_with_the_first_request_and_once() -> None:
    app = OneAnswer(answering(Response), on_loop=False)

    with served(app) as serve, ThreadPoolExecutor(8) as workers:
        assert app.lifespan.events == []
        list(workers.map(lambda _: serve(environ()).rest(), range(32)))

    assert app.lifespan.events == ["start", "stop"]


def test_a_start_that_fails_fails_each_request_and_leaves_no_thread() -> None:
    app = OneAnswer(answering(Response), lifespan=RecordedLifespan(fails=ValueError("no database")))

    with served(app) as serve:
        for _ in range(3):
            with pytest.raises(ValueError, match="no database"):
                serve(environ())

    assert app.lifespan.events == ["start", "start", "start"]


def test_a_stop_that_fails_is_logged_and_ends_the_loop_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(RecordedLifespan):
        async def stop(self) -> None:
            raise ValueError("it would not close")

    with served(OneAnswer(answering(Response), lifespan=Failing())) as serve:
        serve(environ())

    assert "The application's shutdown failed." in caplog.text


def test_an_application_that_never_served_has_nothing_to_stop() -> None:
    app = OneAnswer(answering(Response))

    BackgroundLoop(app).stop()

    assert app.lifespan.events == []
