"""Who is here, as one process knows it: its own, which it tells the others of, and theirs, as long as they tell.

Each process says at once who came and who went, and every few seconds who is there altogether. So what was missed is mended by
the next list, and who belongs to a process that is silent for too long is gone.
"""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import time
from asyncio import Task
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, Generic, TypeVar

import msgspec

from martlet.channels.channel import Channel
from martlet.channels.contract import BrokerUnavailableError
from martlet.channels.resets import Opening, Reset
from martlet.channels.subscriptions import Subscription

T = TypeVar("T")
LOGGER: Final = logging.getLogger("martlet.channels")
PIECE: Final = 400  # members in one message; with what is allowed of each it stays below what a message may have
PAUSE: Final = 2.0  # of the time between two lists; who is here hears itself that often
LAST_WORDS_SECONDS: Final = 2.0
SOON: Final = 0.1  # of the time between two lists, until the next one where a message was not taken


class Member(msgspec.Struct, Generic[T], frozen=True):
    """Somebody who is here. since: when they came, in seconds since 1970."""

    user_id: str
    data: T
    since: float


class Roll(msgspec.Struct, Generic[T], omit_defaults=True):
    """What a process tells of its own. came: by numbers of its own. turn, is_last: of a whole list, in pieces, by its number.

    at: when it was told, in seconds since 1970; only what is found as history is measured by it.
    """

    node: str
    at: float
    turn: int
    came: dict[int, Member[T]] = {}
    went: list[int] = []
    is_last: bool = False


@dataclass(slots=True)
class Times:
    """beat_seconds: between two whole lists. silent_seconds: until a process without any is gone. clock: monotonic."""

    beat_seconds: float
    silent_seconds: float
    clock: Callable[[], float]


@dataclass(slots=True)
class Node(Generic[T]):
    """Another process. members: each with the number of the list that had it last."""

    seen_at: float
    members: dict[int, tuple[Member[T], int]] = field(default_factory=dict[int, tuple[Member[T], int]])


class Others(Generic[T]):
    """The other processes, by what they told."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node[T]] = {}
        self._heard_at = -math.inf  # of anybody, this process too
        self._heard_since = -math.inf  # without a pause

    def hear(self, now: float, pause: float) -> None:
        """Know that something was told, by whomever; after a pause nobody else could have been heard before either."""
        if now - self._heard_at > pause:
            self._heard_since = now
        self._heard_at = now

    def can_hear(self, now: float, pause: float) -> bool:
        """Tell whether there was something since."""
        return now - self._heard_at <= pause

    def members(self) -> Iterator[Member[T]]:
        """Give theirs."""
        return (member for node in self._nodes.values() for member, _ in node.members.values())

    def take(self, roll: Roll[T], now: float) -> None:
        """Know what one of them told."""
        node = self._nodes.setdefault(roll.node, Node(now))
        node.seen_at = now
        node.members.update((number, (member, roll.turn)) for number, member in roll.came.items())
        for number in roll.went:
            node.members.pop(number, None)
        if roll.is_last:
            for number in [number for number, (_, turn) in node.members.items() if turn < roll.turn]:
                del node.members[number]
        if not node.members:
            del self._nodes[roll.node]

    def expire(self, oldest: float) -> bool:
        """Forget those that could have been heard since then, and were not; True if there was one."""
        if self._heard_since >= oldest:
            return False
        silent = [name for name, node in self._nodes.items() if node.seen_at < oldest]
        for name in silent:
            del self._nodes[name]
        return bool(silent)


class Room(Generic[T]):
    """One topic of presence in one process, while anybody here needs it. uses: how many do."""

    def __init__(self, channel: Channel[Roll[T]], times: Times) -> None:
        self._channel = channel
        self._times = times
        self._node = secrets.token_hex(8)
        self._numbers = 0
        self._turn = 0
        self._mine: dict[int, Member[T]] = {}
        self._others = Others[T]()
        self._came: dict[int, Member[T]] = {}
        self._went: list[int] = []
        self._is_known = False  # that this process has somebody
        self._to_tell = asyncio.Event()
        self._tasks: list[Task[None]] = []
        self._opening = asyncio.Lock()
        self._people: Mapping[str, Member[T]] | None = {}
        self.changed = asyncio.Event()  # set at the next change, and replaced
        self.has_ended = False
        self.uses = 0

    async def open(self) -> None:
        """Know who is here already, and go on; raises BrokerUnavailableError. A second call does nothing."""
        async with self._opening:
            if self._tasks:
                return
            events = self._channel.subscribe(opening=True)
            await events.begin()
            for event in await self._channel.history():
                if time.time() - event.data.at < self._times.silent_seconds:
                    self.take(event.data)
            self._tasks = [asyncio.create_task(self._read(events)), asyncio.create_task(self._tell_again_and_again())]

    async def close(self) -> None:
        """Say that nobody is here any more, if anybody was."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._end()
        if self._is_known:
            self._mine.clear()
            try:
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._publish(self._whole())
            except TimeoutError:
                LOGGER.warning("%r could not say that nobody is here any more; others find out by themselves.", self._channel)

    def enter(self, user_id: str, data: T) -> int:
        """Somebody came; gives the number to leave by."""
        self._numbers += 1
        self._mine[self._numbers] = self._came[self._numbers] = Member(user_id, data, round(time.time(), 3))
        self._change()
        self._to_tell.set()
        return self._numbers

    def leave(self, number: int) -> None:
        """Somebody went."""
        self._mine.pop(number, None)
        if self._came.pop(number, None) is None:
            self._went.append(number)
            self._to_tell.set()
        self._change()

    def people(self) -> Mapping[str, Member[T]]:
        """Who is here, each user once, by the data that came last; in the order in which they came, the same in all processes."""
        if self._people is None:
            everybody = sorted(chain(self._mine.values(), self._others.members()), key=_order)
            last = {each.user_id: each for each in everybody}
            self._people = dict(sorted(last.items(), key=lambda item: _order(item[1])))
        return self._people

    def take(self, roll: Roll[T]) -> None:
        """Know what a process told."""
        self._others.hear(self._times.clock(), PAUSE * self._times.beat_seconds)
        if roll.node == self._node:
            return
        self._others.take(roll, self._times.clock())
        self._change()

    def expire(self) -> None:
        """Forget the processes that were silent for too long."""
        now = self._times.clock()
        if self._mine and not self._others.can_hear(now, PAUSE * self._times.beat_seconds):
            return  # it does not even hear itself: the broker is away
        if self._others.expire(now - self._times.silent_seconds):
            self._change()

    async def _read(self, events: Subscription[Roll[T]]) -> None:
        async with events:
            async for event in events:
                if not isinstance(event, Opening | Reset):  # after which the next lists mend what is missing
                    self.take(event.data)
        self._end()

    async def _tell_again_and_again(self) -> None:
        clock, beat = self._times.clock, self._times.beat_seconds
        due = clock() + beat
        while True:
            try:
                async with asyncio.timeout(max(due - clock(), 0)):
                    await self._to_tell.wait()
            except TimeoutError:
                self.expire()
            self._to_tell.clear()
            is_due = clock() >= due
            if is_due:
                due = clock() + beat
            if (self._mine or self._is_known) and not await self._publish(self._whole() if is_due else self._moved()):
                self._is_known, due = True, min(due, clock() + beat * SOON)

    async def _publish(self, rolls: Iterator[Roll[T]]) -> bool:
        for roll in rolls:
            try:
                await self._channel.publish(roll)
            except BrokerUnavailableError:
                return False
        return True

    def _moved(self) -> Iterator[Roll[T]]:
        came, self._came = list(self._came.items()), {}
        went, self._went = self._went, []
        self._is_known = True
        for place in range(0, max(len(came), 1), PIECE):
            yield Roll(self._node, time.time(), self._turn, dict(came[place : place + PIECE]), went if place == 0 else [])

    def _whole(self) -> Iterator[Roll[T]]:
        members = list(self._mine.items())
        self._came, self._went, self._is_known = {}, [], bool(members)
        self._turn += 1
        for place in range(0, max(len(members), 1), PIECE):
            is_last = place + PIECE >= len(members)
            yield Roll(self._node, time.time(), self._turn, dict(members[place : place + PIECE]), is_last=is_last)

    def _change(self) -> None:
        self._people = None
        self.changed.set()
        self.changed = asyncio.Event()

    def _end(self) -> None:
        self.has_ended = True
        self._change()


def _order(member: Member[Any]) -> tuple[float, str]:
    return member.since, member.user_id
