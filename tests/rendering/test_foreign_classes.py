"""Classes of pydantic and attrs are bodies and results as our own are, with every error at its place."""

from datetime import date
from typing import Annotated, Any

import pytest
from msgspec import Struct, msgpack

from martlet.http import BadRequestError, Limits, ValidationError
from martlet.rendering import body_decoder, collect_errors, form_decoder, render_json, render_msgpack, unrenderable
from tests.rendering.refused import errors_of
from tests.rows import each

pydantic = pytest.importorskip("pydantic")

JSON = "application/json"


class Author(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    name: str
    born: date | None = None


class Book(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    model_config = pydantic.ConfigDict(strict=True)

    title: Annotated[str, pydantic.Field(min_length=1)]
    out_on: date = pydantic.Field(default=date(2026, 1, 1), alias="outOn")
    authors: list[Author] = pydantic.Field(default=[])
    pages: int | None = None

    @pydantic.field_validator("title")  # type: ignore[untyped-decorator]
    @classmethod
    def _no_shouting(cls, title: str) -> str:
        if title.isupper():
            raise ValueError("do not shout")
        return title


class Shelf(Struct):
    name: str
    books: list[Book]


class Search(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    text: str = ""
    tags: list[str] = pydantic.Field(default=[])
    size: int = 10
    limit: int | None = None


def test_a_model_is_read_by_pydantic_itself() -> None:
    book = body_decoder(Book, JSON)(b'{"title":"a","outOn":"2026-11-22","authors":[{"name":"Ann"}]}')

    assert book == Book(title="a", outOn=date(2026, 11, 22), authors=[Author(name="Ann")])


def test_the_errors_of_a_model_stand_at_their_places() -> None:
    assert errors_of(body_decoder(Book, JSON), b'{"title":"AA","outOn":5,"authors":[{},{"name":1}]}') == [
        ("/title", "Value error, do not shout"),
        ("/outOn", "Input should be a valid date"),
        ("/authors/0/name", "Field required"),
        ("/authors/1/name", "Input should be a valid string"),
    ]


def test_no_more_errors_of_a_model_are_listed_than_the_limit() -> None:
    errors = errors_of(body_decoder(Book, JSON, Limits(errors_listed=2)), b'{"authors":[{},{},{}]}')

    assert [pointer for pointer, _ in errors] == ["/title", "/authors/0/name", ""]


@each("data", [b"", b"{", b'{"title":"\xff"}', b'{"title":"\\ud800"}', b"[" * 1_000, b'{"pages":' + b"1" * 5_000 + b"}"])
def test_what_is_no_json_is_400_in_our_own_words(data: bytes) -> None:
    with pytest.raises(BadRequestError) as refused:
        body_decoder(Book, JSON)(data)

    assert "JSON" in refused.value.message


def test_models_within_other_classes_are_read_and_refused_likewise() -> None:
    decode = body_decoder(Shelf, JSON)

    assert decode(b'{"name":"s","books":[{"title":"a","outOn":"2026-11-22"}]}').books[0].out_on == date(2026, 11, 22)
    assert errors_of(decode, b'{"name":1,"books":[{"title":"a"},{"title":""},{}]}') == [
        ("/name", "Expected `str`, got `int`"),
        ("/books/1/title", "String should have at least 1 character"),
        ("/books/2/title", "Field required"),
    ]


def test_models_within_other_classes_are_read_from_msgpack_too() -> None:
    decode = body_decoder(dict[str, Author], "application/msgpack")

    assert decode(msgpack.encode({"a": {"name": "Ann"}})) == {"a": Author(name="Ann")}
    assert errors_of(decode, msgpack.encode({"a": {}})) == [("/a/name", "Field required")]


def test_without_a_hook_a_model_is_only_known_to_be_wrong() -> None:
    assert [error.detail for error in collect_errors(Author, {})] == ["Expected `Author`, got `dict`"]


def test_a_model_is_read_from_msgpack_and_from_registered_formats() -> None:
    data = msgpack.encode({"name": "Ann", "born": "1970-01-01"})

    assert body_decoder(Author, "application/msgpack")(data) == Author(name="Ann", born=date(1970, 1, 1))
    assert errors_of(body_decoder(Author, "application/msgpack"), b"\x80") == [("/name", "Field required")]
    with pytest.raises(BadRequestError):
        body_decoder(Author, "application/msgpack")(b"\x81")
    assert body_decoder(Author, "text/x", registered={"text/x": lambda data: {"name": data.decode()}})(b"Ann") == Author(
        name="Ann"
    )
    assert errors_of(body_decoder(Author, "text/x", registered={"text/x": lambda _: []}), b"")[0][0] == ""


def test_a_model_is_read_from_a_form() -> None:
    read = form_decoder(Search)

    assert read([("text", ""), ("tags", "a"), ("size", ""), ("limit", "")]) == Search(tags=["a"])
    with pytest.raises(ValidationError) as refused:
        read([("size", "x"), ("limit", "y")])
    assert [error.pointer for error in refused.value.errors] == ["/size", "/limit"]


def test_a_model_is_written_under_its_aliases() -> None:
    book = Book(title="a", outOn=date(2026, 11, 22))

    assert render_json(book) == b'{"title":"a","outOn":"2026-11-22","authors":[],"pages":null}'
    assert render_json({"all": [book]}).startswith(b'{"all":[{"title":"a","outOn"')
    assert msgpack.decode(render_msgpack(book)) == {"title": "a", "outOn": "2026-11-22", "authors": [], "pages": None}
    assert render_json({None: Author(name="Ann")}) == b'{"null":{"name":"Ann","born":null}}'
    assert unrenderable(list[Book]) is None


def test_classes_of_attrs_are_read_checked_and_written() -> None:
    attrs: Any = pytest.importorskip("attrs")

    @attrs.define
    class Defined:
        x: int
        y: int = attrs.field(default=0, validator=attrs.validators.ge(0))

    Point: Any = Defined  # noqa: N806  (a class whose constructor the type checkers do not know)
    decode = body_decoder(Point, JSON)

    assert decode(b'{"x":1}') == Point(1)
    assert errors_of(decode, b'{"y":"a"}') == [("/x", "Missing required field"), ("/y", "Expected `int`, got `str`")]
    assert errors_of(decode, b'{"x":1,"y":-1}') == [("", "'y' must be >= 0: -1")]
    assert form_decoder(Point)([("x", "1")]) == Point(1)
    assert render_json(Point(1, 2)) == b'{"x":1,"y":2}'
    assert unrenderable(Point) is None
