"""Two processes over one Redis, its restarts, and what is found missing."""

import asyncio
import sys
from pathlib import Path

import pytest

from martlet.channels import BrokerUnavailableError, Channels, Missing, RedisBroker, Reset, Window
from tests.channels.reading import SECONDS, read
from tests.services import Service

DESCRIPTORS = Path("/proc/self/fd")


async def test_two_processes_share_order_ids_and_repeats(redis_server: Service) -> None:
    one, other = (Channels(RedisBroker(redis_server.url, prefix="two:")) for _ in range(2))
    here, there = one.channel("numbers", int), other.channel("numbers", int)
    async with one, other, here.subscribe() as events, there.subscribe() as others:
        await asyncio.gather(*(channel.publish(number) for number in range(50) for channel in (here, there)))
        first = await here.publish(7, id="once")
        assert (await there.publish(7, id="once")).is_repeat

        seen = await read(events, 101)
        assert seen == await read(others, 101)
    async with one, here.subscribe(after=first.id) as events:
        await here.publish(8)
        assert await read(events, 1) == [8]


PUBLISHER = """
import asyncio, sys
from martlet.channels import Channels, RedisBroker

async def main(url, first):
    channels = Channels(RedisBroker(url, prefix="processes:"))
    async with channels:
        channel = channels.channel("numbers", int)
        for number in range(int(first), int(first) + 100):
            await channel.publish(number)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_other_processes_publish_and_this_one_reads(redis_server: Service) -> None:
    channels = Channels(RedisBroker(redis_server.url, prefix="processes:"))
    async with channels, channels.channel("numbers", int).subscribe() as events:
        words = [sys.executable, "-c", PUBLISHER, redis_server.url]
        processes = [await asyncio.create_subprocess_exec(*words, first) for first in ("0", "1000")]
        statuses = [await process.wait() for process in processes]
        seen = await read(events, 200)

    assert statuses == [0, 0]
    assert [number for number in seen if number < 1_000] == list(range(100))
    assert [number for number in seen if number >= 1_000] == list(range(1_000, 1_100))


def count_open() -> int:
    return len(list(DESCRIPTORS.iterdir()))


@pytest.mark.skipif(not DESCRIPTORS.exists(), reason="only Linux tells which file descriptors are open")
async def test_what_was_opened_is_closed(redis_server: Service) -> None:
    open_before = 0
    for number in range(5):
        channels = Channels(RedisBroker(redis_server.url, prefix="descriptors:"))
        channel = channels.channel("numbers", int)
        async with channels, channel.subscribe() as events, channel.part("1").subscribe():
            await asyncio.gather(*(channel.publish(each) for each in range(10)))
            await read(events, 10)
        await asyncio.sleep(0)  # a transport closes its socket in the next turn
        if number == 0:
            open_before = count_open()

    assert count_open() <= open_before


async def test_a_restart_loses_and_doubles_nothing(lasting_server: Service) -> None:
    channels = Channels(RedisBroker(lasting_server.url, timeout_seconds=20))
    channel = channels.channel("numbers", int)
    async with channels, channel.subscribe() as events:
        await channel.publish(0)
        publishing = asyncio.create_task(publish_all(channels, 1, 300))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(lasting_server.kill)
        await asyncio.to_thread(lasting_server.start_again)
        await publishing

        assert await read(events, 300) == list(range(300))


async def publish_all(channels: Channels, first: int, end: int) -> None:
    channel = channels._relays["numbers"]  # noqa: SLF001
    for number in range(first, end):
        await channels.publish(channel.topic, b"%d" % number, f"number-{number}")


async def test_a_server_that_comes_back_empty_is_told_at_once(forgetful_server: Service) -> None:
    channels = Channels(RedisBroker(forgetful_server.url, timeout_seconds=20))
    channel = channels.channel("numbers", int)
    async with channels, channel.subscribe() as events:
        before = await channel.publish(1)
        assert await read(events, 1) == [1]
        await asyncio.to_thread(forgetful_server.kill)
        await asyncio.to_thread(forgetful_server.start_again)

        async with asyncio.timeout(SECONDS):
            told = await anext(events)
        assert isinstance(told, Reset)
        assert told.data == Missing("lost")
        await channel.publish(2)
        assert await read(events, 1) == [2]
    async with channels:
        async with channel.subscribe(after=before.id) as events:
            assert await read(events, 1) == [Missing("unknown id")]
        async with channel.subscribe(after=told.id) as events:
            assert await read(events, 1) == [2]


async def test_messages_that_vanish_while_one_listens_are_told(redis_server: Service) -> None:
    broker = RedisBroker(redis_server.url, prefix="vanish:")
    channels = Channels(broker)
    channel = channels.channel("numbers", int)
    async with channels, channel.subscribe() as events:
        await channel.publish(1)
        assert await read(events, 1) == [1]
        await broker._links.command("DEL", *broker._keys(channel.topic))  # noqa: SLF001
        await channel.publish(2)

        assert await read(events, 1) == [Missing("lost")]
        await channel.publish(3)
        assert await read(events, 1) == [3]


async def test_a_channel_that_is_first_read_while_others_wait_is_read_at_once(redis_server: Service) -> None:
    channels = Channels(RedisBroker(redis_server.url, prefix="wake:"))
    channel = channels.channel("rooms", int)
    async with channels:
        subscriptions = [channel.part(f"{number}").subscribe() for number in range(20)]
        began = asyncio.get_running_loop().time()
        for number, events in enumerate(subscriptions):
            async with events:
                await channel.part(f"{number}").publish(number)
                assert await read(events, 1) == [number]
        assert asyncio.get_running_loop().time() - began < 20  # each waits 2 s where nothing wakes the reading


async def test_a_server_that_is_away_is_an_error_within_the_time() -> None:
    channels = Channels(RedisBroker("redis://127.0.0.1:1/0", timeout_seconds=0.2))
    channel = channels.channel("numbers", int)
    async with channels:
        with pytest.raises(BrokerUnavailableError, match=r"redis://127\.0\.0\.1:1/0 is not available"):
            await channel.publish(1)
        with pytest.raises(BrokerUnavailableError):
            await anext(channel.subscribe())


async def test_what_somebody_else_wrote_is_told_and_the_channel_goes_on(redis_server: Service) -> None:
    channels = Channels(RedisBroker(redis_server.url, prefix="poison:"))
    channel = channels.channel("numbers", int, window=Window(count=10))
    async with channels, channel.subscribe() as events:
        await channels.publish(channel.topic, b'"text"', "poison")
        await channel.publish(1)

        assert await read(events, 2) == [Missing("unreadable", 1), 1]


def test_a_cluster_is_refused() -> None:
    with pytest.raises(ValueError, match="is a cluster"):
        RedisBroker("redis+cluster://one,two")
