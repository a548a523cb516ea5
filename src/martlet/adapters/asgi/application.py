"""Serve an application over ASGI 3: HTTP and lifespan (https://asgi.readthedocs.io).

The only code that sees ASGI's scope and events.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from types import MethodType
from typing import Any, Final, TypeAlias, assert_never

from martlet.adapters.asgi.dialect import Admit, Answer, ASGIDialect, leave
from martlet.adapters.asgi.request import ASGIRequest, Receive, Scope, Send, inbox_of, make_request, path_of
from martlet.adapters.asgi.websocket import serve_socket
from martlet.adapters.files import FileChunks
from martlet.adapters.finishing import finish, owes
from martlet.adapters.framing import TABLE_SIZE, WIRE_LENGTHS, final_status, has_content, wire_fields, wire_length, wire_lines
from martlet.adapters.giving_up import sendable
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.leaving import ClientLeftError, Watch
from martlet.adapters.stopping.stopping import Stopping
from martlet.adapters.streams.pulling import pull
from martlet.adapters.targets import scope_for_target
from martlet.messages import (
    Application,
    File,
    PreparedHeaders,
    Response,
    Stream,
)

ASGIApplication: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

log: Final = logging.getLogger("martlet.asgi")
SENT: Final = PreparedHeaders()  # PERF: 0.8 KB less for each stream than its fields with their index, which nobody reads any more
USUAL_STATUSES: Final = frozenset({200, 201, 202})  # of answers with content, whatever it is


def asgi_application(app: Application, stopping: Stopping | None = None) -> ASGIApplication:
    """Make the ASGI callable that serves `app`; `stopping` is how it ends, where it is served in other ways too."""
    respond, limits, lifespan, life = app.respond, app.limits, app.lifespan, stopping or Stopping(app)
    hosts = KnownHosts()
    open_socket = partial(_open_socket, app=app, hosts=hosts, life=life)
    answer = _answering(app)
    admit = _admitting(app, hosts, answer)
    find = app.directly(ASGIDialect(app, hosts, answer, admit, partial(_finish, app=app)))

    # PERF: a plain function that gives the coroutine of whoever answers; one more around it costs 0.1 µs, 6 % of a text answer.
    def serve(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or not lifespan.started:  # or a server without the lifespan protocol
            return _serve_other(scope, receive, send, serve, open_socket, life)
        path: str = scope["path"]
        method: str = scope["method"]
        try:
            root_path = scope["root_path"]
        except KeyError:
            root_path = None
        found = None if find is None or root_path or "%" in path else find(method, path)
        if found is None and (root_path or path[:1] != "/" or "%" in path):  # nothing is found for what has no slash in front
            path, scope = path_of(scope), scope_for_target(scope)
            found = None if find is None else find(method, path)
        if found is not None:
            sending, params = found
            return sending(scope, receive, send, method, path, params)
        request = make_request(scope, receive, send, method, path, limits)
        return admit(request, request.look_at_fields()) or answer(request, respond(request))

    return serve


def _admitting(app: Application, hosts: KnownHosts, answer: Answer) -> Admit:
    """Make what answers a request whose Host is no host; gives None where nothing is wrong with it."""
    known, checks_host = hosts.known, app.checks_host

    def admit(request: ASGIRequest, host: bytes | None) -> Awaitable[None] | None:
        if not checks_host or host in known:
            return None
        refusal = hosts.refusal(request, host, request.scope.get("http_version"), app)
        return None if refusal is None else answer(request, refusal(request))

    return admit


def _answering(app: Application) -> Answer:
    """Make what awaits a response and sends it, the usual one without a call."""
    default_fields = app.default_fields
    completed, differ = default_fields.completed, default_fields.differ_by_scheme

    async def answer(request: ASGIRequest, responding: Awaitable[Response]) -> None:
        send: Any = request.send
        try:
            response = await responding
        except (asyncio.CancelledError, SystemExit) as error:
            response = await leave(request, error)
        body, fields, status = response.body, response.fields, response.status_code
        # PERF: bytes behind fields known at start-up, without a call: 0.8 µs, 30 % of a text answer.
        if (
            type(body) is bytes
            and type(fields) is PreparedHeaders
            and fields in completed
            and (status == 200 or status in USUAL_STATUSES)
            and request.method != "HEAD"
            and request._extras is None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        ):
            size = len(body)
            plain, secure = completed[fields]
            lines = secure.wire if differ and request.scope.get("scheme") == "https" else plain.wire
            headers = [*lines, WIRE_LENGTHS[size] if size < TABLE_SIZE else wire_length(size)]
            try:
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": body})
            except OSError:
                pass  # the client has left; the server says so to whoever sends
        else:
            del responding, body, fields  # PERF: 0.3 KB less for each stream, which an endpoint that has ended would hold
            await _finish(request, response, app)

    return answer


async def _finish(request: ASGIRequest, response: Response, app: Application) -> None:
    """Complete and send a response of any kind, closing its stream whatever happens; quietly end where the client has left."""
    send: Any = request.send
    # PERF: bytes that leave nothing to be done afterwards, such as those with a session: 5 µs less than the way of all others.
    body, status = response.body, response.status_code
    if type(body) is bytes and status in USUAL_STATUSES and request.method != "HEAD" and not owes(request):
        app.default_fields.complete(request, response)
        headers = wire_lines(response)
        headers.append(wire_length(len(body)))
        try:
            await send({"type": "http.response.start", "status": int(status), "headers": headers})
            await send({"type": "http.response.body", "body": body})
        except OSError:
            pass  # the client has left
        return
    response = await sendable(request, response, app)
    app.default_fields.complete(request, response)
    try:
        if isinstance(response.body, Stream) and has_content(request.method, response):
            await _send_stream(request, response, response.body, send, app)
        else:
            await _send(request, response, send, app)
    except ClientLeftError:
        pass
    finally:
        await finish(request, response, app)


async def _send(request: ASGIRequest, response: Response, send: Send, app: Application) -> None:
    body = response.body
    if not has_content(request.method, response):
        if isinstance(body, Stream):
            async with pull(body, app.threads):
                pass  # closed unread
        body = b""
    match body:
        case bytes():
            await _deliver(send, _start(request, response))
            await _deliver(send, {"type": "http.response.body", "body": body})
        case File() if "http.response.pathsend" in (request.scope.get("extensions") or {}) and body.is_whole:
            await _deliver(send, _start(request, response))
            await _deliver(send, {"type": "http.response.pathsend", "path": body.path})
        case File():
            chunks = await asyncio.get_running_loop().run_in_executor(app.threads, FileChunks, body)
            await _send_stream(request, response, Stream(chunks, body.length), send, app)
        case Stream():
            await _send_stream(request, response, body, send, app)
        case _:
            assert_never(body)


async def _send_stream(request: ASGIRequest, response: Response, stream: Stream, send: Send, app: Application) -> None:
    inbox, request.send = inbox_of(request), None
    async with pull(stream, app.threads) as chunks:
        async with Watch(inbox.gone) as watch:
            await _deliver(send, _start(request, response))  # in here, so that the stream is closed if this fails
            response.fields = SENT
            # PERF: a method of `send`, as it were; `partial` takes 0.14 KB more for each stream.
            await app.open_streams.send(chunks, MethodType(_write, send), request.limits, stream)
        if watch.left:
            raise ClientLeftError
    await _deliver(send, {"type": "http.response.body", "body": b"", "more_body": False})


def _start(request: ASGIRequest, response: Response) -> MutableMapping[str, Any]:
    status, headers = final_status(response.status_code), wire_fields(request.method, response)
    return {"type": "http.response.start", "status": status, "headers": headers}


def _write(send: Send, chunk: bytes) -> Awaitable[None]:
    return send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _deliver(send: Send, event: MutableMapping[str, Any]) -> None:
    try:
        await send(event)
    except OSError as error:
        raise ClientLeftError from error


async def _serve_other(
    scope: Scope, receive: Receive, send: Send, serve: ASGIApplication, open_socket: ASGIApplication, life: Stopping
) -> None:
    """Start, and serve; open a WebSocket; run the lifespan; leave a protocol that nobody knows to the server."""
    kind = scope["type"]
    if kind == "http":
        await life.start()
        await serve(scope, receive, send)
    elif kind == "lifespan":
        await _serve_lifespan(life, receive, send)
    elif kind == "websocket":
        await open_socket(scope, receive, send)
    else:
        raise NotImplementedError(
            f"This application serves http, websocket and lifespan over ASGI; the server asked for {kind!r}."
        )


async def _open_socket(scope: Scope, receive: Receive, send: Send, app: Application, hosts: KnownHosts, life: Stopping) -> None:
    if not app.lifespan.started:
        await life.start()
    await serve_socket(scope, receive, send, app, hosts)


async def _serve_lifespan(life: Stopping, receive: Receive, send: Send) -> None:
    """Start and stop as the server asks; a failure is logged here, since servers cut its text short."""
    while True:
        event = await receive()
        phase, act = ("startup", life.start) if event["type"] == "lifespan.startup" else ("shutdown", life.stop)
        try:
            await act()
        except Exception as error:
            log.exception("The application's %s failed.", phase)
            await send({"type": f"lifespan.{phase}.failed", "message": f"{type(error).__name__}: {error}"})
            return
        await send({"type": f"lifespan.{phase}.complete"})
        if phase == "shutdown":
            return
