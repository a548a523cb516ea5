"""What `scripts/faults soak` serves: a bit of everything that stays open, or is asked again and again."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from msgspec import Struct

from martlet import App, Event, LastEventID, StreamingResponse, Upload, WebSocket
from martlet.channels import Channel, Window

PIECES = 64  # of a download
PIECE_BYTES = 16_384


class Note(Struct):
    text: str


class Said(Struct):
    text: str


class Order(Struct):
    title: str
    count: int
    notes: list[str] = []


app = App()
app.channel("notes", Note, window=Window(count=200))
app.channel("said", Said, window=Window(count=50))
opened = closed = 0


def count(*, more: bool) -> None:
    """Note that something was opened, or closed; in threads too."""
    global opened, closed
    opened, closed = opened + more, closed + (not more)


class Connection:
    """What a provider opens, as if it were to a database."""


@app.provider
async def open_connection() -> AsyncIterator[Connection]:
    count(more=True)
    try:
        yield Connection()
    finally:
        await asyncio.sleep(0)
        count(more=False)


@app.get("/counts")
async def counts() -> dict[str, int]:
    return {
        "process": os.getpid(),
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),  # noqa: ASYNC240  not a disk
        "open": opened - closed,
    }


@app.get("/objects")
async def objects() -> dict[str, int]:
    """How many objects of each type the collector knows; for whoever looks for what stays."""
    found: dict[str, int] = {}
    await asyncio.to_thread(gc.collect)
    for item in gc.get_objects():
        name = f"{type(item).__module__}.{type(item).__qualname__}"
        found[name] = found.get(name, 0) + 1
    return found


@app.post("/notes")
async def publish(note: Note, channel: Channel[Note]) -> dict[str, str]:
    return {"id": (await channel.publish(note)).id}


@app.get("/events/given")
async def given(channel: Channel[Note], after: LastEventID) -> AsyncIterator[Event[Note]]:
    return channel.subscribe(after=after, opening=True)


@app.get("/events/pulled")
async def pulled(channel: Channel[Note], after: LastEventID, connection: Connection) -> AsyncIterator[Event[Note]]:
    assert connection is not None
    async for event in channel.subscribe(after=after, opening=True):
        yield event


@app.websocket("/chat")
async def chat(socket: WebSocket[str, Said], channel: Channel[Said], connection: Connection) -> None:
    assert connection is not None
    async with socket.sending(told(channel)):
        async for text in socket:
            await channel.publish(Said(text))


async def told(channel: Channel[Said]) -> AsyncIterator[Said]:
    async for event in channel.subscribe():
        if isinstance(event.data, Said):
            yield event.data


@app.post("/orders")
async def order(order: Order, connection: Connection) -> Order:
    assert connection is not None
    return order


@app.get("/orders/{number}")
def old_order(number: int) -> Order:
    return Order(f"order {number}", number, [str(number)] * 20)


@app.post("/uploads")
async def upload(file: Upload, connection: Connection) -> dict[str, int]:
    assert connection is not None
    return {"size": len(await file.read())}


@app.get("/downloads/async")
async def download(connection: Connection) -> StreamingResponse:
    assert connection is not None
    return StreamingResponse(pieces(), media_type="application/octet-stream")


async def pieces() -> AsyncIterator[bytes]:
    count(more=True)
    try:
        for number in range(PIECES):
            yield bytes([number]) * PIECE_BYTES
            await asyncio.sleep(0.005)
    finally:
        count(more=False)


@app.get("/downloads/plain")
def plain_download() -> StreamingResponse:
    return StreamingResponse(plain_pieces(), media_type="application/octet-stream")


def plain_pieces() -> Iterator[bytes]:
    count(more=True)
    try:
        for number in range(PIECES):
            yield bytes([number]) * PIECE_BYTES
    finally:
        count(more=False)


app.freeze()
