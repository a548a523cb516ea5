"""Streams through a coding: each chunk can be read when it was sent, and so can what is said beside the chunks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from martlet.adapters.streams.open_streams import OpenStreams
from martlet.adapters.streams.pulling import pull
from martlet.codings import find_coding, installed_codings
from martlet.http import Limits
from martlet.messages import EVENT_ASIDES, Stream
from martlet.middleware.encoded_chunks import encoded_stream
from martlet.testing import read_events
from tests.rows import each

SOON = Limits(keep_alive_seconds=0.02)
SECONDS = 10.0
THREADS = ThreadPoolExecutor(4)
CODINGS = sorted(installed_codings())


class Reader:
    """A client that decodes what has come so far."""

    def __init__(self, coding: str) -> None:
        self._decoder = find_coding(coding).decoder()
        self.text = b""
        self._news = asyncio.Event()

    async def write(self, chunk: bytes) -> None:
        assert chunk
        self.text += self._decoder.decode(chunk, 10_000_000)
        while not self._decoder.needs_input:
            self.text += self._decoder.decode(b"", 10_000_000)
        self._news.set()

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(SECONDS):
            while text not in self.text:
                self._news.clear()
                await self._news.wait()

    @property
    def is_complete(self) -> bool:
        return self._decoder.is_complete


async def waiting(go: asyncio.Event, large: bytes = b"") -> AsyncIterator[bytes]:
    yield b"data: one\n\n"
    if large:
        yield large
    await go.wait()
    yield b"data: two\n\n"


def waiting_plainly(go: asyncio.Event, large: bytes = b"") -> Iterator[bytes]:
    yield b"data: one\n\n"
    if large:
        yield large
    deadline = time.monotonic() + SECONDS
    while not go.is_set() and time.monotonic() < deadline:
        time.sleep(0.001)
    yield b"data: two\n\n"


async def sent(chunks: Any, coding: str, streams: OpenStreams, reader: Reader) -> None:
    stream = encoded_stream(Stream(chunks, asides=EVENT_ASIDES), find_coding(coding), None, THREADS)
    async with asyncio.timeout(SECONDS), pull(stream, THREADS) as pulled:
        await streams.send(pulled, reader.write, SOON, stream)


@each("coding", CODINGS)
@each("source", [waiting, waiting_plainly], ids=["async", "sync"])
def test_an_event_and_what_stands_between_can_be_read_at_once(coding: str, source: Callable[..., Any]) -> None:
    async def read() -> Reader:
        reader, go = Reader(coding), asyncio.Event()
        sending = asyncio.create_task(sent(source(go), coding, OpenStreams(), reader))
        await reader.until(b"data: one\n\n")
        await reader.until(b"\n\n:\n\n")
        go.set()
        await sending
        return reader

    reader = asyncio.run(read())

    assert [event.data for event in read_events(reader.text)] == ["one", "two"]
    assert reader.is_complete


@each("coding", CODINGS)
@each("source", [waiting, waiting_plainly], ids=["async", "sync"])
def test_a_stream_that_is_ended_early_is_whole_in_its_coding(coding: str, source: Callable[..., Any]) -> None:
    async def read() -> Reader:
        reader, go, streams = Reader(coding), asyncio.Event(), OpenStreams()
        sending = asyncio.create_task(sent(source(go, b"data: %b\n\n" % (b"x" * 300_000)), coding, streams, reader))
        await reader.until(b"xx\n\n")
        streams.drain()
        await asyncio.sleep(0.01)
        go.set()
        await sending
        return reader

    reader = asyncio.run(read())

    assert read_events(reader.text)[-1].event == "reconnect"
    assert reader.is_complete
