"""The broker within one process: the default, and the one for tests."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import islice
from typing import Final, Self

from martlet.channels.contract import MARK_SECONDS, Feed, Published, Record, Topic
from martlet.channels.places import Place

REPEAT_SECONDS: Final = 120.0  # how long a publisher's id is known; who tries again does so within seconds
MAX_UNSAID: Final = 1_000  # topics to which nobody has published and which nobody reads, some 2 KB each


class MemoryBroker:
    """A broker that reaches this process alone: with several workers, each has messages of its own.

    All it has goes with the process; a reader who comes back to the next one is told so. A topic without readers is forgotten
    once the last of its messages is older than its window. One to which nobody has published is known for ten minutes more, and
    of those the last thousand, since clients may name topics that nobody else ever will.
    repeat_seconds: how long a publisher's id is known.
    """

    def __init__(self, *, repeat_seconds: float = REPEAT_SECONDS) -> None:
        self._repeat_seconds = repeat_seconds
        self._topics: OrderedDict[str, _KeptTopic] = OrderedDict()  # who was looked at last stands last
        self._unsaid: OrderedDict[str, float] = OrderedDict()  # without messages and readers: since when, the oldest first

    def __repr__(self) -> str:
        return "MemoryBroker()"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Keep what there is: it may be opened again."""
        for name in [name for name, kept in self._topics.items() if kept.feed is not None]:
            self._release(name)

    async def publish(self, topic: Topic, payload: bytes, publisher_id: str) -> Published:
        """Append a message, and hand it to who reads it here."""
        now = time.time()
        kept = self._kept(topic, now)
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
        self._release(topic.name)
        self._forget(time.time())

    async def has(self, topic: Topic, event_id: str) -> bool:
        """Tell whether something of this id is kept."""
        kept, place = self._topics.get(topic.name), Place.named(event_id)
        return kept is not None and place is not None and kept.has(place)

    async def window(self, topic: Topic) -> Sequence[Record]:
        """Give what is kept."""
        kept = self._topics.get(topic.name)
        return () if kept is None else tuple(kept.records)

    def _kept(self, topic: Topic, now: float) -> _KeptTopic:
        kept = self._topics.get(topic.name)
        if kept is None:
            kept = self._topics[topic.name] = _KeptTopic(topic, now)
        self._unsaid.pop(topic.name, None)
        return kept

    def _release(self, name: str) -> None:
        kept = self._topics.get(name)
        if kept is not None:
            kept.feed = None
            if not kept.is_said:
                self._unsaid[name] = time.time()

    def _forget(self, now: float) -> None:
        """Forget what nobody can come back to; two are looked at, which is more than can be new."""
        unsaid = self._unsaid
        while unsaid and (len(unsaid) > MAX_UNSAID or next(iter(unsaid.values())) < now - MARK_SECONDS):
            del self._topics[unsaid.popitem(last=False)[0]]
        for name, kept in list(islice(self._topics.items(), 2)):
            if kept.feed is None and kept.is_said and kept.is_over(now, self._repeat_seconds):
                del self._topics[name]
            else:
                self._topics.move_to_end(name)


class _KeptTopic:
    """The messages of one topic, and the ids of who published them. is_said: whether anything was ever published."""

    __slots__ = ("feed", "ids", "is_said", "last", "records", "window")

    def __init__(self, topic: Topic, now: float) -> None:
        self.window = topic.window
        self.last = Place.first(now)
        mark = Record(str(self.last), None, self.last.milliseconds)  # so that who began here can come back
        self.records: deque[Record] = deque((mark,), maxlen=topic.window.count)
        self.ids: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self.feed: Feed | None = None
        self.is_said = False

    def append(self, payload: bytes, now: float) -> Record:
        self.is_said = True
        self.last = self.last.following(now)
        record = Record(str(self.last), payload, self.last.milliseconds)
        self.records.append(record)
        oldest = record.milliseconds - self.window.seconds * 1_000
        while self.records[0].milliseconds < oldest:
            self.records.popleft()
        return record

    def has(self, place: Place) -> bool:
        """Look where it would stand: numbers have no holes."""
        index = place.number - self.last.number - 1
        return -len(self.records) <= index < 0 and self.records[index].id == str(place)

    def remember(self, publisher_id: str, event_id: str, now: float, seconds: float) -> None:
        self.ids[publisher_id] = event_id, now
        while next(iter(self.ids.values()))[1] < now - seconds:
            self.ids.popitem(last=False)

    def is_over(self, now: float, repeat_seconds: float) -> bool:
        """Whether nobody can come back to it any more."""
        return self.last.milliseconds / 1_000 < now - max(self.window.seconds, repeat_seconds)
