"""The page of a form that was not valid: a browser gets the form again, with what was wrong and what was sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

from martlet.handling.answering.page_templates import TemplatePage
from martlet.handling.answering.representations import render_page
from martlet.http import MULTIPART, URLENCODED, FieldError, MediaType, ValidationError
from martlet.messages import ACCEPT, CONTENT_TYPE, Form, Request, Response
from martlet.rendering import in_plain_words, prefers_page

Failed: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]
FORMS: Final = frozenset({URLENCODED, MULTIPART})


class FormPage:
    """A route's form, as a function of the errors by field and of the input; it is shown where a program gets a 422."""

    __slots__ = ("_page",)

    def __init__(self, page: Callable[[dict[str, list[str]], Form], object] | TemplatePage) -> None:
        """page: gives HTML, or is a template that does."""
        self._page = page

    def failing(self, failed: Failed) -> Failed:
        """Make the function that answers errors: by the page where it is meant for them, by `failed` all others."""

        async def failed_or_shown(request: Request, error: Exception) -> Response:
            if isinstance(error, ValidationError) and is_form_of_browser(request):
                try:
                    return await self._show(request, error)
                except Exception as second:  # noqa: BLE001  of the page, or of a body that is no form
                    error = second
            return await failed(request, error)

        return failed_or_shown

    async def _show(self, request: Request, error: ValidationError) -> Response:
        sent = await request.form() if request.can_give_form else Form()
        shown = await self._page_of(errors_by_field(error.errors), sent, request)
        response = Response(shown, status=error.status_code, headers=error.headers, media_type="text/html; charset=utf-8")
        response.headers.add_member("vary", "accept")
        return response

    async def _page_of(self, errors: dict[str, list[str]], sent: Form, request: Request) -> str | bytes:
        if not isinstance(self._page, TemplatePage):
            return render_page(self._page, errors, sent)
        shown = self._page.show_form(errors, sent, request)
        return shown if isinstance(shown, bytes) else await shown


def is_form_of_browser(request: Request) -> bool:
    """Whether a form was sent by somebody who wants a page back."""
    content_type = MediaType.parse_or_none(request.field(CONTENT_TYPE))
    return content_type is not None and content_type.essence in FORMS and prefers_page(request.field(ACCEPT))


def errors_by_field(errors: Sequence[FieldError]) -> dict[str, list[str]]:
    """Collect what is wrong by the name of the form's field, in words for people; under "" stands what concerns all of it.

    >>> errors_by_field([FieldError("/tags/0", "Expected `int` >= 1"), FieldError("", "Too early")])
    {'tags': ['Expected a number of at least 1'], '': ['Too early']}
    """
    found: dict[str, list[str]] = {}
    for error in errors:
        name = error.name or "" if error.location != "body" else error.pointer.split("/")[1] if error.pointer else ""
        found.setdefault(name.replace("~1", "/").replace("~0", "~"), []).append(in_plain_words(error.detail))
    return found
