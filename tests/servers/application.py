"""The application that every server here serves: a route for each thing that a server may lose or change.

What happens out of a client's sight is written to the file that MARTLET_JOURNAL names, a line each.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct

from martlet import App, Body, Event, File, LastEventID, NotFoundError, Request, Response, Stream
from martlet.http import Limits, SetCookie
from martlet.messages import IncompleteBodyError

JOURNAL = Path(os.environ.get("MARTLET_JOURNAL", os.devnull))
THIS_FILE = str(Path(__file__).resolve())


def write(line: str) -> None:
    """Add a line to the journal."""
    with JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{line}\n")


app = App(limits=Limits(body_bytes=500_000), threads=32)


class Shelf:
    """Stands for what an application opens once."""


@app.provider(scope="app")
async def shelf() -> AsyncIterator[Shelf]:
    write("shelf opened")
    yield Shelf()
    write(await asyncio.to_thread(lambda: "shelf closed"))


class Ladder:
    """Stands for what a request opens."""


@app.provider
def ladder() -> Iterator[Ladder]:
    try:
        yield Ladder()
    finally:
        write("ladder put away")


class NewBook(Struct):
    title: Annotated[str, Meta(min_length=1)]
    year: int


class Book(NewBook):
    id: int


# Plain answers.


@app.get("/text")
async def text() -> str:
    return "text"


@app.get("/plain")
def plain(shelf: Shelf) -> str:
    return f"from a {type(shelf).__name__}"


@app.get("/waits")
async def waits() -> str:
    await asyncio.sleep(0.001)
    return "waited"


@app.get("/nothing")
async def nothing() -> None:
    return None


@app.get("/books/{book_id}")
async def show_book(book_id: int) -> Book:
    if book_id > 100:
        raise NotFoundError(f"There is no book {book_id}.", book_id=book_id)
    return Book("Walden", 1854, book_id)


@app.post("/books")
async def add_book(new: NewBook) -> Book:
    return Book(new.title, new.year, 1)


@app.post("/books/plain")
def add_book_plainly(new: NewBook) -> Book:
    return Book(new.title, new.year, 1)


@app.get("/path/{rest:path}")
async def path(rest: str) -> dict[str, str]:
    return {"rest": rest}


@app.get("/query")
async def query(request: Request) -> dict[str, Any]:
    return request.query.all()


@app.get("/seen")
async def seen(request: Request) -> dict[str, Any]:
    """What arrived of the request's fields that begin with x-, of its cookies and its line."""
    return {
        "line": [request.method, request.path, request.http_version, request.scheme],
        "host": request.host,
        "peer": [request.client[0], request.client[1] > 0] if request.client else None,
        "fields": {name: request.headers.get_list(name) for name in sorted(request.headers) if name.startswith("x")},
        "cookies": request.cookies,
    }


@app.get("/fields")
async def fields() -> Response:
    response = Response("fields", headers=[("x-name", "Zoë"), ("x-many", "one"), ("x-many", "two"), ("etag", '"1"')])
    response.set_cookie(SetCookie("first", "1"))
    response.set_cookie(SetCookie("second", "2"))
    return response


@app.get("/status/{code}")
async def status(code: int) -> Response:
    return Response("body", status=code, headers={"x-code": str(code)})


@app.get("/assigned/{code}")
async def assigned(code: int) -> Response:
    response = Response("body")
    response.status_code = code
    return response


@app.get("/file")
def whole_file() -> Response:
    return Response(File(THIS_FILE), media_type="text/x-python")


@app.get("/file/part")
async def part_of_file() -> Response:
    return Response(File(THIS_FILE, start=3, stop=18), status=206, media_type="text/x-python")


ASSETS = Path(THIS_FILE).with_name("assets")
app.static("/assets", ASSETS)
app.static("/assets/unheld", ASSETS, memory_file_bytes=0)


# Failures.


class StrangeError(BaseException):
    """What no `except Exception` sees, so that it leaves the application."""


RAISED: dict[str, type[BaseException]] = {
    "error": RuntimeError,
    "exit": SystemExit,
    "strange": StrangeError,
    "cancelled": asyncio.CancelledError,
}


@app.get("/fails/async/{kind}")
async def fails(kind: str) -> str:
    raise RAISED[kind]("on purpose")


@app.get("/fails/sync/{kind}")
def fails_plainly(kind: str) -> str:
    raise RAISED[kind]("on purpose")


# Bodies.


@app.post("/size/async")
async def size(request: Request) -> dict[str, int]:
    try:
        body = await request.read()
    except IncompleteBodyError:
        write("incomplete")
        raise
    write(f"whole {len(body)}")
    return {"bytes": len(body)}


@app.post("/size/sync")
def size_plainly(body: Annotated[bytes, Body()]) -> dict[str, int]:
    write(f"whole {len(body)}")
    return {"bytes": len(body)}


@app.post("/shout")
async def shout(request: Request) -> Response:
    async def upper() -> AsyncIterator[bytes]:
        async for chunk in request.chunks():
            yield chunk.upper()

    return Response(Stream(upper()))


# Streams.


async def words(count: int, pause: float, *, fail: bool = False) -> AsyncIterator[str]:
    try:
        for number in range(count):
            yield f"word {number}\n"
            await asyncio.sleep(pause)
        if fail:
            raise ConnectionResetError("midway")
    finally:
        write("stream closed")


def plain_words(count: int, pause: float, *, fail: bool = False) -> Iterator[str]:
    try:
        for number in range(count):
            yield f"word {number}\n"
            time.sleep(pause)
        if fail:
            raise ConnectionResetError("midway")
    finally:
        write("stream closed")


SOURCES: dict[str, Any] = {"async": words, "sync": plain_words}


@app.get("/stream/async/{source}")
async def stream(source: str, ladder: Ladder, count: int = 3, pause: float = 0.001, length: int | None = None) -> Response:
    return Response(Stream(SOURCES[source](count, pause), length), media_type="text/plain")


@app.get("/stream/sync/{source}")
def stream_plainly(source: str, ladder: Ladder, count: int = 3, pause: float = 0.001, length: int | None = None) -> Response:
    return Response(Stream(SOURCES[source](count, pause), length), media_type="text/plain")


@app.get("/broken/{source}")
async def broken_stream(source: str, ladder: Ladder, length: int | None = None) -> Response:
    return Response(Stream(SOURCES[source](1, 0.05, fail=True), length), media_type="text/plain")


@app.get("/flood")
async def flood() -> Response:
    async def endless() -> AsyncIterator[bytes]:
        try:
            for megabyte in range(24):
                for _ in range(16):
                    yield b"x" * 65_536
                write(f"flood {megabyte + 1}")
        finally:
            write("stream closed")

    return Response(Stream(endless()))


# Streams that last.


@app.get("/ticks", limits=Limits(keep_alive_seconds=0.1))
async def ticks() -> AsyncIterator[Event[str]]:
    yield Event("one")
    await asyncio.sleep(3_600)


@app.get("/numbers", limits=Limits(rsgi_stream_bytes=20_000))
async def numbers(after: LastEventID) -> AsyncIterator[Event[str]]:
    for number in range(0 if after is None else int(after) + 1, 1_000):
        yield Event("x" * 90, id=str(number))


@app.get("/endless", limits=Limits(stalled_seconds=1, rsgi_stream_bytes=1_000_000))
async def endless_events() -> AsyncIterator[Event[str]]:
    event = Event("x" * 10_000)
    try:
        while True:
            yield event
    finally:
        write("stream closed")


# An application that cannot start.

broken = App()


@broken.get("/")
def needs_a_shelf(shelf: Shelf) -> str:
    return "never"


# Waiting.


@app.get("/blocks")
def blocks() -> str:
    """Hold a thread until the test writes the gate beside the journal."""
    write("blocked")
    gate, deadline = JOURNAL.with_name("gate"), time.monotonic() + 20
    while not gate.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return "opened"
