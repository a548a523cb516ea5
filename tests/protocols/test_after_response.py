"""Work after the answer: in order, each alone with its failure, told once, waited for at the end."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest

from martlet import AfterResponse, App, Body, ConflictError, Limits, Request, Respond, Response, Stream, Upload
from martlet.testing import Client
from tests.serving import ProtocolName, Serve


class Log:
    """Stands for what a provider gives."""


def test_work_is_done_after_the_answer_in_its_order(serve: Serve) -> None:
    events: list[str] = []

    def plainly(name: str, *, mark: str = "") -> None:
        events.append(name + mark)

    async def awaiting(name: str) -> None:
        await asyncio.sleep(0.01)
        events.append(name)

    app = App()

    @app.post("/letters")
    async def post_letter(tasks: AfterResponse) -> str:
        tasks.add(awaiting, "first")
        tasks.add(plainly, "second", mark="!")
        tasks.add(functools.partial(awaiting, "third"))
        tasks.add(lambda: awaiting("fourth"))
        return f"{len(tasks)} to do, {len(events)} done"

    assert serve(app).post("/letters").text == "4 to do, 0 done"
    assert events == ["first", "second!", "third", "fourth"]


def test_a_plain_handler_leaves_work_too(serve: Serve) -> None:
    threads: list[str] = []
    app = App()

    def note() -> None:
        threads.append(threading.current_thread().name)

    @app.get("/")
    def home(tasks: AfterResponse) -> str:
        tasks.add(note)
        return "home"

    assert serve(app).get("/").text == "home"
    assert [name.startswith("martlet_") for name in threads] == [True]


def test_the_client_does_not_wait(protocol: ProtocolName) -> None:
    may_end, ended = threading.Event(), threading.Event()
    app = App()

    def wait() -> None:
        may_end.wait(5)
        ended.set()

    @app.get("/")
    async def home(tasks: AfterResponse) -> str:
        tasks.add(wait)
        return "home"

    with Client(app, protocol=protocol) as client:
        client._wait_for_after = lambda: None  # type: ignore[method-assign]  # noqa: SLF001
        answered = client.get("/").text, ended.is_set()
        may_end.set()

    assert answered == ("home", False)
    assert ended.is_set()  # a stop waits


def refuse(kind: str) -> None:
    raise {"plain": RuntimeError, "exit": SystemExit, "stop": StopIteration}[kind]("on purpose")


async def refuse_awaiting(kind: str) -> None:
    refuse("exit" if kind == "exit" else "plain")


@pytest.mark.parametrize("function", [refuse, refuse_awaiting], ids=["plain", "async"])
@pytest.mark.parametrize("kind", ["plain", "exit", "stop"])
def test_a_failure_is_told_once_and_stops_nothing_else(
    serve: Serve, caplog: pytest.LogCaptureFixture, function: Callable[[str], Any], kind: str
) -> None:
    events: list[str] = []
    app = App()

    @app.get("/letters")
    async def letters(tasks: AfterResponse) -> str:
        tasks.add(function, kind)
        tasks.add(events.append, "done")
        return "letters"

    with caplog.at_level(logging.WARNING):
        assert serve(app).get("/letters").text == "letters"

    assert events == ["done"]
    (record,) = caplog.records
    assert record.name == "martlet.errors"
    assert record.getMessage() == f"GET /letters: {function.__qualname__} failed after the answer."
    assert record.exc_info is not None


def test_a_refusal_on_purpose_keeps_the_work(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    @app.post("/logins")
    async def log_in(tasks: AfterResponse) -> None:
        tasks.add(events.append, "noted")
        raise ConflictError

    assert serve(app).post("/logins").status_code == 409
    assert events == ["noted"]


def test_a_failure_of_ours_takes_the_work_with_it(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    events: list[str] = []
    app = App()

    @app.post("/orders")
    async def order(tasks: AfterResponse) -> None:
        tasks.add(events.append, "letter")
        raise RuntimeError("on purpose")

    assert serve(app).post("/orders").status_code == 500
    assert events == []
    assert caplog.records[-1].getMessage() == "POST /orders was answered 500, so this is not done: list.append."


def test_a_stream_ends_before_the_work_begins(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    @app.get("/")
    async def home(tasks: AfterResponse) -> Response:
        async def chunks() -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(0)
            yield "b"
            events.append("streamed")

        tasks.add(events.append, "after")
        return Response(Stream(chunks()))

    assert serve(app).get("/").text == "ab"
    assert events == ["streamed", "after"]


def test_providers_and_middleware_leave_work_too(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    @app.provider
    def log(tasks: AfterResponse) -> Log:
        tasks.add(events.append, "provider")
        return Log()

    @app.use
    async def middleware(request: Request, respond: Respond) -> Response:
        response = await respond(request)
        request.after.add(events.append, "middleware")
        return response

    @app.get("/")
    async def home(log: Log, tasks: AfterResponse) -> None:
        tasks.add(events.append, "handler")

    serve(app).get("/")

    assert events == ["provider", "handler", "middleware"]


def test_context_variables_are_those_of_whoever_left_the_work(serve: Serve) -> None:
    who = contextvars.ContextVar[str]("who", default="nobody")
    seen: list[str] = []
    app = App()

    def note() -> None:
        seen.append(who.get())

    async def note_awaiting() -> None:
        seen.append(who.get())

    @app.get("/{name}")
    def home(name: str, tasks: AfterResponse) -> None:
        who.set(name)
        tasks.add(note)
        tasks.add(note_awaiting)

    client = serve(app)
    client.get("/Ada")
    client.get("/Eve")

    assert seen == ["Ada", "Ada", "Eve", "Eve"]


def test_the_body_is_still_there(serve: Serve) -> None:
    seen: list[bytes] = []
    app = App()

    @app.post("/")
    async def keep(request: Request, body: Annotated[bytes, Body()], tasks: AfterResponse) -> None:
        tasks.add(lambda: seen.append(request.body + body))

    serve(app).post("/", content=b"ab")

    assert seen == [b"abab"]


def test_uploaded_files_stay_open_for_the_work(serve: Serve) -> None:
    sizes: list[int] = []
    uploads: list[Upload] = []
    app = App(limits=Limits(form_memory_bytes=10_000))

    async def read(upload: Upload) -> None:
        sizes.append(len(await upload.read()))

    def read_plainly(upload: Upload) -> None:
        sizes.append(len(upload.file.read()))

    @app.post("/async")
    async def keep(photo: Upload, tasks: AfterResponse) -> None:
        uploads.append(photo)
        tasks.add(read, photo)

    @app.post("/plain")
    def keep_plainly(photo: Upload, tasks: AfterResponse) -> None:
        uploads.append(photo)
        tasks.add(read_plainly, photo)

    client = serve(app)
    for path in ("/async", "/plain"):
        assert client.post(path, files={"photo": ("a.bin", b"x" * 100_000)}).status_code == 204

    assert sizes == [100_000, 100_000]
    for upload in uploads:
        with pytest.raises(ValueError, match="closed"):
            upload.file  # noqa: B018  asking for it is enough


def test_a_stop_waits_no_longer_than_it_may(protocol: ProtocolName, caplog: pytest.LogCaptureFixture) -> None:
    app = App(shutdown_seconds=0.05)
    events: list[str] = []

    async def for_ever() -> None:
        await asyncio.sleep(100)

    @app.get("/")
    async def home(tasks: AfterResponse) -> None:
        tasks.add(for_ever)
        tasks.add(events.append, "never")

    began = time.monotonic()
    with Client(app, protocol=protocol) as client:
        client._wait_for_after = lambda: None  # type: ignore[method-assign]  # noqa: SLF001
        client.get("/")

    assert time.monotonic() - began < 3
    assert events == []
    (record,) = [record for record in caplog.records if record.name == "martlet.errors"]
    assert record.getMessage() == f"GET /: the app ends, and this is not done: {for_ever.__qualname__}, list.append."


def test_the_work_is_done_before_the_app_lets_go_of_its_values(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = App()

    @app.lifespan
    async def around() -> AsyncIterator[None]:
        yield
        events.append("closed")

    def slowly() -> None:
        time.sleep(0.05)
        events.append("done")

    @app.get("/")
    async def home(tasks: AfterResponse) -> None:
        tasks.add(slowly)

    with Client(app, protocol=protocol) as client:
        client._wait_for_after = lambda: None  # type: ignore[method-assign]  # noqa: SLF001
        client.get("/")

    assert events == ["done", "closed"]


@pytest.mark.parametrize("given", [None, "send", iter(())], ids=["None", "a name", "an iterator"])
def test_only_a_function_can_be_added(given: Any) -> None:
    with pytest.raises(TypeError, match="add\\(\\) takes a function and its arguments"):
        AfterResponse([]).add(given)


def test_a_mounted_app_leaves_work_too(serve: Serve) -> None:
    events: list[str] = []
    app, inner = App(), App()

    @inner.get("/")
    async def home(tasks: AfterResponse) -> str:
        tasks.add(events.append, "inner")
        return "inner"

    app.mount("/inner", inner)

    assert serve(app).get("/inner/").text == "inner"
    assert events == ["inner"]
