"""The one connection of a process that waits for all its topics in Redis, and what happens when it breaks."""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from asyncio import Event, Task
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from martlet.channels.contract import Feed, Record, Topic
from martlet.channels.places import Place
from martlet.channels.redis.scripts import WAKE
from martlet.stores.contract import StoreLimitError, StoreUnavailableError
from martlet.stores.redis_links import RedisLinks, UnknownScriptError
from martlet.stores.redis_urls import RedisURL

LOGGER: Final = logging.getLogger("martlet.channels")
BLOCK_SECONDS: Final = 2.0  # the server gives a sign of life that often
SILENT_SECONDS: Final = 4.0  # without one after that the connection is taken for cut: a cut link is silence
MAX_READ: Final = 100  # messages of one topic at once: 100 MB where each is as large as may be
MAX_WAIT: Final = 2.0  # seconds between two attempts to connect; times a random part, so that not all come back at once
WAKE_MILLISECONDS: Final = 60_000  # how long a key is left behind by a process that is killed

Resume: TypeAlias = Callable[[Topic, Place | None], Awaitable[tuple[Place, bool]]]


@dataclass(slots=True)
class Followed:
    """A topic, and how far it was read."""

    topic: Topic
    stream: bytes
    feed: Feed
    place: Place


class RedisReading:
    """Reads from the first topic to the closing."""

    def __init__(self, url: RedisURL, links: RedisLinks, prefix: bytes, resume: Resume) -> None:
        """links: for what does not wait. resume: tells where a topic is, and whether it is whole after a place."""
        self._url = url
        self._links = links
        self._resume = resume
        self._followed: dict[bytes, Followed] = {}
        self._task: Task[None] | None = None
        self._is_wanted = Event()
        self._wake_key = b"%swake:%s" % (prefix, secrets.token_hex(8).encode())
        self._woken: bytes = b"0-0"
        self._failures = 0  # since it was read last
        self._reads = 0  # how often it began to wait; a topic that came since must wake it
        self._woken_reads = 0
        self._waking: set[Task[None]] = set()

    def add(self, followed: Followed) -> None:
        """Read one more topic."""
        self._followed[followed.stream] = followed
        self._is_wanted.set()
        if self._task is None:
            self._task = asyncio.create_task(self._read_for_ever())
        elif self._woken_reads != self._reads:
            self._woken_reads = self._reads
            waking = asyncio.create_task(self._wake())
            self._waking.add(waking)
            waking.add_done_callback(self._waking.discard)

    def remove(self, stream: bytes) -> None:
        """Read one less."""
        self._followed.pop(stream, None)
        if not self._followed:
            self._is_wanted.clear()

    async def close(self) -> None:
        """Read no more."""
        self._followed.clear()
        tasks = [*self._waking, *([] if self._task is None else [self._task])]
        self._task = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wake(self) -> None:
        with suppress(StoreUnavailableError, StoreLimitError):  # it wakes by itself soon
            try:
                await self._links.command("EVALSHA", WAKE.digest, 1, self._wake_key, WAKE_MILLISECONDS)
            except UnknownScriptError:
                await self._links.command("EVAL", WAKE.text, 1, self._wake_key, WAKE_MILLISECONDS)

    async def _read_for_ever(self) -> None:
        while True:
            clients = self._url.make_clients(SILENT_SECONDS)
            try:
                await self._read_while_it_answers(clients[0])
            except Exception as error:  # noqa: BLE001  whatever a client raises, the next connection is tried
                if not self._failures:
                    LOGGER.warning("%s does not answer; the channels try again: %r", self._links, error)
                self._failures += 1
            finally:
                await self._close(clients)
            most = min(0.05 * 2 ** min(self._failures, 10), MAX_WAIT)
            await asyncio.sleep(most * random.uniform(0.5, 1))  # noqa: S311  no secret

    async def _read_while_it_answers(self, client: Any) -> None:
        if self._failures:
            for followed in list(self._followed.values()):
                await self._go_on(followed)
        while True:
            await self._is_wanted.wait()
            await self._read(client)
            if self._failures:
                LOGGER.info("%s is back; the channels go on.", self._links)
            self._failures = 0

    async def _read(self, client: Any) -> None:
        """Wait for what comes next, and hand it on."""
        followed = dict(self._followed)
        places = [str(each.place) for each in followed.values()]
        self._reads += 1
        streams = ("STREAMS", *followed, self._wake_key, *places, self._woken)
        async with asyncio.timeout(BLOCK_SECONDS + SILENT_SECONDS):
            answer: Any = await client.execute_command("XREAD", "COUNT", MAX_READ, "BLOCK", int(BLOCK_SECONDS * 1_000), *streams)
        read: list[tuple[bytes, list[Any]]] = list(answer or ())
        for stream, entries in read:
            if stream == self._wake_key:
                self._woken = entries[-1][0]
            elif (each := followed[stream]) is self._followed.get(stream):
                await self._hand_on(each, entries)

    async def _hand_on(self, followed: Followed, entries: Any) -> None:
        records: list[Record] = []
        place = followed.place
        for event_id, fields in entries:
            read = Place.parse(event_id)
            if read.number != place.number + 1:
                break
            records.append(Record(event_id.decode(), fields.get(b"m"), read.milliseconds))
            place = read
        followed.place = place
        if records:
            followed.feed.receive(records)
        if len(records) < len(entries):
            await self._go_on(followed)

    async def _go_on(self, followed: Followed) -> None:
        """Go on after what was read last, or tell that something is missing and go on from the end."""
        tail, is_whole = await self._resume(followed.topic, followed.place)
        if not is_whole and self._followed.get(followed.stream) is followed:
            followed.place = tail
            followed.feed.lose(str(tail))

    @staticmethod
    async def _close(clients: tuple[Any, ...]) -> None:
        for client in clients:
            with suppress(Exception):
                async with asyncio.timeout(1):
                    await client.aclose()
