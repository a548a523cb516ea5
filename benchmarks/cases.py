"""The three requests, how one is put to an application in memory, and what must come back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.peers.items import GREETING, NAME, NEW_ID, PRICE, TAGS

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]

BROWSER = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (b"accept", b"*/*"),
    (b"accept-language", b"en-GB,en;q=0.5"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"connection", b"keep-alive"),
]


@dataclass(frozen=True)
class Case:
    """One request and its answer; `expected` is compared as bytes, or parsed where it is JSON."""

    title: str
    method: str
    path: str
    body: bytes
    expected: Any
    media_type: bytes

    @cached_property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Eight fields, of a browser's kind."""
        if self.body:
            return [*BROWSER, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body))]
        return [*BROWSER, (b"referer", b"http://127.0.0.1:8000/"), (b"dnt", b"1")]

    def scope(self) -> Event:
        """A new scope as a server builds it for each request; the application may change any of it."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 54321),
            "scheme": "http",
            "method": self.method,
            "root_path": "",
            "path": self.path,
            "raw_path": self.path.encode("ascii"),
            "query_string": b"",
            "headers": self.headers.copy(),
            "state": {},
        }


NEW_ITEM = {"name": "Sand martin", "price": 12.25, "tags": ["bird", "brown", "swift"]}

CASES = {
    "text": Case("GET /text", "GET", "/text", b"", GREETING.encode(), b"text/plain"),
    "item": Case(
        "GET /items/42",
        "GET",
        "/items/42",
        b"",
        {"id": 42, "name": NAME, "price": PRICE, "tags": TAGS},
        b"application/json",
    ),
    "create": Case(
        "POST /items",
        "POST",
        "/items",
        json.dumps(NEW_ITEM).encode(),
        {"id": NEW_ID, **NEW_ITEM},
        b"application/json",
    ),
}

# Each must be refused with a 4xx; without this an application could be fast by not looking.
REFUSED = [
    Case("a path nobody has", "GET", "/nothing", b"", None, b""),
    Case("a word for a number", "GET", "/items/swift", b"", None, b""),
    Case("a method the path has not", "DELETE", "/text", b"", None, b""),
    Case("a field of the wrong type", "POST", "/items", json.dumps({**NEW_ITEM, "price": "dear"}).encode(), None, b""),
    Case("a field missing", "POST", "/items", json.dumps({"name": "Sand martin"}).encode(), None, b""),
    Case("broken JSON", "POST", "/items", b'{"name": ', None, b""),
]


class Exchange:
    """One request seen from the server: what it hands in, and the events that came out."""

    __slots__ = ("body", "read", "sent")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.read = False
        self.sent: list[Event] = []

    async def receive(self) -> Event:
        """The whole body at once; after it silence, as from a client that waits for its answer."""
        if self.read:
            await asyncio.get_running_loop().create_future()
        self.read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, event: Event) -> None:
        """Keep the event."""
        self.sent.append(event)


async def run(app: Application, case: Case, calls: int) -> None:
    """Put the same request to the application, one call after the other, as the timed loop does."""
    for _ in range(calls):
        exchange = Exchange(case.body)
        await app(case.scope(), exchange.receive, exchange.send)


async def ask(app: Application, case: Case) -> tuple[int, bytes, bytes]:
    """Status, content type and body of the answer to one request."""
    exchange = Exchange(case.body)
    await app(case.scope(), exchange.receive, exchange.send)
    start, *rest = exchange.sent
    headers = {bytes(name).lower(): bytes(value) for name, value in start["headers"]}
    return start["status"], headers.get(b"content-type", b""), b"".join(event.get("body", b"") for event in rest)


async def verify(name: str, app: Application) -> None:
    """Raise unless every answer is the expected one and every refusal is a 4xx."""
    for case in CASES.values():
        status, content_type, body = await ask(app, case)
        # JSON is compared parsed: some write a space after colons and commas, which is their own affair.
        answer = body if isinstance(case.expected, bytes) else json.loads(body)
        if status != 200 or answer != case.expected or not content_type.startswith(case.media_type):
            message = f"{name} answers {case.title} with {status} {content_type!r} {body!r}; expected {case.expected!r}"
            raise ValueError(message)
    for case in REFUSED:
        status, _, _ = await ask(app, case)
        if not 400 <= status < 500:
            message = f"{name} answers {case.title} with {status}; it must refuse it with a 4xx"
            raise ValueError(message)


class Lifespan:
    """The life of an application between start-up and shutdown; one that knows no lifespan has none."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.to_app: asyncio.Queue[Event] = asyncio.Queue()
        self.from_app: asyncio.Queue[Event] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run the start-up; raises if the application reports that it failed."""
        await self.to_app.put({"type": "lifespan.startup"})
        self.task = asyncio.create_task(self._live())
        event = await self.from_app.get()
        if event["type"] == "lifespan.startup.failed":
            raise RuntimeError(event.get("message", "start-up failed"))

    async def stop(self) -> None:
        """Run the shutdown and wait for its end."""
        await self.to_app.put({"type": "lifespan.shutdown"})
        if self.task is not None:
            await self.task

    async def _live(self) -> None:
        scope: Event = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        try:
            await self.app(scope, self.to_app.get, self.from_app.put)
        except Exception:  # noqa: BLE001  ASGI: whatever it raises, the application has no lifespan
            await self.from_app.put({"type": "lifespan.unsupported"})
