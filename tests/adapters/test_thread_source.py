"""A synchronous iterator on a loop: what goes together, what does not wait, and that no thread stays in it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import pytest

from martlet.adapters.streams.thread_source import MOST_BYTES, MOST_CHUNKS, ThreadSource

SECONDS = 10.0  # for what takes some milliseconds


class CountingExecutor(Executor):
    """A pool that counts the ways there."""

    def __init__(self, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self.ways = 0

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        self.ways += 1
        return self._pool.submit(call, *arguments, **named)

    def end(self) -> None:
        self._pool.shutdown()


@pytest.fixture
def threads() -> Iterator[CountingExecutor]:
    executor = CountingExecutor()
    yield executor
    executor.end()


@asynccontextmanager
async def opened(iterator: Iterator[Any], threads: Executor, *, gathers: bool = True) -> AsyncIterator[ThreadSource]:
    source = ThreadSource(iterator, threads, gathers=gathers)
    try:
        yield source
    finally:
        await source.aclose()


async def collect(source: ThreadSource, chunks: list[bytes]) -> None:
    while True:
        try:
            chunks.append(await asyncio.wait_for(source.__anext__(), SECONDS))
        except StopAsyncIteration:
            return


async def rest_of(source: ThreadSource) -> list[bytes]:
    chunks = list[bytes]()
    await collect(source, chunks)
    return chunks


async def test_many_rows_go_together(threads: CountingExecutor) -> None:
    rows = [f"row {number}\n" for number in range(100_000)]

    async with opened(iter(rows), threads) as source:
        chunks = await rest_of(source)

    assert b"".join(chunks) == "".join(rows).encode()
    assert threads.ways < 2_000


async def test_what_was_yielded_leaves_while_the_next_one_is_waited_for(threads: CountingExecutor) -> None:
    goes_on = threading.Event()

    def rows() -> Iterator[str]:
        yield "first,"
        yield "second,"
        goes_on.wait(SECONDS * 2)
        yield "third,"
        goes_on.wait(SECONDS * 2)
        yield "fourth"

    async with opened(rows(), threads) as source:
        early = await asyncio.wait_for(source.__anext__(), SECONDS)
        is_waiting = not goes_on.is_set()
        goes_on.set()
        late = await rest_of(source)

    assert is_waiting
    assert early.startswith(b"first,")
    assert early + b"".join(late) == b"first,second,third,fourth"


async def test_no_more_is_pulled_than_so_far_ahead(threads: CountingExecutor) -> None:
    pulled = list[int]()

    def rows(size: int) -> Iterator[bytes]:
        while True:
            pulled.append(size)
            yield bytes(size)

    for size, most in ((1, MOST_CHUNKS), (4_096, MOST_BYTES // 4_096), (MOST_BYTES * 2, 1)):
        pulled.clear()
        async with opened(rows(size), threads) as source:
            await asyncio.wait_for(source.__anext__(), SECONDS)
            await asyncio.sleep(0.03)

            assert len(pulled) <= most


async def test_events_are_pulled_one_by_one(threads: CountingExecutor) -> None:
    pulled = list[int]()

    def events() -> Iterator[str]:
        for number in range(3):
            pulled.append(number)
            yield str(number)

    async with opened(events(), threads, gathers=False) as source:
        seen = [(await source.__anext__(), len(pulled)) for _ in range(3)]

    assert seen == [(b"0", 1), (b"1", 2), (b"2", 3)]


@pytest.mark.parametrize("wrong", [ValueError("no more rows"), 7], ids=["raised", "of a wrong type"])
async def test_what_was_yielded_before_a_failure_comes_before_it(threads: CountingExecutor, wrong: Any) -> None:
    def rows() -> Iterator[Any]:
        yield "first,"
        yield b"second"
        if isinstance(wrong, Exception):
            raise wrong
        yield wrong

    before = list[bytes]()
    async with opened(rows(), threads) as source:
        with pytest.raises(type(wrong) if isinstance(wrong, Exception) else TypeError):
            await collect(source, before)

    assert b"".join(before) == b"first,second"


async def test_the_end_is_told_as_often_as_somebody_asks(threads: CountingExecutor) -> None:
    async with opened(iter(["all"]), threads) as source:
        assert await rest_of(source) == [b"all"]
        assert await rest_of(source) == []


async def test_who_leaves_waits_for_the_thread_and_pulls_nothing_more(threads: CountingExecutor) -> None:
    steps = list[str]()
    is_in = threading.Event()

    def rows() -> Iterator[str]:
        try:
            is_in.set()
            time.sleep(0.05)
            steps.append("made")
            yield "first"
            steps.append("pulled again")
            yield "second"
        finally:
            steps.append("closed")

    async with opened(rows(), threads) as source:
        taking = asyncio.create_task(source.__anext__())
        await asyncio.to_thread(is_in.wait, SECONDS)
        taking.cancel()
        await asyncio.wait([taking])

    assert steps == ["made", "closed"]


async def test_a_slow_iterator_keeps_no_thread_from_others() -> None:
    threads = CountingExecutor(threads=1)

    def rows() -> Iterator[str]:
        while True:
            time.sleep(0.02)
            yield "tick"

    async with opened(rows(), threads) as one, opened(rows(), threads) as other:
        for _ in range(3):
            taken = await asyncio.wait_for(asyncio.gather(one.__anext__(), other.__anext__()), SECONDS)

            assert list(taken) == [b"tick", b"tick"]
    threads.end()
