"""Classes of attrs and pydantic are bodies and results like our own, where those libraries are installed."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from msgspec import Meta

from martlet import App
from tests.serving import Serve


def attrs_class() -> type[Any]:
    attrs = pytest.importorskip("attrs")

    class Book:
        title: str
        year: Annotated[int, Meta(ge=0)] = 1851

    return attrs.define(Book)  # type: ignore[no-any-return]


def pydantic_class() -> type[Any]:
    pydantic = pytest.importorskip("pydantic")
    year = Annotated[int, pydantic.Field(ge=0)]
    return pydantic.create_model("Book", title=(str, ...), year=(year, 1851))  # type: ignore[no-any-return]


def library(book: type[Any]) -> App:
    app = App()

    @app.post("/books")
    async def add(new: book) -> book:  # type: ignore[valid-type]
        assert type(new) is book
        return new

    return app


@pytest.mark.parametrize("make", [attrs_class, pydantic_class])
def test_a_class_of_another_library_goes_in_and_out(serve: Serve, make: Callable[[], type[Any]]) -> None:
    client = serve(library(make()))

    as_json = client.post("/books", json={"title": "Walden", "year": 1854})
    as_form = client.post("/books", form={"title": "Walden", "year": 1854})

    assert as_json.json() == as_form.json() == {"title": "Walden", "year": 1854}


@pytest.mark.parametrize("make", [attrs_class, pydantic_class])
def test_all_that_does_not_fit_another_library_is_pointed_at(serve: Serve, make: Callable[[], type[Any]]) -> None:
    received = serve(library(make())).post("/books", json={"title": 7, "year": -1})

    assert received.status_code == 422
    assert [error["pointer"] for error in received.json()["errors"]] == ["/title", "/year"]
