"""Reading topics of NATS: each one that is followed for as long as it is wanted, and the window of one."""

from __future__ import annotations

import asyncio
import logging
import random
from asyncio import Semaphore, Task
from typing import Any, Final

from martlet.channels.contract import Feed, Record, Topic
from martlet.channels.nats.consumers import Consumer, Sent
from martlet.channels.nats.links import NatsLinks
from martlet.channels.nats.names import Names, NatsPlace
from martlet.channels.nats.streams import ANSWER_SECONDS, NatsStreams

LOGGER: Final = logging.getLogger("martlet.channels")
LOOK_SECONDS: Final = 1.0  # between two looks at which consumers are silent
AT_ONCE: Final = 32  # topics that go on at the same time after an outage
MAX_WAIT: Final = 2.0  # seconds until a topic is tried again; times a random part, so that not all come back at once


class Followed:
    """A topic, and how far it was read. max_count: how many of its messages the stream keeps."""

    __slots__ = ("consumer", "feed", "is_over", "max_count", "names", "place", "topic")

    def __init__(self, topic: Topic, names: Names, feed: Feed, place: NatsPlace, max_count: int) -> None:
        self.topic = topic
        self.names = names
        self.feed = feed
        self.place = place
        self.max_count = max_count
        self.consumer: Consumer | None = None
        self.is_over = False

    def end(self) -> None:
        """Hand on nothing more."""
        self.is_over = True
        if self.consumer is not None:
            self.consumer.give_up()


class NatsReading:
    """Reads from the opening to the closing."""

    def __init__(self, links: NatsLinks, streams: NatsStreams) -> None:
        self._links = links
        self._streams = streams
        self._followed: dict[str, tuple[Followed, Task[None]]] = {}  # by their subjects
        self._ending: set[Task[None]] = set()
        self._consumers: set[Consumer] = set()
        self._looking: Task[None] | None = None
        self._places = Semaphore(AT_ONCE)

    def open(self) -> None:
        """Begin to look after consumers."""
        self._places = Semaphore(AT_ONCE)
        self._looking = asyncio.create_task(self._look_for_ever())

    async def close(self) -> None:
        """Read no more."""
        for subject in list(self._followed):
            self.unfollow(subject)
        tasks = list(self._ending)
        if self._looking is not None:
            self._looking.cancel()
            tasks.append(self._looking)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def follow(self, followed: Followed) -> None:
        """Read on behind its place, until `unfollow`."""
        await self._begin(followed, await self._links.client())
        self._followed[followed.names.subject] = followed, asyncio.create_task(self._keep(followed))

    def unfollow(self, subject: str) -> None:
        """Read no more of it."""
        followed, task = self._followed.pop(subject, (None, None))
        if followed is not None and task is not None:
            followed.end()
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    def give_up(self, stream: str | None = None) -> None:
        """Let all consumers begin anew, or those of one stream."""
        for consumer in list(self._consumers):
            if stream in {None, consumer.stream}:
                consumer.give_up()

    async def window(self, names: Names, max_count: int) -> list[Record]:
        """Give all there is of a topic, up to now; raises ConnectionError if something is lost on the way, and TimeoutError."""
        records: list[Record] = []
        last: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def take(sent: Sent) -> None:
            if sent.pending + 1 >= max_count:
                records.clear()  # the stream is full: one of these may have left it before it was sent
            records.append(sent.record)
            if not sent.pending and not last.done():
                last.set_result(None)

        consumer = await self._opened(Consumer(await self._links.client(), names, take), 0)
        try:
            while consumer.pending and not last.done():
                known = len(records)
                await asyncio.wait({last, consumer.broken}, timeout=ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not last.done() and consumer.broken.done():
                    raise ConnectionError("a message was lost on the way")
                if not last.done() and len(records) == known:
                    raise TimeoutError
        finally:
            await self._end(consumer)
        return records

    async def _keep(self, followed: Followed) -> None:
        """Begin anew whenever something is wrong."""
        try:
            while not followed.is_over and (consumer := followed.consumer) is not None:
                await asyncio.wait([consumer.broken])
                await self._end(consumer)
                await self._go_on(followed)
        finally:
            if followed.consumer is not None:
                await self._end(followed.consumer)

    async def _go_on(self, followed: Followed) -> None:
        wait = 0.05
        while not followed.is_over:
            client = await self._links.client()
            try:
                async with self._places:
                    await self._look_for_gap(followed)
                    await self._begin(followed, client)
                    return
            except Exception as error:  # noqa: BLE001  whatever it is, it is tried again
                LOGGER.debug("%s: %r does not go on yet: %r", self._links, followed.topic.name, error)
            await asyncio.sleep(wait * random.uniform(0.5, 1))  # noqa: S311  no secret
            wait = min(wait * 2, MAX_WAIT)

    async def _look_for_gap(self, followed: Followed) -> None:
        """Tell if something is missing: then what was read last is not there any more, since the oldest one leaves first."""
        stream = await self._streams.stream(followed.names, followed.topic.window)
        followed.max_count = stream.max_count
        if not await self._is_there(followed):
            tail = await self._streams.tail(followed.names)
            if not followed.is_over:
                followed.place = tail
                followed.feed.lose(str(tail))

    async def _is_there(self, followed: Followed) -> bool:
        stored = await self._streams.at(followed.names, followed.place.number)
        return stored is not None and stored.place == followed.place and stored.subject == followed.names.subject

    async def _begin(self, followed: Followed, client: Any) -> None:
        async def take(sent: Sent) -> None:
            # Where half of what is kept is still to come, some of it may have left the stream before it was sent.
            if 2 * (sent.pending + 1) >= followed.max_count and not await self._is_there(followed):
                consumer.give_up()
            elif not consumer.broken.done():
                followed.place = sent.place
                followed.feed.receive((sent.record,))

        consumer = Consumer(client, followed.names, take)
        followed.consumer = await self._opened(consumer, followed.place.number)

    async def _opened(self, consumer: Consumer, number: int) -> Consumer:
        self._consumers.add(consumer)
        try:
            await consumer.open(self._streams, number)
        except BaseException:
            await self._end(consumer)
            raise
        return consumer

    async def _end(self, consumer: Consumer) -> None:
        self._consumers.discard(consumer)
        await consumer.close()

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            for consumer in list(self._consumers):
                consumer.look(now)
