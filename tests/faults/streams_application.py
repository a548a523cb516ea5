"""What `scripts/faults streams` serves: one channel, published to by requests, read by streams of events and by WebSockets."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct

from martlet import App, Event, LastEventID, Limits, WebSocket
from martlet.channels import Channel, NatsBroker, Opening, RedisBroker, Reset, Window

BROKERS = {"nats": NatsBroker, "redis": RedisBroker}
URL = os.environ.get("MARTLET_BROKER", "redis://127.0.0.1:6379/0")


class Note(Struct):
    text: str


class Told(Struct):
    """An event as a WebSocket has it; text is None for an opening, and for a reset, which `reason` tells."""

    id: str | None
    text: str | None = None
    reason: str | None = None


app = App(
    broker=BROKERS[URL.partition(":")[0]](URL),
    limits=Limits(keep_alive_seconds=2.0, stalled_seconds=8.0),  # so that a cut is noticed while one waits for it
    shutdown_seconds=5,
)
app.channel("notes", Note, window=Window(count=int(os.environ.get("MARTLET_WINDOW", "1000"))))


@app.get("/")
async def home() -> int:
    return os.getpid()


@app.post("/notes")
async def publish(text: str, channel: Channel[Note]) -> dict[str, object]:
    published = await channel.publish(Note(text), id=text)
    return {"id": published.id, "is_repeat": published.is_repeat}


@app.get("/events/pulled")
async def pulled(channel: Channel[Note], after: LastEventID) -> AsyncIterator[Event[Note]]:
    async for event in channel.subscribe(after=after, opening=True):
        yield event


@app.get("/events/given")
async def given(channel: Channel[Note], after: LastEventID) -> AsyncIterator[Event[Note]]:
    return channel.subscribe(after=after, opening=True)


@app.websocket("/socket")
async def socket(socket: WebSocket[str, Told], channel: Channel[Note], after: str | None = None) -> None:
    async with socket.sending(channel.subscribe(after=after, opening=True), told):
        async for _ in socket:
            pass


def told(event: Event[Any]) -> Told:
    if isinstance(event, Reset):
        return Told(event.id, reason=event.data.reason)
    return Told(event.id, None if isinstance(event, Opening) else event.data.text)


app.freeze()
