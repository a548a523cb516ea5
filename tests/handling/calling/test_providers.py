"""Values that a provider supplies: made once for each request that asks, cleaned up before the answer is sent."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from contextlib import suppress
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, BadRequestError, ConflictError, NotFoundError, Request, Response, Stream
from tests.rows import each
from tests.serving import Serve


class Database:
    """Remembers what happened to it."""

    def __init__(self, events: list[str]) -> None:
        self.events = events


class Shelf:
    def __init__(self, database: Database | None = None, name: str = "shelf") -> None:
        self.database = database
        self.name = name


class Clock:
    pass


class Book(Struct):
    title: str


def plain() -> Shelf:
    return Shelf()


async def waiting() -> Shelf:
    return Shelf()


def generator() -> Iterator[Shelf]:
    yield Shelf()


async def async_generator() -> AsyncIterator[Shelf]:
    yield Shelf()


def full_generator() -> Generator[Shelf, None, None]:
    yield Shelf()


async def full_async_generator() -> AsyncGenerator[Shelf, None]:
    yield Shelf()


def optional() -> Shelf | None:
    return Shelf()


PROVIDERS = [plain, waiting, generator, async_generator, full_generator, full_async_generator, optional]


@each("provider", PROVIDERS)
@each("scope", ["request", "app"])
def test_a_provider_of_any_kind_supplies_its_type(serve: Serve, provider: Callable[..., Any], scope: Any) -> None:
    app = App()
    app.provider(scope=scope)(provider)

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return shelf.name

    @app.get("/waiting")
    async def show_waiting(shelf: Shelf) -> str:
        return shelf.name

    client = serve(app)

    assert client.get("/").text == client.get("/waiting").text == "shelf"


@pytest.mark.parametrize("inline", [False, True])
def test_a_provider_is_bound_as_a_handler_is(serve: Serve, inline: bool) -> None:
    app = App()

    @app.provider(inline=inline)
    def shelf(shelf_id: int, request: Request, *, suffix: str = "") -> Shelf:
        return Shelf(name=f"{request.method} {shelf_id}{suffix}")

    @app.post("/{shelf_id}")
    def show(shelf: Shelf, new: Book) -> str:
        return f"{shelf.name} {new.title}"

    client = serve(app)

    assert client.post("/7?suffix=b", json={"title": "Walden"}).text == "POST 7b Walden"
    assert client.post("/seven", json={"title": "Walden"}).status_code == 404


def test_what_a_provider_and_the_handler_miss_is_listed_in_one_answer(serve: Serve) -> None:
    app = App()

    @app.provider
    def shelf(size: int) -> Shelf:
        return Shelf()

    @app.get("/")
    def show(shelf: Shelf, page: int) -> str:
        return ""

    assert [error["name"] for error in serve(app).get("/").json()["errors"]] == ["size", "page"]


def test_what_is_provided_for_a_request_is_made_once_and_shared(serve: Serve) -> None:
    made: list[Database] = []
    app = App()

    @app.provider
    def database() -> Database:
        made.append(Database([]))
        return made[-1]

    @app.provider
    async def shelf(database: Database) -> Shelf:
        return Shelf(database)

    seen: list[Database] = []

    def look(database: Database) -> None:
        seen.append(database)

    async def look_again(shelf: Shelf) -> None:
        assert shelf.database is not None
        seen.append(shelf.database)

    @app.get("/", guards=[look, look_again])
    def show(shelf: Shelf, database: Database) -> str:
        assert shelf.database is not None
        seen.extend([shelf.database, database])
        return ""

    client = serve(app)
    client.get("/")
    client.get("/")

    assert len(made) == 2
    assert seen == [made[0]] * 4 + [made[1]] * 4


def test_what_is_provided_for_the_app_is_made_once_for_all(serve: Serve) -> None:
    made: list[Database] = []
    app = App()

    @app.provider(scope="app")
    async def database() -> Database:
        made.append(Database([]))
        return made[-1]

    @app.provider
    def shelf(database: Database) -> Shelf:
        return Shelf(database)

    @app.get("/")
    def show(shelf: Shelf, database: Database) -> str:
        return str(shelf.database is database is made[0])

    client = serve(app)

    assert [client.get("/").text for _ in range(3)] == ["True"] * 3
    assert len(made) == 1


def test_nothing_is_made_that_nobody_asks_for(serve: Serve) -> None:
    app = App()

    @app.provider
    def shelf() -> Shelf:
        raise ZeroDivisionError

    @app.get("/")
    def show() -> str:
        return "shown"

    assert serve(app).get("/").text == "shown"


def test_a_provider_runs_only_when_it_is_its_turn(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    @app.provider
    def shelf() -> Shelf:
        events.append("shelf")
        return Shelf()

    def refuse() -> None:
        raise BadRequestError

    @app.post("/", guards=[refuse])
    def guarded(shelf: Shelf) -> str:
        return ""

    @app.post("/book")
    def add(shelf: Shelf, new: Book) -> str:
        return ""

    client = serve(app)

    assert client.post("/").status_code == 400
    assert client.post("/book", json={}).status_code == 422
    assert events == []


# Clean-up.


def recording(events: list[str], *, waits: bool, outcome: Callable[[], Any]) -> App:  # noqa: C901  two apps in one
    """Two providers, one upon the other, that write down what happens; synchronous or not."""
    app = App()

    async def note(request: Request, respond: Any) -> Response:
        response: Response = await respond(request)
        events.append(f"answered {response.status_code}")
        return response

    app.use(note)

    if waits:

        @app.provider
        async def database() -> AsyncIterator[Database]:
            events.append("open database")
            try:
                yield Database(events)
            except Exception as error:
                events.append(f"roll back for {type(error).__name__}")
                raise
            finally:
                events.append("close database")

        @app.provider
        async def shelf(database: Database) -> AsyncIterator[Shelf]:
            events.append("open shelf")
            yield Shelf(database)
            events.append("close shelf")

        @app.get("/")
        async def show(shelf: Shelf) -> Any:
            events.append("handle")
            return outcome()

    else:

        @app.provider
        def plain_database() -> Iterator[Database]:
            events.append("open database")
            try:
                yield Database(events)
            except Exception as error:
                events.append(f"roll back for {type(error).__name__}")
                raise
            finally:
                events.append("close database")

        @app.provider
        def plain_shelf(database: Database) -> Iterator[Shelf]:
            events.append("open shelf")
            yield Shelf(database)
            events.append("close shelf")

        @app.get("/")
        def plain_show(shelf: Shelf) -> Any:
            events.append("handle")
            return outcome()

    return app


@pytest.mark.parametrize("waits", [False, True])
def test_clean_up_is_in_reverse_and_before_the_answer(serve: Serve, waits: bool) -> None:
    events: list[str] = []

    received = serve(recording(events, waits=waits, outcome=lambda: "shown")).get("/")

    assert received.text == "shown"
    assert events == [
        "open database",
        "open shelf",
        "handle",
        "close shelf",
        "close database",
        "answered 200",
    ]


@each("waits", [False, True])
@each(("error", "status"), [(NotFoundError("No such book."), 404), (ZeroDivisionError(), 500), (BadRequestError(), 400)])
def test_clean_up_sees_the_error_and_comes_before_its_answer(serve: Serve, waits: bool, error: Exception, status: int) -> None:
    def fail() -> Any:
        raise error

    events: list[str] = []

    received = serve(recording(events, waits=waits, outcome=fail)).get("/")

    assert received.status_code == status
    assert events == [
        "open database",
        "open shelf",
        "handle",
        f"roll back for {type(error).__name__}",
        "close database",
        f"answered {status}",
    ]


@pytest.mark.parametrize("waits", [False, True])
def test_a_value_that_cannot_be_rendered_is_rolled_back_too(serve: Serve, waits: bool) -> None:
    events: list[str] = []

    received = serve(recording(events, waits=waits, outcome=object)).get("/")

    assert received.status_code == 500
    assert events[3:] == ["roll back for UnrenderableError", "close database", "answered 500"]


@pytest.mark.parametrize("waits", [False, True])
def test_what_a_guard_refuses_is_cleaned_up_too(serve: Serve, waits: bool) -> None:
    events: list[str] = []
    app = recording(events, waits=waits, outcome=lambda: "shown")

    def refuse(database: Database) -> None:
        raise NotFoundError

    @app.get("/guarded", guards=[refuse])
    def guarded() -> str:
        return ""

    assert serve(app).get("/guarded").status_code == 404
    assert events == ["open database", "roll back for NotFoundError", "close database", "answered 404"]


def test_a_mistake_in_clean_up_is_500(serve: Serve) -> None:
    app = App()

    @app.provider
    def shelf() -> Iterator[Shelf]:
        yield Shelf()
        raise ZeroDivisionError

    @app.get("/")
    def show(shelf: Shelf) -> str:
        return "shown"

    assert serve(app).get("/").status_code == 500


def test_a_provider_that_raises_is_answered_as_a_handler_is(serve: Serve) -> None:
    app = App()

    @app.provider
    async def shelf(shelf_id: int) -> Shelf:
        raise NotFoundError(f"There is no shelf {shelf_id}.")

    @app.get("/{shelf_id}")
    def show(shelf: Shelf) -> str:
        return ""

    received = serve(app).get("/7")

    assert (received.status_code, received.json()["detail"]) == (404, "There is no shelf 7.")


@pytest.mark.parametrize("waits", [False, True])
def test_a_provider_that_swallows_the_error_does_not_swallow_the_answer(serve: Serve, waits: bool) -> None:
    app = App()

    if waits:

        @app.provider
        async def slow_shelf() -> AsyncIterator[Shelf]:
            with suppress(ValueError):
                yield Shelf()

    else:

        @app.provider
        def shelf() -> Iterator[Shelf]:
            with suppress(ValueError):
                yield Shelf()

    @app.get("/")
    def show(shelf: Shelf) -> str:
        raise ValueError

    assert serve(app).get("/").status_code == 500


@each("waits", [False, True])
@each("inline", [False, True])
@each("handler_waits", [False, True])
def test_an_error_that_a_provider_swallows_is_answered_as_if_it_had_not(
    serve: Serve, waits: bool, inline: bool, handler_waits: bool
) -> None:
    app, rolled_back = App(), []

    async def slow_shelf() -> AsyncIterator[Shelf]:
        try:
            yield Shelf()
        except Exception as error:  # noqa: BLE001
            rolled_back.append(type(error))

    def shelf() -> Iterator[Shelf]:
        try:
            yield Shelf()
        except Exception as error:  # noqa: BLE001
            rolled_back.append(type(error))

    app.provider(inline=inline)(slow_shelf if waits else shelf)

    @app.on_error(LookupError)
    def nowhere(error: LookupError, shelf: Shelf) -> NotFoundError:
        raise NotFoundError(str(error))

    def show(shelf: Shelf) -> str:
        raise ConflictError("Somebody has it.", shelf_id=7)

    def show_none(shelf: Shelf) -> str:
        raise IndexError("There is none.")

    async def show_later(shelf: Shelf) -> str:
        return show(shelf)

    async def show_none_later(shelf: Shelf) -> str:
        return show_none(shelf)

    app.get("/one")(show_later if handler_waits else show)
    app.get("/none")(show_none_later if handler_waits else show_none)
    client = serve(app)
    one, none = client.get("/one"), client.get("/none")

    assert (one.status_code, one.json()["detail"], one.json()["shelf_id"]) == (409, "Somebody has it.", 7)
    assert (none.status_code, none.json()["detail"]) == (404, "There is none.")
    assert rolled_back == [ConflictError, IndexError, NotFoundError]


def test_an_error_that_was_swallowed_says_so_in_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app, error = App(), ValueError("Torn.")

    @app.provider
    def shelf() -> Iterator[Shelf]:
        with suppress(ValueError):
            yield Shelf()

    @app.get("/")
    def show(shelf: Shelf) -> str:
        raise error

    client = serve(app)
    assert [client.get("/").status_code for _ in range(2)] == [500, 500]

    assert "caught this and did not raise it again" in caplog.text
    assert len(error.__notes__) == 1


@each("waits", [False, True])
@each("streams_async", [False, True])
def test_a_stream_keeps_its_providers_to_its_end(serve: Serve, waits: bool, streams_async: bool) -> None:
    events: list[str] = []

    def chunks() -> Iterator[str]:
        for number in range(2):
            events.append(f"chunk {number}")
            yield f"{number};"

    async def async_chunks() -> AsyncIterator[str]:
        for chunk in chunks():
            yield chunk

    app = recording(events, waits=waits, outcome=lambda: Response(Stream(async_chunks() if streams_async else chunks())))

    received = serve(app).get("/")

    assert received.content == b"0;1;"
    assert events == [
        "open database",
        "open shelf",
        "handle",
        "answered 200",
        "chunk 0",
        "chunk 1",
        "close shelf",
        "close database",
    ]


@pytest.mark.parametrize("waits", [False, True])
def test_a_stream_that_nobody_reads_leaves_its_providers(serve: Serve, waits: bool) -> None:
    events: list[str] = []

    def chunks() -> Iterator[str]:
        events.append("chunk")
        yield ""

    received = serve(recording(events, waits=waits, outcome=lambda: Response(Stream(chunks())))).head("/")

    assert received.status_code == 200
    assert events == ["open database", "open shelf", "handle", "answered 200", "close shelf", "close database"]


@pytest.mark.parametrize("streams_async", [False, True])
def test_a_stream_of_a_plain_chain_keeps_its_providers_to_its_end(serve: Serve, streams_async: bool) -> None:
    app, events = App(), []

    @app.provider
    def database() -> Iterator[Database]:
        yield Database([])
        events.append("close")

    def chunks() -> Iterator[str]:
        events.append("chunk")
        yield "a"

    async def async_chunks() -> AsyncIterator[str]:
        for chunk in chunks():
            yield chunk

    @app.get("/")
    def show(database: Database) -> Response:
        return Response(Stream(async_chunks() if streams_async else chunks()))

    assert serve(app).get("/").content == b"a"
    assert events == ["chunk", "close"]


@pytest.mark.parametrize("streams_async", [False, True])
def test_a_stream_that_fails_midway_rolls_its_providers_back(serve: Serve, streams_async: bool) -> None:
    app, events = App(), []

    @app.provider
    def database() -> Iterator[Database]:
        try:
            yield Database([])
        except ValueError:
            events.append("roll back")
            raise
        finally:
            events.append("close")

    def chunks() -> Iterator[str]:
        yield "a"
        raise ValueError("midway")

    async def async_chunks() -> AsyncIterator[str]:
        for chunk in chunks():
            yield chunk

    @app.get("/")
    def show(database: Database) -> Response:
        return Response(Stream(async_chunks() if streams_async else chunks()))

    with pytest.raises(ValueError, match="midway"):
        serve(app).get("/")
    assert events == ["roll back", "close"]
