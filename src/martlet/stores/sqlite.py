"""The store in a file of SQLite: the one that survives a restart and serves all processes of one machine, without a server."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from martlet.stores import sqlite_operations as operations
from martlet.stores.batches import BatchThread, Transaction
from martlet.stores.bounds import MAX_VALUE_BYTES, check_ttl, check_value, key_bytes
from martlet.stores.contract import Entry, Rate, StoreUnavailableError, Taken
from martlet.stores.rates import Meter, checked_meter
from martlet.stores.sqlite_files import open_database

P = ParamSpec("P")
R = TypeVar("R")

VERSION_BYTES: Final = 12  # random: no two of one key are ever the same
PURGE_SECONDS: Final = 10.0  # between looks for what has expired, while the last look left nothing


class SQLiteStore:
    """A store in a file, for any number of processes of one machine.

    An operation that has returned outlives the process, kill -9 included. It outlives a power cut as well, since each commit
    waits for the disk, and those that wait at the same time share one commit; with survives_power_cuts=False a power cut may undo
    the last seconds, so a logout could come undone, while the file stays whole. Times are those of the machine's clock.

    All work is done in two threads of its own, one that writes and one that reads, which start with the first operation.
    The file is made for its owner alone (mode 0600), and must be on a local disk.

    busy_seconds: how long an operation may wait, as when another program holds the file's lock; then StoreUnavailableError.
    max_value_bytes: beyond it a value is a StoreLimitError; by default 8 MB. clock: gives seconds since 1970.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        busy_seconds: float = 5.0,
        survives_power_cuts: bool = True,
        max_value_bytes: int = MAX_VALUE_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = Path(path).absolute()
        self._max_value_bytes = max_value_bytes
        self._clock = clock
        self._opened = 0
        self._is_closed = False
        self._purge_at = 0.0
        connect = partial(open_database, self._path, survives_power_cuts=survives_power_cuts)
        self._reader = BatchThread(self._path, connect, Transaction("BEGIN"), seconds=busy_seconds)
        self._writer = BatchThread(self._path, connect, Transaction("BEGIN IMMEDIATE", self._purge), seconds=busy_seconds)

    async def __aenter__(self) -> Self:
        """Open the file, and make it if it is not there; raises StoreUnavailableError."""
        self._opened += 1
        self._is_closed = False
        try:
            await self._writer.ask(operations.nothing)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Finish what waits, close the file and end the threads, when all who opened it have closed it."""
        self._opened -= 1
        if self._opened == 0:
            self._is_closed = True
            await self._reader.close()
            await self._writer.close()

    async def get(self, key: str) -> Entry | None:
        """Give the entry of a key, None if there is none."""
        return await self._ask(self._reader, operations.get, key_bytes(key), self._now())

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        """Keep a value under a key, whatever is there."""
        entry = self._entry(value)
        await self._ask(self._writer, operations.put, key_bytes(key), entry, self._end(ttl))

    async def replace(self, key: str, value: bytes, *, ttl: float | None, version: bytes | None) -> bool:
        """Keep a value if the entry still has this version, or for None if there is no entry; else do nothing and give False."""
        entry = self._entry(value)
        if version is None:
            return await self._ask(self._writer, operations.add, key_bytes(key), entry, self._end(ttl), self._now())
        return await self._ask(self._writer, operations.replace, key_bytes(key), entry, self._end(ttl), version, self._now())

    async def touch(self, key: str, *, ttl: float | None) -> bool:
        """Let an entry live this long from now on; False if there is none."""
        return await self._ask(self._writer, operations.touch, key_bytes(key), self._end(ttl), self._now())

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        """Take an entry away, of this version only if one is given; False if there was none (of it)."""
        return await self._ask(self._writer, operations.delete, key_bytes(key), version, self._now())

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        """Count `cost` against a rate if that is allowed now."""
        meter = checked_meter(rate, cost)
        return await self._ask(self._writer, self._take, key_bytes(key), meter, cost)

    async def _ask(
        self, thread: BatchThread, work: Callable[Concatenate[sqlite3.Connection, P], R], *given: P.args, **named: P.kwargs
    ) -> R:
        if self._is_closed:
            raise StoreUnavailableError(f"The store {self._path} was closed.")
        return await thread.ask(work, *given, **named)

    def _take(self, connection: sqlite3.Connection, key: bytes, meter: Meter, cost: int) -> Taken:
        # The clock is read while the lock is held, so that no process sees another's time run backwards.
        return operations.take(connection, meter.label.encode() + b" " + key, meter, cost, self._clock())

    def _purge(self, connection: sqlite3.Connection) -> None:
        now = self._clock()
        if now >= self._purge_at:
            is_more_left = operations.purge(connection, int(now * 1_000))
            self._purge_at = now if is_more_left else now + PURGE_SECONDS

    def _entry(self, value: bytes) -> Entry:
        check_value(value, self._max_value_bytes)
        return Entry(value, os.urandom(VERSION_BYTES))

    def _now(self) -> int:
        return int(self._clock() * 1_000)

    def _end(self, ttl: float | None) -> int:
        check_ttl(ttl)
        return operations.NEVER if ttl is None else int((self._clock() + ttl) * 1_000) + 1
