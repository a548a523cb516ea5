"""A short run of `scripts/faults streams`: one fault of each kind, few listeners, and nothing to complain of."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.faults.deliveries import Deliveries, Gap, Heard
from tests.faults.hosts import MISSING
from tests.faults.streams import FAULTS, Plan, Run
from tests.rows import each


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.skipif(bool(os.geteuid()) or shutil.which("ip") is None, reason=MISSING)
@pytest.mark.parametrize("broker", ["redis", "nats"])
async def test_nothing_acknowledged_is_missed_or_seen_twice_when_things_fail(broker: str) -> None:
    run = Run(Plan(streams=30, sockets=5, rounds=1, rate=20, seed=2, broker=broker))
    await run.go()

    assert run.deliveries.complaints == []
    assert set(run.faults.counts) == set(FAULTS)
    assert run.deliveries.counts["deliveries"] >= 35 * len(run.deliveries.acknowledged) / 2


# The judge itself: what it must complain of, and what it must not.

RIGHT: dict[str, tuple[str, list[str | Gap]]] = {
    "all": ("0-0", ["0-1", "0-2", "0-3", "0-4"]),
    "all since it came": ("0-2", ["0-3", "0-4"]),
    "nothing since it came": ("0-4", []),
    "told of a gap": ("0-0", ["0-1", Gap("0-3", "lost"), "0-4"]),
    "told of a gap up to the end": ("0-0", ["0-1", Gap(None, "lost")]),
}
WRONG: dict[str, tuple[str, list[str | Gap], str]] = {
    "the first": ("0-0", ["0-2", "0-3", "0-4"], "missed"),
    "one between": ("0-0", ["0-1", "0-3", "0-4"], "missed"),
    "the last": ("0-0", ["0-1", "0-2", "0-3"], "missed"),
    "one behind a gap": ("0-0", ["0-1", Gap("0-2", "lost"), "0-4"], "missed"),
    "one again": ("0-0", ["0-1", "0-2", "0-2", "0-3", "0-4"], "twice, or late"),
    "one late": ("0-0", ["0-1", "0-3", "0-2", "0-4"], "missed"),
    "one of before": ("0-2", ["0-2", "0-3", "0-4"], "twice, or late"),
}


def judged(opening: str, items: list[str | Gap]) -> Deliveries:
    deliveries, heard = Deliveries(), Heard("one", opening)
    for number in range(1, 5):
        deliveries.acknowledge("p", f"0-{number}", f"text {number}")
    for item in items:
        if isinstance(item, Gap):
            heard.take(item)
        else:
            deliveries.hear(heard, item, f"text {item[2:]}")
    deliveries.judge([heard])
    return deliveries


@each("case", RIGHT)
def test_what_is_right_is_not_told(case: str) -> None:
    assert judged(*RIGHT[case]).complaints == []


@each("case", WRONG)
def test_what_is_wrong_is_told(case: str) -> None:
    opening, items, complaint = WRONG[case]

    assert judged(opening, items).complaints[0].startswith(complaint)


def test_another_text_than_what_was_acknowledged_is_told() -> None:
    deliveries, heard = Deliveries(), Heard("one", "0-0")
    deliveries.acknowledge("p", "0-1", "right")
    deliveries.hear(heard, "0-1", "wrong")
    deliveries.hear(heard, "0-2", "of nobody")
    deliveries.judge([heard, Heard("two")])

    assert [told.partition(":")[0] for told in deliveries.complaints] == [
        "not what was acknowledged",
        "not what was acknowledged",
        "never connected",
    ]


def test_an_event_that_stands_before_an_earlier_one_of_its_publisher_is_told() -> None:
    deliveries = Deliveries()
    deliveries.acknowledge("p", "0-2", "first")
    deliveries.acknowledge("p", "0-1", "second")

    assert deliveries.wrong == 1
