"""What `scripts/faults drain` stops: streams of events and WebSockets that never end, and a journal of the application's life."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from martlet import App, Event, WebSocket

JOURNAL = Path(os.environ.get("MARTLET_JOURNAL", os.devnull))

app = App()


def write(line: str) -> None:
    """Append a line; one write of few bytes is whole, whoever writes at the same time."""
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{os.getpid()} {line}\n")


async def stall(seconds: float) -> None:
    """Stand still most of the time, as on a machine that has other things to do."""
    while seconds:
        time.sleep(seconds)  # noqa: ASYNC251  which is what this is for
        await asyncio.sleep(seconds / 10)


@app.lifespan
async def life() -> AsyncIterator[None]:
    write("opened")
    stalling = asyncio.create_task(stall(float(os.environ.get("MARTLET_STALL_SECONDS", "0"))))
    yield
    stalling.cancel()
    write("closed")


@app.get("/")
async def home() -> str:
    return "here"


@app.get("/events")
async def events() -> AsyncIterator[Event[str]]:
    number = 0
    while True:
        yield Event(f"event {number}", id=str(number))
        number += 1
        await asyncio.sleep(60)


async def receive(socket: WebSocket[str, str]) -> None:
    try:
        await socket.send("hello")
        async for _ in socket:
            pass
        await asyncio.sleep(0.1)  # it may finish what it does
        write("finished")
    finally:
        write("left")


async def send(socket: WebSocket[str, str]) -> None:
    try:
        await socket.send("hello")
        await asyncio.sleep(3600)
    finally:
        write("left")


if os.environ.get("MARTLET_SOCKETS"):
    app.websocket("/receiving")(receive)
    app.websocket("/sending")(send)

app.freeze()
