"""What the broker of one process forgets, so that rooms which clients name do not fill its memory."""

import time

import pytest

from martlet.channels import Channel, Channels, MemoryBroker, Window
from martlet.channels.contract import MARK_SECONDS
from martlet.channels.memory import MAX_UNSAID
from tests.channels.reading import read

SHORT = Window(seconds=60)


@pytest.fixture
def channels() -> Channels:
    return Channels(MemoryBroker(repeat_seconds=60))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have gone by."""
    passed, began = [0.0], time.time()
    monkeypatch.setattr("martlet.channels.memory.time.time", lambda: began + passed[0])
    return passed


async def join_and_leave(channel: Channel[int], rooms: range) -> None:
    for number in rooms:
        async with channel.part(str(number)).subscribe():
            pass


def count(channels: Channels) -> int:
    broker = channels.broker
    assert isinstance(broker, MemoryBroker)
    return len(broker._topics)  # noqa: SLF001


async def test_of_rooms_that_were_only_joined_the_last_thousand_are_known(channels: Channels) -> None:
    async with channels:
        await join_and_leave(channels.channel("rooms", int), range(2 * MAX_UNSAID))

        assert count(channels) == MAX_UNSAID


async def test_and_each_for_some_minutes(channels: Channels, clock: list[float]) -> None:
    async with channels:
        channel = channels.channel("rooms", int)
        await join_and_leave(channel, range(10))
        clock[0] = MARK_SECONDS + 1
        await join_and_leave(channel, range(10, 11))

        assert count(channels) == 1


async def test_who_comes_back_to_a_silent_room_is_told_nothing(channels: Channels) -> None:
    async with channels:
        room = channels.channel("rooms", int).part("silent")
        async with room.subscribe(opening=True) as events:
            opening = await anext(events)
        async with room.subscribe(after=opening.id) as events:
            await room.publish(1)

            assert await read(events, 1) == [1]


async def test_a_topic_is_forgotten_behind_its_window_though_others_are_read(channels: Channels, clock: list[float]) -> None:
    async with channels:
        channel = channels.channel("rooms", int, window=SHORT)
        for number in range(10):
            await channel.part(str(number)).publish(number)
        async with channel.part("read").subscribe() as events:
            clock[0] = 61
            for number in range(10):
                await channel.part("read").publish(number)

            assert count(channels) == 1
            assert await read(events, 10) == list(range(10))


async def test_a_topic_is_kept_while_its_window_lasts(channels: Channels, clock: list[float]) -> None:
    async with channels:
        channel = channels.channel("rooms", int, window=SHORT)
        first = await channel.part("kept").publish(1)
        await channel.part("kept").publish(2)
        clock[0] = 59
        for number in range(10):
            await channel.part("other").publish(number)

        async with channel.part("kept").subscribe(after=first.id) as events:
            assert await read(events, 1) == [2]
