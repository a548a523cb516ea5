"""What is said beside the chunks of a stream: that its connection lives while nothing comes, and that it ends for now."""

from __future__ import annotations

import random
from typing import Final, Protocol

from martlet.http import format_comment, format_event

__all__ = ["EVENT_ASIDES", "LINE_ASIDES", "Asides", "IdleChunk"]

COMMENT: Final = format_comment()
# Milliseconds until a client comes back, one of them for each: thousands who are sent away at once are not to return at once.
SOONEST, LATEST = 500, 3_000


class Asides(Protocol):
    """What can be said between two chunks of a stream that waits, and behind the last one of a stream that is ended early."""

    @property
    def comes_back(self) -> bool:
        """Whether its client takes it up where it ended; any other stream is not ended early."""
        ...

    def idle(self) -> bytes:
        """Give what shows that the connection lives; empty where nothing can be said now."""
        ...

    def last(self) -> bytes:
        """Give what tells the client to come back; nothing may follow."""
        ...


class IdleChunk:
    r"""A chunk that means nothing to its reader, between any two others.

    >>> IdleChunk(b"\n").idle()
    b'\n'
    """

    __slots__ = ("_chunk",)
    comes_back: bool = False

    def __init__(self, chunk: bytes) -> None:
        """chunk: sent as it is."""
        self._chunk = chunk

    def idle(self) -> bytes:
        """Give the chunk."""
        return self._chunk

    def last(self) -> bytes:
        """Give nothing."""
        return b""


class EventAsides:
    """A comment, which readers drop; at last an event `reconnect` with `retry`, after which a browser names the last id seen."""

    __slots__ = ()
    comes_back: bool = True

    def idle(self) -> bytes:
        """Give an empty comment."""
        return COMMENT

    def last(self) -> bytes:
        """Give the last event."""
        return format_event("null", event="reconnect", retry=random.randint(SOONEST, LATEST))  # noqa: S311  no secret


EVENT_ASIDES: Final = EventAsides()
LINE_ASIDES: Final = IdleChunk(b"\n")  # white space between two lines of JSON, and between the items of an array
