"""The arithmetic of rates, in Python, in SQLite and in Redis' Lua, beside a plain bucket of tokens."""

import math
import sqlite3
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.optional_packages import require_extra
from martlet.stores import MemoryStore, Rate, Taken
from martlet.stores import sqlite_operations as operations
from martlet.stores.rates import EXACT, Level, Meter
from martlet.stores.redis_scripts import TAKE
from martlet.stores.sqlite_files import open_database
from tests.rows import each
from tests.services import Service

START = 1_800_000_000_000_000  # ticks since 1970, as a server's clock tells them

rates = st.builds(
    Rate,
    limit=st.one_of(st.integers(1, 20), st.integers(1, 1_000_000)),
    seconds=st.one_of(st.sampled_from([0.001, 0.5, 1, 60, 3_600, 86_400, 2_592_000]), st.floats(1e-6, 1e6)),
)


@dataclass
class Bucket:
    """A bucket of tokens, as a textbook has it: full at first, filled evenly, emptied by what is allowed."""

    limit: int
    period: int  # ticks
    tokens: Fraction
    at: int = START

    def take(self, now: int, cost: int) -> bool:
        self.tokens = min(self.tokens + Fraction((now - self.at) * self.limit, self.period), Fraction(self.limit))
        self.at = now
        allowed = self.tokens >= cost
        if allowed:
            self.tokens -= cost
        return allowed

    def answer(self, allowed: bool, cost: int, tick: int) -> Taken:
        def seconds(tokens: Fraction) -> float:
            return math.ceil(max(tokens, Fraction(0)) * self.period / self.limit) * tick / 1_000_000

        lacking = Fraction(0) if allowed else cost - self.tokens
        return Taken(allowed, math.floor(self.tokens), seconds(lacking), seconds(self.limit - self.tokens))


@dataclass
class Steps:
    """A rate, and when how much is asked of it."""

    meter: Meter
    asked: list[tuple[int, int]]  # ticks since START, cost

    def expected(self) -> list[Taken]:
        bucket = Bucket(self.meter.limit, self.meter.period, Fraction(self.meter.limit))
        return [bucket.answer(bucket.take(START + tick, cost), cost, self.meter.tick) for tick, cost in self.asked]


@st.composite
def steps(draw: st.DrawFn) -> Steps:
    meter = Meter.of(draw(rates))
    # Times at which something happens: now and then much, mostly about as long as one request costs.
    one = meter.period // meter.limit
    waits = st.one_of(st.just(0), st.integers(0, 3 * one + 2), st.integers(0, 2 * meter.period))
    asked: list[tuple[int, int]] = []
    tick = 0
    for wait in draw(st.lists(waits, min_size=1, max_size=12)):
        tick += wait
        asked.append((tick, draw(st.one_of(st.just(1), st.integers(0, meter.limit)))))
    return Steps(meter, asked)


@given(steps())
def test_the_meter_is_a_bucket_of_tokens(steps: Steps) -> None:
    level: Level | None = None
    answers: list[Taken] = []
    for tick, cost in steps.asked:
        taken, kept = steps.meter.take(level, START + tick, cost)
        level = kept or level
        answers.append(taken)

    assert answers == steps.expected()


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Any:
    connection = open_database(Path(tmp_path_factory.mktemp("rates")) / "rates.db", survives_power_cuts=False)
    yield connection
    connection.close()


@given(steps=steps())
def test_sqlite_keeps_the_same_bucket(connection: sqlite3.Connection, steps: Steps) -> None:
    connection.execute("BEGIN")
    # The clock gives seconds, whose fractions a float does not hold exactly: those of the ticks are asked for instead.
    answers = [operations.take(connection, b"key", _Ticks(steps.meter), cost, START + tick) for tick, cost in steps.asked]
    connection.execute("ROLLBACK")

    assert answers == steps.expected()


class _Ticks(Meter):
    """A meter whose clock ticks."""

    def __init__(self, meter: Meter) -> None:
        super().__init__(meter.limit, meter.period, meter.tick)

    def ticks(self, seconds: float) -> int:
        return int(seconds)


@pytest.fixture(scope="module")
def redis_client(redis_server: Service) -> Any:
    client = require_extra("redis", "redis").Redis.from_url(redis_server.url)
    yield client
    client.close()


@given(steps=steps())
def test_the_script_keeps_the_same_bucket(redis_client: Any, steps: Steps) -> None:
    # The server's clock cannot be set, so the script is told a time instead, and lets nothing expire by the clock.
    script = TAKE.text.replace("redis.call('TIME')", "{ARGV[5], ARGV[6]}").replace(", 'PX', string.format('%.0f', lifetime)", "")
    assert "TIME" not in script
    assert "PX" not in script
    redis_client.delete("bucket")
    meter = steps.meter
    answers: list[Taken] = []
    for tick, cost in steps.asked:
        time = divmod((START // meter.tick + tick) * meter.tick, 1_000_000)
        allowed, filled = redis_client.eval(script, 1, "bucket", meter.limit, meter.period, meter.tick, cost, *time)
        answers.append(meter.taken(bool(allowed), filled, cost))

    assert answers == steps.expected()


@given(steps())
def test_after_the_time_that_is_told_it_is_allowed_and_not_a_tick_before(steps: Steps) -> None:
    level: Level | None = None
    for tick, cost in steps.asked:
        taken, kept = steps.meter.take(level, START + tick, cost)
        level = kept or level
        if taken.allowed:
            continue
        wait = round(taken.retry_after * 1_000_000 / steps.meter.tick)
        assert steps.meter.take(level, START + tick + wait, cost)[0].allowed
        assert not steps.meter.take(level, START + tick + wait - 1, cost)[0].allowed


@given(rates)
def test_all_numbers_of_a_meter_are_exact_as_doubles(rate: Rate) -> None:
    meter = Meter.of(rate)

    assert meter.limit * meter.period <= EXACT
    assert meter.tick == 1 or meter.limit * math.ceil(rate.seconds * 10_000_000 / meter.tick) > EXACT


def test_a_clock_that_was_set_back_lets_nothing_out_and_locks_nobody_out() -> None:
    meter = Meter.of(Rate(2, seconds=10))
    full = meter.take(None, START, cost=2)[1]
    refused, believed = meter.take(full, START - 3_600_000_000, cost=1)

    assert not refused.allowed
    assert refused.retry_after == 5
    assert believed is not None
    assert meter.take(believed, START - 3_595_000_000, cost=1)[0].allowed


async def test_the_store_in_memory_counts_by_its_clock() -> None:
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    rate = Rate(5, seconds=10)
    assert [(await store.take("client", rate)).allowed for _ in range(6)] == [True] * 5 + [False]
    now = 4.0

    assert [(await store.take("client", rate)).allowed for _ in range(3)] == [True, True, False]


@each(
    ("limit", "seconds"),
    [(0, 1), (-1, 1), (2_000_000_000, 1), (1, 0), (1, -1), (1, math.nan), (1, math.inf)],
)
def test_what_is_no_rate_is_refused(limit: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        Rate(limit, seconds)
