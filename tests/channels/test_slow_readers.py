"""Readers that cannot keep up: what they get, and that nobody else notices."""

import pytest

from martlet.channels import Channels, CoalesceBy, DropOldest, DropReader, Missing, Window
from tests.channels.reading import read

TEN = Window(count=10)


async def test_drop_oldest_tells_how_many_were_missed() -> None:
    channels = Channels()
    channel = channels.channel("numbers", int, window=TEN, slow=DropOldest())
    async with channels, channel.subscribe() as slow, channel.subscribe() as fast:
        for number in range(30):
            await channel.publish(number)
            assert await read(fast, 1) == [number]

        assert await read(slow, 11) == [Missing("slow reader", 20), *range(20, 30)]


async def test_drop_reader_ends_in_order_and_who_comes_back_misses_nothing() -> None:
    channels = Channels()
    channel = channels.channel("numbers", int, window=TEN, slow=DropReader(behind=5))
    async with channels, channel.subscribe() as slow, channel.subscribe() as keeper:
        last = await channel.publish(0)
        assert await read(slow, 1) == [0]
        slow._most_behind = 5  # noqa: SLF001  as after it has waited once
        for number in range(1, 8):
            await channel.publish(number)

        assert [event async for event in slow] == []
        async with channel.subscribe(after=last.id) as back:
            assert await read(back, 7) == list(range(1, 8))
        assert await read(keeper, 8) == list(range(8))


async def test_coalescing_gives_the_last_of_each_key_however_far_behind() -> None:
    channels = Channels()
    channel = channels.channel("prices", tuple[str, int], window=TEN, slow=CoalesceBy(lambda price: price[0]))
    async with channels, channel.subscribe() as slow:
        await channel.publish(("rare", 1))
        await channel.publish(("seldom", 1))
        for number in range(30):
            await channel.publish((f"{number % 3}", number))
        await channel.publish(("seldom", 2))

        assert await read(slow, 5) == [("rare", 1), ("0", 27), ("1", 28), ("2", 29), ("seldom", 2)]


async def test_coalescing_beyond_its_keys_is_told() -> None:
    channels = Channels()
    channel = channels.channel("numbers", int, window=Window(count=2), slow=CoalesceBy(lambda number: number, keys=2))
    async with channels, channel.subscribe() as slow:
        for number in range(10):
            await channel.publish(number)

        assert await read(slow, 5) == [Missing("slow reader"), 6, 7, 8, 9]


def test_what_cannot_be_is_refused_where_it_is_declared() -> None:
    channels = Channels()
    channels.channel("taken", int)

    with pytest.raises(ValueError, match="already"):
        channels.channel("taken", int)
    with pytest.raises(ValueError, match="slash"):
        channels.channel("a/b", int)
    with pytest.raises(TypeError, match="no type of messages"):
        channels.channel("objects", type("Own", (), {"__slots__": ()}) | complex)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no window"):
        Window(count=0)
    with pytest.raises(ValueError, match="drops every reader"):
        DropReader(behind=0)


async def test_a_message_of_another_type_is_refused() -> None:
    channels = Channels()
    channel = channels.channel("numbers", int)
    async with channels:
        with pytest.raises(TypeError, match="'seven'"):
            await channel.publish("seven")  # type: ignore[arg-type]
