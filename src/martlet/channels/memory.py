"""The broker within one process: the default, and the one for tests."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import islice
from typing import Final, Self

from martlet.channels.contract import Feed, Published, Record, Topic
from martlet.channels.places import Place

REPEAT_SECONDS: Final = 120.0  # how long a publisher's id is known; who tries again does so within seconds


class MemoryBroker:
    """A broker that reaches this process alone: with several workers, each has messages of its own.

    All it has goes with the process; a reader who comes back to the next one is told so. A topic without readers is forgotten
    once the last of its messages is older than its window.
    repeat_seconds: how long a publisher's id is known.
    """

    def __init__(self, *, repeat_seconds: float = REPEAT_SECONDS) -> None:
        self._repeat_seconds = repeat_seconds
        self._topics: OrderedDict[str, _KeptTopic] = OrderedDict()  # who was published to last stands last

    def __repr__(self) -> str:
        return "MemoryBroker()"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Keep what there is: it may be opened again."""
        for kept in self._topics.values():
            kept.feed = None

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Append a message, and hand it to who reads it here."""
        now = time.time()
        kept = self._kept(topic, now)
        self._topics.move_to_end(topic.name)
        if (found := kept.ids.get(publisher_id)) is not None:
            return Published(found[0], is_repeat=True)
        record = kept.append(payload, now)
        kept.remember(publisher_id, record.id, now, self._repeat_seconds)
        self._forget(now)
        if kept.feed is not None:
            kept.feed.receive((record,))
        return Published(record.id)

    async def follow(self, topic: Topic, feed: Feed) -> str:
        """Hand on what is published from now on."""
        kept = self._kept(topic, time.time())
        kept.feed = feed
        return str(kept.last)

    def unfollow(self, topic: Topic) -> None:
        """Hand on nothing more."""
        if (kept := self._topics.get(topic.name)) is not None:
            kept.feed = None

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept."""
        return tuple(self._kept(topic, time.time()).records)

    def _kept(self, topic: Topic, now: float) -> _KeptTopic:
        kept = self._topics.get(topic.name)
        if kept is None:
            kept = self._topics[topic.name] = _KeptTopic(topic, now)
        return kept

    def _forget(self, now: float) -> None:
        """Forget what nobody can come back to; two at a time are more than one is published."""
        for name, kept in list(islice(self._topics.items(), 2)):
            if kept.feed is None and kept.is_over(now, self._repeat_seconds):
                del self._topics[name]


class _KeptTopic:
    """The messages of one topic, and the ids of who published them."""

    __slots__ = ("feed", "ids", "last", "records", "window")

    def __init__(self, topic: Topic, now: float) -> None:
        self.window = topic.window
        self.last = Place.first(now)
        mark = Record(str(self.last), None, self.last.milliseconds)  # so that who began here can come back
        self.records: deque[Record] = deque((mark,), maxlen=topic.window.count)
        self.ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self.feed: Feed | None = None

    def append(self, payload: bytes, now: float) -> Record:
        self.last = self.last.following(now)
        record = Record(str(self.last), payload, self.last.milliseconds)
        self.records.append(record)
        oldest = record.milliseconds - self.window.seconds * 1_000
        while self.records[0].milliseconds < oldest:
            self.records.popleft()
        return record

    def remember(self, publisher_id: str, event_id: str, now: float, seconds: float) -> None:
        self.ids[publisher_id] = event_id, now
        while next(iter(self.ids.values()))[1] < now - seconds:
            self.ids.popitem(last=False)

    def is_over(self, now: float, repeat_seconds: float) -> bool:
        return self.last.milliseconds / 1_000 < now - max(self.window.seconds, repeat_seconds)
