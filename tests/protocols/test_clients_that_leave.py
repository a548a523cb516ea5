"""A client that leaves ends its handler where it waits: what it opened is closed, nothing is logged, nothing is left running."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import pytest

from martlet import AfterResponse, App, Group, Request, Respond, Response
from martlet.cli.tables import route_lines
from tests.adapters.asgi_server import ASGIExchange, asgi_scope
from tests.adapters.rsgi_server import Protocol, RSGIHeaders, Scope

LeavingProtocol = Literal["asgi", "rsgi"]
SECONDS = 10.0  # beyond any pause of the machine, for what takes a tenth of one


class Visit:
    """One request in memory, and what became of it."""

    def __init__(self, protocol: LeavingProtocol, app: App, path: str, method: str = "GET", *events: dict[str, Any]) -> None:
        app.freeze()
        self.asgi = ASGIExchange(*events)
        self.rsgi = Protocol(*[event["body"] for event in events])
        self._protocol = protocol
        if protocol == "asgi":
            work: Any = app(asgi_scope(method, path), self.asgi.receive, self.asgi.send)
        else:
            scope = Scope(method, path, headers=RSGIHeaders([("host", "example.org")]))
            work = app.__rsgi__(scope, self.rsgi)
        self.task = asyncio.ensure_future(work)

    def leave(self) -> None:
        """Go away."""
        self.asgi.gone.set()
        self.rsgi.gone.set()

    async def end(self) -> int:
        """Wait for the end; gives the status that the server was told."""
        await asyncio.wait_for(self.task, SECONDS)
        status: int = self.asgi.status if self._protocol == "asgi" else self.rsgi.calls[0][1]
        return status


class Shelf:
    """What a provider opens."""


@pytest.fixture(params=["asgi", "rsgi"])
def visit(request: pytest.FixtureRequest) -> Callable[..., Visit]:
    """Begin a request over the protocol of this run."""
    protocol: LeavingProtocol = request.param
    return lambda app, path, *others: Visit(protocol, app, path, *others)


class Desk:
    """Writes down what its handlers do; each waits once."""

    def __init__(self, steps: list[str]) -> None:
        self._steps = steps

    async def open_shelf(self) -> AsyncIterator[Shelf]:
        try:
            yield Shelf()
        finally:
            self._steps.append("shelf closed")

    async def wait(self) -> str:
        self._steps.append("begun")
        try:
            await asyncio.sleep(SECONDS)
        finally:
            self._steps.append("handler ended")
        return "nobody sees this"

    async def slow(self, shelf: Shelf) -> str:
        assert shelf is not None
        return await self.wait()

    async def steady(self) -> str:
        self._steps.append("begun")
        await asyncio.sleep(0.2)
        return "done"

    async def stubborn(self) -> str:
        try:
            return await self.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            return "nevertheless"

    async def after(self, tasks: AfterResponse) -> str:
        tasks.add(self._steps.append, "done after the answer")
        return await self.wait()

    async def failing(self) -> str:
        try:
            return await self.wait()
        except asyncio.CancelledError:
            raise ValueError("the clean-up is broken") from None


def make(steps: list[str]) -> App:
    """Write down what begins and ends."""
    app, desk = App(), Desk(steps)
    app.provider(desk.open_shelf)
    app.get("/slow")(desk.slow)
    app.get("/steady", finishes=True)(desk.steady)
    app.post("/orders", name="order")(desk.steady)
    app.post("/drafts", name="draft", finishes=False)(desk.wait)
    app.get("/stubborn")(desk.stubborn)
    app.get("/after")(desk.after)
    app.get("/failing")(desk.failing)
    return app


async def until(steps: list[str], step: str) -> None:
    """Wait for a step."""
    async with asyncio.timeout(SECONDS):
        while step not in steps:  # noqa: ASYNC110  a list tells nobody
            await asyncio.sleep(0.002)


async def left(visit: Visit, steps: list[str]) -> int:
    """Leave while the handler waits; gives the status that the server was told."""
    await until(steps, "begun")
    await asyncio.sleep(0.05)  # longer than what is not watched
    visit.leave()
    return await visit.end()


async def test_handler_and_providers_end_when_the_client_leaves(
    visit: Callable[..., Visit], caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[str] = []
    slow = visit(make(steps), "/slow")
    began = time.monotonic()

    status = await left(slow, steps)

    assert steps == ["begun", "handler ended", "shelf closed"]
    assert status == 499
    assert time.monotonic() - began < SECONDS / 2
    assert slow.task.cancelling() == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert caplog.records == []


async def test_a_client_that_left_before_the_handler_waited_is_noticed(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    slow = visit(make(steps), "/slow")

    slow.leave()

    assert await slow.end() == 499
    assert steps == ["begun", "handler ended", "shelf closed"]


async def test_the_route_decides_whether_its_handler_goes_on(visit: Callable[..., Visit]) -> None:
    rows = {("/steady", "GET"): 200, ("/orders", "POST"): 200, ("/drafts", "POST"): 499, ("/slow", "GET"): 499}
    statuses = dict[tuple[str, str], int]()

    for row in rows:
        steps: list[str] = []
        statuses[row] = await left(visit(make(steps), *row), steps)

    assert statuses == rows


async def test_a_handler_may_answer_nevertheless(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []

    assert await left(visit(make(steps), "/stubborn"), steps) == 200


async def test_what_was_left_for_after_the_answer_is_told_and_not_done(
    visit: Callable[..., Visit], caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[str] = []

    await left(visit(make(steps), "/after"), steps)
    await asyncio.sleep(0.01)

    assert "done after the answer" not in steps
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "GET /after was not answered, since its client had left, so this is not done: list.append.")
    ]


async def test_a_broken_clean_up_is_a_failure_as_any(visit: Callable[..., Visit], caplog: pytest.LogCaptureFixture) -> None:
    steps: list[str] = []

    assert await left(visit(make(steps), "/failing"), steps) == 500
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_middlewares_see_a_cancellation(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app = make(steps)

    @app.use
    async def watching(request: Request, respond: Respond) -> Response:
        try:
            return await respond(request)
        except asyncio.CancelledError:
            steps.append("middleware")
            raise

    assert await left(visit(app, "/slow"), steps) == 499
    assert steps == ["begun", "handler ended", "shelf closed", "middleware"]


async def test_a_server_that_cancels_too_does_not_disturb_the_clean_up(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app, cleaning = App(), asyncio.Event()

    @app.provider
    async def open_shelf() -> AsyncIterator[Shelf]:
        try:
            yield Shelf()
        finally:
            cleaning.set()
            await asyncio.sleep(0.05)
            steps.append("shelf closed")

    @app.post("/")
    async def fail(shelf: Shelf) -> str:
        assert shelf is not None
        raise ValueError

    failing = visit(app, "/", "POST")
    await asyncio.wait_for(cleaning.wait(), SECONDS)
    failing.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await failing.end()
    assert steps == ["shelf closed"]


async def test_a_clean_up_that_hangs_hears_of_the_second_cancellation(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app, cleaning = App(), asyncio.Event()

    @app.provider
    async def open_shelf() -> AsyncIterator[Shelf]:
        try:
            yield Shelf()
        finally:
            cleaning.set()
            try:
                await asyncio.sleep(SECONDS)
            except asyncio.CancelledError:
                steps.append("told")
                raise

    @app.get("/")
    async def show(shelf: Shelf) -> str:
        return str(shelf is not None)

    hanging = visit(app, "/")
    await asyncio.wait_for(cleaning.wait(), SECONDS)
    hanging.task.cancel()
    await asyncio.sleep(0.01)
    assert steps == []
    hanging.task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await hanging.end()
    assert steps == ["told"]


async def test_a_shielded_part_is_finished(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app = App()

    async def pay() -> None:
        await asyncio.sleep(0.2)
        steps.append("paid")

    @app.get("/pay")
    async def pay_now() -> None:
        steps.append("begun")
        await asyncio.shield(pay())

    assert await left(visit(app, "/pay"), steps) == 499
    assert "paid" not in steps
    await until(steps, "paid")


async def test_a_provider_that_waits_ends_too(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app = App()

    @app.provider
    async def wait_for_shelf() -> Shelf:
        steps.append("begun")
        await asyncio.sleep(SECONDS)
        return Shelf()

    @app.get("/")
    async def show(shelf: Shelf) -> str:
        raise AssertionError(shelf)

    assert await left(visit(app, "/"), steps) == 499


async def test_a_group_decides_for_its_routes(visit: Callable[..., Visit]) -> None:
    steps: list[str] = []
    app, payments = App(), Group("/payments", finishes=True)

    @payments.get("/report")
    async def report() -> str:
        steps.append("begun")
        await asyncio.sleep(0.2)
        return "whole"

    app.include(payments)

    assert await left(visit(app, "/payments/report"), steps) == 200


async def test_a_handler_that_reads_its_body_gets_all_of_it_while_somebody_looks_out() -> None:
    app = App()
    pause = asyncio.Event()

    @app.route("/", methods=["PUT"], finishes=False)
    async def put(request: Request) -> str:
        chunks = [chunk async for chunk in request.chunks()]
        await pause.wait()
        return b"".join(chunks).decode()

    events = [{"type": "http.request", "body": b"%d " % number, "more_body": number < 9} for number in range(10)]
    reading = Visit("asgi", app, "/", "PUT", *events)
    await asyncio.sleep(0.05)
    pause.set()

    assert await reading.end() == 200
    assert reading.asgi.body == b"0 1 2 3 4 5 6 7 8 9 "


async def test_a_body_that_is_read_late_is_whole() -> None:
    app = App()

    @app.put("/", finishes=False)
    async def put(request: Request) -> str:
        await asyncio.sleep(0.05)
        chunks = list[bytes]()
        async for chunk in request.chunks():
            await asyncio.sleep(0.002)
            chunks.append(chunk)
        return b"".join(chunks).decode()

    events = [{"type": "http.request", "body": b"%d " % number, "more_body": number < 9} for number in range(10)]
    reading = Visit("asgi", app, "/", "PUT", *events)

    assert await reading.end() == 200
    assert reading.asgi.body == b"0 1 2 3 4 5 6 7 8 9 "


async def test_nobody_looks_out_for_a_handler_that_ends_soon() -> None:
    app = App()

    @app.get("/")
    async def quick() -> str:
        await asyncio.sleep(0)
        return "quick"

    quick_visit = Visit("asgi", app, "/")

    assert await quick_visit.end() == 200
    assert quick_visit.asgi.received == 0


def test_code_that_never_waits_is_called_as_it_is() -> None:
    app = App()

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.get("/waits")
    async def waits() -> str:
        await asyncio.sleep(0)
        return "waits"

    watched = {route.pattern for route in app.freeze().router.routes if "watched(" in route.target.code}

    assert watched == {"/waits"}


def test_the_routes_command_tells_what_differs_from_the_method() -> None:
    lines = [line.strip() for line in route_lines(make([]).freeze()) if "finishes=" in line]

    assert lines == [
        "finishes=True: goes on when its client has left",
        "finishes=False: is cancelled when its client has left",
    ]
