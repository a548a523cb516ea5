"""The broker in NATS JetStream: a stream for each channel, and in it a subject for each topic."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Self, TypeVar

from martlet.channels.contract import WEEK, Feed, MessageLimitError, Published, Record, Topic
from martlet.channels.nats.links import NatsLinks, NatsURL, Secrets
from martlet.channels.nats.names import PREFIX, Names, NatsPlace, message_id
from martlet.channels.nats.reading import Followed, NatsReading
from martlet.channels.nats.streams import CALL, MESSAGE_ID, NatsStreams, NoStreamError, RefusedError, Settings
from martlet.optional_packages import require_extra

R = TypeVar("R")
REPEAT_SECONDS: Final = 120.0  # how long a publisher's id is known; who tries again does so within seconds
MAX_WAIT: Final = 0.5  # seconds between two attempts


class NatsBroker:
    """A broker in NATS servers (from 2.9 on) with JetStream, for processes on any number of machines.

    url: `nats://` or `tls://`, several hosts of a cluster with commas between them; with a user and a password, or a token.
    prefix: what all streams and subjects begin with on the server: letters, digits, hyphens, underscores. replicas: on how many
    servers of a cluster each stream is, when it is made. credentials: the file of a user's credentials. tls: whom to trust, and
    a certificate of one's own. timeout_seconds: how long an operation may take, all its attempts together. repeat_seconds: how
    long a publisher's id is known. idle_seconds: how long messages stay beyond their window, so that who was idle is told
    nothing.

    The streams are made by the broker. What an operator changes of them stays, but for their subjects, ages and counts. A
    publication is tried again, under its id, until its time is over. When the connection breaks, or gives no sign of life for
    seconds, another goes on after what was read last. What the server lost meanwhile, or dropped, is told to the readers.

    How much a crash of a server loses is the server's setting: without replicas what it has not synced to its disk, if the
    system crashes too (`sync_interval`).

    >>> NatsBroker("nats://ada:secret@127.0.0.1:4222")
    NatsBroker(nats://127.0.0.1:4222)
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "martlet",
        replicas: int = 1,
        credentials: str | os.PathLike[str] | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = 5.0,
        repeat_seconds: float = REPEAT_SECONDS,
        idle_seconds: float = WEEK,
    ) -> None:
        """Raises ValueError for a URL that is none, and for a prefix with other characters; MissingExtraError without nats-py."""
        if PREFIX.fullmatch(prefix) is None:
            raise ValueError(f"{prefix!r} is no prefix: take 1 to 32 letters, digits, hyphens and underscores, as in 'martlet'.")
        require_extra("nats", "nats")
        secrets = Secrets(None if credentials is None else os.fspath(credentials), tls)
        self._links = NatsLinks(NatsURL.parse(url), secrets, self._change)
        self._streams = NatsStreams(self._links, Settings(replicas, repeat_seconds, idle_seconds), self._renew)
        self._reading = NatsReading(self._links, self._streams)
        self._prefix = prefix
        self._seconds = timeout_seconds

    def __repr__(self) -> str:
        return f"NatsBroker({self._links})"

    async def __aenter__(self) -> Self:
        """Begin to connect; the server may come up later."""
        await self._links.open()
        self._reading.open()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Close the connection."""
        await self._reading.close()
        await self._links.close()

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Append a message, once, however often that is tried."""
        names = Names.of(self._prefix, topic)
        known, call, tries = message_id(names.subject, publisher_id), os.urandom(8).hex(), 0

        async def publish() -> Published:
            nonlocal tries
            await self._streams.stream(names, topic.window)
            tries += 1
            number, is_repeat = await self._streams.publish(names, payload, {MESSAGE_ID: known, CALL: call})
            if is_repeat and tries > 1:  # it may be one of these tries that the server had
                stored = await self._streams.at(names, number)
                is_repeat = stored is None or stored.call != call
            return Published(str(NatsPlace.of(known, payload, number)), is_repeat)

        return await self._retried(publish)

    async def follow(self, topic: Topic, feed: Feed) -> str:
        """Hand on what is published from now on."""
        names = Names.of(self._prefix, topic)

        async def follow() -> NatsPlace:
            stream = await self._streams.stream(names, topic.window)
            place = await self._streams.tail(names)
            await self._reading.follow(Followed(topic, names, feed, place, stream.max_count))
            return place

        return str(await self._retried(follow))

    def unfollow(self, topic: Topic) -> None:
        """Hand on nothing more."""
        self._reading.unfollow(Names.of(self._prefix, topic).subject)

    async def has(self, topic: Topic, event_id: str) -> bool:
        """Tell whether something of this id is kept."""
        names, place = Names.of(self._prefix, topic), NatsPlace.named(event_id)
        if place is None:
            return False

        async def look() -> bool:
            await self._streams.stream(names, topic.window)
            stored = await self._streams.at(names, place.number)
            return stored is not None and (stored.subject, stored.place) == (names.subject, place)

        return await self._retried(look)

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept."""
        names = Names.of(self._prefix, topic)

        async def read() -> Sequence[Record]:
            stream = await self._streams.stream(names, topic.window)
            return await self._reading.window(names, stream.max_count)

        records = (await self._retried(read))[-topic.window.count :]
        oldest = records[-1].milliseconds - topic.window.seconds * 1_000 if records else 0
        return [record for record in records if record.milliseconds >= oldest]

    async def _retried(self, operate: Callable[[], Awaitable[R]]) -> R:
        """Do what may be done again, until it is done or its time is over."""
        clock = asyncio.get_running_loop().time
        deadline, wait = clock() + self._seconds, 0.02
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    return await operate()
            except MessageLimitError:
                raise
            except NoStreamError as error:
                self._streams.forget()
                reason: Exception = error
            except Exception as error:  # noqa: BLE001  whatever a client raises
                reason = error
            if clock() + wait > deadline or (isinstance(reason, RefusedError) and not reason.may_pass):
                raise self._links.unavailable(reason) from reason
            await asyncio.sleep(wait)
            wait = min(wait * 2, MAX_WAIT)

    def _change(self) -> None:
        """Begin anew with what a connection had."""
        self._streams.forget()
        self._reading.give_up()

    def _renew(self, stream: str) -> None:
        """Tell the readers of a stream that it is another one; they find out what is missing."""
        self._reading.give_up(stream)
