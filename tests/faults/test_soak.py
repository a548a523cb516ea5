"""A short run of `scripts/faults soak`, and whether its judge would notice."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.faults.soak import MIB, SERVERS, Outcome, run
from tests.faults.soak_plot import PANELS, Sample, drawn

HELD = {"tasks": 3, "descriptors": 16, "open": 0}


def outcome_of(grown: float, minutes: float = 30) -> Outcome:
    """What came of a server whose memory grows that much from the fifth minute to the last; and a lot before."""
    seconds = [float(second) for second in range(0, round(minutes * 60), 5)]
    sizes = [round((60 + 10 * min(1, at / 300) + grown * max(0.0, at - 300) / (minutes * 60 - 300)) * MIB) for at in seconds]
    samples = [Sample(at, size, size - 20 * MIB, size - 10 * MIB, 40, 70) for at, size in zip(seconds, sizes, strict=True)]
    return Outcome("uvicorn", minutes, before=HELD, after=HELD, samples=samples)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
async def test_nothing_is_left_after_a_short_soak(name: str) -> None:
    outcome = await run(name, 0.5, seed=5)

    assert outcome.done["events"] > 0
    assert [complaint for complaint in outcome.complaints if "rises" not in complaint] == []  # half a minute is no measure


def test_flat_memory_is_no_complaint() -> None:
    assert outcome_of(0).complaints == []
    assert outcome_of(1).complaints == []
    assert outcome_of(-5).complaints == []


def test_what_is_wrong_is_told() -> None:
    outcome = outcome_of(3)
    outcome.after = {**HELD, "tasks": 5, "descriptors": 17}
    outcome.done["answered 500"] = 2

    assert outcome.complaints == [
        "rss rises by 3.0 MiB",
        "own rises by 3.0 MiB",
        "2 tasks more",
        "1 descriptors more",
        "2 × answered 500",
    ]


def test_a_run_that_broke_is_told() -> None:
    assert Outcome("uvicorn", 30, trouble=["OSError"]).row.endswith("| OSError; too few samples |")


def test_the_plot_is_an_image_with_a_line_for_each_server_and_quantity() -> None:
    samples = outcome_of(1).samples
    image = ElementTree.fromstring(drawn({"uvicorn": samples, "granian": samples}, 300))  # noqa: S314  our own

    assert len(image.findall("{http://www.w3.org/2000/svg}polyline")) == 2 * len(PANELS)
