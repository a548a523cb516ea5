"""ASGI in the lines of an endpoint that answers by itself: the usual way of a request, without a call that it does not need.

What is out of the usual, a body in several events for example, is left to the functions that know all of it.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from martlet.adapters.asgi.request import (
    NOT_LOOKED,
    SEVERAL_HOSTS,
    SMALL_WIRE_LENGTHS,
    ASGIRequest,
    Receive,
    Scope,
    Send,
    make_request,
    replay,
)
from martlet.adapters.exits import survived
from martlet.adapters.framing import TABLE_SIZE, WIRE_LENGTHS, wire_length
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.leaving import ClientLeftError, answer_to_nobody
from martlet.messages import Application, PreparedHeaders, Request, RequestUse, Response, Sending, prepared_response

Lines: TypeAlias = tuple[tuple[bytes, bytes], ...]
Answer: TypeAlias = Callable[[ASGIRequest, Awaitable[Response]], Awaitable[None]]
Admit: TypeAlias = Callable[[ASGIRequest, bytes | None], Awaitable[None] | None]
Finish: TypeAlias = Callable[[ASGIRequest, Response], Awaitable[None]]

# Every way to a request, with what `parameters` brings.
MADE: Final = "make_request(scope, receive, send, method, path, {limits}, params)"
MAKING: Final = f"request = {MADE}"
JOINING: Final = '{local} = value if {local} is None else {local} + b", " + value'
LOOKING: Final = (  # the header fields that are looked for at one go, by what for, the local, and what is done with a line
    ("host", "host", "host = value if host is None else SEVERAL_HOSTS"),
    ("accept", "accept", JOINING.format(local="accept")),
    ("content-type", "content_type", JOINING.format(local="content_type")),
    ("content-length", "content_length", JOINING.format(local="content_length")),
    ("content-encoding", "coding", "coding = value"),
)


class ASGIDialect:
    """Lines for the endpoints of one app; see `Dialect`.

    answer: await a response, and send it. admit: answer a request whose Host is not known, unless it is well-formed.
    finish: send a response of any kind.
    """

    parameters = "scope, receive, send, method, path, params"

    # Most bodies come in one event, and are as long as they said.
    reading = (
        "size = SMALL_WIRE_LENGTHS.get(content_length)",
        "if size is None or size > request.limits.body_bytes or request._started: data = await request.read()",
        "else:",
        "    event = await request.receive()",
        '    data = event.get("body")',
        "    if data is not None and len(data) == size: request._started, request._body = True, data",
        "    else:",
        "        request.receive = replay(event, request.receive)",
        "        data = await request.read()",
    )

    def __init__(self, app: Application, hosts: KnownHosts, answer: Answer, admit: Admit, finish: Finish) -> None:
        """Take what the lines name."""
        self._for_schemes = app.default_fields.for_schemes
        self._differ = app.default_fields.differ_by_scheme
        self._checks_host = app.checks_host

        async def finish_made(request: ASGIRequest, fields: PreparedHeaders, body: bytes) -> None:
            await finish(request, prepared_response(200, fields, body))

        self.names: Final[Mapping[str, Any]] = {
            "ASGIRequest": ASGIRequest,
            "CancelledError": CancelledError,
            "NOT_LOOKED": NOT_LOOKED,
            "SEVERAL_HOSTS": SEVERAL_HOSTS,
            "SMALL_WIRE_LENGTHS": SMALL_WIRE_LENGTHS,
            "TABLE_SIZE": TABLE_SIZE,
            "WIRE_LENGTHS": WIRE_LENGTHS,
            "admit": admit,
            "answer": answer,
            "finish": finish_made,
            "known_hosts": hosts.known,
            "leave": leave,
            "limits": app.limits,
            "make_request": make_request,
            "new_request": ASGIRequest.__new__,
            "replay": replay,
            "send_to_nobody": finish,
            "wire_length": wire_length,
        }
        self._limits = app.limits
        self._answer, self._admit = answer, admit

    def entry(self, use: RequestUse) -> Sequence[str]:
        """Find the fields that are used in one pass, look whether the Host is known, and make the request where it is used.

        PERF: a GET whose handler takes only what stands in its path needs no request: 0.3 µs less, 9 % of a JSON answer.
        """
        wanted = {"host"} if self._checks_host else set[str]()
        wanted |= {"accept"} if use.accept else set()
        wanted |= {"content-type", "content-length", "content-encoding"} if use.content else set()
        lines = list(_looking(wanted))
        if self._checks_host:
            lines.append("if host not in known_hosts:")
            lines.append(f"    {MAKING.format(limits=use.limits)}")
            lines.append("    refusing = admit(request, host)")
            lines.append("    if refusing is not None: return await refusing")
        return [*lines, *_making(use)] if use.is_made else lines

    def failure(self, use: RequestUse) -> Sequence[str]:
        """Answer what was raised; let go of a request that was cancelled."""
        making = () if use.is_made else (f"    {MAKING.format(limits=use.limits)}",)
        return (
            "except Exception as error:",
            *making,
            "    return await answer(request, failed(request, error))",
            "except (CancelledError, SystemExit) as error:",
            *making,
            "    return await send_to_nobody(request, await leave(request, error))",
        )

    def client(self, use: RequestUse) -> str:
        """Give the request, which is made here where nobody else has used it."""
        return "request" if use.is_made else MADE.format(limits=use.limits)

    def head(self, fields: PreparedHeaders) -> Lines | tuple[Lines, Lines]:
        """Give all fields but the length, with what every answer carries: over http and over https, unless they are the same."""
        plain, secure = self._for_schemes(fields)
        return (plain.wire, secure.wire) if self._differ else plain.wire

    def ending(self, use: RequestUse, head: str, fields: str) -> Sequence[str]:
        """Send the answer, unless somebody on the way has asked for what only some requests need."""
        extras = f"if request._extras is not None: return await finish(request, {fields}, body)"
        return (
            *([extras] if use.is_made else ()),
            f'lines = {head}[1] if scope.get("scheme") == "https" else {head}[0]' if self._differ else f"lines = {head}",
            "size = len(body)",
            "headers = [*lines, WIRE_LENGTHS[size] if size < TABLE_SIZE else wire_length(size)]",
            "try:",
            '    await send({"type": "http.response.start", "status": 200, "headers": headers})',
            '    await send({"type": "http.response.body", "body": body})',
            "except OSError: pass  # the client has left; the server says so to whoever sends",
        )

    def through(self, respond: Callable[[Request], Awaitable[Response]]) -> Sending:
        """Put `answer` around an endpoint."""
        answer, admit, checks_host, limits = self._answer, self._admit, self._checks_host, self._limits

        def sending(
            scope: Scope, receive: Receive, send: Send, method: str, path: str, params: Mapping[str, Any]
        ) -> Awaitable[None]:
            request = make_request(scope, receive, send, method, path, limits, params)
            refusing = admit(request, request.look_at_fields()) if checks_host or method != "GET" else None
            return answer(request, respond(request)) if refusing is None else refusing

        return sending


def _looking(wanted: Collection[str]) -> Iterator[str]:
    """Write the pass over the header fields."""
    looking = [row for row in LOOKING if row[0] in wanted]
    if not looking:
        return
    yield f"{' = '.join(local for _, local, _ in looking)} = None"
    yield 'for name, value in scope["headers"]:'
    for number, (name, _, act) in enumerate(looking):
        yield f"    {'elif' if number else 'if'} name == {name.encode()!r}: {act}"
    if "content-encoding" in wanted:
        yield "if coding is not None: content_length = NOT_LOOKED"


def _making(use: RequestUse) -> Iterator[str]:
    """Write what `make_request` does, with the fields that were found.

    PERF: without its call, and those that it makes: 0.3 µs, 15 % of a text answer.
    """
    content = ("content_type", "content_length") if use.content else ("NOT_LOOKED", "NOT_LOOKED")
    yield "request = new_request(ASGIRequest)"
    yield "request.method = method"
    yield "request.path = path"
    yield f"request.limits = {use.limits}"
    yield "request.params = params"
    yield "request.user = request._body = request._extras = None"
    yield "request._started = False"
    yield "request.scope = scope"
    yield "request.receive = receive"
    yield "request.send = send"
    yield f"request._accept = {'accept' if use.accept else 'NOT_LOOKED'}"
    yield f"request._content_type = {content[0]}"
    yield f"request._content_length = {content[1]}"


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
