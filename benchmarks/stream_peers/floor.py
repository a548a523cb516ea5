"""No framework: one task that hands the same bytes to the `send` of each client. Less than this nobody can cost behind ASGI."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
sends: set[Send] = set()


async def app(scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["path"] == "/feed":
        fields = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
        sends.add(send)
        while (await receive())["type"] != "http.disconnect":
            pass
        sends.discard(send)
    else:
        event = {"type": "http.response.body", "body": b"data: " + (await receive())["body"] + b"\n\n", "more_body": True}
        for other in list(sends):
            await other(event)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _live(receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})
        await asyncio.sleep(0)
