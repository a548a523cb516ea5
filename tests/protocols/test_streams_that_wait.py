"""Streams that wait for their next item, as handlers make them: what is said meanwhile means nothing to any reader."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest

from martlet import App, Event, StreamingResponse
from martlet.http import Limits
from martlet.middleware import Compression
from martlet.testing import read_events
from tests.rows import each
from tests.serving import Serve

PAUSE = 0.08


def waiting_app(*, compresses: bool) -> App:
    app = App(limits=Limits(keep_alive_seconds=0.02))
    if compresses:
        app.use(Compression(min_bytes=0))

    @app.get("/items")
    async def items() -> AsyncIterator[Event[int]]:
        for number in range(2):
            await asyncio.sleep(PAUSE)
            yield Event(number)

    @app.get("/bytes")
    async def chunks() -> StreamingResponse:
        async def slow() -> AsyncIterator[str]:
            yield "a\n"
            await asyncio.sleep(PAUSE)
            yield "b\n"

        return StreamingResponse(slow(), idle="#\n")

    @app.get("/silent")
    async def silent() -> StreamingResponse:
        async def slow() -> AsyncIterator[str]:
            yield "a\n"
            await asyncio.sleep(PAUSE)
            yield "b\n"

        return StreamingResponse(slow())

    return app


@each("compresses", [False, True], ids=["plain", "compressed"])
def test_items_are_read_as_if_nothing_stood_between(serve: Serve, compresses: bool) -> None:
    client = serve(waiting_app(compresses=compresses))

    def read(accept: str) -> bytes:
        answer = client.get("/items", headers={"accept": accept, "accept-encoding": "gzip"})
        assert (answer.headers.get("content-encoding") == "gzip") == compresses
        return gzip.decompress(answer.content) if compresses else answer.content

    events = read("text/event-stream")
    assert [event.data for event in read_events(events)] == ["0", "1"]
    assert b":\n\n" in events

    lines = read("application/x-ndjson")
    assert [json.loads(line) for line in lines.split(b"\n") if line] == [{"data": 0}, {"data": 1}]
    assert b"\n\n" in lines

    array = read("application/json")
    assert json.loads(array) == [{"data": 0}, {"data": 1}]
    assert b"\n" in array


def test_bytes_have_something_to_say_only_if_it_was_named(serve: Serve) -> None:
    client = serve(waiting_app(compresses=False))

    said = client.get("/bytes").text
    assert (said.replace("#\n", ""), "#" in said) == ("a\nb\n", True)
    assert client.get("/silent").text == "a\nb\n"


def test_what_is_said_meanwhile_is_text_or_bytes() -> None:
    with pytest.raises(TypeError, match="bytes or str"):
        StreamingResponse(iter(()), idle=1)  # type: ignore[arg-type]
