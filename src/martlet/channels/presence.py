"""Presence: who is here, in every process of an application, by a channel of its own."""

from __future__ import annotations

import asyncio
import time
from asyncio import Task
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Generic, TypeVar

import msgspec

from martlet.channels.channel import Channel, Channels
from martlet.channels.contract import MAX_ID_BYTES, MessageLimitError, Window
from martlet.channels.presence_rooms import Member, Roll, Room, Times

T = TypeVar("T")
MAX_DATA_BYTES: Final = 1_000  # of a member's data as JSON: some hundreds of them fit into one message
WINDOW_COUNT: Final = 1_000


class Change(msgspec.Struct, Generic[T], frozen=True):
    """What is new since the last change that this reader was given.

    joined: who came, or has other data now. left: the ids of users who are not here any more.
    """

    joined: tuple[Member[T], ...] = ()
    left: tuple[str, ...] = ()


class Presence(Generic[T]):
    """Who is here, by the ids of users, each with data of a type; the same in all processes that share a broker.

    Joins and leaves are told at once. A process that dies without a word is noticed by its silence, and whatever was missed is
    mended by the next of the lists that every process tells.

    >>> async def main() -> None:
    ...     channels = Channels()
    ...     readers = Presence(channels, "readers", str)
    ...     async with channels, readers.here("ada", "Ada Lovelace"):
    ...         print([member.data for member in await readers.now()])
    >>> asyncio.run(main())
    ['Ada Lovelace']
    """

    def __init__(
        self,
        channels: Channels,
        name: str,
        data_type: type[T],
        *,
        beat_seconds: float = 10.0,
        silent_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """name: of its channel. data_type: what msgspec reads and writes.

        beat_seconds: between two lists of who is here. silent_seconds: until those of a process that says nothing are gone.
        clock: monotonic, in seconds. Raises ValueError for a name that is taken, or times that let everybody go all the time.
        """
        if not 0 < 2 * beat_seconds <= silent_seconds:
            raise ValueError(
                f"A list every {beat_seconds} s lets who is silent for {silent_seconds} s go: take twice that, or more."
            )
        roll: Any = Roll[data_type]  # type: ignore[valid-type]
        window = Window(WINDOW_COUNT, 2 * silent_seconds)
        self._channel: Channel[Roll[T]] = channels.channel(name, roll, window=window)
        self._rooms = Rooms[T](Times(beat_seconds, silent_seconds, clock))
        channels.before_close(self._rooms.close)

    def __repr__(self) -> str:
        return f"Presence({self._channel.topic.name!r})"

    def part(self, name: str) -> Presence[T]:
        """Give the presence of one of many, such as of one room of a chat. Raises MessageLimitError as Channel.part does."""
        part: Presence[T] = object.__new__(type(self))
        part._channel, part._rooms = self._channel.part(name), self._rooms
        return part

    @asynccontextmanager
    async def here(self, user_id: str, data: T) -> AsyncGenerator[None, None]:
        """Let somebody be here for as long as the block lasts; one user may be here several times, and counts once.

        Raises BrokerUnavailableError where nothing is known of the others yet, and MessageLimitError for an id beyond 200 bytes
        or data beyond 1,000.
        """
        size, id_size = len(msgspec.json.encode(data)), len(user_id.encode(errors="surrogatepass"))
        if size > MAX_DATA_BYTES or id_size > MAX_ID_BYTES:
            raise MessageLimitError(
                f"A member with an id of {id_size:,} bytes and data of {size:,} is out of bounds: "
                f"ids have at most {MAX_ID_BYTES}, data {MAX_DATA_BYTES:,}."
            )
        async with self._rooms.room(self._channel) as room:
            number = room.enter(user_id, data)
            try:
                yield
            finally:
                room.leave(number)

    async def now(self) -> list[Member[T]]:
        """Give who is here, each user once, in the order in which they came. Raises BrokerUnavailableError."""
        async with self._rooms.room(self._channel) as room:
            return list(room.people().values())

    async def changes(self) -> AsyncGenerator[Change[T], None]:
        """Give who is here, as the first change, and then each change; ends with the channels. A slow reader gets few large ones.

        Raises BrokerUnavailableError at the first step.
        """
        async with self._rooms.room(self._channel) as room:
            known: Mapping[str, Member[T]] = {}
            is_first = True
            while True:
                changed, people = room.changed, room.people()
                change = _change(known, people)
                if is_first or change.joined or change.left:
                    known, is_first = people, False
                    yield change
                elif room.has_ended:
                    return
                else:
                    await changed.wait()


class Rooms(Generic[T]):
    """The rooms of one presence and its parts, each from the first who needs it to the last."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._open: dict[str, Room[T]] = {}
        self._closing: set[Task[None]] = set()

    @asynccontextmanager
    async def room(self, channel: Channel[Roll[T]]) -> AsyncGenerator[Room[T], None]:
        """Give the room of a channel; raises BrokerUnavailableError."""
        name = channel.topic.name
        room = self._open.get(name)
        if room is None or room.has_ended:
            room = self._open[name] = Room(channel, self._times)
        room.uses += 1
        try:
            await room.open()
            yield room
        finally:
            room.uses -= 1
            if room.uses == 0:
                self._close(name, room)

    def _close(self, name: str, room: Room[T]) -> None:
        """In a task of its own: who leaves may have been cancelled, and waits for nobody."""
        if self._open.get(name) is room:
            del self._open[name]
        closing = asyncio.create_task(room.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Say for all that nobody is here any more."""
        for name, room in list(self._open.items()):
            self._close(name, room)
        await asyncio.gather(*self._closing, return_exceptions=True)


def _change(known: Mapping[str, Member[T]], people: Mapping[str, Member[T]]) -> Change[T]:
    if known is people:
        return Change()
    joined = tuple(member for user_id, member in people.items() if _has_come(known.get(user_id), member))
    return Change(joined, tuple(user_id for user_id in known if user_id not in people))


def _has_come(before: Member[T] | None, member: Member[T]) -> bool:
    return before is None or before.data != member.data
