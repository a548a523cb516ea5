"""The templates of routes, found before the first request: whatever is wrong with one is told with its file, line and cure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from martlet.declaration_errors import CombinedDeclarationError, DeclarationError
from martlet.handling.answering.failures import ErrorPage
from martlet.handling.answering.page_templates import TemplatePage, TemplatePages
from martlet.handling.answering.results import Result
from martlet.handling.answering.template_responses import is_page_name, media_type_of
from martlet.handling.answering.urls import UnknownAssetError, URLs
from martlet.handling.declaring.options import RouteOptions
from martlet.handling.declaring.routes import Declaration
from martlet.routing import RoutingError


class PlannedPages:
    """Finds the templates that routes name."""

    def __init__(self, pages: TemplatePages | None) -> None:
        """pages: of the app, None where it has no engine."""
        self.pages = pages

    def may_be_awaited(self, options: RouteOptions, result: Result) -> bool:
        """Whether a route may have a page to make that the engine renders on an event loop."""
        if self.pages is None or not self.pages.is_async:
            return False
        return result.may_stream or "template" in options or "form" in options

    def ask_for_session(self, options: RouteOptions) -> bool:
        """Whether a template of a route shows what belongs to the session."""
        return self.pages is not None and any(self.pages.asks_for_session(name) for name in _written(options))

    def ask_for_user(self, options: RouteOptions) -> bool:
        """Whether a template of a route shows who asks."""
        return self.pages is not None and any(self.pages.asks_for_user(name) for name in _written(options))

    def page_of(self, declaration: Declaration) -> Callable[..., Any] | TemplatePage | None:
        """Give what makes the page of a route's value, if anything does; raises DeclarationError."""
        options = declaration.options
        if "template" not in options:
            return options.get("page")
        if "page" in options:
            what = f"{declaration.pattern!r} has a page and a template."
            raise DeclarationError(what, declaration.where, "Keep one of page= and template=.")
        return self.find(options["template"], repr(declaration.pattern), declaration.where)

    def find(self, written: str, user: str, where: str) -> TemplatePage:
        """Find a template as it is named, `book.html` or `book.html#block`; raises DeclarationError.

        user: what names it, for messages. where: the place that does.
        """
        if self.pages is None:
            raise DeclarationError(
                f"{user} has the template {written!r}, and the app has no templates.",
                where,
                'Give it an engine: App(templates=TemplateEngine("templates")).',
            )
        name, _, block = written.partition("#")
        if not is_page_name(name):
            raise DeclarationError(
                f"{user} has the template {name!r}, which makes {media_type_of(name)}, and no page.",
                where,
                f"Return a TemplateResponse({name!r}) from the handler, which is sent as what it is.",
            )
        mistakes = [_shown(finding, name, user, where) for finding in self.pages.check(name)]
        if mistakes:
            raise CombinedDeclarationError(mistakes)
        try:
            page = TemplatePage(self.pages, name, block)
        except Exception as error:
            raise _mistake(error, written, user, where) from error
        self.pages.users.setdefault(name, (user, where))
        return page


def _written(options: RouteOptions) -> list[str]:
    """List the templates that a route names."""
    named = (options.get("template"), options.get("form"))
    return [name.partition("#")[0] for name in named if isinstance(name, str)]


def planned_error_page(
    pages: TemplatePages | None, page: ErrorPage | str | None, where: str, problems: list[DeclarationError]
) -> ErrorPage | TemplatePage | None:
    """Give what makes the page of errors: a template where the app names one; what is wrong with it is added to the problems."""
    try:
        return PlannedPages(pages).find(page, "error_page", where) if isinstance(page, str) else page
    except DeclarationError as problem:
        problems.append(problem)
        return None


def broken_links(pages: TemplatePages | None, urls: URLs) -> list[DeclarationError]:
    """Find what is wrong with the links that templates write out, `url_for("show_book", id=7)` and `asset_url("app.css")`.

    To be asked when all routes are known. Whether a value suits its parameter is known only when there is one.
    """
    problems: list[DeclarationError] = []
    if pages is None:
        return problems
    for call in pages.links():
        check = urls.check_asset if call.function == "asset_url" else urls.check
        try:
            check(call.argument, call.keywords)
        except (RoutingError, UnknownAssetError) as error:
            problems.append(_shown(call.mistake(str(error)), call.page, *pages.users[call.page]))
    return problems


def _mistake(error: Exception, written: str, user: str, where: str) -> DeclarationError:
    """Say what an engine said of a template; each has errors of its own, which tell a line where the template is at fault."""
    line: Any = getattr(error, "line", None)
    message = str(getattr(error, "message", error) if isinstance(line, int) else error).rstrip(".")
    if not isinstance(line, int) or getattr(error, "source", None) is None:
        what = f"The template {written!r} of {user} cannot be had: {_sentence(message)}"
        return DeclarationError(what, where, "Correct the name, or write what it names.")
    return _shown(error, written, user, where)


def _shown(mistake: Any, written: str, user: str, where: str) -> DeclarationError:
    """Tell a mistake where it is: in the template's line. mistake: an engine's error, or what a check found."""
    place = getattr(mistake, "filename", None) or getattr(mistake, "name", None) or written
    excerpt = [each.removeprefix("    ") for each in str(mistake).splitlines()[2:]]  # behind the message and the place
    told = [*excerpt, f"It is used by {user} at {where}."]
    return DeclarationError(_sentence(mistake.message), f"{place}:{mistake.line}", "\n    ".join(told))


def _sentence(message: str) -> str:
    """End it, unless it is a question already, such as what somebody may have meant."""
    return message if message.endswith((".", "?")) else f"{message}."
