"""A bounded dict whose entries expire; what has expired makes room, what has not is dropped only where that was asked for."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from martlet.stores.contract import StoreFullError

K = TypeVar("K", str, tuple[Any, ...])
V = TypeVar("V")

EVICTED_AT_ONCE: Final = 4  # by each new value, so that they keep up with any rate and no single one waits for long
STALE_NOTES: Final = 64  # beyond one note for each entry, before the notes are written anew


@dataclass(slots=True)
class Slot(Generic[V]):
    """An entry. noted: when the heap will look at it, at the latest when it expires; infinite if it never will."""

    value: V
    size: int
    expires: float
    noted: float = math.inf


class ExpiringDict(Generic[K, V]):
    """Entries that each live until a time; the time is told with each call, and never runs backwards.

    >>> sizes = ExpiringDict[str, int](max_entries=2, max_bytes=100)
    >>> sizes.put("S", 36, size=10, expires=5, now=0)
    >>> sizes.get("S", now=4), sizes.get("S", now=5)
    (36, None)
    """

    def __init__(self, *, max_entries: int, max_bytes: int, drops: bool = False) -> None:
        """max_bytes: the most that the sizes of all entries may add up to. drops: what expires next, where there is no room."""
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._drops = drops
        self._slots: dict[K, Slot[V]] = {}
        self._notes: list[tuple[float, K]] = []
        self._bytes = 0

    def __len__(self) -> int:
        """How many entries are held, some of them expired."""
        return len(self._slots)

    def get(self, key: K, *, now: float) -> V | None:
        """Give what is under a key, None if that is nothing or has expired."""
        slot = self._slots.get(key)
        return None if slot is None or slot.expires <= now else slot.value

    def put(self, key: K, value: V, *, size: int, expires: float, now: float) -> None:
        """Keep a value; raises StoreFullError if there is no room even without what has expired."""
        self._evict(now, EVICTED_AT_ONCE)
        if not self._has_room(key, size):
            self._evict(now, len(self._notes))
            while self._drops and not self._has_room(key, size) and self._notes:
                self._evict(self._notes[0][0], 1)
            if not self._has_room(key, size):
                raise StoreFullError(
                    f"The store in memory is full: {len(self._slots)} entries of {self._max_entries}, {self._bytes} bytes of "
                    f"{self._max_bytes}. Give entries a ttl, raise max_entries or max_bytes, or use another store."
                )
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = Slot(value, 0, expires)
        self._bytes += size - slot.size
        slot.value, slot.size = value, size
        self._expire_at(key, slot, expires)

    def touch(self, key: K, *, expires: float, now: float) -> bool:
        """Let an entry live until another time; False if there is none."""
        slot = self._slots.get(key)
        if slot is None or slot.expires <= now:
            return False
        self._expire_at(key, slot, expires)
        return True

    def remove(self, key: K) -> None:
        """Take an entry away that is there."""
        self._bytes -= self._slots.pop(key).size

    def _has_room(self, key: K, size: int) -> bool:
        slot = self._slots.get(key)
        if slot is None:
            return len(self._slots) < self._max_entries and self._bytes + size <= self._max_bytes
        return self._bytes + size - slot.size <= self._max_bytes

    def _expire_at(self, key: K, slot: Slot[V], expires: float) -> None:
        slot.expires = expires
        # One that lives longer than noted is noted anew when its note comes up: a session that is touched adds none.
        if expires < slot.noted:
            slot.noted = expires
            heapq.heappush(self._notes, (expires, key))
            if len(self._notes) > 2 * len(self._slots) + STALE_NOTES:
                self._note_all()

    def _note_all(self) -> None:
        for slot in self._slots.values():
            slot.noted = slot.expires
        self._notes = [(slot.expires, key) for key, slot in self._slots.items() if slot.expires < math.inf]
        heapq.heapify(self._notes)

    def _evict(self, now: float, at_most: int) -> None:
        while at_most > 0 and self._notes and self._notes[0][0] <= now:
            at_most -= 1
            noted, key = heapq.heappop(self._notes)
            slot = self._slots.get(key)
            if slot is None:
                continue
            if slot.expires <= now:
                self.remove(key)
            elif slot.noted == noted:
                slot.noted = math.inf
                self._expire_at(key, slot, slot.expires)
