"""What was acknowledged, and whether what is seen agrees with it. It knows nothing of the store, only of requests and answers.

A write counts from the moment its 2xx was read. One without an answer, or with a 503, may or may not be there. What began before
another thing was acknowledged may be ordered on either side of it. Times are those of one event loop.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.connection import Answer

SETTLED_SECONDS = 6.0  # after which what was not acknowledged is done or will never be; above the bounds of both stores
TOLD = 20  # complaints that are kept word by word


@dataclass
class Threat:
    """Something that ends a session if it succeeds, and leaves it if it fails; `ended` is when its outcome was read."""

    began: float
    ended: float | None = None


@dataclass
class Written:
    """A counter: the last value that was acknowledged, and the tries since then that may have been done."""

    acknowledged: int = 0
    tried: int = 0


@dataclass
class Kept:
    """One login and what came of it: the cookie changes with each rotation, the tag never."""

    user: str
    tag: str
    cookie: str
    id: str
    began: float  # when the login was asked for
    counters: dict[str, Written]
    threats: list[Threat] = field(default_factory=list[Threat])
    is_over: bool = False  # an end of it was acknowledged: whatever cookie it is given yet must be worth nothing

    def lowest(self) -> dict[str, int]:
        """What must be there from now on."""
        return {name: counter.acknowledged for name, counter in self.counters.items()}


class Ledger:
    """Of one run."""

    def __init__(self) -> None:
        self.kept: dict[str, list[Kept]] = {}  # by user
        self.revocations: dict[str, list[Threat]] = {}  # by user
        self.dead: dict[str, tuple[float, Kept]] = {}  # cookies, and since when they must be worth nothing
        self.counts: Counter[str] = Counter()
        self.complaints: list[str] = []

    def complain(self, kind: str, what: str) -> None:
        """Note that something is wrong."""
        self.counts[f"wrong: {kind}"] += 1
        if len(self.complaints) < TOLD:
            self.complaints.append(f"{kind}: {what}")

    @property
    def wrong(self) -> int:
        """How many complaints there are."""
        return sum(number for name, number in self.counts.items() if name.startswith("wrong: "))

    # What happened.

    def began(self, kept: Kept) -> None:
        """A login was acknowledged; a revocation that was under way meanwhile may have met it."""
        threats = self.revocations.get(kept.user, [])
        kept.threats += [threat for threat in threats if threat.ended is None or threat.ended + SETTLED_SECONDS >= kept.began]
        self.kept.setdefault(kept.user, []).append(kept)

    def bury(self, cookie: str, kept: Kept, since: float) -> None:
        """From this moment on the cookie must be worth nothing, for ever."""
        if cookie not in self.dead:
            self.dead[cookie] = (since, kept)

    def revocation(self, user: str, now: float) -> tuple[Threat, list[Kept]]:
        """A revocation begins; gives the sessions that it must end, too."""
        threat = Threat(now)
        self.revocations.setdefault(user, []).append(threat)
        meant = [kept for kept in self.kept.get(user, []) if not kept.is_over]
        for kept in meant:
            kept.threats.append(threat)
        return threat, meant

    # What was seen.

    def judge(self, kept: Kept, cookie: str, lowest: dict[str, int], answer: Answer) -> bool | None:
        """Compare an answer with what is known; True if the session was there, False if not, None if the answer tells neither.

        lowest: of the counters, as it was when the request was sent.
        """
        if answer.status == 401:  # it ended while the request was under way
            self._judge_absence(kept, cookie, answer)
            return False
        if answer.status != 200:
            return None
        if answer.body["user"] is None:
            if answer.body["values"]:
                self.complain("a stranger's value", f"{answer.body} for {kept}")
            self._judge_absence(kept, cookie, answer)
            return False
        self._judge_presence(kept, cookie, lowest, answer)
        return True

    def _judge_absence(self, kept: Kept, cookie: str, answer: Answer) -> None:
        if cookie not in self.dead and not any(threat.began <= answer.ended for threat in kept.threats):
            self.complain("a session was lost", f"{answer} for {kept}")
        self.bury(cookie, kept, answer.ended)

    def _judge_presence(self, kept: Kept, cookie: str, lowest: dict[str, int], answer: Answer) -> None:
        values: dict[str, Any] = answer.body["values"]
        if answer.body["user"] != kept.user or values.get("tag") != kept.tag or values.keys() - {"tag", *kept.counters}:
            self.complain("another session's value", f"{answer} for {kept}")
            return
        if cookie in self.dead and self.dead[cookie][0] <= answer.began:
            self.complain("resurrected", f"{answer} for {kept}, which ended at {self.dead[cookie][0]}")
        for name, counter in kept.counters.items():
            value = values.get(name, 0)
            if value < lowest[name]:
                self.complain("an acknowledged write was lost", f"{name} is {value}, below {lowest[name]}: {answer} for {kept}")
            elif value > counter.acknowledged + counter.tried:
                self.complain("a write of nobody", f"{name} is {value}: {answer} for {kept}")
        # Those that did not come about, for it lives on.
        kept.threats = [
            threat for threat in kept.threats if threat.ended is None or answer.began < threat.ended + SETTLED_SECONDS
        ]
