"""The way of a request between adapter and endpoint: middleware around routing, and errors answered at both ends."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence

from martlet.handling.calling.replaced_streams import Settle, noting_streams, settling_in
from martlet.handling.calling.threads import InThread
from martlet.handling.endpoints.endpoint import Endpoint, Failed
from martlet.handling.endpoints.unrouted import Misses
from martlet.http import SecurityHeaders
from martlet.messages import Middleware, Refuse, Request, Respond, Response
from martlet.routing import WEBSOCKET, Lookup


def routing_on_loop(lookup: Lookup[Endpoint], misses: Misses) -> Respond:
    """Make the innermost Respond for an event loop: find the endpoint, hand on its coroutine."""

    # PERF: a plain function that gives the endpoint's own coroutine; awaiting it here would cost 0.15 µs more.
    def respond(request: Request) -> Awaitable[Response]:
        found = lookup(request.method, request.path)
        if found is None:
            return misses.respond(request)
        endpoint, request.params = found
        return endpoint.on_loop(request)

    return respond


def routing_to_sockets(lookup: Lookup[Endpoint], misses: Misses) -> Respond:
    """Make the innermost Respond for the handshake of a WebSocket, whose method is GET (RFC 6455 section 4.1)."""

    def respond(request: Request) -> Awaitable[Response]:
        found = lookup(WEBSOCKET, request.path)
        if found is None:
            return misses.respond_to_handshake(request)
        endpoint, request.params = found
        return endpoint.on_loop(request)

    return respond


def routing_in_thread(lookup: Lookup[Endpoint], misses: Misses) -> Respond:
    """Make the innermost Respond for a server's worker thread."""

    def respond(request: Request) -> Awaitable[Response]:
        found = lookup(request.method, request.path)
        if found is None:
            return misses.respond(request)
        endpoint, request.params = found
        return endpoint.in_thread(request)

    return respond


def through(middlewares: Sequence[Middleware], inner: Respond, failed: Failed, in_thread: InThread | None) -> Respond:
    """Put middlewares around a Respond, the first outermost; the mistakes of each are answered right outside it.

    So `respond` never raises, and an outer middleware sees an inner one's refusal as it sees a 404.
    in_thread: where a stream is closed that a middleware puts aside; None closes it right where the request is.
    """
    respond = noting_streams(inner) if middlewares else inner
    for middleware in reversed(middlewares):
        respond = _around(middleware, respond, failed, settling_in(in_thread))
    return respond


def _around(middleware: Middleware, inner: Respond, failed: Failed, settle: Settle) -> Respond:
    async def respond(request: Request) -> Response:
        try:
            response = _checked(await middleware(request, inner))
            if request.has_extras and request.extras.streams:
                await settle(request, response)
        except BaseException as error:
            outcome = await _put_aside(request, error, settle)
            if not isinstance(outcome, Exception):
                raise
            return await failed(request, outcome)
        return response

    return respond


async def _put_aside(request: Request, error: BaseException, settle: Settle) -> BaseException:
    """Close the streams that a middleware was given and gave up; give the error that is to be answered."""
    try:
        if request.has_extras and request.extras.streams:
            await settle(request, None)
    except Exception as second:  # noqa: BLE001  a failure in closing is answered too
        second.__context__ = error
        return second
    return error


def _checked(response: object) -> Response:
    """Make sure that a middleware gave a response; forgetting to return one is an easy mistake."""
    if isinstance(response, Response):
        return response
    if inspect.isawaitable(response):
        raise TypeError("A middleware gave what `respond` gave, unawaited: write `return await respond(request)`.")
    raise TypeError(f"A middleware gave {type(response).__name__} in place of a Response; did it forget to return it?")


def refusing_through(middlewares: Sequence[Middleware], failed: Failed, in_thread: InThread | None) -> Refuse:
    """Make the function that answers what an adapter will not let in; middlewares see its answer, but no route is looked for."""

    async def answer(request: Request) -> Response:
        return await failed(request, request.extras.refusal or RuntimeError("Nothing is wrong with this request."))

    respond = through(middlewares, answer, failed, in_thread)

    async def refuse(request: Request, error: Exception) -> Response:
        request.extras.refusal = error
        return await respond(request)

    return refuse


def check_middleware(middleware: object) -> None:
    """Raise TypeError for what cannot stand around a Respond: a plain function, an ASGI middleware's class."""
    called = middleware if inspect.isroutine(middleware) else type(middleware).__call__
    if inspect.isclass(middleware) or not inspect.iscoroutinefunction(called):
        raise TypeError(f"{middleware!r} is no middleware: {_cure(middleware)}.")


def _cure(middleware: object) -> str:
    if isinstance(middleware, SecurityHeaders) or middleware is SecurityHeaders:
        return "every answer has these fields, write App(security_headers=SecurityHeaders(...))"
    if inspect.isclass(middleware) and inspect.iscoroutinefunction(middleware.__call__) and _takes_two(middleware.__call__):
        return f"it is the class of one, write {middleware.__name__}(...) with its arguments"
    return "write `async def (request, respond) -> Response`"


def _takes_two(method: Callable[..., object]) -> bool:
    return len(inspect.signature(method).parameters) == 3  # `self` too; an ASGI middleware's would take three


def loop_decision(lookup: Lookup[Endpoint], *, always: bool) -> Callable[[Request], bool]:
    """Make the function that tells whether a request needs an event loop."""
    if always:
        return lambda _: True

    def needs_loop(request: Request) -> bool:
        found = lookup(request.method, request.path)
        return found is not None and found[0].needs_loop

    return needs_loop
