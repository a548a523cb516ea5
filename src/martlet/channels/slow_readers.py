"""What becomes of a reader that cannot keep up: one policy for each channel.

No reader has a buffer. All of a topic read the same log, so that a thousand of them who stand still cost no more than one, and a
reader may be as far behind as the channel's window reaches.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeAlias, TypeVar

from martlet.channels.event_log import EventLog, Logged
from martlet.channels.resets import Opening, Reset
from martlet.messages import Event

T = TypeVar("T")
FOR_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class DropOldest:
    """Go on with the oldest event there still is, after a Reset that says how many were missed."""


@dataclass(frozen=True, slots=True)
class DropReader:
    """End the reader's iterator in order, so that its client comes back with the last id it has, when it can read again.

    behind: how many events it may have before it, at most what the window holds; half of that where there is no number, so that
    whoever comes back soon misses nothing. Whoever comes back may have the whole window before it.
    """

    behind: int | None = None

    def __post_init__(self) -> None:
        if self.behind is not None and self.behind < 1:
            raise ValueError(f"{self} drops every reader: let it be 1 event behind, or more.")


@dataclass(frozen=True, slots=True)
class CoalesceBy:
    """Give a reader who is behind only the last event of each key, such as the last price of each share.

    key: from a message to what it is about. keys: of how many the last event is kept beyond the window; the oldest goes, and
    readers who needed it are told by a Reset.
    """

    key: Callable[[Any], Hashable]
    keys: int = 10_000


SlowReaders: TypeAlias = DropOldest | DropReader | CoalesceBy


class LastOfEach(Generic[T]):
    """The last event of each key, the ones that left the log too.

    key: from a message to what it is about. lost: below this number the last event of some key is not here any more.
    """

    __slots__ = ("_kept", "_max_kept", "_numbers", "key", "lost")

    def __init__(self, policy: CoalesceBy) -> None:
        self.key = policy.key
        self._max_kept = policy.keys
        self._numbers: dict[Hashable, int] = {}
        self._kept: OrderedDict[Hashable, tuple[int, Event[T]]] = OrderedDict()
        self.lost = -FOR_EVER

    def enter(self, number: int, event: Event[T] | None) -> None:
        """Know the next event."""
        if event is not None and not isinstance(event, Reset):
            key = self.key(event.data)
            self._numbers[key] = number
            self._kept.pop(key, None)

    def enter_older(self, log: EventLog[T], count: int) -> None:
        """Know this many events that were put before all others."""
        for number in reversed(range(log.first, log.first + count)):
            event = log.entries[number - log.first].event
            if event is not None and not isinstance(event, Reset):
                self._numbers.setdefault(self.key(event.data), number)

    def leave(self, number: int, logged: Logged[T]) -> None:
        """Know what left the log."""
        event = logged.event
        if event is None:
            return
        if isinstance(event, Reset):
            self.lost = number + 1
            return
        key = self.key(event.data)
        if self._numbers.get(key) != number:
            return
        self._kept[key] = number, event
        if len(self._kept) > self._max_kept:
            oldest, (oldest_number, _) = self._kept.popitem(last=False)
            del self._numbers[oldest]
            self.lost = oldest_number + 1

    def is_last(self, number: int, event: Event[T]) -> bool:
        """Tell whether no later one has its key."""
        return isinstance(event, Reset | Opening) or self._numbers.get(self.key(event.data)) == number

    def since(self, number: int) -> list[tuple[int, Event[T]]]:
        """Give those that left the log, from this number on, the newest first."""
        found: list[tuple[int, Event[T]]] = []
        for kept in reversed(self._kept.values()):
            if kept[0] < number:
                break
            found.append(kept)
        return found
