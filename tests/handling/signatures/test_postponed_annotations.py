"""Annotations that stand as text, as `from __future__ import annotations` leaves them, mean the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from msgspec import Struct

from martlet import App, Cookie, Group, Reply, Request, URLs
from tests.serving import Serve


class NewBook(Struct):
    title: str
    after: Book | None = None


class Shelf:
    def __init__(self, books: list[NewBook]) -> None:
        self.books = books


def test_text_for_a_type_is_read_as_the_type(serve: Serve) -> None:
    app, books = App(), Group("/books")

    @app.provider
    async def shelf() -> AsyncIterator[Shelf]:
        yield Shelf([])

    @books.post("/{shelf_id}")
    async def add(
        shelf_id: int, new: NewBook, shelf: Shelf, urls: URLs, *, cart: Annotated[str | None, Cookie()] = None
    ) -> Reply[Book]:
        shelf.books.append(new)
        return Reply(Book(new.title, len(shelf.books)), status=201, headers={"location": urls.to(add, shelf_id=shelf_id)})

    @app.on_error(LookupError)
    def sorry(error: LookupError, request: Request) -> str:
        return f"{request.path}: {error}"

    app.include(books)

    received = serve(app).post("/books/7", json={"title": "Walden", "after": {"title": "Emma", "number": 3}})

    assert received.status_code == 201
    assert received.headers["location"] == "/books/7"
    assert received.json() == {"title": "Walden", "number": 1}


class Book(Struct):
    """Defined after it is named."""

    title: str
    number: int


def test_a_type_may_be_defined_after_the_handler_that_names_it(serve: Serve) -> None:
    app = App()

    @app.get("/")
    def show() -> Later:
        return Later(7)

    assert serve(app).get("/").json() == {"number": 7}


class Later(Struct):
    number: int
