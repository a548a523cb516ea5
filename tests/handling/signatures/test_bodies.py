"""What becomes the request body: one class of fields, or what an annotation says; how it is decoded is decided by its type."""

import dataclasses
from typing import Annotated, Any, TypedDict

import msgspec
import pytest
from msgspec import Meta, Struct

from martlet import App, BadRequestError, Body, QueryString, Request
from tests.rows import each
from tests.serving import Serve, ServeOnce


class BookStruct(Struct):
    title: str
    year: Annotated[int, Meta(ge=0)] = 1851


@dataclasses.dataclass
class BookDataclass:
    title: str
    year: Annotated[int, Meta(ge=0)] = 1851


class BookDict(TypedDict):
    title: str
    year: Annotated[int, Meta(ge=0)]


class Cat(Struct, tag=True):
    lives: int


class Dog(Struct, tag=True):
    tricks: list[str]


CLASSES = [BookStruct, BookDataclass, BookDict]
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def taking(annotation: Any, *default: Any) -> App:
    """An app whose one route answers with the body's class and its value."""
    app = App()

    @app.post("/")
    async def take(new: Any = None) -> dict[str, Any]:
        return {"class": type(new).__name__, "value": repr(new) if isinstance(new, bytes) else new}

    take.__annotations__["new"] = annotation
    take.__defaults__ = default or None
    return app


@each("cls", CLASSES)
@each(
    ("content_type", "content"),
    [
        pytest.param("application/json", b'{"title": "Walden", "year": 1854}', id="json"),
        pytest.param("application/json; charset=utf-8", b'{"title": "Walden", "year": 1854}', id="json with a parameter"),
        pytest.param("Application/JSON", b'{"title": "Walden", "year": 1854}', id="json in capitals"),
        pytest.param("application/vnd.book+json", b'{"title": "Walden", "year": 1854}', id="a kind of json"),
        pytest.param("application/vnd.msgpack", msgspec.msgpack.encode({"title": "Walden", "year": 1854}), id="messagepack"),
        pytest.param("application/x-www-form-urlencoded", b"title=Walden&year=1854", id="form"),
    ],
)
def test_a_class_of_fields_is_the_body_in_any_format(
    serve_once: ServeOnce, cls: type[Any], content_type: str, content: bytes
) -> None:
    received = serve_once(taking, cls).post("/", headers={"content-type": content_type}, content=content)

    kind = "dict" if cls is BookDict else cls.__name__
    assert received.json() == {"class": kind, "value": {"title": "Walden", "year": 1854}}


@each("cls", CLASSES)
def test_all_that_does_not_fit_is_pointed_at(serve_once: ServeOnce, cls: type[Any]) -> None:
    received = serve_once(taking, cls).post("/", json={"title": 7, "year": -1})

    assert received.status_code == 422
    assert [error["pointer"] for error in received.json()["errors"]] == ["/title", "/year"]


@each(
    ("headers", "content", "status"),
    [
        pytest.param({}, b'{"title": "Walden"}', 415, id="no type"),
        pytest.param({"content-type": "text/csv"}, b"Walden,1854", 415, id="another type"),
        pytest.param({"content-type": "nonsense"}, b"{}", 415, id="a type that is none"),
        pytest.param(JSON, b'{"title": "Wal', 400, id="half of it"),
        pytest.param(JSON, b"", 400, id="nothing"),
        pytest.param(JSON, b'{"title": "\xff"}', 400, id="bad utf-8"),
        pytest.param(JSON, b"[" * 50_000, 400, id="too deep"),
        pytest.param(JSON, b"[]", 422, id="a list"),
        pytest.param(JSON, b"null", 422, id="null"),
        pytest.param(JSON, b'{"year": 1}', 422, id="a field is absent"),
        pytest.param(JSON, b'{"title": "Walden", "year": 1e400}', 422, id="a number beyond all"),
        pytest.param(FORM, b"year=1", 422, id="a field of a form is absent"),
        pytest.param(FORM, b"title=Walden&year=x", 422, id="a field of a form does not fit"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    serve_once: ServeOnce, headers: dict[str, str], content: bytes, status: int
) -> None:
    assert serve_once(taking, BookStruct).post("/", headers=headers, content=content).status_code == status


def test_a_refused_type_is_told_what_would_be_taken(serve_once: ServeOnce) -> None:
    received = serve_once(taking, BookStruct).post("/", headers={"content-type": "text/csv"}, content=b"a,b")

    accepted = received.headers["accept"].split(", ")
    assert "application/json" in accepted
    assert "application/x-www-form-urlencoded" in accepted


@each(
    ("annotation", "sent", "value"),
    [
        pytest.param(Annotated[list[int], Body()], [1, 2], [1, 2], id="a list"),
        pytest.param(
            Annotated[list[BookStruct], Body()], [{"title": "a"}], [{"title": "a", "year": 1851}], id="a list of classes"
        ),
        pytest.param(Annotated[dict[str, int], Body()], {"a": 1}, {"a": 1}, id="a dict"),
        pytest.param(Annotated[int, Body()], 7, 7, id="a number"),
        pytest.param(Annotated[int, Body], 7, 7, id="said by the word alone"),
        pytest.param(Annotated[Any, Body()], [{"a": None}], [{"a": None}], id="anything"),
        pytest.param(Annotated[int, Meta(ge=1), Body()], 7, 7, id="with a bound"),
        pytest.param(Annotated[BookStruct, Body()], {"title": "a"}, {"title": "a", "year": 1851}, id="what needs no word"),
        pytest.param(Cat | Dog, {"type": "Dog", "tricks": ["sit"]}, {"type": "Dog", "tricks": ["sit"]}, id="a tagged union"),
    ],
)
def test_anything_is_the_body_where_the_annotation_says_so(serve_once: ServeOnce, annotation: Any, sent: Any, value: Any) -> None:
    received = serve_once(taking, annotation).post("/", json=sent)

    assert received.json()["value"] == value


def test_a_bound_on_the_whole_body_is_kept(serve_once: ServeOnce) -> None:
    client = serve_once(taking, Annotated[list[int], Meta(max_length=2), Body()])

    assert client.post("/", json=[1, 2]).status_code == 200
    assert client.post("/", json=[1, 2, 3]).status_code == 422


@each("content_type", ["application/json", "image/png", "nonsense", None])
def test_bytes_are_the_body_as_it_came_of_any_type(serve_once: ServeOnce, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    received = serve_once(taking, Annotated[bytes, Body()]).post("/", headers=headers, content=b"\x00{\xff")

    assert received.json()["value"] == repr(b"\x00{\xff")


@each(
    ("headers", "content", "status", "value"),
    [
        pytest.param({}, b"", 200, None, id="no body"),
        pytest.param(JSON, b'{"title": "Walden", "year": 1854}', 200, {"title": "Walden", "year": 1854}, id="a body"),
        pytest.param(JSON, b"null", 200, None, id="null"),
        pytest.param({}, b'{"title": "Walden"}', 415, None, id="a body without a type"),
        pytest.param({"content-type": "text/csv"}, b"Walden", 415, None, id="a body of another type"),
        pytest.param(JSON, b'{"title": 7}', 422, None, id="a body that does not fit"),
        pytest.param(JSON, b'{"title"', 400, None, id="half a body"),
    ],
)
def test_a_body_with_a_default_may_be_left_out(
    serve_once: ServeOnce, headers: dict[str, str], content: bytes, status: int, value: Any
) -> None:
    received = serve_once(taking, BookStruct | None, None).post("/", headers=headers, content=content)

    assert received.status_code == status
    if status == 200:
        assert received.json()["value"] == value


def test_the_body_is_shared_by_handler_and_provider_through_the_request(serve: Serve) -> None:
    app = App()

    class Digest(Struct):
        size: int

    @app.provider
    async def digest(request: Request) -> Digest:
        return Digest(len(await request.read()))

    @app.post("/")
    async def add(new: BookStruct, digest: Digest) -> dict[str, Any]:
        return {"title": new.title, "size": digest.size}

    assert serve(app).post("/", content=b'{"title":"Walden"}', headers=JSON).json() == {"title": "Walden", "size": 18}


def test_a_guard_may_take_the_body_and_the_handler_something_else(serve: Serve) -> None:
    app = App()

    def no_old_books(new: Annotated[BookStruct, Body()]) -> None:
        if new.year < 1900:
            raise BadRequestError("Too old.")

    @app.post("/", guards=[no_old_books])
    def add(shelf: str) -> str:
        return shelf

    client = serve(app)

    assert client.post("/?shelf=poems", json={"title": "Walden"}).status_code == 400
    assert client.post("/?shelf=poems", json={"title": "Dune", "year": 1965}).text == "poems"
    assert client.post("/", json={"title": "Dune", "year": 1965}).status_code == 422


def test_a_body_may_arrive_in_any_pieces(serve_once: ServeOnce) -> None:
    client = serve_once(taking, BookStruct)
    content = b'{"title": "Walden", "year": 1854}'

    received = client.post("/", headers=JSON, content=[content[index : index + 1] for index in range(len(content))])

    assert received.json()["value"] == {"title": "Walden", "year": 1854}


def test_a_body_that_breaks_off_is_400(serve_once: ServeOnce) -> None:
    received = serve_once(taking, BookStruct).post(
        "/", headers={**JSON, "content-length": "40"}, content=[b'{"title": "Walden"}'], breaks_off=True
    )

    assert received.status_code == 400


@pytest.mark.parametrize("waits", [False, True])
def test_a_form_may_be_taken_as_its_fields_in_order(serve: Serve, waits: bool) -> None:
    app = App()

    def take(form: Annotated[QueryString, Body()], sort: str = "none") -> list[Any]:
        return [str(form), form.get("title"), form.get_list("tag"), sort]

    async def take_later(form: Annotated[QueryString, Body()], sort: str = "none") -> list[Any]:
        return take(form, sort)

    app.post("/")(take_later if waits else take)
    client = serve(app)
    form = {"title": "The Raven", "tag": ["a", "b"]}

    assert client.post("/?sort=up", form=form).json() == ["title=The+Raven&tag=a&tag=b", "The Raven", ["a", "b"], "up"]
    assert client.post("/", json={}).status_code == 415
    assert client.post("/", content=b"a=1").status_code == 415
    assert client.post("/", content=b"&".join([b"a=1"] * 1_001), headers=FORM).status_code == 400
