"""A browser whose form was not valid gets it again, with what was wrong and what it sent; programs get the 422 as ever."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from martlet import (
    HTML,
    App,
    Created,
    Form,
    FreezeError,
    HTTPError,
    NotFoundError,
    Reply,
    Request,
    Response,
    Upload,
    ValidationError,
)
from martlet.http import FieldError
from martlet.testing import Client, Received
from tests.serving import Serve

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


class NewBook(Struct):
    title: Annotated[str, Meta(max_length=10)]
    year: int


class NewCover(Struct):
    title: str
    year: int
    cover: Upload


class Book(Struct):
    id: int


def new_book_page(errors: Mapping[str, Sequence[str]], sent: Form) -> HTML:
    """The page of the form; a GET shows it without errors and input."""
    fields = HTML("").join(
        HTML('<input name="{}" value="{}">{}').format(name, sent.text(name), ", ".join(errors.get(name, ())))
        for name in ("title", "year")
    )
    return HTML("<form>{}{}</form>").format(fields, ", ".join(errors.get("", ())))


def broken_page(errors: Mapping[str, Sequence[str]], sent: Form) -> HTML:
    raise ZeroDivisionError


def text_page(errors: Mapping[str, Sequence[str]], sent: Form) -> str:
    return f"<b>{sent['title']}</b>"


@pytest.fixture
def client(serve: Serve) -> Client:
    app = App()
    add_books(app)
    add_others(app)
    return serve(app)


def add_books(app: App) -> None:
    @app.get("/books/new")
    def new_book() -> HTML:
        return new_book_page({}, Form())

    @app.post("/books", form=new_book_page)
    async def add_book(new: NewBook, draft: int = 0) -> Created[Book]:
        if new.year == 1:
            raise ValidationError("No", errors=[FieldError("/year", "Too early"), FieldError("", "Think again")])
        return Created(Book(7), location="/books/7")

    @app.post("/covers", form=new_book_page)
    def add_cover(new: NewCover) -> Created[Book]:
        return Created(Book(8), location="/books/8")


def add_others(app: App) -> None:
    @app.post("/plain", form=new_book_page)
    def add_plain(request: Request) -> Reply[Book]:
        if request.query.get("missing"):
            raise NotFoundError
        raise ValidationError(errors=[FieldError("/title", "Never")])

    @app.post("/parts", form=new_book_page)
    async def add_parts(request: Request) -> Response:
        async for part in request.parts():
            raise ValidationError(errors=[FieldError(f"/{part.name}", "Not now")])
        return Response()

    @app.post("/broken", form=broken_page)
    async def add_broken(new: NewBook) -> Book:
        return Book(1)

    @app.post("/text", form=text_page)
    async def add_text(new: NewBook) -> Book:
        return Book(1)


def is_page(answer: Received) -> bool:
    assert answer.headers["vary"] == "accept"
    return answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_browser_gets_its_form_again(client: Client) -> None:
    answer = client.post("/books", form={"title": "<Walden & more>", "year": "soon"}, headers=BROWSER)

    assert (answer.status_code, is_page(answer)) == (422, True)
    assert answer.text == (
        '<form><input name="title" value="&lt;Walden &amp; more&gt;">Expected at most 10 characters'
        '<input name="year" value="soon">Expected a whole number</form>'
    )


def test_a_form_with_files_is_shown_again_too(client: Client) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nWalden\r\n'
        b'--x\r\nContent-Disposition: form-data; name="cover"; filename="c"\r\n\r\n1\r\n--x--'
    )

    answer = client.post("/covers", content=body, headers={**MULTIPART, **BROWSER})

    assert (answer.status_code, is_page(answer)) == (422, True)
    assert 'value="Walden"' in answer.text
    assert "This field is required" in answer.text


def test_what_the_handler_refuses_is_shown_alike(client: Client) -> None:
    answer = client.post("/books", form={"title": "a", "year": "1"}, headers=BROWSER)

    assert (answer.status_code, is_page(answer)) == (422, True)
    assert answer.text.endswith('value="1">Too earlyThink again</form>')


def test_errors_of_the_query_stand_under_its_names(client: Client) -> None:
    answer = client.post("/books?draft=maybe", form={"title": "a", "year": "x"}, headers=BROWSER)

    assert answer.status_code == 422
    assert "Expected a whole number" in answer.text


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        pytest.param({"accept": "application/json"}, True, id="a program that sends a form"),
        pytest.param({"accept": "*/*"}, True, id="who takes anything"),
        pytest.param({}, True, id="who does not say"),
        pytest.param(BROWSER, False, id="a browser that sends JSON"),
    ],
)
def test_programs_get_the_problem_document(client: Client, headers: dict[str, str], form: bool) -> None:
    wrong = {"title": "a", "year": "x"}

    answer = client.post("/books", form=wrong, headers=headers) if form else client.post("/books", json=wrong, headers=headers)

    assert answer.status_code == 422
    assert "new_book" not in answer.text
    assert "<form>" not in answer.text


def test_a_form_is_read_for_its_page_if_nobody_did(client: Client) -> None:
    answer = client.post("/plain", form={"title": "Walden"}, headers=BROWSER)

    assert answer.text.startswith('<form><input name="title" value="Walden">Never')


def test_a_form_that_was_taken_part_by_part_is_shown_empty(client: Client) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="year"\r\n\r\n1\r\n--x--'

    answer = client.post("/parts", content=body, headers={**MULTIPART, **BROWSER})

    assert (answer.status_code, answer.text) == (
        422,
        '<form><input name="title" value=""><input name="year" value="">Not now</form>',
    )


def test_other_errors_are_answered_as_ever(client: Client) -> None:
    assert client.post("/plain?missing=1", form={"title": "Walden"}, headers=BROWSER).status_code == 404
    assert client.post("/books", content=b"--x", headers={**MULTIPART, **BROWSER}).status_code == 400
    assert client.post("/plain", content=b"--x", headers={**MULTIPART, **BROWSER}).status_code == 400


def test_a_page_that_fails_is_500(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.post("/broken", form={"title": "a"}, headers=BROWSER).status_code == 500
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_what_a_page_gives_as_plain_text_is_escaped(client: Client) -> None:
    assert client.post("/text", form={"title": "<i>"}, headers=BROWSER).text == "&lt;b&gt;&lt;i&gt;&lt;/b&gt;"


def test_success_leads_a_browser_to_what_it_made(client: Client) -> None:
    fine = {"title": "Walden", "year": "1854"}

    browser = client.post("/books", form=fine, headers=BROWSER)
    program = client.post("/books", json={"title": "Walden", "year": 1854})
    undecided = client.post("/books", form=fine, headers={"accept": "*/*"})

    assert (browser.status_code, browser.headers["location"], browser.content) == (303, "/books/7", b"")
    assert (program.status_code, program.json()) == (201, {"id": 7})
    assert (undecided.status_code, undecided.headers["content-type"]) == (201, "application/json")
    assert {answer.headers["vary"] for answer in (browser, program, undecided)} == {"accept"}


def test_what_is_no_creation_is_shown_as_everybody_gets_it(client: Client) -> None:
    answer = client.post("/text", form={"title": "a", "year": "1"}, headers=BROWSER)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_the_route_s_form_comes_before_the_app_s_handlers_of_errors(serve: Serve) -> None:
    app = App()

    @app.on_error(HTTPError)
    def answer(error: HTTPError) -> Response:
        return Response("handled", status=error.status_code)

    @app.post("/", form=new_book_page)
    async def add(new: NewBook) -> None: ...

    client = serve(app)

    assert "<form>" in client.post("/", form={}, headers=BROWSER).text
    assert client.post("/", form={}).text == "handled"


def test_a_route_without_a_body_has_no_form() -> None:
    app = App()

    @app.get("/", form=new_book_page)
    async def show() -> str:
        return ""

    with pytest.raises(FreezeError, match="'/' has a form, and takes none"):
        app.freeze()
