"""The store in memory: for tests, and for one process whose entries may go when it ends."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Final, Self

from martlet.stores.bounds import check_ttl, key_bytes
from martlet.stores.contract import Entry, Rate, Taken
from martlet.stores.expiring import ExpiringDict
from martlet.stores.forking import tell_of_forks
from martlet.stores.rates import Level, checked_meter

BYTES_OF_A_RATE: Final = 100  # a key apart


class MemoryStore:
    """A store in memory, which no other process sees.

    It needs no opening, never waits, and may be used from several event loops and threads. What has expired makes room; what has
    not is never dropped, since it may be somebody's session: a full store raises StoreFullError. Rates have room of their own,
    as large again, so that a flood of clients to count keeps nobody's session out; the bucket that is next to be empty makes room
    there, so that nobody goes uncounted.

    max_entries: an entry takes about 0.5 KB beside its key and value. max_bytes: of keys and values, by default 64 MB.
    clock: gives seconds, and must never run backwards.

    >>> import asyncio
    >>> store = MemoryStore()
    >>> asyncio.run(store.set("greeting", b"Hello", ttl=60))
    >>> asyncio.run(store.get("greeting")).value
    b'Hello'
    """

    def __init__(
        self,
        *,
        max_entries: int = 100_000,
        max_bytes: int = 64_000_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._entries = ExpiringDict[str, Entry](max_entries=max_entries, max_bytes=max_bytes)
        self._levels = ExpiringDict[tuple[str, str], Level](max_entries=max_entries, max_bytes=max_bytes, drops=True)
        self._clock = clock
        self._versions = count(1)
        self._lock = threading.Lock()
        tell_of_forks(self)

    async def __aenter__(self) -> Self:
        """Do nothing: it is open."""
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Do nothing: what it holds goes with the store."""

    async def get(self, key: str) -> Entry | None:
        """Give the entry of a key, None if there is none."""
        with self._lock:
            return self._entries.get(key, now=self._clock())

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        """Keep a value under a key, whatever is there; raises StoreLimitError if there is no room."""
        check_ttl(ttl)
        size = len(key_bytes(key)) + len(value)
        with self._lock:
            self._put(key, value, size, ttl, self._clock())

    async def replace(self, key: str, value: bytes, *, ttl: float | None, version: bytes | None) -> bool:
        """Keep a value if the entry still has this version, or for None if there is none; raises StoreLimitError if full."""
        check_ttl(ttl)
        size = len(key_bytes(key)) + len(value)
        with self._lock:
            now = self._clock()
            entry = self._entries.get(key, now=now)
            if version != (None if entry is None else entry.version):
                return False
            self._put(key, value, size, ttl, now)
            return True

    async def touch(self, key: str, *, ttl: float | None) -> bool:
        """Let an entry live this long from now on; False if there is none."""
        check_ttl(ttl)
        with self._lock:
            now = self._clock()
            return self._entries.touch(key, expires=_end(now, ttl), now=now)

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        """Take an entry away, of this version only if one is given; False if there was none (of it)."""
        with self._lock:
            entry = self._entries.get(key, now=self._clock())
            if entry is None or version not in {None, entry.version}:
                return False
            self._entries.remove(key)
            return True

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        """Count `cost` against a rate if that is allowed now; raises StoreLimitError for a key that is too long."""
        meter = checked_meter(rate, cost)
        size = len(key_bytes(key)) + BYTES_OF_A_RATE
        bucket = (key, meter.label)
        with self._lock:
            now = self._clock()
            taken, level = meter.take(self._levels.get(bucket, now=now), meter.ticks(now), cost)
            if level is not None:
                self._levels.put(bucket, level, size=size, expires=now + taken.reset_after, now=now)
            return taken

    def before_fork(self) -> None:
        """Let no other thread be half-way."""
        self._lock.acquire()

    def after_fork_in_parent(self) -> None:
        """Go on."""
        self._lock.release()

    def after_fork_in_child(self) -> None:
        """Go on with a copy of the entries."""
        self._lock.release()

    def _put(self, key: str, value: bytes, size: int, ttl: float | None, now: float) -> None:
        version = next(self._versions).to_bytes(8, "big")
        self._entries.put(key, Entry(bytes(value), version), size=size, expires=_end(now, ttl), now=now)


def _end(now: float, ttl: float | None) -> float:
    return math.inf if ttl is None else now + ttl
