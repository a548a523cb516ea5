"""From an exception to a response: ask the registry, render, log what nobody expected, once."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from martlet.channels import BrokerUnavailableError
from martlet.handling.answering.debug_page import DEBUG_PAGE_POLICY, debug_page
from martlet.handling.answering.error_handlers import ExceptionHandlerRegistry
from martlet.handling.answering.form_pages import errors_by_field
from martlet.handling.answering.page_templates import TemplatePage
from martlet.handling.answering.results import Encoder
from martlet.handling.calling.provider_stacks import AsyncProviderStack
from martlet.handling.calling.step_by_step import PlainCall
from martlet.handling.calling.threads import InThread
from martlet.handling.signatures.sources import Bound
from martlet.http import HTTPError, HTTPStatus, InternalServerError, NotAcceptableError, ServiceUnavailableError, ValidationError
from martlet.messages import ACCEPT, Request, Response
from martlet.rendering import HTML, PROBLEM_PAGE_POLICY, prefers_page, render_problem
from martlet.security import Challenges
from martlet.stores import StoreUnavailableError

log: Final = logging.getLogger("martlet.errors")
# What an error handler gives: the answer, or another error to be answered in its place.
ErrorHandler: TypeAlias = Callable[[BaseException, Request], Awaitable[Response | BaseException]]
ErrorPage: TypeAlias = Callable[[HTTPError], object]
Registry: TypeAlias = ExceptionHandlerRegistry[ErrorHandler]


class Failures:
    """Answers what was raised on a request's way; nothing it does can itself go without an answer."""

    def __init__(
        self,
        handlers: Sequence[tuple[type[BaseException], Bound]],
        encoder: Encoder,
        page: ErrorPage | TemplatePage | None,
        challenges: Challenges,
        *,
        debug: bool,
        has_policy: bool,
    ) -> None:
        """handlers: the application's own. page: how errors look in a browser. debug: show unexpected errors to the client.

        has_policy: pages are sent with a content security policy.
        challenges: the WWW-Authenticate fields of a 401 that brings none (RFC 9110 section 15.5.2).
        """
        self._challenges = challenges
        self._handlers = handlers
        self._encoder = encoder
        self._page = page
        self._debug = debug
        self._has_policy = has_policy

    @property
    def may_suspend(self) -> bool:
        """Whether some handler needs an event loop."""
        pages = self._encoder.pages
        awaits_page = (bool(self._handlers) or isinstance(self._page, TemplatePage)) and pages is not None and pages.is_async
        return awaits_page or any(bound.function.may_suspend for _, bound in self._handlers)

    def registry(self, in_thread: InThread | None) -> Registry:
        """Fill a registry; `in_thread` is where blocking handlers go, None calls them right where the request is."""
        registry: Registry = ExceptionHandlerRegistry()
        registry.register(HTTPError, self._render)
        for away in (StoreUnavailableError, BrokerUnavailableError):
            registry.register(away, self._without_store)
        registry.register(Exception, self._unexpected)
        for exception_type, bound in self._handlers:
            registry.register(exception_type, self._calling(bound, in_thread))
        return registry

    def responder(self, registry: Registry) -> Callable[[Request, Exception], Awaitable[Response]]:
        """Make the function every endpoint ends in when something was raised.

        A handler gives a response, or another error, which is answered in turn; so one for HTTPError sees every error.
        """

        async def failed(request: Request, error: BaseException) -> Response:
            asked: set[ErrorHandler] = set()
            while True:
                handler = registry.find(type(error)) or self._unexpected
                if handler in asked:  # in a circle, or failing at its own failure
                    return await self._last_resort(error, request)
                asked.add(handler)
                try:
                    outcome = await handler(error, request)
                except Exception as second:  # noqa: BLE001  a handler's own mistake is answered too
                    second.__context__ = second.__context__ or error  # a thread forgets what was being handled
                    outcome = second
                if isinstance(outcome, Response):
                    return outcome
                error = outcome

        return failed

    async def _render(self, error: BaseException, request: Request) -> Response | BaseException:
        """Answer an HTTPError as a problem document, or as a page for a browser."""
        if not isinstance(error, HTTPError):
            return await self._unexpected(error, request)
        cause = error.__cause__
        if self._debug and cause is not None and error.status_code == HTTPStatus.INTERNAL_SERVER_ERROR.value:
            asked = f"{request.method} {request.path}"
            return self._problem(error, request, lambda _: debug_page(cause, asked), DEBUG_PAGE_POLICY)
        return self._problem(error, request, await made_page(self._page, error, request))

    def _problem(self, error: HTTPError, request: Request, page: ErrorPage | None, policy: str | None = None) -> Response:
        """Answer an HTTPError; policy: of a page of ours, whose style the application's own would not let through."""
        media_type, body = render_problem(error, request.field(ACCEPT), page)
        response = Response(body, status=error.status_code, media_type=media_type)
        if page is None:
            policy = PROBLEM_PAGE_POLICY
        if policy is not None and self._has_policy and media_type.startswith("text/html"):
            response.headers["content-security-policy"] = policy
        return self._with_fields(response, error, request)

    async def _without_store(self, error: BaseException, request: Request) -> BaseException:
        """Turn a store or broker that is away into a 503: what it would say is not known, so nothing is taken for granted."""
        log.warning("%s %s: %s", request.method, ascii(request.path)[1:-1], error)
        return ServiceUnavailableError()

    async def _unexpected(self, error: BaseException, request: Request) -> BaseException:
        """Log what nobody expected, once, and turn it into a 500."""
        log.error("%s %s failed.", request.method, ascii(request.path)[1:-1], exc_info=error)
        if not self._debug:
            return InternalServerError()
        answer = InternalServerError(_said(error), traceback=traceback.format_exception(error))
        answer.__cause__ = error  # for the page
        return answer

    def give_up(self, request: Request, error: Exception) -> Response:
        """Answer in place of what no server may be handed, when it is too late to ask anybody; what is no HTTPError is logged."""
        if not isinstance(error, HTTPError):
            log.error("%s %s failed.", request.method, ascii(request.path)[1:-1], exc_info=error)
        return self._problem(error if isinstance(error, HTTPError) else InternalServerError(), request, None)

    async def _last_resort(self, error: BaseException, request: Request) -> Response:
        """Answer without any code of the application."""
        known = error if isinstance(error, HTTPError) else InternalServerError()
        if known is not error:
            log.error("%s %s: an error handler failed.", request.method, ascii(request.path)[1:-1], exc_info=error)
        return self._problem(known, request, None)

    def _calling(self, bound: Bound, in_thread: InThread | None) -> ErrorHandler:
        async def handle(error: BaseException, request: Request) -> Response | BaseException:
            async with AsyncProviderStack() as stack:  # clean-up comes before the answer is sent
                value = await PlainCall(stack, in_thread, request, error).call(bound)
                answer = value if isinstance(value, BaseException) else self._encode(value, error, request)
                if isinstance(answer, Response) and isinstance(answer.body, Coroutine):
                    answer.body = await answer.body
                return answer

        return handle

    def _encode(self, value: Any, error: BaseException, request: Request) -> Response | BaseException:
        """Render the value that an error handler gave; a Response is sent as it is."""
        if isinstance(value, Response):
            return self._encoder.encode(value, request, None)
        try:
            response = self._encoder.encode(value, request, None)
        except NotAcceptableError:  # an error's answer is never itself a 406
            return error if isinstance(error, HTTPError) else InternalServerError()
        if response.status_code in {HTTPStatus.OK, HTTPStatus.NO_CONTENT}:
            response.status_code = error.status_code if isinstance(error, HTTPError) else InternalServerError.status_code
        return self._with_fields(response, error, request)

    def _with_fields(self, response: Response, error: BaseException, request: Request) -> Response:
        """Add the fields that the error itself must carry, such as Allow, and say that the answer depended on Accept."""
        for name, value in error.headers.items() if isinstance(error, HTTPError) else ():
            if name.lower() != "vary":
                response.headers.setdefault(name, value)
                continue
            for member in value.split(","):
                response.headers.add_member("vary", member.strip())
        if response.status_code == HTTPStatus.UNAUTHORIZED.value and "www-authenticate" not in response.headers:
            for challenge in self._challenges.to(request):
                response.headers.add("www-authenticate", challenge)
        response.headers.add_member("vary", "accept")
        return response


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001  whatever a class of the application's own does there
        return f"{type(error).__name__}, whose text cannot be had"


async def made_page(page: ErrorPage | TemplatePage | None, error: HTTPError, request: Request) -> ErrorPage | None:
    """Give the application's page for an error; in place of a template, what it has made."""
    if not isinstance(page, TemplatePage):
        return page
    if not prefers_page(request.field(ACCEPT)):
        return None
    shown = page.show_error(error, errors_by_field(error.errors) if isinstance(error, ValidationError) else {}, request)
    made = HTML((shown if isinstance(shown, bytes) else await shown).decode())
    return lambda _: made
