"""What the clients of `scripts/faults leaving` ask for and do not wait for; it counts what is open, and tells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from martlet import App, Event, File, Request, Stream, StreamingResponse, WebSocket

STEPS = 250  # of a stream; with the pauses between them it lasts for seconds
PAUSE_SECONDS = 0.02
SLOW_SECONDS = 4.0
BLOCKING_SECONDS = 0.1
FILE_BYTES = 8_000_000

app = App()
kept = Path.home() / "leaving.bin"  # whoever starts the server gives it a folder
opened = closed = 0
ended: dict[int, float] = {}  # by the number of a request: when its handler was cancelled


class Connection:
    """What an asynchronous provider opens, as if it were to a database."""


class Handle:
    """What a plain one opens."""


def count(*, more: bool) -> None:
    """Note that something was opened, or closed; in threads too."""
    global opened, closed
    opened, closed = opened + more, closed + (not more)


@app.provider
async def open_connection() -> AsyncIterator[Connection]:
    count(more=True)
    try:
        yield Connection()
    finally:
        await asyncio.sleep(0)
        count(more=False)


@app.provider
def open_handle() -> Iterator[Handle]:
    count(more=True)
    try:
        yield Handle()
    finally:
        count(more=False)


@app.lifespan
async def life() -> AsyncIterator[None]:
    await asyncio.to_thread(kept.write_bytes, bytes(FILE_BYTES))
    yield


@app.get("/counts")
async def counts() -> dict[str, Any]:
    descriptors = [entry.name for entry in Path("/proc/self/fd").iterdir()]  # noqa: ASYNC240  not a disk
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(descriptors),
        "open": opened - closed,
        "opened": opened,
        "ended": {str(number): when for number, when in ended.items()},
    }


@app.get("/slow/{number}")
async def slow(number: int, connection: Connection, handle: Handle) -> dict[str, int]:
    assert connection is not None
    assert handle is not None
    try:
        await asyncio.sleep(SLOW_SECONDS)
    except asyncio.CancelledError:
        ended[number] = time.time()
        raise
    return {"number": number}


@app.get("/blocking")
def blocking(handle: Handle) -> dict[str, bool]:
    time.sleep(BLOCKING_SECONDS)
    return {"done": handle is not None}


@app.get("/events")
async def events(connection: Connection) -> StreamingResponse:
    assert connection is not None
    return StreamingResponse.sse(counted())


async def counted() -> AsyncIterator[Event[str]]:
    count(more=True)
    try:
        for number in range(STEPS):
            yield Event(f"event {number}", id=str(number))
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        count(more=False)


@app.get("/items")
async def items(connection: Connection) -> AsyncIterator[dict[str, int]]:
    assert connection is not None
    for number in range(STEPS):
        yield {"number": number}
        await asyncio.sleep(PAUSE_SECONDS)


@app.get("/file")
async def file() -> File:
    return File(str(kept))


@app.get("/stream")
def stream(handle: Handle) -> Stream:
    assert handle is not None
    return Stream(pieces(), FILE_BYTES * 4)


def pieces() -> Iterator[bytes]:
    count(more=True)
    try:
        for _ in range(FILE_BYTES * 4 // 32_000):
            time.sleep(0.001)
            yield bytes(32_000)
    finally:
        count(more=False)


@app.post("/upload")
async def upload(request: Request, connection: Connection) -> dict[str, int]:
    assert connection is not None
    size = 0
    async for chunk in request.chunks():
        size += len(chunk)
    await asyncio.sleep(BLOCKING_SECONDS)
    return {"size": size}


@app.post("/form")
async def form(request: Request, connection: Connection) -> dict[str, int]:
    assert connection is not None
    sent = await request.form()
    await asyncio.sleep(BLOCKING_SECONDS)
    return {"fields": len(list(sent.items()))}


@app.websocket("/echo")
async def echo(socket: WebSocket[Any, Any], connection: Connection, handle: Handle) -> None:
    assert connection is not None
    assert handle is not None
    async for message in socket:
        await socket.send(message)


@app.websocket("/news")
async def news(socket: WebSocket[Any, str], connection: Connection) -> None:
    assert connection is not None
    async with socket.sending(told()):
        async for _ in socket:
            pass


@app.websocket("/silent")
async def silent(socket: WebSocket[Any, str], connection: Connection) -> None:
    assert connection is not None
    await asyncio.sleep(PAUSE_SECONDS)
    await socket.accept()
    await asyncio.sleep(SLOW_SECONDS * 10)


async def told() -> AsyncIterator[str]:
    count(more=True)
    try:
        while True:
            yield "news" * 100
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        count(more=False)


app.freeze()
