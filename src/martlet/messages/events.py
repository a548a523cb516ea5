"""Events for a client that listens: what has happened, under which id, and when to come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Event"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event(Generic[T]):
    """One event of a text/event-stream.

    data: text is sent as it is, anything else as JSON.
    event: its type; readers take `message` where there is none. id: what a client that comes back names as Last-Event-ID.
    retry: milliseconds until it comes back when the connection breaks.

    >>> Event({"title": "Swifts"}, event="posted", id="7").id
    '7'
    """

    data: T
    event: str | None = None
    id: str | None = None
    retry: int | None = None
