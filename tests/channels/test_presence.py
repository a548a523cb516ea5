"""Who is here, as two processes see it."""

import asyncio
import copy
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import pytest
from msgspec import Struct

from martlet.channels import Broker, Channels, MessageLimitError, Presence, RedisBroker
from martlet.channels.presence import Rooms
from martlet.channels.presence_rooms import PIECE, Times
from tests.channels.reading import SECONDS
from tests.services import Service

BEAT = 0.05


class Person(Struct):
    name: str


class Clock:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


def another_process(presence: Presence[Any], clock: Callable[[], float] = time.monotonic) -> Presence[Any]:
    """One more node, which knows only what it is told; it shares no more than the channel."""
    other = copy.copy(presence)
    other._rooms = Rooms(Times(BEAT, 30, clock))  # noqa: SLF001
    return other


async def become(presence: Presence[Any], *user_ids: str) -> None:
    """Wait until those and nobody else are here."""
    known = set[str]()
    async with asyncio.timeout(SECONDS), aclosing(presence.changes()) as changes:
        async for change in changes:
            known = (known | {member.user_id for member in change.joined}) - set(change.left)
            if known == set(user_ids):
                return


def make(channels: Channels, beat_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic) -> Presence[Person]:
    return Presence(channels, "readers", Person, beat_seconds=beat_seconds, clock=clock)


async def test_who_is_here_is_seen_in_all_processes_and_not_after_leaving(channels: Channels) -> None:
    here = make(channels)
    there = another_process(here)
    async with here.here("ada", Person("Ada")):
        await become(there, "ada")
        async with there.here("ben", Person("Ben")):
            await become(here, "ada", "ben")
            assert [member.data for member in await here.now()] == [Person("Ada"), Person("Ben")]
        await become(here, "ada")
    await become(there)


async def test_a_user_who_is_here_twice_counts_once_and_stays_until_the_last_time_ends(channels: Channels) -> None:
    here = make(channels)
    there = another_process(here)
    async with here.here("ada", Person("at home")):
        async with there.here("ada", Person("on the train")):
            await become(here, "ada")
        await become(there, "ada")
        assert (await here.now())[0].data == Person("at home")
    await become(there)


async def test_changes_begin_with_who_is_here_and_go_on(channels: Channels) -> None:
    here = make(channels)
    there = another_process(here)
    async with here.here("ada", Person("Ada")), asyncio.timeout(SECONDS):
        await become(there, "ada")
        changes = there.changes()
        first = await anext(changes)
        async with here.here("ben", Person("Ben")):
            second = await anext(changes)
        third = await anext(changes)
        await changes.aclose()

    assert [member.user_id for member in first.joined] == ["ada"]
    assert ([member.data for member in second.joined], second.left) == ([Person("Ben")], ())
    assert (third.joined, third.left) == ((), ("ben",))


async def test_parts_are_apart(channels: Channels) -> None:
    rooms = make(channels)
    async with rooms.part("1").here("ada", Person("Ada")), rooms.part("2").here("ben", Person("Ben")):
        await become(rooms.part("1"), "ada")
        await become(rooms.part("2"), "ben")
        await become(rooms)


async def test_who_belongs_to_a_process_that_died_is_gone_after_its_silence(channels: Channels) -> None:
    here = Presence(channels, "readers", Person, beat_seconds=BEAT, silent_seconds=10 * BEAT)
    dying = another_process(here)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(here.here("ada", Person("Ada")))
        await stack.enter_async_context(dying.here("ben", Person("Ben")))
        await become(here, "ada", "ben")
        (room,) = dying._rooms._open.values()  # noqa: SLF001
        for task in room._tasks:  # noqa: SLF001
            task.cancel()

        await become(here, "ada")


async def test_while_the_broker_is_away_nobody_is_taken_for_dead(channels: Channels) -> None:
    clock = Clock()
    here = make(channels, BEAT, clock)
    there = another_process(here)
    async with here.here("ada", Person("Ada")), there.here("ben", Person("Ben")):
        await become(here, "ada", "ben")
        (room,) = here._rooms._open.values()  # noqa: SLF001
        clock.ahead = 31
        room.expire()
        assert list(room.people()) == ["ada", "ben"]


async def test_who_was_taken_for_dead_is_back_with_the_next_list(channels: Channels) -> None:
    clock = Clock()
    here = make(channels, BEAT, clock)
    there = another_process(here)
    async with here.here("ada", Person("Ada")), there.here("ben", Person("Ben")):
        await become(here, "ada", "ben")
        (room,) = here._rooms._open.values()  # noqa: SLF001
        room._others._nodes.clear()  # noqa: SLF001
        room._change()  # noqa: SLF001
        assert list(room.people()) == ["ada"]
        await become(here, "ada", "ben")


async def test_more_than_fit_into_one_message_are_here(channels: Channels) -> None:
    here = make(channels, BEAT)
    there = another_process(here)
    names = [f"user {number:04}" for number in range(PIECE + 50)]
    async with AsyncExitStack() as stack:
        for name in names:
            await stack.enter_async_context(here.here(name, Person("x" * 100)))
        await become(there, *names)
        await asyncio.sleep(3 * BEAT)  # some whole lists, in pieces
        assert len(await there.now()) == len(names)


async def test_changes_end_with_the_channels(make_broker: Callable[[], Broker]) -> None:
    async with Channels(make_broker()) as channels:
        here = make(channels)
        changes = here.changes()
        assert (await anext(changes)).joined == ()
        channels.drain()
        async with asyncio.timeout(SECONDS):
            assert [change async for change in changes] == []


async def test_two_processes_over_redis_and_one_that_closes_says_so(redis_server: Service) -> None:
    one, other = (Channels(RedisBroker(redis_server.url, prefix="presence:")) for _ in range(2))
    here, there = make(one), make(other)
    async with one, here.here("ada", Person("Ada")):
        async with other:
            staying = there.here("ben", Person("Ben"))
            await staying.__aenter__()
            await become(here, "ada", "ben")
            await become(there, "ada", "ben")
        await become(here, "ada")
        await staying.__aexit__(None, None, None)


async def test_what_is_out_of_bounds_is_refused(channels: Channels) -> None:
    here = make(channels)

    with pytest.raises(MessageLimitError, match="data of 2,0"):
        async with here.here("ada", Person("x" * 2_000)):
            pass
    with pytest.raises(ValueError, match="twice that"):
        Presence(channels, "others", Person, beat_seconds=20)
