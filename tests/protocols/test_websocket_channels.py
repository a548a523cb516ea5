"""What a channel brings, sent to WebSockets as it comes: in order, each once, made once for all, and nothing left behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from martlet import App, Event, SocketClosedError, WebSocket
from martlet.channels import Channel, Channels, Reset
from martlet.messages import Message, MessageWriter, SocketConnection
from martlet.messages.sockets.sending import RESTLESS, send_all
from martlet.testing import Client

LONG = 10.0  # seconds, of which nothing here takes a hundredth


class News(Struct):
    number: int


class Told(Struct):
    id: str | None
    number: int | None


def told(event: Event[Any]) -> Told | None:
    if isinstance(event, Reset):
        return Told(event.id, None)
    return None if event.data.number % 3 == 0 else Told(event.id, event.data.number)


class Taken:
    """A transport that keeps what it is handed. write: done first, and may wait or fail."""

    def __init__(self, write: Callable[[int], Any] | None = None) -> None:
        self.taken: list[Message] = []
        self._write = write

    async def send(self, message: Message) -> None:
        if self._write is not None:
            await self._write(len(self.taken))
        self.taken.append(message)

    async def numbers(self, count: int) -> list[int]:
        deadline = time.monotonic() + LONG
        while len(self.taken) < count and time.monotonic() < deadline:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0)
        return [int(each) for each in self.taken]


@asynccontextmanager
async def sending(channel: Channel[News], transport: Any, writer: MessageWriter[Any]) -> AsyncIterator[asyncio.Task[None]]:
    connection = SocketConnection()
    connection.begin(transport)
    task = asyncio.ensure_future(send_all(connection, channel.subscribe(), writer, number_of))
    for _ in range(100):  # steps rather than a time, in which a busy machine may make none
        await asyncio.sleep(0)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def number_of(event: Event[News]) -> int:
    return event.data.number


def writer() -> MessageWriter[int]:
    return MessageWriter(str)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, 0.0, 0.0001])), min_size=1, max_size=60))
def test_every_message_is_sent_once_and_in_order_however_a_client_takes_them(steps: list[tuple[bool, float | None]]) -> None:
    """For each message: whether the publisher lets others have their turn, and the seconds that its write waits, if it does."""

    async def write(number: int) -> None:
        seconds = steps[number][1]
        if seconds is not None:
            await asyncio.sleep(seconds)

    async def publish() -> list[int]:
        transport = Taken(write)
        async with Channels() as channels:
            channel = channels.channel("news", News)
            async with sending(channel, transport, writer()):
                for number, (waits, _) in enumerate(steps):
                    await channel.publish(News(number))
                    if waits:
                        await asyncio.sleep(0)
                return await transport.numbers(len(steps))

    assert asyncio.run(publish()) == list(range(len(steps)))


async def test_what_is_written_belongs_to_the_task_that_sends() -> None:
    seen: list[asyncio.Task[Any] | None] = []

    async def write(_: int) -> None:
        seen.append(asyncio.current_task())

    transport = Taken(write)
    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, transport, writer()) as task:
            await channel.publish(News(1))
            await transport.numbers(1)

            assert seen == [task]


async def test_a_message_is_made_once_for_all_who_are_sent_it() -> None:
    made: list[int] = []

    def encode(value: int) -> str:
        made.append(value)
        return str(value)

    one, other, shared = Taken(), Taken(), MessageWriter(encode)
    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, one, shared), sending(channel, other, shared):
            for number in range(5):
                await channel.publish(News(number))

            assert await one.numbers(5) == await other.numbers(5) == list(range(5))
    assert made == list(range(5))


async def test_a_server_whose_writes_all_wait_gets_them_from_a_task_as_any_other() -> None:
    async def write(_: int) -> None:
        await asyncio.sleep(0.001)

    transport = Taken(write)
    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, transport, writer()):
            for number in range(3 * RESTLESS):
                await channel.publish(News(number))
                await transport.numbers(number + 1)

            assert await transport.numbers(3 * RESTLESS) == list(range(3 * RESTLESS))


async def test_a_write_that_fails_while_it_waits_ends_the_sending() -> None:
    async def write(number: int) -> None:
        await asyncio.sleep(0.001)
        if number == 1:
            raise SocketClosedError(1001)

    transport = Taken(write)
    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, transport, writer()) as task:
            for number in range(3):
                await channel.publish(News(number))
            async with asyncio.timeout(LONG):
                await asyncio.wait([task])

            assert (type(task.exception()), transport.taken) == (SocketClosedError, ["0"])


async def test_a_write_that_waits_is_ended_with_what_it_belongs_to() -> None:
    ended = asyncio.Event()

    async def write(_: int) -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            ended.set()

    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, Taken(write), writer()) as task:
            await channel.publish(News(1))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])

        assert (ended.is_set(), task.cancelled()) == (True, True)


async def test_a_socket_that_is_closed_ends_the_sending() -> None:
    async def write(_: int) -> None:
        raise SocketClosedError(1001)

    async with Channels() as channels:
        channel = channels.channel("news", News)
        async with sending(channel, Taken(write), writer()) as task:
            await channel.publish(News(1))
            async with asyncio.timeout(LONG):
                await asyncio.wait([task])
            with pytest.raises(SocketClosedError):
                task.result()


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_a_channel_is_sent_as_a_function_makes_it_and_none_is_nothing(protocol: Any) -> None:
    app = App()
    app.channel("news", News)

    @app.post("/news")
    async def publish(news: News, channel: Channel[News]) -> None:
        await channel.publish(news)

    @app.websocket("/news")
    async def watch(socket: WebSocket[str, Told], channel: Channel[News]) -> None:
        async with channel.subscribe() as events, socket.sending(events, told):
            async for _ in socket:
                pass

    with Client(app, protocol=protocol) as client, client.websocket("/news") as one, client.websocket("/news") as other:
        for number in range(5):
            client.post("/news", json={"number": number})

        for socket in (one, other):
            assert [socket.receive_json()["number"] for _ in range(3)] == [1, 2, 4]


@pytest.mark.parametrize("protocol", ["asgi", "rsgi"])
def test_what_cannot_be_made_a_message_closes_with_1011(protocol: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    app.channel("news", News)

    def broken(event: Event[News]) -> str:
        raise LookupError(f"nothing of {event.data.number}")

    @app.post("/news")
    async def publish(news: News, channel: Channel[News]) -> None:
        await channel.publish(news)

    @app.websocket("/news")
    async def watch(socket: WebSocket[str, str], channel: Channel[News]) -> None:
        async with channel.subscribe() as events, socket.sending(events, broken):
            async for _ in socket:
                pass

    with Client(app, protocol=protocol) as client, client.websocket("/news") as socket:
        client.post("/news", json={"number": 7})
        with pytest.raises(SocketClosedError) as caught:
            socket.receive()
    assert caught.value.code == (1011 if protocol == "asgi" else 1005)
    assert "nothing of 7" in caplog.text
