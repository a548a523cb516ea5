"""The order in which a request is refused is one table, the same over every protocol (ARCHITECTURE.md section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from msgspec import Struct

from martlet import App, ForbiddenError, Limits, Request
from martlet.testing import Client
from tests.rows import each

Serve = Callable[[App], Client]


class User(Struct):
    name: str


class NewBook(Struct):
    title: str
    year: int


def shop(handled: list[NewBook]) -> App:
    """One route at which every refusal is possible."""
    app = App(limits=Limits(body_bytes=100))

    @app.authenticator
    async def who(request: Request) -> User | None:
        name = request.headers.get("x-user")
        return User(name) if name else None

    def only_clerks(user: User) -> None:
        if user.name != "clerk":
            raise ForbiddenError("Only clerks add books.")

    @app.post("/books", guards=[only_clerks])
    async def add_book(new: NewBook, copies: int) -> NewBook:
        handled.append(new)
        return new

    return app


GOOD: Mapping[str, str] = {"x-user": "clerk", "content-type": "application/json", "accept": "application/json"}
BODY = b'{"title":"Walden","year":1854}'
BIG = b'{"title":"' + b"x" * 200 + b'"}'

# Each row adds one mistake to all those below it, so the answer shows which is looked at first.
TABLE = [
    ("501 before all", "BREW", "/nowhere", {}, BIG, 501),
    ("404 before 405", "GET", "/nowhere", {}, BIG, 404),
    ("405 before 401", "PUT", "/books", {}, BIG, 405),
    ("401 before 406", "POST", "/books", {"accept": "image/png", "content-type": "text/csv"}, BIG, 401),
    ("403 before 406", "POST", "/books", {"x-user": "guest", "accept": "image/png", "content-type": "text/csv"}, BIG, 403),
    ("406 before 415", "POST", "/books", {"x-user": "clerk", "accept": "image/png", "content-type": "text/csv"}, BIG, 406),
    ("415 before 413", "POST", "/books", {**GOOD, "content-type": "text/csv"}, BIG, 415),
    ("415 for no type", "POST", "/books", {"x-user": "clerk"}, BODY, 415),
    ("413 before 400", "POST", "/books", GOOD, BIG[:-3] + b"]", 413),
    ("400 before 422", "POST", "/books", GOOD, b'{"title":', 400),
    ("422 before the handler", "POST", "/books", GOOD, b'{"title":7}', 422),
    ("200 at last", "POST", "/books?copies=2", GOOD, BODY, 200),
]


@each(("method", "target", "headers", "body", "status"), [pytest.param(*row[1:], id=row[0]) for row in TABLE])
def test_the_first_mistake_in_the_order_decides(
    serve: Serve, method: str, target: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    handled: list[NewBook] = []
    client = serve(shop(handled))

    received = client.request(method, target, headers=headers, content=body)

    assert received.status_code == status
    assert bool(handled) == (status == 200)


@each("content", [pytest.param(BIG, id="announced"), pytest.param([BODY[:9], BODY[9:]], id="of unknown length")])
@each("waits", [False, True])
def test_an_optional_body_without_a_type_is_415_before_the_query_is_422(serve: Serve, content: Any, waits: bool) -> None:
    app = App(limits=Limits(body_bytes=100))

    def add(copies: int, new: NewBook | None = None) -> int:
        return copies if new is None else new.year

    async def add_later(copies: int, new: NewBook | None = None) -> int:
        return add(copies, new)

    app.post("/books")(add_later if waits else add)
    client = serve(app)

    assert client.post("/books?copies=many", content=content).status_code == 415
    assert client.post("/books?copies=many").status_code == 422
    assert client.post("/books?copies=2").json() == 2


def test_all_errors_of_query_and_body_come_in_one_answer(serve: Serve) -> None:
    client = serve(shop([]))

    received = client.post("/books?copies=many", headers=GOOD, content=b'{"title":7,"year":"old"}')

    errors: list[dict[str, Any]] = received.json()["errors"]
    assert received.status_code == 422
    assert [error.get("pointer") or error.get("name") for error in errors] == ["copies", "/title", "/year"]


def test_a_refusal_is_a_problem_document(serve: Serve) -> None:
    received = serve(shop([])).get("/books")

    assert received.headers["content-type"] == "application/problem+json"
    assert received.headers["allow"] == "OPTIONS, POST"
    assert received.json()["status"] == 405


def test_a_browser_gets_the_refusal_as_a_page(serve: Serve) -> None:
    received = serve(shop([])).get("/nowhere", headers={"accept": "text/html,*/*;q=0.8"})

    assert received.status_code == 404
    assert received.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is nothing at this address." in received.text
