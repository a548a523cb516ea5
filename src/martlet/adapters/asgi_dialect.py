"""ASGI in the lines of an endpoint that answers by itself: the usual way of a request, without a call that it does not need.

What is out of the usual, a body in several events for example, is left to the functions that know all of it.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from martlet.adapters.asgi_request import NOT_LOOKED, SMALL_WIRE_LENGTHS, ASGIRequest, replay
from martlet.adapters.exits import survived
from martlet.adapters.framing import TABLE_SIZE, WIRE_LENGTHS, wire_length
from martlet.adapters.leaving import ClientLeftError, answer_to_nobody
from martlet.messages import Application, PreparedHeaders, Request, Response, Sending, prepared_response

Lines: TypeAlias = tuple[tuple[bytes, bytes], ...]
Answer: TypeAlias = Callable[[ASGIRequest, Awaitable[Response], str | None], Awaitable[None]]
Finish: TypeAlias = Callable[[ASGIRequest, Response], Awaitable[None]]


class ASGIDialect:
    """Lines for the endpoints of one app; see `Dialect`.

    answer: await a response, and send it. finish: send a response of any kind.
    """

    parameters = "request, scheme"

    # A header field that was looked for on the way in is at hand; only where nobody looked is it looked for here.
    accept = (
        "accept = request._accept",
        "if accept is NOT_LOOKED:",
        "    accept = None",
        '    for name, value in request.scope["headers"]:',
        '        if name == b"accept": accept = value if accept is None else accept + b", " + value',
    )
    content_type = (
        "content_type = request._content_type",
        "if content_type is NOT_LOOKED: content_type = request.content_type_key",
    )

    # Most bodies come in one event, and are as long as they said.
    reading = (
        "size = SMALL_WIRE_LENGTHS.get(request._content_length)",
        "if size is None or size > request.limits.body_bytes or request._started: data = await request.read()",
        "else:",
        "    event = await request.receive()",
        '    data = event.get("body")',
        "    if data is not None and len(data) == size: request._started, request._body = True, data",
        "    else:",
        "        request.receive = replay(event, request.receive)",
        "        data = await request.read()",
    )

    failure = (
        "except Exception as error: return await answer(request, failed(request, error), scheme)",
        "except (CancelledError, SystemExit) as error: return await send_to_nobody(request, await leave(request, error))",
    )

    def __init__(self, app: Application, answer: Answer, finish: Finish) -> None:
        """Take what the lines name."""
        self._for_schemes = app.default_fields.for_schemes
        self._differ = app.default_fields.differ_by_scheme

        async def finish_made(request: ASGIRequest, fields: PreparedHeaders, body: bytes) -> None:
            await finish(request, prepared_response(200, fields, body))

        self.names: Final[Mapping[str, Any]] = {
            "CancelledError": CancelledError,
            "NOT_LOOKED": NOT_LOOKED,
            "SMALL_WIRE_LENGTHS": SMALL_WIRE_LENGTHS,
            "TABLE_SIZE": TABLE_SIZE,
            "WIRE_LENGTHS": WIRE_LENGTHS,
            "answer": answer,
            "finish": finish_made,
            "leave": leave,
            "replay": replay,
            "send_to_nobody": finish,
            "wire_length": wire_length,
        }
        self._through = answer

    def head(self, fields: PreparedHeaders) -> Lines | tuple[Lines, Lines]:
        """Give all fields but the length, with what every answer carries: over http and over https, unless they are the same."""
        plain, secure = self._for_schemes(fields)
        return (plain.wire, secure.wire) if self._differ else plain.wire

    def ending(self, head: str, fields: str) -> Sequence[str]:
        """Send the answer, unless somebody on the way has asked for what only some requests need."""
        return (
            f"if request._extras is not None: return await finish(request, {fields}, body)",
            f'lines = {head}[1] if scheme == "https" else {head}[0]' if self._differ else f"lines = {head}",
            "size = len(body)",
            "headers = [*lines, WIRE_LENGTHS[size] if size < TABLE_SIZE else wire_length(size)]",
            "try:",
            '    await request.send({"type": "http.response.start", "status": 200, "headers": headers})',
            '    await request.send({"type": "http.response.body", "body": body})',
            "except OSError: pass  # the client has left; the server says so to whoever sends",
        )

    def through(self, respond: Callable[[Request], Awaitable[Response]]) -> Sending:
        """Put `answer` around an endpoint."""
        answer = self._through

        def sending(request: ASGIRequest, scheme: str | None) -> Awaitable[None]:
            return answer(request, respond(request), scheme)

        return sending


async def leave(request: Request, error: BaseException) -> Response:
    """Let go of a request that ends without an answer; gives what is sent in its place where its client has left.

    Raises the error otherwise, and RuntimeError for what would end the server's worker.
    """
    if isinstance(error, SystemExit):
        raise survived(request, error) from error
    if isinstance(error, ClientLeftError):
        return answer_to_nobody()
    await request.close()
    raise error
