"""The WebSockets that test_websockets.py opens on real servers; what only the server's side sees is in the journal."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from martlet import App, Limits, NotFoundError, Request, SocketClosedError, WebSocket

app = App(limits=Limits(message_bytes=2 * 1024 * 1024))
journal = Path(os.environ.get("MARTLET_JOURNAL", os.devnull))


class Said(Struct, tag="said"):
    text: str


class Moved(Struct, tag="moved"):
    by: int


class Heard(Struct):
    text: str


class Handle:
    """What is open as long as a handler."""


def note(line: str) -> None:
    with journal.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@app.provider
async def handle(request: Request) -> AsyncIterator[Handle]:
    yield Handle()
    note(f"released {request.path}")


@app.get("/page")
async def page() -> str:
    return "page"


@app.websocket("/echo")
async def echo(socket: WebSocket[Any, Any]) -> None:
    async for message in socket:
        await socket.send(message)


@app.websocket("/typed")
async def typed(socket: WebSocket[Said | Moved, Heard]) -> None:
    async for message in socket:
        await socket.send(Heard(message.text if isinstance(message, Said) else f"by {message.by}"))


@app.websocket("/small", limits=Limits(message_bytes=1_000))
async def small(socket: WebSocket[Any, Any]) -> None:
    await echo(socket)


@app.websocket("/rooms/{room}")
async def rooms(room: int, socket: WebSocket[str, str]) -> None:
    if room > 9:
        raise NotFoundError(f"There is no room {room}.")
    await socket.send("come in")


@app.websocket("/spoken", subprotocols=["v2.chat", "v1.chat"])
async def spoken(socket: WebSocket[str, str]) -> None:
    await socket.send(f"{socket.subprotocol}")


@app.websocket("/closing/{code}")
async def closing(code: int, socket: WebSocket[str, str]) -> None:
    await socket.receive()
    await socket.close(code, "né")


@app.websocket("/failing")
async def failing(socket: WebSocket[str, str]) -> None:
    await socket.receive()
    raise KeyError("x")


@app.websocket("/leaving/{name}")
async def leaving(name: str, socket: WebSocket[str, str], handle: Handle) -> None:
    await socket.accept()
    async for message in socket:
        note(f"{name} said {message}")
    note(f"{name} left with {socket.close_code} {socket.close_reason}".rstrip())


@app.websocket("/silent/{name}")
async def silent(name: str, socket: WebSocket[str, str]) -> None:
    await socket.accept(headers={"set-cookie": "seen=1", "x-name": name})
    try:
        await socket.receive()
    except SocketClosedError:
        note(f"{name} left")


@app.websocket("/flood/{name}")
async def flood(name: str, socket: WebSocket[str, bytes]) -> None:
    sent = 0
    try:
        while sent < 4_096:
            await socket.send(bytes(65_536))
            sent += 1
            if sent % 16 == 0:
                note(f"{name} sent {sent}")
    finally:
        note(f"{name} ended")


app.freeze()
