"""A WebSocket to an application in memory over ASGI; a refusal's body is told, as most servers can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from martlet.http import Headers
from martlet.messages import SocketClosedError
from martlet.testing.exchange import Received
from martlet.testing.sockets import Opened, Wire

__all__ = ["over_asgi"]


async def over_asgi(app: Any, scope: dict[str, Any], subprotocols: Sequence[str], wire: Wire) -> None:
    """Carry one WebSocket; scope: of the same request over HTTP."""
    scope.update(
        type="websocket",
        scheme={"http": "ws", "https": "wss"}[scope["scheme"]],
        subprotocols=list(subprotocols),
        extensions={"websocket.http.response": {}},
    )
    connecting = [{"type": "websocket.connect"}]
    refusal: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if connecting:
            return connecting.pop()
        try:
            message = await wire.receive()
        except SocketClosedError as error:
            return {"type": "websocket.disconnect", "code": error.code, "reason": error.reason}
        text, data = (message, None) if isinstance(message, str) else (None, message)
        return {"type": "websocket.receive", "text": text, "bytes": data}

    async def send(event: Mapping[str, Any]) -> None:
        kind = event["type"].removeprefix("websocket.")
        if kind == "accept":
            lines = [(name.decode(), value.decode()) for name, value in event.get("headers", ())]
            wire.say(Opened(event.get("subprotocol"), Headers.from_wire(lines)))
        elif kind == "close":
            wire.close(event.get("code", 1000), event.get("reason") or "")
        elif kind == "send":
            if wire.is_closed:
                raise OSError("The client has left.")
            text = event.get("text")
            wire.say(event["bytes"] if text is None else text)
        else:
            refusal.append(event)
            if kind == "http.response.body" and not event.get("more_body"):
                wire.say(_refusal(refusal))

    await app(scope, receive, send)


def _refusal(events: list[Mapping[str, Any]]) -> Received:
    lines = [(name.decode(), value.decode()) for name, value in events[0]["headers"]]
    return Received(events[0]["status"], Headers.from_wire(lines), b"".join(event.get("body", b"") for event in events[1:]))
