"""How often something may be done: a token bucket in exact arithmetic, told the time by whoever keeps its level.

It is GCRA (the generic cell rate algorithm) with the bucket's level in place of the time at which it runs empty. All numbers are
whole and at most 2**53, so SQLite's integers and the doubles of a Lua script in Redis give what this module gives, exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from martlet.stores.contract import Rate, Taken

EXACT: Final = 2**53  # from here on a double misses whole numbers
MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket was at a tick."""

    filled: int
    tick: int


@dataclass(frozen=True, slots=True)
class Meter:
    """A rate in whole numbers: each request pours `period` drops in, each tick lets `limit` drops out.

    period: ticks in which a full bucket runs empty. tick: microseconds, a power of ten; 1 unless the rate is a huge quota.
    """

    limit: int
    period: int
    tick: int

    @classmethod
    def of(cls, rate: Rate) -> Self:
        """Count a rate in the shortest tick that keeps its numbers exact.

        >>> Meter.of(Rate(100, seconds=60))
        Meter(limit=100, period=60000000, tick=1)
        >>> Meter.of(Rate(1_000_000, seconds=86_400))
        Meter(limit=1000000, period=8640000000, tick=10)
        """
        tick = 1
        while (period := math.ceil(rate.seconds * MICROSECONDS / tick)) * rate.limit > EXACT:
            tick *= 10
        return cls(rate.limit, period, tick)

    @property
    def label(self) -> str:
        """What tells the buckets of one key apart."""
        return f"{self.limit}/{self.period}x{self.tick}"

    def ticks(self, seconds: float) -> int:
        """Tell a clock's time in ticks."""
        return int(seconds * MICROSECONDS) // self.tick

    def take(self, level: Level | None, now: int, cost: int) -> tuple[Taken, Level | None]:
        """Pour a cost in if it fits; the second is the level to keep, None if what was kept is right as it is.

        now: ticks. A clock that was set back lets nothing out, and is believed from then on.

        >>> Meter.of(Rate(2, seconds=1)).take(None, now=7, cost=2)
        (Taken(allowed=True, remaining=0, retry_after=0.0, reset_after=1.0), Level(filled=2000000, tick=7))
        """
        filled, went_back = 0, False
        if level is not None:
            went_back = now < level.tick
            passed = min(max(now - level.tick, 0), self.period)
            filled = max(level.filled - passed * self.limit, 0)
        allowed = filled + cost * self.period <= self.limit * self.period
        if allowed:
            filled += cost * self.period
        kept = Level(filled, now) if (allowed and cost) or went_back else None
        return self.taken(allowed, filled, cost), kept

    def taken(self, allowed: bool, filled: int, cost: int) -> Taken:  # noqa: FBT001  as it comes back from a script
        """Tell what a level, after the taking, means to a client."""
        room = self.limit * self.period - filled
        missing = 0 if allowed else cost * self.period - room
        return Taken(allowed, room // self.period, self._seconds_to_lose(missing), self._seconds_to_lose(filled))

    def ticks_to_lose(self, drops: int) -> int:
        """Count the ticks until so many drops have run out."""
        return -(-drops // self.limit)

    def _seconds_to_lose(self, drops: int) -> float:
        return self.ticks_to_lose(drops) * self.tick / MICROSECONDS


@lru_cache(maxsize=256)  # an application has a handful of rates
def meter_of(rate: Rate) -> Meter:
    """Give the meter of a rate, made once."""
    return Meter.of(rate)


def checked_meter(rate: Rate, cost: int) -> Meter:
    """Give the meter of a rate; raises ValueError for a cost that it never allows.

    >>> checked_meter(Rate(5, seconds=1), cost=6)
    Traceback (most recent call last):
    ValueError: Rate(limit=5, seconds=1) never allows a cost of 6: it must be from 0 to 5.
    """
    if not 0 <= cost <= rate.limit:
        raise ValueError(f"{rate} never allows a cost of {cost}: it must be from 0 to {rate.limit}.")
    return meter_of(rate)
