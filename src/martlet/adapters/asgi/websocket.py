"""Serve the WebSockets of an application over ASGI (https://asgi.readthedocs.io/en/latest/specs/www.html#websocket)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Final

from martlet.adapters.asgi.request import ASGIRequest, Receive, Scope, Send
from martlet.adapters.finishing import finish
from martlet.adapters.framing import final_status, wire_fields, wire_lines
from martlet.adapters.giving_up import sendable
from martlet.adapters.hosts import KnownHosts
from martlet.adapters.leaving import Watch
from martlet.adapters.streams.open_socket import carry_socket
from martlet.adapters.streams.pulling import pull
from martlet.messages import Application, File, Message, Response, SocketClosedError, Stream, Upgrade

DENIAL: Final = "websocket.http.response"  # the extension that lets a refusal have a body
CLOSED: Final = (OSError, RuntimeError)  # what servers raise for a WebSocket that is closed is of either kind
PROTOCOLS: Final = b"sec-websocket-protocol"
WATCH_SECONDS: Final = 0.03  # from a handshake on; most are answered before, and their clients are not watched
HTTP_SCHEMES: Final = {"ws": "http", "wss": "https"}


async def serve_socket(scope: Scope, receive: Receive, send: Send, app: Application, hosts: KnownHosts) -> None:
    """Answer one handshake, and carry its WebSocket to its end."""
    event = await receive()
    if event["type"] != "websocket.connect":  # the client has left already
        return
    scheme = scope.get("scheme", "ws")
    as_http: Scope = {**scope, "method": "GET", "scheme": HTTP_SCHEMES.get(scheme, scheme)}
    if scope.get("subprotocols") and all(name != PROTOCOLS for name, _ in scope["headers"]):  # uvicorn with wsproto takes it away
        as_http["headers"] = [*scope["headers"], (PROTOCOLS, ", ".join(scope["subprotocols"]).encode())]
    request = ASGIRequest(as_http, receive, app.limits)
    request.expect_no_body()
    host = request.look_at_fields() if app.checks_host else None
    is_known = not app.checks_host or host in hosts.known
    refusal = None if is_known else hosts.refusal(request, host, scope.get("http_version"), app)
    response: Response | None = None
    async with Watch(partial(_left, receive)):
        response = await (app.handshake if refusal is None else refusal)(request)
    if response is None:  # the client has left
        with suppress(*CLOSED):
            await send({"type": "websocket.close", "code": 1000, "reason": ""})  # one server logs an error where nobody answers
        return
    try:
        if isinstance(response.body, Upgrade):
            await carry_socket(response.body, ASGISocket(receive, send, wire_lines(response)), request.limits, app)
        else:
            with suppress(*CLOSED):
                await _deny(request, response, send, app)
    finally:
        await finish(request, response, app)


async def _left(receive: Receive) -> None:
    """Wait until the client leaves: nothing else can come before the handshake's answer. Granian does not tell."""
    await asyncio.sleep(WATCH_SECONDS)
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _deny(request: ASGIRequest, response: Response, send: Send, app: Application) -> None:
    """Send a response in the place of the handshake's answer, where the server can; it answers 403 without a body where not."""
    response = await sendable(request, response, app)
    app.default_fields.complete(request, response)
    body = response.body
    if DENIAL not in (request.scope.get("extensions") or {}):
        if isinstance(body, Stream):
            async with pull(body, app.threads):
                pass  # closed unread
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        return
    data = await _whole(body, app)
    response.body = data
    status, lines = final_status(response.status_code), wire_fields("GET", response)
    await send({"type": f"{DENIAL}.start", "status": status, "headers": lines})
    await send({"type": f"{DENIAL}.body", "body": data, "more_body": False})


async def _whole(body: bytes | File | Stream, app: Application) -> bytes:
    """Give the bytes of a refusal; a file or a stream is no refusal that anybody reads."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, Stream):
        async with pull(body, app.threads):
            pass
    return b""


class ASGISocket:
    """One WebSocket of an ASGI server."""

    __slots__ = ("_lines", "_receive", "_send")

    def __init__(self, receive: Receive, send: Send, lines: list[tuple[bytes, bytes]]) -> None:
        """Take the server's two functions, and the fields of the handshake's answer."""
        self._receive = receive
        self._send = send
        self._lines = lines

    async def accept(self, subprotocol: str | None) -> None:
        """Answer the handshake."""
        lines, self._lines = self._lines, []
        try:
            await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": lines})
        except CLOSED as error:
            raise SocketClosedError from error

    async def receive(self) -> Message:
        """Give the next message."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            raise SocketClosedError(event.get("code") or 1005, event.get("reason") or "")
        text: str | None = event.get("text")
        return bytes(event["bytes"]) if text is None else text

    async def send(self, message: Message) -> None:
        """Send a message."""
        kind = "text" if type(message) is str else "bytes"
        try:
            await self._send({"type": "websocket.send", kind: message})
        except CLOSED as error:
            raise SocketClosedError from error

    async def close(self, code: int, reason: str) -> None:
        """Close."""
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except CLOSED:
            return  # it is closed

    def release(self) -> None:
        """Nothing of the server's depends on it."""
