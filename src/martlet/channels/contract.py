"""What a broker does, whatever carries the messages: topics with an order, ids, a window of what is kept; nothing is lost unseen.

A broker knows bytes and ids. What they mean, who reads them here and how far behind, is the rest of this room's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, Self, runtime_checkable

from martlet.http import ContentTooLargeError

MAX_TOPIC_BYTES: Final = 200  # of its name; with what a broker adds it fits every server's bound on keys and subjects
MAX_ID_BYTES: Final = 200  # of a publisher's own id, and of a broker's
MAX_MESSAGE_BYTES: Final = 1_000_000  # of one message; a NATS server takes no more unless it is told to
MAX_COUNT: Final = 100_000  # messages in a window: each process with a reader holds them
WEEK: Final = 7 * 24 * 3_600.0  # seconds
MARK_SECONDS: Final = 600.0  # that a topic is known for to which nobody has published, when nobody reads it any more


class BrokerUnavailableError(Exception):
    """The broker cannot be reached, or did not answer in time; a message that was given to it may or may not have been published.

    Publish it again under the same id: if it was, that is told as a repeat.
    """


class MessageLimitError(ContentTooLargeError):
    """A message, an id or the name of a topic exceeds its bound; nothing was published. Who sent it gets 413, or 1009."""


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a topic is kept for readers who come back.

    count: its last messages, at most 100,000. seconds: how old they may be, at most a week; their age is looked at when the next
    one is published. Both bound it; a broker may keep more. Raises ValueError for a number out of its bounds.

    >>> Window(count=200, seconds=600)
    Window(count=200, seconds=600)
    """

    count: int = 1_000
    seconds: float = 3_600.0

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT or not 0 < self.seconds <= WEEK:
            raise ValueError(
                f"{self} is no window: it keeps 1 to {MAX_COUNT:,} messages for at most {WEEK:,.0f} seconds, "
                "as in Window(count=1_000, seconds=3_600)."
            )


@dataclass(frozen=True, slots=True)
class Topic:
    """Where messages are published, by name, and how many of them are kept."""

    name: str
    window: Window

    def __post_init__(self) -> None:
        size = len(self.name.encode(errors="surrogatepass"))
        if not 1 <= size <= MAX_TOPIC_BYTES:
            raise MessageLimitError(f"A topic's name of {size} bytes is out of bounds: it has 1 to {MAX_TOPIC_BYTES}.")


class Record(NamedTuple):
    """One message as its broker keeps it.

    id: what a reader who comes back names. milliseconds: when it was published, by the broker's clock since 1970.
    payload: None for a mark, which has a place in the order and says nothing.
    """

    id: str
    payload: bytes | None
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Published:
    """What a broker acknowledged.

    is_repeat: it had this publisher's id before, and published nothing now; `id` is that of the message it has.
    """

    id: str
    is_repeat: bool = False


class Feed(Protocol):
    """Who takes what a topic brings; called in the event loop, and never waits."""

    def receive(self, records: Sequence[Record]) -> None:
        """Take the next ones, in order, each once."""
        ...

    def lose(self, tail: str) -> None:
        """Know that something is missing after what was received last: it goes on after the id `tail`."""
        ...


@runtime_checkable
class Broker(Protocol):
    """Carries messages between processes, or within one.

    A broker is opened by `async with` in each process that uses it, and used from that event loop. Its methods raise
    BrokerUnavailableError; a subscription that was made outlives any outage, without being told unless something was lost.
    """

    async def __aenter__(self) -> Self:
        """Open it; the server may come up later."""
        ...

    async def __aexit__(self, *exception: object) -> None:
        """Close it, and leave nothing behind."""
        ...

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Append a message, and return when the broker has acknowledged it; a publisher's id that it has had is a repeat."""
        ...

    async def follow(self, topic: Topic, feed: Feed) -> str:
        """Hand everything to the feed that is published from now on, and give the last id before it.

        There is one feed for each topic.
        """
        ...

    def unfollow(self, topic: Topic) -> None:
        """Hand nothing more to the feed of a topic; what is left to do at the server is done later."""
        ...

    async def has(self, topic: Topic, event_id: str) -> bool:
        """Tell whether something of this id is kept; by one short read at the most, since a client may name anything.

        event_id: up to 200 characters.
        """
        ...

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept, the oldest first: without gaps, and up to now."""
        ...


def check_message(payload: bytes, publisher_id: str) -> None:
    """Raise MessageLimitError for a message or an id that is too long."""
    if len(payload) > MAX_MESSAGE_BYTES:
        raise MessageLimitError(
            f"A message of {len(payload):,} bytes is too long: publish at most {MAX_MESSAGE_BYTES:,}, or where the rest is."
        )
    size = len(publisher_id.encode(errors="surrogatepass"))
    if not 1 <= size <= MAX_ID_BYTES:
        raise MessageLimitError(f"A publisher's id of {size} bytes is out of bounds: it has 1 to {MAX_ID_BYTES}.")
