"""What every broker does, whatever carries the messages."""

import asyncio
import gc
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from martlet.channels import (
    Broker,
    BrokerUnavailableError,
    Channel,
    Channels,
    MessageLimitError,
    Missing,
    Opening,
    Reset,
    Subscription,
    Topic,
    Window,
)
from martlet.messages import Event
from tests.channels.reading import SECONDS, is_silent, read, read_ids

TEXTS = ["", "line\r\nbreak", "nul\0", "schlüssel 🔑", "*5\r\n$3", "x" * 100_000]
NEVER = ["garbage", "0-0", "-", "9" * 400, "1795411840006-1", "\x00", "schlüssel"]  # ids of nothing


def test_each_is_a_broker(channels: Channels) -> None:
    assert isinstance(channels.broker, Broker)


async def test_messages_come_as_they_were_published_and_in_order(channels: Channels) -> None:
    channel = channels.channel("texts", str)
    async with channel.subscribe() as events:
        for text in TEXTS:
            await channel.publish(text)

        assert await read(events, len(TEXTS)) == TEXTS


async def test_every_event_has_the_id_that_its_publisher_was_told(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with channel.subscribe() as events:
        told = [(await channel.publish(number)).id for number in range(5)]

        assert await read_ids(events, 5) == told
    assert len(set(told)) == 5


async def test_of_concurrent_publishers_all_readers_see_one_order(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with channel.subscribe() as one, channel.subscribe() as other:
        await asyncio.gather(*(channel.publish(number) for number in range(100)))

        seen = await read(one, 100)
        assert seen == await read(other, 100)
    assert sorted(seen) == list(range(100))


async def test_who_names_the_last_id_misses_nothing_and_sees_nothing_twice(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    ids = [(await channel.publish(number)).id for number in range(10)]

    for seen in range(10):
        async with channel.subscribe(after=ids[seen]) as events:
            await channel.publish(100 + seen)
            assert await read(events, 9 - seen + 1 + seen) == [*range(seen + 1, 10), *range(100, 101 + seen)]
            assert await is_silent(events)


async def test_a_second_reader_comes_back_to_what_the_first_has_loaded(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    ids = [(await channel.publish(number)).id for number in range(10)]

    async with channel.subscribe(after=ids[5]) as one, channel.subscribe(after=ids[2]) as other:
        assert await read(one, 4) == [6, 7, 8, 9]
        assert await read(other, 7) == [3, 4, 5, 6, 7, 8, 9]


async def test_who_has_seen_nothing_reads_from_now_on(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    await channel.publish(1)

    async with channel.subscribe() as one, channel.subscribe(after="") as other:
        await channel.publish(2)
        assert await read(one, 1) == await read(other, 1) == [2]


@pytest.mark.parametrize("after", NEVER, ids=ascii)
async def test_an_id_that_never_was_is_told_and_then_it_goes_on(channels: Channels, after: str) -> None:
    channel = channels.channel("numbers", int)
    last = (await channel.publish(1)).id

    async with channel.subscribe(after=after) as events:
        told = await anext(events)
        assert isinstance(told, Reset)
        assert (told.data, told.event, told.id) == (Missing("unknown id"), "reset", last)
        await channel.publish(2)
        assert await read(events, 1) == [2]
    async with channel.subscribe(after=told.id) as events:
        assert await read(events, 1) == [2]


async def test_a_broker_has_what_is_in_its_window_and_nothing_else(make_broker: Callable[[], Broker]) -> None:
    async with Channels(make_broker()) as channels:
        channel, other = channels.channel("numbers", int, window=Window(count=5)), channels.channel("other", int)
        ids = [(await channel.publish(number)).id for number in range(5)]
        stray = (await other.publish(1)).id
        named = [*ids, stray, *NEVER, f"{ids[0]}0", f"0{ids[0]}", ids[0].rpartition("-")[0]]

        assert [each for each in named if await channels.broker.has(channel.topic, each)] == ids


async def test_who_names_garbage_has_no_window_loaded(make_broker: Callable[[], Broker], monkeypatch: pytest.MonkeyPatch) -> None:
    async with Channels(make_broker()) as channels:
        channel, loaded = channels.channel("numbers", int), list[Topic]()
        await channel.publish(1)
        monkeypatch.setattr(type(channels.broker), "window", lambda _, topic: loaded.append(topic))
        for after in NEVER:
            async with channel.subscribe(after=after) as events:
                assert isinstance(await anext(events), Reset)

        assert loaded == []


async def test_an_id_that_the_window_does_not_reach_back_to_is_told(channels: Channels) -> None:
    channel = channels.channel("numbers", int, window=Window(count=5))
    ids = [(await channel.publish(number)).id for number in range(20)]

    async with channel.subscribe(after=ids[3]) as events:
        assert await read(events, 1) == [Missing("unknown id")]
    async with channel.subscribe(after=ids[15]) as events:
        assert await read(events, 4) == [16, 17, 18, 19]


async def test_who_saw_the_last_event_is_told_nothing_however_old_it_is(channels: Channels) -> None:
    channel = channels.channel("numbers", int, window=Window(count=1, seconds=0.001))
    last = (await channel.publish(1)).id
    await asyncio.sleep(0.01)

    async with channel.subscribe(after=last) as events:
        await channel.publish(2)
        assert await read(events, 1) == [2]


async def test_a_publishers_second_try_is_a_repeat(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with channel.subscribe() as events:
        first = await channel.publish(1, id="order-7")
        again = await channel.publish(1, id="order-7")
        await channel.publish(2, id="order-8")

        assert (first.is_repeat, again.is_repeat, again.id) == (False, True, first.id)
        assert await read(events, 2) == [1, 2]


async def test_repeats_at_the_same_time_are_published_once(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    published = await asyncio.gather(*(channel.publish(1, id="one") for _ in range(20)))

    assert sum(not each.is_repeat for each in published) == 1
    assert len({each.id for each in published}) == 1


async def test_topics_and_parts_are_apart(channels: Channels) -> None:
    chat = channels.channel("chat", str)
    other = channels.channel("other", str)
    room, space = chat.part("42"), chat.part("a b.*>/%")
    async with chat.subscribe() as here, room.subscribe() as there, space.subscribe() as beyond:
        for channel in (chat, other, room, space):
            await channel.publish(channel.topic.name, id="the same")

        assert await read(here, 1) == ["chat"]
        assert await read(there, 1) == ["chat/42"]
        assert await read(beyond, 1) == ["chat/a b.*>/%"]


async def test_what_is_too_long_is_refused(channels: Channels) -> None:
    channel = channels.channel("texts", str)

    with pytest.raises(MessageLimitError, match="1,000,002 bytes"):
        await channel.publish("x" * 1_000_000)
    with pytest.raises(MessageLimitError, match="201 bytes"):
        await channel.publish("", id="x" * 201)
    with pytest.raises(MessageLimitError, match="bytes is out of bounds"):
        channel.part("x" * 300)


async def test_many_readers_get_the_same_object(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with AsyncExitStack() as stack:
        subscriptions = [await stack.enter_async_context(channel.subscribe()) for _ in range(300)]
        tasks = [asyncio.create_task(step(each)) for each in subscriptions]
        await asyncio.sleep(0)
        await channel.publish(1)
        async with asyncio.timeout(SECONDS):
            events = await asyncio.gather(*tasks)

    assert len({id(event) for event in events}) == 1


async def step(events: Subscription[int]) -> Event[int]:
    return await anext(events)


async def test_the_last_reader_who_leaves_frees_everything(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with channel.subscribe(), channel.subscribe():
        assert len(channels._relays) == 1  # noqa: SLF001
    assert not channels._relays  # noqa: SLF001

    forgotten = channel.subscribe()
    waiting = asyncio.create_task(step(forgotten))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    del forgotten, waiting
    gc.collect()
    await asyncio.sleep(0)
    assert not channels._relays  # noqa: SLF001


async def test_who_leaves_and_comes_back_while_much_is_published_misses_nothing(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    last, seen = (await channel.publish(-1)).id, list[int]()
    publishing = asyncio.create_task(publish_all(channel, 300))
    async with asyncio.timeout(SECONDS):
        while len(seen) < 300:
            async with channel.subscribe(after=last) as events:
                for _ in range(min(7, 300 - len(seen))):
                    event = await anext(events)
                    last = event.id or ""
                    seen.append(event.data)
    await publishing

    assert seen == list(range(300))


async def publish_all(channel: Channel[int], count: int) -> None:
    for number in range(count):
        await channel.publish(number)


async def test_an_opening_stands_before_what_comes_and_only_for_who_has_no_id(channels: Channels) -> None:
    channel = channels.channel("numbers", int)
    async with channel.subscribe(opening=True) as events:
        first = (await channel.publish(1)).id
        opening = await anext(events)
        assert isinstance(opening, Opening)
        assert await read(events, 1) == [1]
    async with channel.subscribe(after=opening.id, opening=True) as events:
        assert await read(events, 1) == [1]
    async with channel.subscribe(after=first, opening=True) as events:
        await channel.publish(2)
        assert await read(events, 1) == [2]


async def test_closing_ends_every_reader_after_what_there_is(make_broker: Callable[[], Broker]) -> None:
    async with Channels(make_broker()) as channels:
        channel = channels.channel("numbers", int)
        waiting, reading = channel.subscribe(), channel.subscribe()
        async with waiting, reading:
            ended = asyncio.create_task(read(waiting, 2))
            await channel.publish(1)
            assert await read(reading, 1) == [1]
            channels.drain()
            async with asyncio.timeout(SECONDS):
                with pytest.raises((StopAsyncIteration, RuntimeError)):
                    await ended
            assert [event.data async for event in reading] == []
            assert [event.data async for event in channel.subscribe()] == []
    with pytest.raises(BrokerUnavailableError, match="not open"):
        await channel.publish(1)
    with pytest.raises(BrokerUnavailableError, match="not open"):
        await anext(channel.subscribe())
