"""What a reader is told beside what was published: that something is missing, never by silence, and where it begins."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec

from martlet.messages import Event

RESET: Final = "reset"  # the type of the event, which a browser listens to by name
Reason: TypeAlias = Literal["unknown id", "slow reader", "lost", "unreadable"]


class Missing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why something is missing, and how many events, where that is known.

    reason: `unknown id`: what the reader named as its last event is no longer in the window, or never was. `slow reader`: it was
    further behind than the window reaches. `lost`: the broker lost messages, or was out of reach for longer than its window.
    `unreadable`: a message does not fit the channel's type.
    """

    reason: Reason
    missed: int | None = None


class Reset(Event[Any]):
    """Something is missing before the next event: whoever builds on every event loads its state anew.

    Its data is a Missing, its type `reset`, and its id the one that the next event comes after.

    >>> reset("slow reader", "7-7", missed=12).data
    Missing(reason='slow reader', missed=12)
    """

    __slots__ = ()


class Opening(Event[Any]):
    """Nothing has happened: an id to come back with, for a client that loses its connection before the first event.

    It has no data (msgspec.UNSET). A browser remembers the id, and hands nothing to its page.
    """

    __slots__ = ()


def opening(event_id: str | None) -> Opening:
    """Make the event that stands before all others."""
    return Opening(msgspec.UNSET, id=event_id)


def reset(reason: Reason, event_id: str | None, missed: int | None = None) -> Reset:
    """Make the event that tells."""
    return Reset(Missing(reason, missed), event=RESET, id=event_id)
