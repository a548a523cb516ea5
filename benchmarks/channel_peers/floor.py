"""No framework: one task hands the same message to the `send` of each WebSocket. Less than this nobody can cost over ASGI."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
sends: set[Send] = set()


async def app(scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        sends.discard(send)
    else:
        message = {"type": "websocket.send", "text": (await receive())["body"].decode()}
        for sending in [other(message) for other in list(sends)]:  # some servers begin here, before anybody waits
            await sending
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _live(receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})
        await asyncio.sleep(0)
