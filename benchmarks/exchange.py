"""How a request is put to an ASGI application in memory, and its answer compared or timed."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks.cases import ANSWERED, CASES, REFUSED, Case, Event, read_json

Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]

# Calls prepared at a time: few enough that a scope is still in the processor's cache when its turn comes.
BATCH = 100


class Exchange:
    """One request seen from the server: what it hands in, and the last event that came out."""

    __slots__ = ("body", "last", "read")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.read = False
        self.last: Event = {}

    async def receive(self) -> Event:
        """The whole body at once; after it silence, as from a client that waits for its answer."""
        if self.read:
            await asyncio.get_running_loop().create_future()
        self.read = True
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, event: Event) -> None:
        """Keep the event until the next."""
        self.last = event


class Recorder(Exchange):
    """An exchange that keeps every event."""

    __slots__ = ("sent",)

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.sent: list[Event] = []

    async def send(self, event: Event) -> None:
        """Keep the event."""
        self.sent.append(event)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content_type: bytes
    body: bytes


async def ask(app: Application, case: Case) -> Answer:
    """The answer to one request."""
    exchange = Recorder(case.body)
    await app(case.scope(), exchange.receive, exchange.send)
    start, *rest = exchange.sent
    headers = {bytes(name).lower(): bytes(value) for name, value in start.get("headers", ())}
    return Answer(start["status"], headers.get(b"content-type", b""), b"".join(event.get("body", b"") for event in rest))


async def verify(name: str, app: Application) -> None:
    """Raise unless every answer is the expected one and every refusal is a 4xx."""
    for case in (*CASES.values(), *ANSWERED):
        answer = await ask(app, case)
        # JSON is compared parsed: some write a space after colons and commas, which is their own affair.
        value = answer.body if isinstance(case.expected, bytes) or answer.status != 200 else read_json(answer.body)
        if answer.status != 200 or value != case.expected or not answer.content_type.startswith(case.media_type):
            raise ValueError(f"{name} answers {case.title} with {answer}; expected {case.expected!r}")
    for case in REFUSED:
        answer = await ask(app, case)
        if not 400 <= answer.status < 500:
            raise ValueError(f"{name} answers {case.title} with {answer.status}; it must refuse it with a 4xx")


async def time_calls(app: Application, case: Case, calls: int) -> float:
    """CPU time of one call in nanoseconds, the mean of so many, one after the other.

    The clock sees the awaiting of the calls and nothing else: what a server does before and after is done before and after.
    Raises ValueError if any answer differs from the one given before.
    """
    expected = (await ask(app, case)).body
    spent = 0
    for _ in range(calls // BATCH):
        exchanges = [Exchange(bytes(bytearray(case.body))) for _ in range(BATCH)]
        waiting = [(case.scope(), exchange.receive, exchange.send) for exchange in exchanges]
        # Collection stays on; but everybody starts with nothing to collect, and the scopes are not young any more.
        gc.collect()
        began = time.process_time_ns()
        for scope, receive, send in waiting:
            await app(scope, receive, send)
        spent += time.process_time_ns() - began
        if any(exchange.last.get("body") != expected for exchange in exchanges):
            raise ValueError(f"An answer to {case.title} differs from the first one, or was not sent in one piece.")
    return spent / (calls // BATCH * BATCH)


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
