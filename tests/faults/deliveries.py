"""What was acknowledged, and whether each listener got it: every event once, in order, or was told of a gap.

It knows nothing of hosts and brokers, only of answers to publishers and of what was heard.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field

TOLD = 20  # complaints that are kept word by word


@dataclass(frozen=True)
class Gap:
    """A listener was told that something is missing; what it hears next comes after this id."""

    id: str | None
    reason: str


@dataclass
class Heard:
    """What one listener heard. opening: the id after which it began; it has to get all that was acknowledged after that."""

    name: str
    opening: str | None = None
    items: list[str | Gap] = field(default_factory=list[str | Gap])
    last_id: str | None = None
    connections: int = 0

    def take(self, item: str | Gap) -> None:
        """Note an event, by its id, or a gap."""
        self.items.append(item)
        self.last_id = item.id if isinstance(item, Gap) else item


class Deliveries:
    """Of one run."""

    def __init__(self) -> None:
        self.acknowledged: dict[str, str] = {}  # the text of each event, by its id
        self.counts: Counter[str] = Counter()
        self.complaints: list[str] = []
        self._heard: dict[str, str] = {}
        self._last_of: dict[str, str] = {}  # the last event of each publisher, by name

    def complain(self, kind: str, what: str) -> None:
        """Note that something is wrong."""
        self.counts[f"wrong: {kind}"] += 1
        if len(self.complaints) < TOLD:
            self.complaints.append(f"{kind}: {what}")

    @property
    def wrong(self) -> int:
        """How many complaints there are."""
        return sum(number for name, number in self.counts.items() if name.startswith("wrong: "))

    def acknowledge(self, publisher: str, event_id: str, text: str) -> None:
        """A publisher was told that this is an event; it tells so before it publishes the next."""
        if event_id in self.acknowledged:
            self.complain("one id for two events", f"{event_id}: {text!r} and {self.acknowledged[event_id]!r}")
        before = self._last_of.get(publisher)
        if before is not None and place(event_id) <= place(before):
            self.complain("an event stands before an earlier one", f"{event_id} of {publisher} comes after {before}")
        self.acknowledged[event_id] = text
        self._last_of[publisher] = event_id

    def hear(self, heard: Heard, event_id: str, text: str) -> None:
        """A listener got an event."""
        known = self._heard.setdefault(event_id, text)
        if known != text:
            self.complain("one id for two texts", f"{event_id}: {text!r} and {known!r}")
        heard.take(event_id)
        self.counts["deliveries"] += 1

    def judge(self, listeners: list[Heard]) -> None:
        """Compare all that was heard with what was acknowledged."""
        order = sorted(self.acknowledged, key=place)
        for event_id, text in self._heard.items():
            if self.acknowledged.get(event_id) != text:
                self.complain("not what was acknowledged", f"{event_id}: {text!r}, not {self.acknowledged.get(event_id)!r}")
        places = [place(event_id) for event_id in order]
        numbers = {event_id: number for number, event_id in enumerate(order)}
        for heard in listeners:
            self._judge(heard, places, numbers)

    def _judge(self, heard: Heard, places: list[int], numbers: dict[str, int]) -> None:
        if heard.opening is None:
            self.complain("never connected", heard.name)
            return
        expected = bisect_right(places, place(heard.opening))
        for item in heard.items:
            if isinstance(item, Gap):
                self.counts[f"told: {item.reason}"] += 1
                expected = max(expected, len(places) if item.id is None else bisect_right(places, place(item.id)))
                continue
            number = numbers.get(item)
            if number is None:
                continue  # told above, once for all
            if number < expected:
                self.complain("twice, or late", f"{heard.name} got {item}, with {expected - number - 1} after it already")
            elif number > expected:
                self.complain("missed", f"{heard.name} got {item}, and not the {number - expected} before it")
            expected = max(expected, number + 1)
        if expected < len(places):
            self.complain("missed", f"{heard.name} did not get the last {len(places) - expected}")


def place(event_id: str) -> int:
    """Where an event stands in the order: each broker's ids end with a number that counts up."""
    return int(event_id.rpartition("-")[2])
