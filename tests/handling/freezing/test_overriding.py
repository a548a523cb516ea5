"""Tests supply values of their own: `app.override` until its block ends, in a running app too."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from martlet import App, Limits, Request
from martlet.testing import Client
from tests.serving import ProtocolName, Serve


class Database: ...


class Shelf:
    def __init__(self, database: Database | None = None, name: str = "shelf") -> None:
        self.database = database
        self.name = name


class Clock: ...


class User:
    def __init__(self, name: str) -> None:
        self.name = name


def library() -> App:
    app = App()

    @app.provider
    def shelf(database: Database) -> Shelf:
        return Shelf(database)

    @app.provider(scope="app")
    def database() -> Database:
        raise ConnectionError("No database here.")

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    return app


def one_shelf() -> App:
    app = App()

    @app.provider
    def shelf() -> Shelf:
        return Shelf(name="real")

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    return app


def test_a_test_supplies_a_value_of_its_own(serve: Serve) -> None:
    app = library()

    with app.override(Database, Database()):
        assert serve(app).get("/").text == "shelf"


def test_overrides_nest_and_end(serve: Serve) -> None:
    app = one_shelf()
    client = serve(app)

    assert client.get("/").text == "real"
    with app.override(Shelf, Shelf(name="outer")):
        assert client.get("/").text == "outer"
        with app.override(Shelf, Shelf(name="inner")), app.override(Clock, Clock()):
            assert client.get("/").text == "inner"
        assert client.get("/").text == "outer"
    assert client.get("/").text == "real"


def test_an_override_ends_with_an_error_too(serve: Serve) -> None:
    app = one_shelf()
    client = serve(app)
    with pytest.raises(ZeroDivisionError), app.override(Shelf, Shelf(name="other")):
        raise ZeroDivisionError

    assert client.get("/").text == "real"


def test_an_override_may_supply_what_nobody_provides(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    with app.override(Shelf, Shelf(name="only here")):
        assert serve(app).get("/").text == "only here"


def test_limits_may_be_overridden_as_anything_else(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show(limits: Limits) -> int:
        return limits.body_bytes

    client = serve(app)

    assert client.get("/").json() == Limits().body_bytes
    with app.override(Limits, Limits(body_bytes=7)):
        assert client.get("/").json() == 7


def test_the_user_may_be_overridden_as_any_other_type(serve: Serve) -> None:
    app = App()

    @app.authenticator
    def who(request: Request) -> User | None:
        return None

    @app.get("/")
    def show(user: User) -> str:
        return user.name

    with app.override(User, User("ada")):
        assert serve(app).get("/").text == "ada"


# In an app that runs already.


class Catalogue:
    """A value of the app that needs another one."""

    def __init__(self, database: Database) -> None:
        self.database = database


def running_library(events: list[str]) -> App:
    """An app with values of its own, one of which needs another, that write down when they come and go."""
    app = App()

    @app.provider(scope="app")
    def database() -> Iterator[Database]:
        events.append("open database")
        yield Database()
        events.append("close database")

    @app.provider(scope="app")
    async def catalogue(database: Database) -> AsyncIterator[Catalogue]:
        events.append("open catalogue")
        yield Catalogue(database)
        events.append("close catalogue")

    @app.provider(scope="app")
    def clock() -> Iterator[Clock]:
        events.append("open clock")
        yield Clock()
        events.append("close clock")

    @app.lifespan
    def told(catalogue: Catalogue) -> Iterator[None]:
        events.append("hook begins")
        yield
        events.append("hook ends")

    @app.get("/")
    def show(catalogue: Catalogue, clock: Clock) -> list[int]:
        return [id(catalogue.database), id(clock)]

    return app


def test_what_needs_the_overridden_type_is_started_anew_for_the_block_in_a_running_app(serve: Serve) -> None:
    events: list[str] = []
    app, other = running_library(events), Database()
    client = serve(app)
    real_database, clock = client.get("/").json()
    events.clear()

    with app.override(Database, other):
        assert events == ["open catalogue", "hook begins"]
        assert client.get("/").json() == [id(other), clock]
        assert client.get("/").json() == [id(other), clock]

    assert events == ["open catalogue", "hook begins", "hook ends", "close catalogue"]
    assert client.get("/").json() == [real_database, clock]


def test_overrides_nest_in_a_running_app(serve: Serve) -> None:
    events: list[str] = []
    app, outer, inner = running_library(events), Database(), Clock()
    client = serve(app)
    real = client.get("/").json()
    events.clear()

    with app.override(Database, outer), app.override(Clock, inner):
        assert client.get("/").json() == [id(outer), id(inner)]

    assert events == ["open catalogue", "hook begins", "hook ends", "close catalogue"]
    assert client.get("/").json() == real


def test_what_a_request_started_in_the_block_is_stopped_at_its_end(protocol: ProtocolName) -> None:
    events: list[str] = []
    app, other = running_library(events), Database()

    with app.override(Database, other):
        assert Client(app, protocol=protocol).get("/").json()[0] == id(other)

    assert events == ["open catalogue", "open clock", "hook begins", "hook ends", "close clock", "close catalogue"]


def test_an_override_with_which_a_running_app_cannot_start_changes_nothing(serve: Serve) -> None:
    app = App()

    @app.provider(scope="app")
    def database() -> Database:
        return Database()

    @app.provider(scope="app")
    def shelf(database: Database) -> Shelf:
        if type(database) is not Database:
            raise ConnectionError("This is no database.")
        return Shelf(database)

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    client = serve(app)
    assert client.get("/").text == "shelf"

    with pytest.raises(ConnectionError), app.override(Database, "nothing"):
        pytest.fail("The block began.")
    assert client.get("/").text == "shelf"


async def test_on_the_loop_that_the_app_runs_on_the_block_is_asynchronous() -> None:
    events: list[str] = []
    app, other = running_library(events), Database()
    lifespan = app.freeze().lifespan
    await lifespan.start()
    events.clear()

    with pytest.raises(RuntimeError, match="async with"), app.override(Database, other):
        pytest.fail("The block began.")
    async with app.override(Database, other):
        assert events == ["open catalogue", "hook begins"]
    await lifespan.stop()

    assert events[2:] == ["hook ends", "close catalogue", "hook ends", "close clock", "close catalogue", "close database"]


async def test_a_block_that_starts_nothing_may_be_a_plain_one_on_any_loop() -> None:
    app = App()

    @app.provider(scope="app")
    def clock() -> Clock:
        return Clock()

    @app.get("/")
    def show(shelf: Shelf, clock: Clock) -> str:
        return shelf.name

    with app.override(Shelf, Shelf(name="first")):
        await app.freeze().lifespan.start()

        with app.override(Shelf, Shelf(name="second")):
            assert app.freeze().lifespan.is_running


def test_a_block_that_outlives_the_run_still_stops_what_it_started() -> None:
    events: list[str] = []
    app, other = running_library(events), Database()

    with ExitStack() as stack:
        run = stack.enter_context(ExitStack())
        run.enter_context(Client(app))
        stack.enter_context(app.override(Database, other))
        run.close()
        events.clear()

    assert events == ["hook ends", "close catalogue"]
