"""The store in a Redis or Valkey server, for processes on any number of machines."""

from __future__ import annotations

import math
import os
from typing import Any, Final, Self
from zlib import crc32

from martlet.stores.bounds import MAX_VALUE_BYTES, check_ttl, check_value, key_bytes
from martlet.stores.contract import Entry, Rate, StoreUnavailableError, Taken
from martlet.stores.rates import checked_meter
from martlet.stores.redis_links import RedisLinks
from martlet.stores.redis_scripts import DELETE, KEEP_FOR_EVER, MARK_BYTES, REPLACE, TAKE

RANDOM_BYTES: Final = 12  # of a mark: no two values of one key ever have the same


class RedisStore:
    """A store in a Redis or Valkey server.

    url: `redis://`, `rediss://` (TLS) or `unix://` as redis-py reads them, `redis+cluster://HOST:PORT,HOST:PORT` or
    `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE`; `valkey` may stand for `redis`. Or a ready client of redis-py or of one like
    it, for the event loop that it belongs to: it must give bytes and should not retry, and whoever made it closes it.
    prefix: what all keys begin with on the server. timeout_seconds: how long an operation may take, connecting and waiting for
    one of the max_connections included. max_value_bytes: beyond it a value is a StoreLimitError; by default 8 MB.

    Every failure is a StoreUnavailableError, and no command is ever sent twice: when the answer to a `replace`, a `delete` or a
    `take` is lost, it may have been done, and a second try would give the wrong answer or count twice. The next operation
    connects anew, so nothing need be restarted when the server is back. What `take` counts goes by the server's clock.

    How much a crash of the server loses is the server's setting: with `appendfsync everysec` the last second. It must not evict
    (`maxmemory-policy noeviction`), or sessions vanish; a full server then is a StoreFullError.

    >>> RedisStore("redis://:secret@127.0.0.1:6379/0")
    RedisStore(redis://127.0.0.1:6379/0)
    """

    def __init__(
        self,
        url: str | Any,
        *,
        prefix: str = "martlet:",
        timeout_seconds: float = 2.0,
        max_connections: int = 64,
        max_value_bytes: int = MAX_VALUE_BYTES,
    ) -> None:
        self._links = RedisLinks(url, seconds=timeout_seconds, max_connections=max_connections)
        self._entry_prefix = f"{prefix}entry:".encode()
        self._rate_prefix = f"{prefix}rate:".encode()
        self._max_value_bytes = max_value_bytes

    def __repr__(self) -> str:
        return f"RedisStore({self._links})"

    async def __aenter__(self) -> Self:
        """Make the client; the server may come up later. Raises MissingExtraError without the package redis."""
        self._links.link()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Close the connections of this event loop."""
        await self._links.close()

    async def get(self, key: str) -> Entry | None:
        """Give the entry of a key, None if there is none."""
        encoded = key_bytes(key)
        kept = await self._links.command("GET", self._entry_prefix + encoded)
        if kept is None:
            return None
        # A connection that has lost count would hand one user another's session; that has happened to others.
        if not isinstance(kept, bytes) or kept[:4] != _tell(encoded) or len(kept) < MARK_BYTES:
            raise StoreUnavailableError(
                f"{self._links} answered with something that is not the entry asked for: is its client made with "
                "decode_responses=False, and is the prefix used by nobody else?"
            )
        return Entry(kept[MARK_BYTES:], kept[:MARK_BYTES])

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        """Keep a value under a key, whatever is there."""
        encoded = key_bytes(key)
        lives = () if ttl is None else ("PX", _milliseconds(ttl))
        await self._links.command("SET", self._entry_prefix + encoded, self._marked(encoded, value), *lives)

    async def replace(self, key: str, value: bytes, *, ttl: float | None, version: bytes | None) -> bool:
        """Keep a value if the entry still has this version, or for None if there is no entry; else do nothing and give False."""
        encoded = key_bytes(key)
        marked = self._marked(encoded, value)
        if version is None:
            lives = () if ttl is None else ("PX", _milliseconds(ttl))
            return bool(await self._links.command("SET", self._entry_prefix + encoded, marked, "NX", *lives))
        if len(version) != MARK_BYTES:  # of another store; an empty one would fit where nothing is
            return False
        lifetime = "" if ttl is None else _milliseconds(ttl)
        return bool(await self._links.run(REPLACE, self._entry_prefix + encoded, version, marked, lifetime))

    async def touch(self, key: str, *, ttl: float | None) -> bool:
        """Let an entry live this long from now on; False if there is none."""
        name = self._entry_prefix + key_bytes(key)
        if ttl is None:
            return bool(await self._links.run(KEEP_FOR_EVER, name))
        return bool(await self._links.command("PEXPIRE", name, _milliseconds(ttl)))

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        """Take an entry away, of this version only if one is given; False if there was none (of it)."""
        name = self._entry_prefix + key_bytes(key)
        if version is None:
            return bool(await self._links.command("DEL", name))
        return bool(await self._links.run(DELETE, name, version))

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        """Count `cost` against a rate if that is allowed now."""
        meter = checked_meter(rate, cost)
        name = self._rate_prefix + meter.label.encode() + b":" + key_bytes(key)
        allowed, filled = await self._links.run(TAKE, name, meter.limit, meter.period, meter.tick, cost)
        return meter.taken(bool(allowed), int(filled), cost)

    def _marked(self, key: bytes, value: bytes) -> bytes:
        check_value(value, self._max_value_bytes)
        return _tell(key) + os.urandom(RANDOM_BYTES) + value


def _tell(key: bytes) -> bytes:
    return crc32(key).to_bytes(4, "big")


def _milliseconds(ttl: float) -> int:
    check_ttl(ttl)
    return math.ceil(ttl * 1_000)
