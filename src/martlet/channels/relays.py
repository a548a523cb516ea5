"""One topic in one process: what the broker brings is decoded once, and read by everybody here from one log."""

from __future__ import annotations

import asyncio
import logging
from asyncio import Future, Task
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from martlet.channels.calls import Calls
from martlet.channels.contract import MAX_ID_BYTES, Broker, Record, Topic
from martlet.channels.event_log import EventLog, Logged
from martlet.channels.resets import reset
from martlet.channels.slow_readers import FOR_EVER, CoalesceBy, DropReader, LastOfEach, SlowReaders
from martlet.messages import Event, Listener

T = TypeVar("T")
LOGGER: Final = logging.getLogger("martlet.channels")


class Relay(Generic[T]):
    """Takes what a topic brings, and wakes who waits for it.

    log: what is read. waiting: the future of each reader that has nothing to read, in the order in which they came.
    last_of_each: where slow readers get only the last event of each key. most_behind: entries that a reader may have before it.
    has_ended: nothing more will come.
    """

    __slots__ = (
        "_broker",
        "_calls",
        "_following",
        "_is_loaded",
        "_joined_after",
        "_loading",
        "_make_event",
        "has_ended",
        "last_of_each",
        "log",
        "loop",
        "most_behind",
        "readers",
        "topic",
        "waiting",
    )

    def __init__(self, topic: Topic, broker: Broker, make_event: Callable[[Record], Event[T]], slow: SlowReaders) -> None:
        self.topic = topic
        self.loop = asyncio.get_running_loop()
        self._broker = broker
        self._make_event = make_event
        self._following: Task[str] | None = None
        self._joined_after = ""
        self._is_loaded = False
        self._loading = asyncio.Lock()
        self.log: EventLog[T] = EventLog(topic.window, "")
        self.waiting: dict[object, Future[None]] = {}
        self._calls = Calls(self.loop)
        self.last_of_each: LastOfEach[T] | None = LastOfEach(slow) if isinstance(slow, CoalesceBy) else None
        self.most_behind = FOR_EVER
        if isinstance(slow, DropReader):
            self.most_behind = max(topic.window.count // 2, 1) if slow.behind is None else min(slow.behind, topic.window.count)
        self.readers = 0
        self.has_ended = False

    def receive(self, records: Sequence[Record]) -> None:
        """Enter what has come, and wake the readers."""
        for record in records:
            self._enter(self._logged(record))
        self._wake()

    def lose(self, tail: str) -> None:
        """Enter that something is missing."""
        self._enter(Logged(tail, self.log.entries[-1].milliseconds if self.log.entries else 0, reset("lost", tail)))
        self._wake()

    def tell_on_news(self, reader: object, listener: Listener | None) -> None:
        """Tell who does not wait, for each time that something came; None for not any more."""
        self._calls.enter(reader, listener)

    def end(self) -> None:
        """Let every reader come to its end, after what there is to read."""
        self.has_ended = True
        self._wake()

    async def join(self) -> None:
        """Follow the topic, if nobody began to; raises BrokerUnavailableError."""
        following = self._following
        if following is None or _has_failed(following):
            following = self._following = asyncio.create_task(self._follow())
            following.add_done_callback(_has_failed)  # looks at its error, so that nobody need wait for it
        await asyncio.shield(following)

    def leave(self) -> None:
        """Follow no longer."""
        self.end()
        if self._following is not None:
            self._following.cancel()
            self._broker.unfollow(self.topic)

    async def find(self, after: str) -> int | None:
        """Give the number of the entry after this id; None if the window does not reach back to it.

        A client may name anything: the window is loaded only for an id that it has.
        """
        number = self.log.find(after)
        if number is None and not self._is_loaded and len(after) <= MAX_ID_BYTES and await self._broker.has(self.topic, after):
            async with self._loading:
                await self._load()
            number = self.log.find(after)
        return number

    async def _follow(self) -> str:
        # What comes before the broker has told the id that it comes after is entered already.
        self._joined_after = tail = await self._broker.follow(self.topic, self)
        if self.log.before == "":
            self.log.before = tail
        return tail

    async def _load(self) -> None:
        """Put the window before what has come since; all of it at once, so that whoever comes back after this finds it here."""
        if self._is_loaded:
            return
        records = await self._broker.window(self.topic)
        self._is_loaded = True
        if self.log.before != self._joined_after:
            return  # the log is full of newer ones
        ids = [record.id for record in records]
        if self._joined_after in ids:
            older = [self._logged(record) for record in records[: ids.index(self._joined_after) + 1]]
            count = self.log.prepend(older)
            if self.last_of_each is not None:
                self.last_of_each.enter_older(self.log, count)

    def _enter(self, logged: Logged[T]) -> None:
        last_of_each = self.last_of_each
        if last_of_each is None:
            self.log.append(logged)
            return
        last_of_each.enter(self.log.end, logged.event)
        first = self.log.first
        for number, left in enumerate(self.log.append(logged), first):
            last_of_each.leave(number, left)

    def _logged(self, record: Record) -> Logged[T]:
        if record.payload is None:
            return Logged(record.id, record.milliseconds, None)
        try:
            event: Event[Any] = self._make_event(record)
            if self.last_of_each is not None:
                self.last_of_each.key(event.data)
        except Exception as error:  # noqa: BLE001  what another program published, or a key's function: the topic goes on
            LOGGER.error("The message %s of the channel %r cannot be read: %r", record.id, self.topic.name, error)  # noqa: TRY400  the trace is ours
            event = reset("unreadable", record.id, missed=1)
        return Logged(record.id, record.milliseconds, event)

    def _wake(self) -> None:
        waiting = self.waiting
        if waiting:
            self.waiting = {}
            for future in waiting.values():
                if not future.done():
                    future.set_result(None)
        self._calls.begin()


def _has_failed(task: Task[str]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
