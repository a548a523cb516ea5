"""From an exception to a response: ask the registry, render, log what nobody expected, once."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final, TypeAlias

from martlet.handling.calling import InThread
from martlet.handling.error_handlers import ExceptionHandlerRegistry
from martlet.handling.plain import PlainCall
from martlet.handling.results import Encoder
from martlet.handling.sources import Bound
from martlet.http import HTTPError, InternalServerError, NotAcceptableError
from martlet.messages import ACCEPT, Request, Response
from martlet.rendering import render_problem

log: Final = logging.getLogger("martlet.errors")
ErrorHandler: TypeAlias = Callable[[BaseException, Request], Awaitable[Response]]
Registry: TypeAlias = ExceptionHandlerRegistry[ErrorHandler]


class Failures:
    """Answers what was raised on a request's way; nothing it does can itself go without an answer."""

    def __init__(self, handlers: list[tuple[type[BaseException], Bound]], encoder: Encoder, *, debug: bool) -> None:
        """handlers: the application's own. debug: show an unexpected error's text and traceback to the client."""
        self._handlers = handlers
        self._encoder = encoder
        self._debug = debug

    @property
    def may_suspend(self) -> bool:
        """Whether some handler needs an event loop."""
        return any(bound.function.may_suspend for _, bound in self._handlers)

    def registry(self, in_thread: InThread | None) -> Registry:
        """Fill a registry; `in_thread` is where blocking handlers go, None calls them right where the request is."""
        registry: Registry = ExceptionHandlerRegistry()
        registry.register(HTTPError, self._expected)
        registry.register(Exception, self._unexpected)
        for exception_type, bound in self._handlers:
            registry.register(exception_type, self._calling(bound, in_thread))
        return registry

    def responder(self, registry: Registry) -> Callable[[Request, Exception], Awaitable[Response]]:
        """Make the function every endpoint ends in when something was raised."""

        async def failed(request: Request, error: Exception) -> Response:
            handler = registry.find(type(error)) or self._unexpected
            try:
                return await handler(error, request)
            except Exception as second:  # noqa: BLE001  a handler's own mistake is answered too
                return await self._unexpected(second, request)

        return failed

    async def _expected(self, error: BaseException, request: Request) -> Response:
        if not isinstance(error, HTTPError):
            return await self._unexpected(error, request)
        media_type, body = render_problem(error, request.field(ACCEPT))
        response = Response(body, status=error.status_code, headers=error.headers, media_type=media_type)
        response.headers.add_member("vary", "accept")
        return response

    async def _unexpected(self, error: BaseException, request: Request) -> Response:
        log.error("%s %s failed.", request.method, ascii(request.path)[1:-1], exc_info=error)
        if not self._debug:
            return await self._expected(InternalServerError(), request)
        shown = InternalServerError(f"{type(error).__name__}: {error}", traceback=traceback.format_exception(error))
        return await self._expected(shown, request)

    def _calling(self, bound: Bound, in_thread: InThread | None) -> ErrorHandler:
        async def handle(error: BaseException, request: Request) -> Response:
            async with AsyncExitStack() as stack:  # clean-up comes before the answer is sent
                value = await PlainCall(stack, in_thread, request, error).call(bound)
                return await self._answer(value, error, request)

        return handle

    async def _answer(self, value: Any, error: BaseException, request: Request) -> Response:
        """Render what an error handler gave: another error, or a value."""
        if isinstance(value, BaseException):
            return await (self._expected if isinstance(value, HTTPError) else self._unexpected)(value, request)
        try:
            response = self._encoder.encode(value, request, None)
        except NotAcceptableError:  # an error's answer is never itself a 406
            return await self._expected(error if isinstance(error, HTTPError) else InternalServerError(), request)
        if not isinstance(value, Response) and response.status_code in {200, 204}:
            response.status_code = error.status_code if isinstance(error, HTTPError) else InternalServerError.status_code
        return response
