"""An error as the client reads it: RFC 9457 problem details for programs, a small page for people.

Whatever the Accept field says there is an answer: who accepts neither gets the problem document, as RFC 9110 allows
(Section 15.5.7), since an error about the error would help nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import escape

from martlet.http.accept import Negotiation
from martlet.http.errors import ValidationError
from martlet.http.http_error import FieldError, HTTPError
from martlet.http.status import HTTPStatus
from martlet.rendering.problem_page import problem_page
from martlet.rendering.renderers import render_json

__all__ = ["PROBLEM_JSON", "prefers_page", "problem_document", "render_problem"]

PROBLEM_JSON = "application/problem+json"
HTML_PAGE = "text/html; charset=utf-8"

# JSON first: a client that likes both alike, or says nothing, is a program.
_NEGOTIATION = Negotiation([PROBLEM_JSON, "application/json", "text/html"])
_PAGE = 2


def problem_document(error: HTTPError) -> dict[str, Any]:
    """The members of the problem document (RFC 9457, Section 3), in the order in which people read them.

    `title` is the status's phrase, `detail` the error's message where it says more; `errors` are the field errors, each with a
    `pointer` into the body, or with the `location` and `name` of a parameter. Members of the error itself follow, and may
    replace `type`, `title` and `errors`.

    >>> problem_document(HTTPError("The disk is full.", free_bytes=0))
    {'type': 'about:blank', 'title': 'Internal Server Error', 'status': 500, 'detail': 'The disk is full.', 'free_bytes': 0}
    """
    title = HTTPStatus.reason(error.status_code)
    document: dict[str, Any] = {"type": "about:blank", "title": title, "status": error.status_code}
    if error.message != title:
        document["detail"] = error.message
    if isinstance(error, ValidationError) and error.errors:
        document["errors"] = [_field_error(field_error) for field_error in error.errors]
    return document | error.members


def render_problem(
    error: HTTPError, accept: str | None = None, page: Callable[[HTTPError], object] | None = None
) -> tuple[str, bytes]:
    """The Content-Type and the content of an error's answer: a page if the client wants HTML most, else the problem document.

    page: makes the page in place of the built-in one; what is not HTML in it is escaped, and what it raises is raised.
    Without one this never fails: a member that cannot be rendered is left out.

    >>> render_problem(HTTPError())[1]
    b'{"type":"about:blank","title":"Internal Server Error","status":500}'
    >>> render_problem(HTTPError(), "text/html,*/*;q=0.8")[0]
    'text/html; charset=utf-8'
    """
    document = problem_document(error)
    if prefers_page(accept):
        shown = problem_page(document) if page is None else escape(page(error))
        return HTML_PAGE, shown.encode("utf-8", "replace")
    try:
        return PROBLEM_JSON, render_json(document)
    except (TypeError, ValueError, RecursionError):
        return PROBLEM_JSON, render_json({name: member for name, member in document.items() if _is_renderable(member)})


def prefers_page(accept: str | None) -> bool:
    """True for who gets errors as a page: a browser, that is.

    >>> prefers_page("text/html,*/*;q=0.8"), prefers_page("*/*")
    (True, False)
    """
    return _NEGOTIATION.choose(accept) == _PAGE


def _field_error(error: FieldError) -> dict[str, str]:
    if error.location == "body":
        return {"pointer": error.pointer, "detail": error.detail}
    return {"location": error.location, "name": error.name or "", "detail": error.detail}


def _is_renderable(member: object) -> bool:
    try:
        render_json(member)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
