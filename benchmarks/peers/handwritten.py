"""The yardstick: what a careful person writes for these cases without a framework, and nothing more.

One function a case, which gives status, content type and body; one place that sends. The encoder is made once.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS, is_new_item
from benchmarks.peers.orders import placed_order, stored_order

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Answer = tuple[int, bytes, bytes]

TEXT = b"text/plain; charset=utf-8"
JSON = b"application/json"
BAD_REQUEST: Answer = (400, TEXT, b"Bad Request")
NOT_FOUND: Answer = (404, TEXT, b"Not Found")
METHOD_NOT_ALLOWED: Answer = (405, TEXT, b"Method Not Allowed")
UNPROCESSABLE: Answer = (422, TEXT, b"Unprocessable Content")

# Compact, as the frameworks write it; json.dumps with these arguments would make a new encoder each time.
encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


async def app(scope: Event, receive: Receive, send: Send) -> None:
    """Answer by hand: path, method, number in the path, body, its fields."""
    path, method = scope["path"], scope["method"]
    if path == "/text":
        answer = show_text() if method == "GET" else METHOD_NOT_ALLOWED
    elif path == "/items":
        answer = create_item(await read(receive)) if method == "POST" else METHOD_NOT_ALLOWED
    elif path == "/orders":
        answer = create_order(await read(receive)) if method == "POST" else METHOD_NOT_ALLOWED
    elif path.startswith("/items/"):
        answer = show_item(path[len("/items/") :]) if method == "GET" else METHOD_NOT_ALLOWED
    elif path.startswith("/orders/"):
        answer = show_order(path[len("/orders/") :]) if method == "GET" else METHOD_NOT_ALLOWED
    else:
        answer = NOT_FOUND
    status, content_type, body = answer
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read(receive: Receive) -> bytes:
    """The whole body; what a client that left has sent is no JSON, and nobody is there to read the 400."""
    event = await receive()
    body: bytes = event.get("body", b"")
    while event.get("more_body", False):
        event = await receive()
        body += event.get("body", b"")
    return body


def show_text() -> Answer:
    return 200, TEXT, GREETING.encode()


def show_item(text: str) -> Answer:
    try:
        item_id = int(text)
    except ValueError:
        return NOT_FOUND
    return 200, JSON, encode({"id": item_id, "name": NAME, "price": PRICE, "tags": TAGS}).encode()


def create_item(body: bytes) -> Answer:
    try:
        data = json.loads(body)
    except ValueError:
        return BAD_REQUEST
    if not is_new_item(data):
        return UNPROCESSABLE
    return 200, JSON, encode({"id": NEW_ID, "name": data["name"], "price": data["price"], "tags": data["tags"]}).encode()


def show_order(text: str) -> Answer:
    try:
        order_id = int(text)
    except ValueError:
        return NOT_FOUND
    return 200, JSON, encode(stored_order(order_id)).encode()


def create_order(body: bytes) -> Answer:
    try:
        data = json.loads(body)
    except ValueError:
        return BAD_REQUEST
    order = placed_order(data)
    if order is None:
        return UNPROCESSABLE
    return 200, JSON, encode(order).encode()
