"""The last events of a topic, numbered, each of them one object for all who read it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from martlet.channels.contract import Window
from martlet.messages import Event

T = TypeVar("T")


class Logged(NamedTuple, Generic[T]):
    """What is entered; event is None for a mark, which nobody reads."""

    id: str
    milliseconds: int
    event: Event[T] | None


class EventLog(Generic[T]):
    """A bounded log, where a reader is no more than the number of the entry that comes next.

    first: the number of the oldest entry. entries: those there are, the oldest first. before: the id that it begins after, None
    where that is not known.
    """

    __slots__ = ("_ids", "_lifetime", "_max_count", "before", "entries", "first")

    def __init__(self, window: Window, before: str) -> None:
        self._max_count = window.count
        self._lifetime = int(window.seconds * 1_000)
        self._ids: dict[str, int] = {}
        self.before: str | None = before
        self.entries: deque[Logged[T]] = deque()
        self.first = 0

    @property
    def end(self) -> int:
        """The number that the next entry gets."""
        return self.first + len(self.entries)

    @property
    def last_id(self) -> str | None:
        """The id that it goes on after."""
        return self.entries[-1].id if self.entries else self.before

    def find(self, event_id: str) -> int | None:
        """Give the number of the entry after the one of this id; None if that cannot be told."""
        number = self._ids.get(event_id)
        if number is not None:
            return number + 1
        return self.first if event_id == self.before else None

    def append(self, logged: Logged[T]) -> list[Logged[T]]:
        """Enter the next one, and give those that left for it."""
        entries = self.entries
        self._ids[logged.id] = self.end
        entries.append(logged)
        oldest = logged.milliseconds - self._lifetime
        left: list[Logged[T]] = []
        while len(entries) > self._max_count or entries[0].milliseconds < oldest:
            left.append(self._leave())
        return left

    def prepend(self, older: Sequence[Logged[T]]) -> int:
        """Enter what was before the first one, as far as there is room, and give how many were."""
        taken = older[max(len(older) - self._max_count + len(self.entries), 0) :]
        for logged in reversed(taken):
            self.first -= 1
            self._ids.setdefault(logged.id, self.first)
            self.entries.appendleft(logged)
        if older:
            self.before = older[-len(taken) - 1].id if len(taken) < len(older) else None
        return len(taken)

    def _leave(self) -> Logged[T]:
        logged = self.entries.popleft()
        if self._ids.get(logged.id) == self.first:
            del self._ids[logged.id]
        self.before = logged.id
        self.first += 1
        return logged
