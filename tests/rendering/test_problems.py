"""Errors as problem documents and as pages."""

import html.parser
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import BadRequestError, FieldError, HTTPError, InternalServerError, NotFoundError, ValidationError
from martlet.rendering import problem_document, render_problem
from tests.rows import each

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


class TeapotError(HTTPError, status=418):
    """A status whose registered phrase says little."""


class OddError(HTTPError, status=499):
    """A status that nobody registered."""


@each(
    ("error", "document"),
    [
        pytest.param(NotFoundError(), {"type": "about:blank", "title": "Not Found", "status": 404}, id="nothing to add"),
        pytest.param(
            NotFoundError("No such book."),
            {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such book."},
            id="a detail",
        ),
        pytest.param(
            NotFoundError(type="https://example.org/gone", title="Gone fishing", isbn=7),
            {"type": "https://example.org/gone", "title": "Gone fishing", "status": 404, "isbn": 7},
            id="members",
        ),
        pytest.param(
            ValidationError(
                "The body is not valid.", errors=[FieldError("/a/0", "Expected `int`"), FieldError("", "No", "query", "page")]
            ),
            {
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "The body is not valid.",
                "errors": [
                    {"pointer": "/a/0", "detail": "Expected `int`"},
                    {"location": "query", "name": "page", "detail": "No"},
                ],
            },
            id="field errors",
        ),
        pytest.param(
            ValidationError(), {"type": "about:blank", "title": "Unprocessable Entity", "status": 422}, id="no field errors"
        ),
        pytest.param(
            OddError(), {"type": "about:blank", "title": "Unknown", "status": 499}, id="a status that is not registered"
        ),
    ],
)
def test_the_document_has_the_members_of_rfc_9457(error: HTTPError, document: dict[str, Any]) -> None:
    assert problem_document(error) == document
    media_type, body = render_problem(error)
    assert media_type == "application/problem+json"
    assert json.loads(body) == document


@each(
    ("accept", "is_page"),
    [
        pytest.param(None, False, id="absent"),
        pytest.param("*/*", False, id="anything"),
        pytest.param("application/json", False, id="JSON"),
        pytest.param("application/problem+json", False, id="problem documents"),
        pytest.param("application/xml", False, id="neither, which is no 406"),
        pytest.param("*/*;q=0", False, id="nothing at all"),
        pytest.param("application/json, text/html", False, id="both alike"),
        pytest.param("text/html;q=0.8, application/json;q=0.9", False, id="JSON more"),
        pytest.param("text/html", True, id="HTML"),
        pytest.param("text/html, application/json;q=0.9", True, id="HTML more"),
        pytest.param(BROWSER, True, id="a browser"),
    ],
)
def test_people_get_a_page_and_programs_a_document(accept: str | None, is_page: bool) -> None:
    media_type, body = render_problem(NotFoundError("No such book."), accept)

    assert media_type == ("text/html; charset=utf-8" if is_page else "application/problem+json")
    assert b"No such book." in body


def test_a_member_that_cannot_be_rendered_is_left_out() -> None:
    _, body = render_problem(NotFoundError("Gone.", fine=[1], bad=object(), half="\ud800"))

    assert json.loads(body) == {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "Gone.", "fine": [1]}


class Outline(html.parser.HTMLParser):
    """The elements of a page and its text, with what would fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.text = ""
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "action") and value != "data:,"]

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(error: HTTPError) -> Outline:
    page = Outline()
    page.feed(render_problem(error, "text/html")[1].decode())
    page.close()
    return page


def test_the_page_shows_status_title_detail_and_errors() -> None:
    error = ValidationError(
        "Not valid.", errors=[FieldError("/a", "Wrong"), FieldError("", "As a whole"), FieldError("", "No", "query", "page")]
    )
    page = outline(error)

    assert page.elements[-7:] == ["p", "ul", "li", "code", "li", "li", "code"]
    for text in ("422 Unprocessable Entity", "Not valid.", "/a: Wrong", "As a whole", "page: No"):
        assert text in page.text
    assert page.fetched == []
    assert b'<html lang="en">' in render_problem(error, "text/html")[1]


def test_the_page_shows_what_an_application_calls_errors_too() -> None:
    page = outline(BadRequestError(errors=["first", {"detail": "second"}, {"pointer": "/x", "detail": "third"}]))

    assert all(text in page.text for text in ("first", "second", "/x: third"))
    assert "ul" not in outline(BadRequestError(errors="none")).elements


@given(st.text(), st.text())
def test_no_text_changes_the_structure_of_the_page(detail: str, pointer: str) -> None:
    plain = outline(ValidationError("x", errors=[FieldError("/x", "x")]))

    written = outline(ValidationError(detail or "x", errors=[FieldError(f"/{pointer}", detail)]))

    assert written.elements == plain.elements


def test_markup_in_a_detail_is_shown_as_it_was_written() -> None:
    page = outline(InternalServerError("<script>alert(1)</script>{title}"))

    assert "<script>alert(1)</script>{title}" in page.text
    assert "script" not in page.elements


def test_a_detail_that_is_no_unicode_makes_no_error_of_its_own() -> None:
    assert b"?" in render_problem(BadRequestError("\ud800"), "text/html")[1]
    assert json.loads(render_problem(BadRequestError("\ud800"))[1])["status"] == 400
