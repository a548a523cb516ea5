"""Streams that outlast their chunks: kept alive, let go where nobody takes them, ended in order when the application ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.adapters.leaving import ClientLeftError
from martlet.adapters.streams import open_stream, open_streams
from martlet.adapters.streams.open_stream import StreamTooLongError
from martlet.adapters.streams.open_streams import OpenStreams
from martlet.adapters.streams.pulling import pull
from martlet.http import Limits
from martlet.messages import EVENT_ASIDES, LINE_ASIDES, Asides, Stream
from martlet.testing import read_events
from tests.adapters.applications import THREADS
from tests.rows import each

SOON = Limits(keep_alive_seconds=0.02)
SECONDS = 10.0


class Client:
    """Takes chunks; `fails_at` tells at which it is gone, `stalls_at` at which it takes nothing any more."""

    def __init__(self, *, fails_at: int = -1, stalls_at: int = -1) -> None:
        self.taken: list[bytes] = []
        self._fails_at = fails_at
        self._stalls_at = stalls_at
        self._news = asyncio.Event()
        self._is_busy = False

    async def write(self, chunk: bytes) -> None:
        assert not self._is_busy, "two at once"
        self._is_busy = True
        try:
            if len(self.taken) == self._fails_at:
                raise ClientLeftError
            self.taken.append(chunk)
            self._news.set()
            await asyncio.sleep(3_600 if len(self.taken) == self._stalls_at else 0)
        finally:
            self._is_busy = False

    async def until(self, *chunks: bytes) -> None:
        """Wait until these were taken, whatever stood between them."""
        async with asyncio.timeout(SECONDS):
            while not all(chunk in self.taken for chunk in chunks):
                self._news.clear()
                await self._news.wait()


async def send(streams: OpenStreams, chunks: Any, client: Client, limits: Limits, asides: Asides | None, **most: Any) -> None:
    stream = Stream(chunks, asides=asides)
    async with asyncio.timeout(SECONDS), pull(stream, THREADS) as pulled:
        await streams.send(pulled, client.write, limits, stream, **most)


class Words:
    """An iterator of chunks that waits for `go` before the second one, and writes down what becomes of it."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self) -> AsyncIterator[bytes]:
        try:
            yield b"data: 1\n\n"
            await self.go.wait()
            yield b"data: 2\n\n"
        except BaseException as error:
            self.ended.append(type(error).__name__)
            raise
        finally:
            self.ended.append("closed")


async def test_a_stream_that_waits_says_that_it_lives() -> None:
    streams, client, words = OpenStreams(), Client(), Words()
    sending = asyncio.create_task(send(streams, words(), client, SOON, EVENT_ASIDES))
    await client.until(b"data: 1\n\n", b":\n\n")
    assert len(streams) == 1

    words.go.set()
    await sending

    assert (client.taken[0], client.taken[-1]) == (b"data: 1\n\n", b"data: 2\n\n")
    assert set(client.taken[1:-1]) == {b":\n\n"}
    assert (words.ended, len(streams)) == (["closed"], 0)


async def test_a_stream_without_a_first_event_says_soon_that_it_is_there() -> None:
    streams, client = OpenStreams(), Client()

    async def silent() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    sending = asyncio.create_task(send(streams, silent(), client, Limits(), EVENT_ASIDES))
    await client.until(b":\n\n")
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def test_a_dead_client_is_noticed_by_what_shows_that_the_stream_lives() -> None:
    client, words = Client(fails_at=1), Words()

    with pytest.raises(ClientLeftError):
        await send(OpenStreams(), words(), client, SOON, EVENT_ASIDES)

    assert words.ended == ["CancelledError", "closed"]


@each("stalls_at", [1, 2], ids=["a chunk", "what is said between chunks"])
def test_a_client_that_takes_nothing_is_let_go(stalls_at: int) -> None:
    async def sent() -> list[str]:
        words = Words()
        limits = Limits(keep_alive_seconds=0.02, stalled_seconds=0.05)
        with pytest.raises(ClientLeftError):
            await send(OpenStreams(), words(), Client(stalls_at=stalls_at), limits, EVENT_ASIDES)
        return words.ended

    assert asyncio.run(sent())[-1] == "closed"


async def test_timeouts_and_task_groups_work_in_a_stream_that_is_kept_alive() -> None:
    client = Client()

    async def grouped() -> AsyncIterator[bytes]:
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
            yield b"began"
            for pause in (0.05, 0.1):
                name = await group.create_task(asyncio.sleep(pause, f"{pause:.2f}"))
                yield name.encode()
        try:
            async with asyncio.timeout(0.05):
                await asyncio.Event().wait()
        except TimeoutError:
            yield b"too late"

    await send(OpenStreams(), grouped(), client, SOON, LINE_ASIDES)

    assert [chunk for chunk in client.taken if chunk != b"\n"] == [b"began", b"0.05", b"0.10", b"too late"]
    assert b"\n" in client.taken


async def test_a_plain_iterator_is_kept_alive_while_a_thread_is_in_it() -> None:
    loop, client, streams = asyncio.get_running_loop(), Client(), OpenStreams()
    go = asyncio.run_coroutine_threadsafe

    def plain() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        go(client.until(b":\n\n"), loop).result(SECONDS)
        yield b"data: 2\n\n"

    await send(streams, plain(), client, SOON, EVENT_ASIDES)

    assert [chunk for chunk in client.taken if chunk != b":\n\n"] == [b"data: 1\n\n", b"data: 2\n\n"]


DELAYS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.sampled_from(["a", "two\nlines", ""])), max_size=12)


@given(DELAYS, st.booleans())
def test_whatever_waits_for_whatever_the_bytes_are_whole_events(delays: list[tuple[int, int, str]], drains: bool) -> None:
    milliseconds = 0.004
    wanted = [data for _, _, data in delays]

    async def sent() -> bytes:
        streams, pieces, is_busy = OpenStreams(), list[bytes](), False
        writing = iter([write for _, write, _ in delays] + [0] * 10_000)

        async def write(chunk: bytes) -> None:
            nonlocal is_busy
            assert not is_busy
            is_busy = True
            for byte in (chunk[:1], chunk[1:]):
                pieces.append(byte)
                await asyncio.sleep(next(writing) * milliseconds)
            is_busy = False

        async def events() -> AsyncIterator[bytes]:
            for wait, _, data in delays:
                await asyncio.sleep(wait * milliseconds)
                yield b"".join(b"data: %b\n" % line.encode() for line in data.split("\n")) + b"\n"

        stream = Stream(events(), asides=EVENT_ASIDES)
        async with asyncio.timeout(SECONDS), pull(stream, THREADS) as pulled:
            if drains:
                asyncio.get_running_loop().call_later(5 * milliseconds, streams.drain)
            await streams.send(pulled, write, Limits(keep_alive_seconds=0.01), stream)
        return b"".join(pieces)

    read = read_events(asyncio.run(sent()))

    data = [event.data for event in read if event.event != "reconnect"]
    assert data == wanted[: len(data)]
    assert len(data) == len(wanted) or (drains and read[-1].event == "reconnect")


async def test_draining_ends_what_clients_take_up_again() -> None:
    streams, client, words = OpenStreams(), Client(), Words()
    sending = asyncio.create_task(send(streams, words(), client, Limits(), EVENT_ASIDES))
    await client.until(b"data: 1\n\n")

    streams.drain()
    await sending

    assert words.ended == ["CancelledError", "closed"]
    last = re.fullmatch(rb"event: reconnect\nretry: (\d+)\ndata: null\n\n", client.taken[-1])
    assert last is not None
    assert 500 <= int(last[1]) <= 3_000

    late, words = Client(), Words()
    await send(streams, words(), late, Limits(), EVENT_ASIDES)
    assert (len(late.taken), words.ended) == (1, [])

    streams.resume()
    words = Words()
    words.go.set()
    again = Client()
    await send(streams, words(), again, Limits(), EVENT_ASIDES)
    assert again.taken == [b"data: 1\n\n", b"data: 2\n\n"]


async def test_a_generator_may_have_last_words_of_its_own() -> None:
    streams, client = OpenStreams(), Client()

    async def speaking() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            yield b"data: farewell\n\n"
            await asyncio.sleep(3_600)

    sending = asyncio.create_task(send(streams, speaking(), client, Limits(), EVENT_ASIDES))
    await client.until(b"data: 1\n\n")
    streams.drain()
    await sending

    events = [event for event in read_events(b"".join(client.taken)) if event.data]
    assert [(event.event, event.data) for event in events] == [("message", "1"), ("message", "farewell"), ("reconnect", "null")]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


@each("asides", [None, LINE_ASIDES], ids=["bytes", "lines"])
def test_draining_lets_a_stream_go_on_that_would_be_taken_for_whole(asides: Asides | None) -> None:
    async def sent() -> list[bytes]:
        streams, client, words = OpenStreams(), Client(), Words()
        sending = asyncio.create_task(send(streams, words(), client, Limits(), asides))
        await client.until(b"data: 1\n\n")
        streams.drain()
        await asyncio.sleep(0.01)
        words.go.set()
        await sending
        return client.taken

    assert asyncio.run(sent()) == [b"data: 1\n\n", b"data: 2\n\n"]


async def test_draining_lets_go_of_who_takes_nothing_before_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (open_stream, open_streams):
        monkeypatch.setattr(module, "LAST_WORD_SECONDS", 0.05)
    streams, client = OpenStreams(), Client(stalls_at=1)
    sending = asyncio.create_task(send(streams, Words()(), client, Limits(), EVENT_ASIDES))
    await client.until(b"data: 1\n\n")

    streams.drain()
    with pytest.raises(ClientLeftError):
        await sending


async def test_a_server_that_cancels_is_heeded_while_the_stream_ends() -> None:
    streams, client, words = OpenStreams(), Client(), Words()
    sending = asyncio.create_task(send(streams, words(), client, Limits(), EVENT_ASIDES))
    await client.until(b"data: 1\n\n")

    streams.drain()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await sending

    assert type(raised.value) is asyncio.CancelledError
    assert words.ended[-1] == "closed"


async def test_a_plain_iterator_ends_behind_the_chunk_that_a_thread_is_making() -> None:
    streams, client = OpenStreams(), Client()
    loop = asyncio.get_running_loop()
    closed: list[str] = []

    async def drain() -> None:
        streams.drain()

    def plain() -> Iterator[bytes]:
        try:
            yield b"data: 1\n\n"
            asyncio.run_coroutine_threadsafe(drain(), loop).result(SECONDS)
            yield b"data: 2\n\n"
            yield b"data: 3\n\n"
        finally:
            closed.append("closed")

    await send(streams, plain(), client, Limits(), EVENT_ASIDES)

    assert client.taken[:2] == [b"data: 1\n\n", b"data: 2\n\n"]
    assert client.taken[2].startswith(b"event: reconnect")
    assert (len(client.taken), closed) == (3, ["closed"])


async def test_a_stream_that_may_hold_so_many_bytes_ends_behind_them_or_fails() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"data: 12345678\n\n"

    client = Client()
    await send(OpenStreams(), endless(), client, Limits(), EVENT_ASIDES, most_bytes=40)
    assert client.taken[:-1] == [b"data: 12345678\n\n"] * 3
    assert client.taken[-1].startswith(b"event: reconnect")

    for asides in (None, LINE_ASIDES):
        client = Client()
        with pytest.raises(StreamTooLongError, match=r"more than 40 bytes.*ASGI.*rsgi_download_bytes"):
            await send(OpenStreams(), endless(), client, Limits(), asides, most_bytes=40)
        assert len(client.taken) == 3


async def test_a_stream_that_may_last_so_long_ends_where_its_client_comes_back() -> None:
    client, words = Client(), Words()
    await send(OpenStreams(), words(), client, Limits(), EVENT_ASIDES, most_seconds=0.03)
    assert client.taken[-1].startswith(b"event: reconnect")
    assert words.ended == ["CancelledError", "closed"]

    other, words = Client(), Words()
    asyncio.get_running_loop().call_later(0.1, words.go.set)
    await send(OpenStreams(), words(), other, Limits(), LINE_ASIDES, most_seconds=0.03)
    assert other.taken == [b"data: 1\n\n", b"data: 2\n\n"]


async def test_many_streams_are_not_due_at_once() -> None:
    streams, loop, everyone = OpenStreams(), asyncio.get_running_loop(), asyncio.Event()
    times: list[float] = []

    async def write(chunk: bytes) -> None:
        if chunk == b"\n":
            times.append(loop.time())
        if len(times) == 50:
            everyone.set()

    async def one() -> None:
        stream = Stream(Words()(), asides=LINE_ASIDES)
        async with pull(stream, THREADS) as pulled:
            await streams.send(pulled, write, Limits(keep_alive_seconds=0.4), stream)

    sending = [asyncio.create_task(one()) for _ in range(50)]
    await asyncio.wait_for(everyone.wait(), SECONDS)
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)

    assert max(times) - min(times) > 0.01
