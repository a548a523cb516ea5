"""The broker in a Redis or Valkey server: a stream for each topic."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, Final, Self

from martlet.channels.contract import BrokerUnavailableError, Feed, Published, Record, Topic
from martlet.channels.places import Place
from martlet.channels.redis.reading import Followed, RedisReading
from martlet.channels.redis.scripts import PUBLISH, RESUME
from martlet.optional_packages import require_extra
from martlet.stores.contract import StoreLimitError, StoreUnavailableError
from martlet.stores.redis_links import RedisLinks, UnknownScriptError
from martlet.stores.redis_scripts import Script
from martlet.stores.redis_urls import RedisURL

REPEAT_SECONDS: Final = 120.0  # how long a publisher's id is known; who tries again does so within seconds
COMMAND_SECONDS: Final = 2.0  # for one command; a server that is alive answers within milliseconds
WEEK: Final = 7 * 24 * 3_600_000  # milliseconds that a topic is known for beyond its window, so that who was idle is told nothing
MAX_WAIT: Final = 0.5  # seconds between two attempts


class RedisBroker:
    """A broker in a Redis (from 6.2 on) or Valkey server, for processes on any number of machines.

    url: `redis://`, `rediss://`, `unix://`, `valkey://`, `valkeys://`, or `+sentinel` as RedisStore takes it; no cluster, since
    one read waits for all topics. prefix: what all keys begin with on the server. timeout_seconds: how long an operation may
    take, all its attempts together. repeat_seconds: how long a publisher's id is known.

    A publication is tried again, under its id, until its time is over. One connection of each process waits for all its topics;
    when it breaks, or gives no sign of life for seconds, another goes on after the last id that was read. What the server lost
    meanwhile, or trimmed, is told to the readers.

    How much a crash of the server loses is the server's setting: with `appendonly yes` and `appendfsync everysec` the last
    second, with `always` nothing. It must not evict (`maxmemory-policy noeviction`).

    >>> RedisBroker("redis://:secret@127.0.0.1:6379/0")
    RedisBroker(redis://127.0.0.1:6379/0)
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "martlet:",
        timeout_seconds: float = 5.0,
        max_connections: int = 16,
        repeat_seconds: float = REPEAT_SECONDS,
    ) -> None:
        """Raises ValueError for a URL that is none, or that is of a cluster; MissingExtraError without the package redis."""
        parsed = RedisURL.parse(url)
        if parsed.kind == "cluster":
            raise ValueError(f"{parsed.shown} is a cluster: name one server, or the sentinels of a group of them.")
        require_extra("redis", "redis")
        self._links = RedisLinks(url, seconds=min(COMMAND_SECONDS, timeout_seconds), max_connections=max_connections)
        self._prefix = prefix.encode() + b"channel:"
        self._seconds = timeout_seconds
        self._repeat_milliseconds = max(int(repeat_seconds * 1_000), 1)
        self._reading = RedisReading(parsed, self._links, self._prefix, self._resume)

    def __repr__(self) -> str:
        return f"RedisBroker({self._links})"

    async def __aenter__(self) -> Self:
        """Make the client; the server may come up later."""
        self._links.link()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Close the connections."""
        await self._reading.close()
        await self._links.close()

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Append a message, once, however often that is tried."""
        stream, tail = self._keys(topic)
        seen = b"%sid:%s:%s" % (self._prefix, _named(topic), publisher_id.encode(errors="surrogatepass"))
        window = topic.window
        bounds = (window.count, int(window.seconds * 1_000), self._repeat_milliseconds, _lifetime(topic))
        event_id, is_repeat = await self._run(PUBLISH, (stream, tail, seen), payload, *bounds, os.urandom(8).hex())
        return Published(event_id.decode(), bool(is_repeat))

    async def follow(self, topic: Topic, feed: Feed) -> str:
        """Hand on what is published from now on."""
        place, _ = await self._resume(topic, None)
        self._reading.add(Followed(topic, self._keys(topic)[0], feed, place))
        return str(place)

    def unfollow(self, topic: Topic) -> None:
        """Hand on nothing more."""
        self._reading.remove(self._keys(topic)[0])

    async def has(self, topic: Topic, event_id: str) -> bool:
        """Tell whether something of this id is kept."""
        place = Place.named(event_id)
        return place is not None and bool(await self._retried("XRANGE", self._keys(topic)[0], event_id, event_id))

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept."""
        newest_first = await self._retried("XREVRANGE", self._keys(topic)[0], "+", "-", "COUNT", topic.window.count)
        return [record(event_id, fields) for event_id, fields in reversed(newest_first)]

    async def _resume(self, topic: Topic, place: Place | None) -> tuple[Place, bool]:
        """Give the last place of a topic, and whether all after this one is still there."""
        read = "" if place is None else str(place)
        tail, is_whole = await self._run(RESUME, self._keys(topic), read, _lifetime(topic))
        return Place.parse(tail), bool(is_whole)

    def _keys(self, topic: Topic) -> tuple[bytes, bytes]:
        name = _named(topic)
        return b"%sstream:%s" % (self._prefix, name), b"%stail:%s" % (self._prefix, name)

    async def _run(self, script: Script, keys: Sequence[bytes], *given: bytes | str | int) -> Any:
        try:
            return await self._retried("EVALSHA", script.digest, len(keys), *keys, *given)
        except UnknownScriptError:  # then nothing was done
            return await self._retried("EVAL", script.text, len(keys), *keys, *given)

    async def _retried(self, *words: bytes | str | int) -> Any:
        """Send a command that may be sent again, until it is answered or its time is over."""
        clock = asyncio.get_running_loop().time
        deadline, wait = clock() + self._seconds, 0.02
        while True:
            try:
                return await self._links.command(*words)
            except (StoreUnavailableError, StoreLimitError) as error:
                if clock() + wait > deadline:
                    raise BrokerUnavailableError(str(error)) from error
            await asyncio.sleep(wait)
            wait = min(wait * 2, MAX_WAIT)


def record(event_id: bytes, fields: Any) -> Record:
    """Read an entry of a stream."""
    return Record(event_id.decode(), fields.get(b"m"), int(event_id.partition(b"-")[0]))


def _named(topic: Topic) -> bytes:
    return topic.name.encode(errors="surrogatepass")


def _lifetime(topic: Topic) -> int:
    return int(topic.window.seconds * 1_000) + WEEK
