"""From a signal to the shutdown: the order of the steps, the deadline, and signal handlers that are put back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest
import uvloop

from martlet import AfterResponse, App, Event, ServiceUnavailableError, StreamingResponse
from martlet.adapters.stopping.running_requests import description, running_requests
from martlet.adapters.stopping.signals import StopSignal, are_held_back, hold_back, listen, unlisten
from martlet.adapters.stopping.stopping import Stopping
from tests.adapters.asgi_server import asgi_scope
from tests.rows import each

LONG = 10.0  # far more than any of it takes


class Server:
    """A server in the main thread: it handles SIGTERM, waits for its requests, and then stops the application."""

    def __init__(self, app: App) -> None:
        self._app: Any = app
        self._events, self._answers = asyncio.Queue[dict[str, Any]](), asyncio.Queue[Any]()
        self._lifespan: asyncio.Task[None] | None = None
        self._told = asyncio.Event()
        self.signals = 0
        self.requests: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        signal.signal(signal.SIGTERM, self._handle)
        self._lifespan = asyncio.create_task(self._app({"type": "lifespan"}, self._events.get, self._answers.put))
        await self._events.put({"type": "lifespan.startup"})
        assert await self._answers.get() == {"type": "lifespan.startup.complete"}

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.signals += 1
        self._told.set()

    async def open(self, path: str) -> list[dict[str, Any]]:
        """Send a request, and give what is answered while it comes."""
        sent: list[dict[str, Any]] = []
        events = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if not events:
                await asyncio.Event().wait()
            return events.pop()

        async def send(event: Any) -> None:
            sent.append(dict(event))

        self.requests.append(asyncio.create_task(self._app(asgi_scope(path=path), receive, send)))
        for _ in range(20):
            await asyncio.sleep(0)
        return sent

    async def stop(self) -> None:
        """Wait for the signal and for the requests, as servers do, and end the lifespan."""
        async with asyncio.timeout(LONG):
            await self._told.wait()
            await asyncio.gather(*self.requests, return_exceptions=True)
            await self._events.put({"type": "lifespan.shutdown"})
            assert await self._answers.get() == {"type": "lifespan.shutdown.complete"}
            assert self._lifespan is not None
            await self._lifespan


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def make(steps: list[str], seconds: float = LONG) -> App:
    """An application that writes down what becomes of it."""
    app = App(shutdown_seconds=seconds)

    @app.lifespan
    async def life() -> AsyncIterator[None]:
        yield
        steps.append("shutdown")

    @app.get("/ready")
    async def ready() -> str:
        if app.is_draining:
            raise ServiceUnavailableError("The application is about to end.")
        return "ready"

    @app.get("/events")
    async def events() -> StreamingResponse:
        async def give() -> AsyncIterator[object]:
            try:
                yield Event("first", id="1")
                await asyncio.Event().wait()
            finally:
                steps.append("stream ended")

        return StreamingResponse.sse(give())

    @app.get("/slow")
    async def slow(tasks: AfterResponse) -> str:
        async def work() -> None:
            await asyncio.sleep(0.05)
            steps.append("work done")

        tasks.add(work)
        await asyncio.sleep(0.1)
        steps.append("answered")
        return "whole"

    @app.get("/ever")
    async def ever() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("cancelled")
        return ""

    return app


def status(sent: list[dict[str, Any]]) -> int | None:
    return sent[0]["status"] if sent else None


def body(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(event.get("body", b"") for event in sent)


async def test_streams_end_then_requests_and_work_finish_then_the_app_shuts_down() -> None:
    steps: list[str] = []
    server = Server(make(steps))
    await server.start()
    assert body(await server.open("/ready")) == b"ready"
    stream, slow = await server.open("/events"), await server.open("/slow")

    signal.raise_signal(signal.SIGTERM)
    await asyncio.sleep(0)
    not_ready = await server.open("/ready")
    await server.stop()

    assert status(not_ready) == 503
    assert body(slow) == b"whole"
    assert body(stream).startswith(b"id: 1\ndata: first\n\n")
    assert stream[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert steps == ["stream ended", "answered", "work done", "shutdown"]
    assert server.signals == 1


async def test_at_the_deadline_what_still_runs_is_cancelled_and_named(caplog: pytest.LogCaptureFixture) -> None:
    steps: list[str] = []
    server = Server(make(steps, 0.05))
    await server.start()
    await server.open("/ever")

    signal.raise_signal(signal.SIGTERM)
    await server.stop()

    assert steps == ["cancelled", "shutdown"]
    assert "The time to finish is over. Cancelled: GET /ever." in caplog.text


async def test_a_second_signal_makes_this_the_deadline() -> None:
    steps: list[str] = []
    server = Server(make(steps, 1_000))
    await server.start()
    await server.open("/ever")

    signal.raise_signal(signal.SIGTERM)
    await asyncio.sleep(0.01)
    assert steps == []
    signal.raise_signal(signal.SIGTERM)
    await server.stop()

    assert steps == ["cancelled", "shutdown"]


async def test_with_nothing_under_way_the_end_comes_at_once() -> None:
    steps: list[str] = []
    server = Server(make(steps, 1_000))
    await server.start()

    signal.raise_signal(signal.SIGTERM)
    await server.stop()

    assert steps == ["shutdown"]


async def test_afterwards_signals_are_handled_as_before() -> None:
    interrupt = signal.getsignal(signal.SIGINT)
    server = Server(make([]))
    await server.start()
    assert isinstance(signal.getsignal(signal.SIGTERM), StopSignal)

    signal.raise_signal(signal.SIGTERM)
    await server.stop()

    assert signal.getsignal(signal.SIGTERM) == server._handle  # noqa: SLF001
    assert signal.getsignal(signal.SIGINT) is interrupt


async def test_an_app_that_ended_begins_anew() -> None:
    app = make([])
    for _ in range(2):
        server = Server(app)
        await server.start()
        assert body(await server.open("/ready")) == b"ready"
        signal.raise_signal(signal.SIGTERM)
        await server.stop()
        assert app.is_draining


async def test_requests_are_known_by_what_their_tasks_wait_for() -> None:
    server = Server(make([]))
    await server.start()
    loop = asyncio.get_running_loop()
    await server.open("/ready")
    assert running_requests(loop) == set()

    await server.open("/ever")
    await server.open("/events")
    other = asyncio.create_task(asyncio.sleep(LONG))
    await asyncio.sleep(0)

    assert sorted(map(description, running_requests(loop))) == ["GET /events", "GET /ever"]
    other.cancel()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    await server.stop()


async def test_what_takes_no_cancellation_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    app, ended, steps = App(shutdown_seconds=0.02), asyncio.Event(), list[str]()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("martlet.adapters.stopping.stopping.CANCEL_SECONDS", 0.02)

    def leave(code: int) -> None:
        steps.append(f"exit {code}")
        loop.call_soon_threadsafe(ended.set)

    monkeypatch.setattr("os._exit", leave)

    @app.lifespan
    async def life() -> AsyncIterator[None]:
        yield
        steps.append("shutdown")

    @app.get("/deaf")
    async def deaf() -> str:
        while not ended.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        return ""

    server = Server(app)
    await server.start()
    await server.open("/deaf")
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(ended.wait(), LONG)
    await server.stop()

    assert steps == ["shutdown", "exit 1"]  # once, by us, in the server's place


def test_several_listeners_share_a_handler_and_the_last_puts_the_former_back() -> None:
    heard: list[str] = []
    signal.signal(signal.SIGTERM, former := lambda *_: heard.append("former"))

    def first(_number: int) -> None:
        heard.append("first")

    def second(_number: int) -> None:
        heard.append("second")

    one, other = listen(first, (signal.SIGTERM,)), listen(second, (signal.SIGTERM,))
    assert one == other
    signal.raise_signal(signal.SIGTERM)
    unlisten(first, one)
    signal.raise_signal(signal.SIGTERM)
    unlisten(second, other)

    assert heard == ["first", "second", "former", "second", "former"]
    assert signal.getsignal(signal.SIGTERM) is former


@each("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_a_listener_does_on_the_loop_comes_before_the_server_hears(
    make_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    steps: list[str] = []
    served = asyncio.Event()

    def hear(_number: int) -> None:
        asyncio.get_running_loop().call_soon_threadsafe(do, 3)

    def do(steps_left: int) -> None:
        steps.append("ours")
        if steps_left:
            asyncio.get_running_loop().call_soon(do, steps_left - 1)

    def server(_number: int, _frame: FrameType | None) -> None:
        steps.append("server")
        served.set()

    async def serve() -> None:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.wait_for(served.wait(), LONG)

    async def serve_twice_told() -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        steps.append("told twice")
        served.clear()
        await asyncio.wait_for(served.wait(), LONG)

    signal.signal(signal.SIGTERM, server)
    heard = listen(hear, (signal.SIGTERM,))
    loop = make_loop()
    loop.run_until_complete(serve())
    assert steps == ["ours"] * 4 + ["server"]

    steps.clear()
    loop.run_until_complete(serve_twice_told())
    unlisten(hear, heard)
    loop.close()
    assert steps[:2] == ["server", "told twice"]  # a second one is not kept waiting
    assert steps.count("server") == 2


@each("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@each("moment", ["before", "between", "after"])
def test_a_signal_to_a_loop_that_stops_once_more_is_heard_when_it_serves(
    make_loop: Callable[[], asyncio.AbstractEventLoop], moment: str
) -> None:
    loop, app = make_loop(), App().freeze()
    told, begun, stopping = asyncio.Event(), asyncio.Event(), Stopping(app)
    app.draining.on_begin(begun.set)

    def send(now: str) -> None:
        if now == moment:
            signal.raise_signal(signal.SIGTERM)

    async def serve() -> None:
        send("after")
        async with asyncio.timeout(LONG):
            await told.wait()  # the server
            await begun.wait()
        await stopping.stop()

    hold_back()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    send("before")
    loop.run_until_complete(stopping.start())
    send("between")
    loop.run_until_complete(serve())
    loop.close()

    assert not are_held_back()


@each("handler", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_signal_that_nobody_handles_goes_on_to_do_what_it_did(handler: signal.Handlers) -> None:
    signal.signal(signal.SIGTERM, handler)

    assert listen(print, (signal.SIGTERM,)) == []
    assert signal.getsignal(signal.SIGTERM) is handler


async def test_a_handler_that_reads_a_channel_ends_by_itself() -> None:
    app, was_cut = App(shutdown_seconds=LONG), True
    channel = app.channel("numbers", int)

    @app.get("/read")
    async def read() -> str:
        nonlocal was_cut
        async for _ in channel.subscribe():
            pass
        was_cut = False
        return "over"

    server = Server(app)
    await server.start()
    sent = await server.open("/read")
    signal.raise_signal(signal.SIGTERM)
    await server.stop()

    assert not was_cut
    assert [event["body"] for event in sent if event["type"] == "http.response.body"] == [b"over"]


async def test_outside_of_the_main_thread_nothing_is_heard() -> None:
    stopping = Stopping(make([]).freeze())
    signal.signal(signal.SIGTERM, former := lambda *_: None)

    await asyncio.to_thread(stopping.listen)

    assert signal.getsignal(signal.SIGTERM) is former
