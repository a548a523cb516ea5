"""Tests supply values of their own: `app.override` until its block ends, in a running app too."""

import pytest

from martlet import App, Limits, Request
from tests.serving import Serve


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


def test_a_test_supplies_a_value_of_its_own(serve: Serve) -> None:
    app = library()

    with app.override(Database, Database()):
        assert serve(app).get("/").text == "shelf"


def test_overrides_nest_and_end(serve: Serve) -> None:
    app = App()

    @app.provider
    def shelf() -> Shelf:
        return Shelf(name="real")

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    client = serve(app)

    assert client.get("/").text == "real"
    with app.override(Shelf, Shelf(name="outer")):
        assert client.get("/").text == "outer"
        with app.override(Shelf, Shelf(name="inner")), app.override(Clock, Clock()):
            assert client.get("/").text == "inner"
        assert client.get("/").text == "outer"
    assert client.get("/").text == "real"


def test_an_override_ends_with_an_error_too(serve: Serve) -> None:
    app = App()

    @app.provider
    def shelf() -> Shelf:
        return Shelf(name="real")

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

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
