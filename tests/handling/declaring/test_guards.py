"""Guards: may this request pass? At a route, on a group, as a decorator, and when a view is called directly."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import pytest
from msgspec import Struct

from martlet import (
    App,
    ForbiddenError,
    Group,
    Guard,
    Header,
    HTTPError,
    Request,
    UnauthorizedError,
    require_auth,
    require_methods,
    validate_json_body,
)
from tests.rows import each
from tests.serving import Serve, ServeOnce


class Book(Struct):
    title: str


class User(Struct):
    name: str


def noting(events: list[str], name: str, *, waits: bool = False) -> Guard:
    """A guard that writes its name down."""

    def note(request: Request) -> None:
        events.append(name)

    async def note_waiting(request: Request) -> None:
        await asyncio.sleep(0)
        events.append(name)

    return Guard(note_waiting if waits else note)


def refusing(error: HTTPError) -> Callable[[Request], None]:
    def refuse(request: Request) -> None:
        raise error

    return refuse


# In a served app.


@each("waits", [False, True])
@each("view_waits", [False, True])
def test_guards_run_outermost_first(serve: Serve, waits: bool, view_waits: bool) -> None:
    events: list[str] = []
    app = App(guards=[noting(events, "app", waits=waits)])
    outer = Group("/outer", guards=[noting(events, "outer"), noting(events, "second of outer")])
    inner = Group("/inner", guards=[noting(events, "inner", waits=waits)])
    outer.include(inner)
    app.include(outer)

    if view_waits:

        @inner.get("/", guards=[noting(events, "route"), noting(events, "second of route")])
        @noting(events, "above", waits=waits)
        @noting(events, "below")
        async def show_waiting() -> str:
            events.append("view")
            return "shown"

    else:

        @inner.get("/", guards=[noting(events, "route"), noting(events, "second of route")])
        @noting(events, "above", waits=waits)
        @noting(events, "below")
        def show() -> str:
            events.append("view")
            return "shown"

    assert serve(app).get("/outer/inner/").text == "shown"
    assert events == [
        "app",
        "outer",
        "second of outer",
        "inner",
        "route",
        "second of route",
        "above",
        "below",
        "view",
    ]


@each("position", ["app", "group", "route", "decorator"])
def test_a_guard_keeps_what_is_behind_it(serve: Serve, position: str) -> None:
    reached: list[str] = []
    guard = Guard(refusing(ForbiddenError("Not you.")))
    at: dict[str, list[Guard]] = {name: [guard] if name == position else [] for name in ("app", "group", "route")}
    app, books = App(guards=at["app"]), Group("/books", guards=at["group"])

    def show() -> str:
        reached.append("view")
        return "shown"

    books.get("/", guards=at["route"])(guard(show) if position == "decorator" else show)
    app.include(books)

    received = serve(app).get("/books/")

    assert (received.status_code, received.json()["detail"]) == (403, "Not you.")
    assert reached == []


def test_a_group_guards_only_its_own(serve: Serve) -> None:
    app = App()
    closed = Group("/closed", guards=[refusing(ForbiddenError())])
    opened = Group("/open")
    app.include(closed)
    app.include(opened)
    closed.get("/")(lambda: "closed")
    opened.get("/")(lambda: "open")
    app.get("/")(lambda: "home")

    client = serve(app)

    assert [client.get(path).status_code for path in ("/closed/", "/open/", "/")] == [403, 200, 200]


def test_the_first_guard_that_refuses_decides(serve: Serve) -> None:
    events: list[str] = []
    app = App()

    @app.get("/", guards=[noting(events, "first"), refusing(UnauthorizedError()), noting(events, "third")])
    def show() -> str:
        return ""

    assert serve(app).get("/").status_code == 401
    assert events == ["first"]


def test_a_guard_is_bound_as_a_handler_is(serve: Serve) -> None:
    app = App()

    class Rules:
        def __init__(self, level: int) -> None:
            self.level = level

    @app.provider(scope="app")
    def rules() -> Rules:
        return Rules(3)

    async def high_enough(book_id: int, rules: Rules, x_level: Annotated[int, Header()], *, trial: bool = False) -> None:
        if x_level < rules.level and not trial:
            raise ForbiddenError(f"Book {book_id} is for level {rules.level}.")

    @app.get("/books/{book_id}", guards=[high_enough])
    def show(book_id: int) -> str:
        return f"book {book_id}"

    client = serve(app)

    assert client.get("/books/7", headers={"x-level": "3"}).text == "book 7"
    assert client.get("/books/7?trial=on", headers={"x-level": "1"}).text == "book 7"
    assert client.get("/books/7", headers={"x-level": "1"}).json()["detail"] == "Book 7 is for level 3."
    assert client.get("/books/7").status_code == 422


@pytest.mark.parametrize("result", [False, True, "anything"])
def test_a_guard_that_says_something_lets_nobody_pass(serve: Serve, result: object) -> None:
    app = App()

    # Its author may have meant False for no; an annotation other than None is refused at start.
    @app.get("/", guards=[lambda request: result])  # noqa: ARG005  who takes the request
    def show() -> str:
        return "shown"

    assert serve(app).get("/").status_code == 500


def test_guards_stand_before_the_choice_of_a_representation(serve: Serve) -> None:
    app = App()

    @app.post("/", guards=[refusing(ForbiddenError())])
    def add(new: Book) -> Book:
        return new

    received = serve(app).post("/", headers={"accept": "image/png", "content-type": "text/csv"}, content=b"x")

    assert received.status_code == 403


def members_only() -> App:
    app = App()

    @app.authenticator
    async def who(x_user: Annotated[str | None, Header()] = None) -> User | None:
        return User(x_user) if x_user else None

    @app.route("/", methods=["GET", "POST", "PUT"])
    @require_auth
    @require_methods("get", "POST")
    @validate_json_body({"title": str, "year": int})
    def view(request: Request) -> str:
        return f"{request.user.name} may"

    return app


BODY = b'{"title": "Walden", "year": 1854}'


@each(
    ("method", "user", "content", "status", "detail"),
    [
        pytest.param("POST", "ada", BODY, 200, "", id="all is well"),
        pytest.param("POST", "", BODY, 401, "Authentication required", id="nobody"),
        pytest.param("PUT", "", b"{}", 401, "Authentication required", id="who asks is looked at first"),
        pytest.param("PUT", "ada", b"{}", 405, "Method not allowed", id="then the method"),
        pytest.param("POST", "ada", b'{"title": "Walden"}', 400, "Missing required field: year", id="a field is absent"),
        pytest.param("POST", "ada", b'{"title": 7, "year": 1}', 400, "Invalid type for field: title", id="no text"),
        pytest.param("POST", "ada", b'{"title": "", "year": true}', 400, "Invalid type for field: year", id="true is no number"),
        pytest.param("POST", "ada", b'{"title": "", "year": 1.0}', 400, "Invalid type for field: year", id="no whole number"),
        pytest.param("POST", "ada", b"[]", 400, "The body must be a JSON object", id="a list"),
    ],
)
def test_the_guards_of_the_lesson_in_a_served_app(
    serve_once: ServeOnce, method: str, user: str, content: bytes, status: int, detail: str
) -> None:
    headers = {"content-type": "application/json", **({"x-user": user} if user else {})}

    received = serve_once(members_only).request(method, "/", headers=headers, content=content)

    assert received.status_code == status
    if status == 200:
        assert received.text == "ada may"
    else:
        # A detail that says no more than the status is left out.
        assert received.json().get("detail", "Method not allowed") == detail


@each("content", [b"", b"{", b"\xff", b"[" * 10_000, b'{"title": "a", "title'])
def test_a_body_that_is_no_json_is_400_before_the_view(serve_once: ServeOnce, content: bytes) -> None:
    received = serve_once(members_only).post("/", headers={"x-user": "ada", "content-type": "application/json"}, content=content)

    assert received.status_code == 400


def test_a_refused_method_is_told_the_allowed_ones(serve_once: ServeOnce) -> None:
    received = serve_once(members_only).put("/", headers={"x-user": "ada", "content-type": "application/json"}, content=BODY)

    assert received.status_code == 405
    assert received.headers["allow"] == "GET, POST"
