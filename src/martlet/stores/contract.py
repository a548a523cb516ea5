"""What a key-value store does, whatever keeps its values.

Every operation is whole or not at all, over all processes that share the store. A store that cannot be reached, or does not
answer in time, raises StoreUnavailableError and never gives "nothing there" in place of an answer.

>>> import asyncio
>>> from martlet.stores import MemoryStore
>>> async def count_visits(store: KeyValueStore) -> bytes:
...     await store.set("visits", b"1", ttl=60)
...     while (entry := await store.get("visits")) is not None:
...         more = str(int(entry.value) + 1).encode()
...         if await store.replace("visits", more, ttl=60, version=entry.version):  # False: somebody else was faster
...             return more
...     return b"0"
>>> asyncio.run(count_visits(MemoryStore()))
b'2'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, Self, runtime_checkable

MAX_LIMIT: Final = 1_000_000_000
CENTURY: Final = 100 * 366 * 24 * 3600.0  # seconds; far enough from what overflows in a server


class StoreUnavailableError(Exception):
    """The store cannot be reached, or did not answer in time; what was asked of it may or may not have been done."""


class StoreLimitError(Exception):
    """A key, a value or the number of entries exceeds a bound of the store; nothing was done."""


class StoreFullError(StoreLimitError, StoreUnavailableError):
    """A store has no room left, and nothing was done; it will have again, once entries expire or somebody makes it larger."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as it was found, and the version by which it is replaced only if nobody else has done so since.

    version: opaque; no two values of one key, at any time, have the same.
    """

    value: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """A bound on how often: `limit` at once, and as many again every `seconds`, evenly.

    Raises ValueError for a limit that is not from 1 to a thousand million, and for seconds that are not above 0 and at most a
    hundred years.

    >>> Rate(100, seconds=60)
    Rate(limit=100, seconds=60)
    """

    limit: int
    seconds: float

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT or not 0 < self.seconds <= CENTURY:
            raise ValueError(f"{self} is no rate: both numbers must be above 0 and of this world, as in Rate(100, seconds=60).")


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether something may be done now, by a Rate.

    remaining: how often it may be done again at once. retry_after: seconds until it may be done, 0 if it may.
    reset_after: seconds until the whole limit is free again.
    """

    allowed: bool
    remaining: int
    retry_after: float
    reset_after: float


@runtime_checkable
class KeyValueStore(Protocol):
    """A store of bytes by key, where each entry may expire.

    Keys are any text of at most 1,024 bytes in UTF-8. A `ttl` is in seconds, above 0 and at most a hundred years, else it is a
    ValueError; None never expires. An expired entry is as one that was never there.
    A store is opened by `async with` in each process that uses it, and may be used by any task there.
    """

    async def __aenter__(self) -> Self:
        """Open it; raises StoreUnavailableError where that fails for good, such as a folder that does not exist."""
        ...

    async def __aexit__(self, *exception: object) -> None:
        """Close it."""
        ...

    async def get(self, key: str) -> Entry | None:
        """Give the entry of a key, None if there is none."""
        ...

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        """Keep a value under a key, whatever is there."""
        ...

    async def replace(self, key: str, value: bytes, *, ttl: float | None, version: bytes | None) -> bool:
        """Keep a value if the entry still has this version, or for None if there is no entry; else do nothing and give False."""
        ...

    async def touch(self, key: str, *, ttl: float | None) -> bool:
        """Let an entry live this long from now on, its value and version as they are; False if there is none."""
        ...

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        """Take an entry away, of this version only if one is given; False if there was none (of it)."""
        ...

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        """Count `cost` against a rate if that is allowed now; what is refused counts nothing (token bucket, as GCRA).

        Rates are kept apart from entries, and each rate of a key from its others: one key may be held to 5 a second and to 1,000
        a day. A cost of 0 only looks. Raises ValueError for a cost below 0 or above the limit, which could never be allowed.
        """
        ...
