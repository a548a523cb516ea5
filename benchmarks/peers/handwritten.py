"""The yardstick: what a careful person writes for these three cases without a framework, and nothing more."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS, is_new_item

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


async def app(scope: Event, receive: Receive, send: Send) -> None:
    """Answer by hand: method, path, number in the path, body, its fields."""
    method = scope["method"]
    path = scope["path"]
    if path == "/text":
        if method != "GET":
            await answer(send, 405, b"text/plain; charset=utf-8", b"Method Not Allowed")
            return
        await answer(send, 200, b"text/plain; charset=utf-8", GREETING.encode())
    elif path == "/items":
        if method != "POST":
            await answer(send, 405, b"text/plain; charset=utf-8", b"Method Not Allowed")
            return
        await create(receive, send)
    elif path.startswith("/items/"):
        if method != "GET":
            await answer(send, 405, b"text/plain; charset=utf-8", b"Method Not Allowed")
            return
        await show(path, send)
    else:
        await answer(send, 404, b"text/plain; charset=utf-8", b"Not Found")


async def show(path: str, send: Send) -> None:
    try:
        item_id = int(path[len("/items/") :])
    except ValueError:
        await answer(send, 404, b"text/plain; charset=utf-8", b"Not Found")
        return
    await answer_json(send, {"id": item_id, "name": NAME, "price": PRICE, "tags": TAGS})


async def create(receive: Receive, send: Send) -> None:
    body = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        body += event.get("body", b"")
        if not event.get("more_body", False):
            break
    try:
        data = json.loads(body)
    except ValueError:
        await answer(send, 400, b"text/plain; charset=utf-8", b"Bad Request")
        return
    if not is_new_item(data):
        await answer(send, 422, b"text/plain; charset=utf-8", b"Unprocessable Entity")
        return
    await answer_json(send, {"id": NEW_ID, "name": data["name"], "price": data["price"], "tags": data["tags"]})


async def answer_json(send: Send, value: object) -> None:
    # Compact, as the frameworks write it; the default separators would be a longer body.
    await answer(send, 200, b"application/json", json.dumps(value, separators=(",", ":")).encode())


async def answer(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
