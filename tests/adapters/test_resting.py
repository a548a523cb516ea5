"""Streams of a subscription: what is published is written at once, as if the stream's own task had pulled it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from martlet.adapters.leaving import ClientLeftError
from martlet.adapters.streams.open_streams import OpenStreams
from martlet.adapters.streams.pulling import pull
from martlet.channels import Channel, Channels, DropReader, Window
from martlet.channels.calls import CALLS_AT_ONCE
from martlet.channels.channel import DROP_OLDEST
from martlet.channels.slow_readers import SlowReaders
from martlet.http import Limits
from martlet.messages import AT_ONCE, EVENT_ASIDES, Event, Stream, as_chunks, event_bytes
from tests.adapters.applications import THREADS

SECONDS = 10.0
caller: ContextVar[str] = ContextVar("caller", default="nobody")


class Number(Struct):
    value: int


class Listener:
    """A client: `taken` are the numbers it got. `write` may be given, to do something else for one of them."""

    def __init__(self, channel: Channel[Number], write: Callable[[int], Awaitable[Any]] | None = None) -> None:
        self.taken: list[int] = []
        self.said = b""
        self.streams = OpenStreams()
        self.subscription = channel.subscribe()
        self._write = write
        self._is_busy = False
        self.limits = Limits()
        self.render: Callable[[Event[Number]], bytes] = lambda event: b"%d," % event.data.value

    async def listen(self) -> None:
        stream = Stream(as_chunks(self.subscription, self.render), asides=EVENT_ASIDES)
        async with pull(stream, THREADS) as pulled:
            await self.streams.send(pulled, self.take, self.limits, stream)

    async def rests(self) -> None:
        """Wait until the stream has begun, and has nothing to take."""
        await until(lambda: not self.subscription.may_have_more)

    async def take(self, chunk: bytes) -> None:
        assert not self._is_busy, "two at once"
        self._is_busy = True
        try:
            if chunk.endswith(b","):
                if self._write is not None:
                    await self._write(int(chunk[:-1]))
                self.taken.append(int(chunk[:-1]))
            self.said += chunk
        finally:
            self._is_busy = False


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_so():  # noqa: ASYNC110  what is waited for tells nobody
            await asyncio.sleep(0.001)


@asynccontextmanager
async def listening(
    write: Callable[[int], Awaitable[Any]] | None = None, *, slow: SlowReaders = DROP_OLDEST, window: int = 1_000, **given: Any
) -> AsyncIterator[tuple[Channel[Number], Listener, asyncio.Task[None]]]:
    """A channel, a client that listens to it, and the task of its stream."""
    async with Channels() as channels:
        channel = channels.channel("numbers", Number, window=Window(count=window), slow=slow)
        listener = Listener(channel, write)
        for name, value in given.items():
            setattr(listener, name, value)
        caller.set("the client")
        task = asyncio.create_task(listener.listen())
        caller.set("the publisher")
        await listener.rests()
        try:
            yield channel, listener, task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def test_what_is_written_belongs_to_the_task_of_the_stream() -> None:
    seen: list[tuple[asyncio.Task[Any] | None, str]] = []

    async def write(_: int) -> None:
        seen.append((asyncio.current_task(), caller.get()))

    async with listening(write) as (channel, listener, task):
        await channel.publish(Number(1))
        await until(lambda: listener.taken == [1])

        assert seen == [(task, "the client")]
        assert asyncio.current_task() is not task


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3 * AT_ONCE))
def test_every_event_comes_once_and_in_order_however_the_client_takes_them(steps: list[tuple[bool, bool]]) -> None:
    """For each event: whether the publisher lets others have their turn, and whether the write waits."""

    async def write(value: int) -> None:
        if steps[value][1]:
            await asyncio.sleep(0)

    async def publish() -> list[int]:
        async with listening(write) as (channel, listener, _):
            for number, (waits, _) in enumerate(steps):
                await channel.publish(Number(number))
                if waits:
                    await asyncio.sleep(0)
            await until(lambda: len(listener.taken) == len(steps))
            return listener.taken

    assert asyncio.run(publish()) == list(range(len(steps)))


async def test_more_readers_than_are_served_at_once_all_get_it() -> None:
    async with Channels() as channels:
        channel = channels.channel("numbers", Number)
        listeners = [Listener(channel) for _ in range(2 * CALLS_AT_ONCE + 1)]
        tasks = [asyncio.create_task(listener.listen()) for listener in listeners]
        for _ in range(20):  # until all have begun
            await asyncio.sleep(0)
        await channel.publish(Number(1))
        await channel.publish(Number(2))
        await until(lambda: all(listener.taken == [1, 2] for listener in listeners))
    await asyncio.gather(*tasks)  # the channels have ended them


@pytest.mark.parametrize("error", [ClientLeftError, BrokenPipeError], ids=["told", "as ASGI tells it"])
@pytest.mark.parametrize("waits", [False, True], ids=["at once", "once it has waited"])
async def test_a_client_that_fails_ends_its_own_stream_alone(error: type[BaseException], waits: bool) -> None:
    async def write(_: int) -> None:
        if waits:
            await asyncio.sleep(0)
        raise error

    async with listening(write) as (channel, listener, task):
        other = Listener(channel)
        others = asyncio.create_task(other.listen())
        await other.rests()
        await channel.publish(Number(1))
        await until(lambda: task.done() and other.taken == [1])

        assert task.cancelled()
        assert not listener.taken
        others.cancel()
        await asyncio.wait([others])


@pytest.mark.parametrize("then", ["goes on", "waits", "fails"])
async def test_a_write_that_cancels_its_own_stream_ends_that_alone(then: str) -> None:
    async def write(_: int) -> None:
        task.cancel()
        if then == "waits":
            await asyncio.sleep(3_600)
        if then == "fails":
            raise BrokenPipeError

    async with listening(write) as (channel, _, task):
        other = Listener(channel)
        others = asyncio.create_task(other.listen())
        await other.rests()
        await channel.publish(Number(1))
        await until(lambda: task.done() and other.taken == [1])

        assert task.cancelled()
        others.cancel()
        await asyncio.wait([others])


async def test_an_event_that_cannot_be_written_fails_the_stream() -> None:
    def render(event: Event[Number]) -> bytes:
        raise ZeroDivisionError(event.data.value)

    async with listening(render=render) as (channel, _, task):
        await channel.publish(Number(1))
        await until(task.done)

        with pytest.raises(ZeroDivisionError):
            task.result()


@pytest.mark.parametrize("turns", [0, 1, 5], ids=["at once", "after a turn", "later"])
async def test_a_stream_that_is_cancelled_while_a_client_is_slow_leaves_nothing(turns: int) -> None:
    ended: list[str] = []

    async def write(_: int) -> None:
        try:
            await asyncio.sleep(3_600)
        except BaseException as error:
            ended.append(type(error).__name__)
            raise

    async with listening(write) as (channel, listener, task):
        await channel.publish(Number(1))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

        assert len(ended) == (turns > 0)
        assert not len(listener.streams)
        with pytest.raises(StopAsyncIteration):
            listener.subscription.take_now()


async def test_who_takes_nothing_is_let_go_and_misses_the_rest() -> None:
    async def write(_: int) -> None:
        await asyncio.sleep(3_600)

    async with listening(write, limits=Limits(stalled_seconds=0.02)) as (channel, _, task):
        await channel.publish(Number(1))
        await until(task.done)

        assert task.cancelled()


async def test_at_rest_it_is_kept_alive_and_ends_with_its_last_words() -> None:
    async with listening(limits=Limits(keep_alive_seconds=0.02)) as (channel, listener, task):
        await until(lambda: listener.said.startswith(b":"))
        await channel.publish(Number(1))
        await until(lambda: listener.taken == [1])
        listener.streams.drain()
        await until(task.done)

        task.result()
        assert b"event: reconnect" in listener.said


async def test_a_slow_reader_is_ended_behind_what_it_took() -> None:
    go = asyncio.Event()

    async def write(value: int) -> None:
        if value == 1:
            await go.wait()

    async with listening(write, slow=DropReader(behind=2), window=10) as (channel, listener, task):
        for number in range(6):
            await channel.publish(Number(number))
            await asyncio.sleep(0.001)
        go.set()
        await until(task.done)

        task.result()
        assert listener.taken == [0, 1]


async def test_readers_with_a_backlog_let_others_have_their_turn() -> None:
    async with listening(render=lambda event: event_bytes(event, lambda _: b"{}")) as (channel, listener, _):
        turns = 0
        for number in range(3 * AT_ONCE):
            await channel.publish(Number(number))
        while listener.said.count(b"data:") < 3 * AT_ONCE:
            turns += 1
            await asyncio.sleep(0)

        assert turns >= 2


async def test_an_event_is_written_once_for_all_who_get_it_in_the_same_shape() -> None:
    rendered: list[int] = []

    def render(event: Event[Number]) -> bytes:
        rendered.append(event.data.value)
        return b"%d," % event.data.value

    async with listening(render=render) as (channel, first, _):
        listeners = [Listener(channel) for _ in range(4)]
        for listener in listeners:
            listener.streams, listener.render = first.streams, render
        listeners[-1].render = lambda event: b"%d," % (event.data.value * 10)
        tasks = [asyncio.create_task(listener.listen()) for listener in listeners]
        for listener in listeners:
            await listener.rests()
        for number in range(3):
            await channel.publish(Number(number))
            await until(lambda: all(len(listener.taken) == number + 1 for listener in [first, *listeners]))  # noqa: B023  at once

        assert rendered == [0, 1, 2]
        assert [listener.taken for listener in listeners] == [[0, 1, 2]] * 3 + [[0, 10, 20]]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_the_client_may_be_written_to_by_what_is_no_coroutine() -> None:
    async with listening() as (channel, listener, task):
        listener.subscription = channel.subscribe()
        take = listener.take
        listener.take = lambda chunk: asyncio.ensure_future(take(chunk))  # type: ignore[method-assign,assignment,return-value]
        other = asyncio.create_task(listener.listen())
        await listener.rests()
        task.cancel()
        for number in range(3):
            await channel.publish(Number(number))
        await until(lambda: listener.taken == [0, 1, 2])
        other.cancel()
        await asyncio.wait([other])
