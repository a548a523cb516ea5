"""An application with others below it, work after its answers and hints before them, as real servers serve it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from martlet import AfterResponse, App, Request, URLs

JOURNAL = Path(os.environ.get("MARTLET_JOURNAL", os.devnull))


def write(line: str) -> None:
    """Add a line to the journal."""
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")


class Shelf:
    """Stands for what an application opens once."""


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """Echo a body piece by piece; tell the path for none."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            write(f"mount {phase}")
            await send({"type": f"lifespan.{phase}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-root", scope["root_path"].encode())]})
    if scope["path"].endswith("/endless"):
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
        finally:
            write("mount left")
    event = await receive()
    while event.get("more_body"):
        await send({"type": "http.response.body", "body": event["body"], "more_body": True})
        event = await receive()
    await send({"type": "http.response.body", "body": event["body"] + scope["path"].encode()})


def wsgi(environ: Any, start_response: Any) -> Iterator[bytes]:
    """Do the same."""
    start_response("200 OK", [("X-Root", environ["SCRIPT_NAME"])])
    while chunk := environ["wsgi.input"].read(50_000):
        yield chunk
    yield environ["PATH_INFO"].encode("latin-1")


app = App()


@app.provider(scope="app")
async def shelf() -> AsyncIterator[Shelf]:
    write("shelf opened")
    yield Shelf()
    write(await asyncio.to_thread(lambda: "shelf closed"))


app.mount("/asgi", asgi)
app.mount("/wsgi", wsgi)


@app.get("/place")
async def place(request: Request, urls: URLs) -> list[str]:
    return [request.root_path, request.path, urls.to(place)]


@app.get("/hints")
async def hints(request: Request) -> bool:
    return await request.early_hints(["</app.css>; rel=preload; as=style"])


def note(line: str) -> None:
    """Take a while to write a line."""
    time.sleep(0.2)
    write(line)


@app.get("/after")
async def after(tasks: AfterResponse) -> str:
    tasks.add(note, "after")
    return "answered"


def note_slowly(line: str) -> None:
    """Write when it begins, and take long enough for a stop to come in between."""
    write(f"{line} begun")
    time.sleep(0.5)
    write(line)


@app.get("/after/slowly")
async def after_slowly(tasks: AfterResponse) -> str:
    tasks.add(note_slowly, "after")
    return "answered"


@app.get("/after/plain")
def after_plainly(tasks: AfterResponse) -> str:
    tasks.add(note, "after plain")
    return "answered"
