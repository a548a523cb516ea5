"""What a key-value store does, whatever keeps its values.

Every operation is whole or not at all, over all processes that share the store. A store that cannot be reached, or does not answer
in time, raises StoreUnavailableError and never gives "nothing there" in place of an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable


class StoreUnavailableError(Exception):
    """The store cannot be reached, or did not answer in time; what was asked of it may or may not have been done."""


class StoreLimitError(Exception):
    """A key, a value or the number of entries exceeds a bound of the store."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as it was found, and the version by which it is replaced only if nobody else has done so since.

    version: opaque; no two values of one key, at any time, have the same.
    """

    value: bytes
    version: bytes


@dataclass(frozen=True, slots=True)
class Rate:
    """A bound on how often: `limit` at once, and as many again every `seconds`."""

    limit: int
    seconds: float


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

    Keys are text. A `ttl` is in seconds, above 0; None never expires. An expired entry is as one that was never there.
    A store is opened by `async with`, once for each process, and may be used by any task of that event loop.
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
        """Keep a value if the key's entry still has this version, or if there is none, for None; else do nothing: False."""
        ...

    async def touch(self, key: str, *, ttl: float | None) -> bool:
        """Let an entry live this long from now on, its value and version as they are; False if there is none."""
        ...

    async def delete(self, key: str, *, version: bytes | None = None) -> bool:
        """Take an entry away, of this version only if one is given; False if there was none (of it)."""
        ...

    async def take(self, key: str, rate: Rate, *, cost: int = 1) -> Taken:
        """Count `cost` against a rate if that is allowed now; refused requests count nothing (token bucket, as GCRA)."""
        ...
