"""What happens once before the first request and once after the last: values of the app, hooks, in order and back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from martlet import App
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Serve

TOLD_OF_BOTH_ENDS: list[ProtocolName] = ["asgi", "rsgi"]  # a WSGI server says nothing: its first request is the start


class Database:
    pass


class Shelf:
    def __init__(self, database: Database) -> None:
        self.database = database


def recording(events: list[str], *, broken: str = "") -> App:
    """An app with two values of its own and two hooks, which write down what happens; one may break."""
    app = App()

    def note(what: str) -> None:
        events.append(what)
        if what == broken:
            raise ConnectionError(f"No {what}.")

    @app.provider(scope="app")
    async def shelf(database: Database) -> AsyncIterator[Shelf]:
        note("open shelf")
        try:
            yield Shelf(database)
        finally:
            note("close shelf")

    @app.provider(scope="app")
    def database() -> Iterator[Database]:
        note("open database")
        try:
            yield Database()
        finally:
            note("close database")

    @app.lifespan
    def first(database: Database) -> Iterator[None]:
        note("first hook begins")
        try:
            yield
        finally:
            note("first hook ends")

    @app.lifespan
    async def second(shelf: Shelf) -> AsyncIterator[None]:
        await asyncio.sleep(0)
        note("second hook begins")
        try:
            yield
        finally:
            note("second hook ends")

    @app.get("/")
    def show(shelf: Shelf, database: Database) -> str:
        events.append("request")
        return str(shelf.database is database)

    return app


STARTED = ["open database", "open shelf", "first hook begins", "second hook begins"]
STOPPED = ["second hook ends", "first hook ends", "close shelf", "close database"]


@pytest.mark.parametrize("protocol", TOLD_OF_BOTH_ENDS)
def test_what_is_started_in_order_is_stopped_in_reverse(protocol: ProtocolName) -> None:
    events: list[str] = []

    with Client(recording(events), protocol=protocol) as client:
        assert events == STARTED
        assert [client.get("/").text for _ in range(2)] == ["True", "True"]

    assert events == [*STARTED, "request", "request", *STOPPED]


def test_over_wsgi_the_first_request_starts_the_app_once() -> None:
    events: list[str] = []

    with Client(recording(events), protocol="wsgi") as client:
        assert [client.get("/").text for _ in range(2)] == ["True", "True"]

    assert events == [*STARTED, "request", "request", *STOPPED]  # the client stands for the exit of the process


@pytest.mark.parametrize("protocol", PROTOCOLS)
@each(
    ("broken", "happened"),
    [
        ("open database", ["open database"]),
        ("open shelf", ["open database", "open shelf", "close database"]),
        ("second hook begins", [*STARTED, "first hook ends", "close shelf", "close database"]),
    ],
)
def test_a_start_that_fails_stops_what_was_started(protocol: ProtocolName, broken: str, happened: list[str]) -> None:
    events: list[str] = []

    with pytest.raises((ConnectionError, RuntimeError), match=f"No {broken}"):
        start(recording(events, broken=broken), protocol)

    assert events == happened


def start(app: App, protocol: ProtocolName) -> None:
    with Client(app, protocol=protocol) as client:
        client.get("/")


@pytest.mark.parametrize("protocol", TOLD_OF_BOTH_ENDS)
def test_a_stop_that_fails_goes_on_with_the_rest(protocol: ProtocolName) -> None:
    events: list[str] = []

    with pytest.raises((ConnectionError, RuntimeError), match="No first hook ends"):
        start(recording(events, broken="first hook ends"), protocol)

    assert events[-4:] == STOPPED


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_app_may_start_again(protocol: ProtocolName) -> None:
    events: list[str] = []
    app = recording(events)

    for _ in range(2):
        with Client(app, protocol=protocol) as client:
            client.get("/")

    assert events == [*STARTED, "request", *STOPPED] * 2


def test_an_app_may_fail_to_start_and_start_later(serve: Serve) -> None:
    app = App()
    tries: list[int] = []

    @app.provider(scope="app")
    def database() -> Database:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("Not yet.")
        return Database()

    @app.get("/")
    def show(database: Database) -> str:
        return "shown"

    with pytest.raises((ConnectionError, RuntimeError), match="Not yet"):
        serve(app).get("/")

    assert serve(app).get("/").text == "shown"


def test_values_of_the_app_are_made_whether_or_not_anybody_asks(serve: Serve) -> None:
    app, made = App(), []

    @app.provider(scope="app")
    def database() -> Database:
        made.append(1)
        return Database()

    @app.get("/")
    def show() -> str:
        return "shown"

    serve(app).get("/")

    assert made == [1]


def test_a_hook_may_take_what_is_supplied_and_nothing_at_all(serve: Serve) -> None:
    app, seen = App(), []

    @app.lifespan
    async def plain_start() -> None:
        seen.append("started")

    @app.lifespan
    def told(database: Database) -> Iterator[None]:
        seen.append(type(database).__name__)
        yield

    @app.get("/")
    def show() -> str:
        return "shown"

    with app.override(Database, Database()):
        assert serve(app).get("/").text == "shown"
    assert seen == ["started", "Database"]


@pytest.mark.parametrize("protocol", TOLD_OF_BOTH_ENDS)
def test_hooks_and_handlers_share_one_loop(protocol: ProtocolName) -> None:
    app, loops = App(), []

    @app.lifespan
    async def life() -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        yield
        loops.append(asyncio.get_running_loop())

    @app.get("/")
    async def show() -> str:
        loops.append(asyncio.get_running_loop())
        return ""

    with Client(app, protocol=protocol) as client:
        client.get("/")

    assert len(set(map(id, loops))) == 1
    assert len(loops) == 3


def test_over_wsgi_hooks_and_async_handlers_share_the_background_loop() -> None:
    app, loops = App(), []

    @app.lifespan
    async def life() -> AsyncIterator[None]:
        loops.append(asyncio.get_running_loop())
        yield

    @app.get("/")
    async def show() -> str:
        loops.append(asyncio.get_running_loop())
        return ""

    with Client(app, protocol="wsgi") as client:
        client.get("/")

    assert len(loops) == 2
    assert loops[0] is loops[1]


def test_an_app_without_hooks_needs_no_start() -> None:
    app = App()
    app.get("/")(lambda: "shown")

    answers: list[Any] = [Client(app, protocol=protocol).get("/").text for protocol in PROTOCOLS]

    assert answers == ["shown"] * 3


def test_a_start_whose_failure_a_value_of_the_app_swallows_has_failed_all_the_same(serve: Serve) -> None:
    app, left = App(), []

    @app.provider(scope="app")
    def database() -> Iterator[Database]:
        try:
            yield Database()
        except ConnectionError:
            left.append("rolled back")

    @app.lifespan
    def told(database: Database) -> None:
        raise ConnectionError("No network.")

    @app.get("/")
    def show() -> str:
        return "shown"

    with pytest.raises((ConnectionError, RuntimeError), match="No network"):
        serve(app).get("/")
    assert left == ["rolled back"]
