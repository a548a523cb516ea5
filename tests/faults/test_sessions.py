"""A short run of `scripts/faults sessions`: one kill each, few sessions, and nothing to complain of."""

from __future__ import annotations

import pytest

from tests.faults.connection import Answer
from tests.faults.ledger import Kept, Ledger, Threat, Written
from tests.faults.sessions import Plan, run
from tests.rows import each

SHORT = Plan(seconds=3, sessions=20, seed=1, every_seconds=1.5)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", ["redis-asgi", "sqlite-asgi"])
async def test_no_session_is_lost_or_crossed_or_comes_back_when_its_store_is_killed(name: str) -> None:
    one = await run(name, SHORT)

    assert one.ledger.complaints == []
    assert one.trouble.outages
    assert one.ledger.counts["writes"] > 0


# The judge itself: what it must complain of, and what it must not.


def kept(**counted: int) -> Kept:
    counters = {name: Written(counted.get(name, 0)) for name in ("a", "b")}
    return Kept("ada", "tag-1", "cookie-1", "id-1", 0.0, counters)


def seen(began: float = 10.0, user: str | None = "ada", tag: str = "tag-1", **values: int) -> Answer:
    body = {"user": user, "values": {"tag": tag, **values} if user else {}}
    return Answer(200, body, None, began, began + 0.1)


WRONG: dict[str, tuple[Answer, str]] = {
    "fewer than acknowledged": (seen(a=4, b=7), "an acknowledged write was lost"),
    "more than anybody wrote": (seen(a=6, b=7), "a write of nobody"),
    "another user": (seen(user="ben", a=5, b=7), "another session's value"),
    "another session": (seen(tag="tag-2", a=5, b=7), "another session's value"),
    "nobody": (seen(user=None), "a session was lost"),
    "ended": (Answer(401, {}, None, 10.0, 10.1), "a session was lost"),
}


@each("case", WRONG)
def test_what_is_wrong_is_told(case: str) -> None:
    answer, complaint = WRONG[case]
    ledger, mine = Ledger(), kept(a=5, b=7)

    ledger.judge(mine, mine.cookie, mine.lowest(), answer)
    assert [told.partition(":")[0] for told in ledger.complaints] == [complaint]


def test_what_is_right_is_not() -> None:
    ledger, mine = Ledger(), kept(a=5, b=7)
    mine.counters["b"].tried = 1

    assert ledger.judge(mine, mine.cookie, mine.lowest(), seen(a=5, b=8)) is True
    mine.threats.append(Threat(11.0, 11.5))
    assert ledger.judge(mine, mine.cookie, mine.lowest(), seen(12.0, user=None)) is False
    assert ledger.complaints == []


def test_a_cookie_that_ended_may_be_seen_by_what_began_before_and_never_after() -> None:
    ledger, mine = Ledger(), kept()

    ledger.bury(mine.cookie, mine, 20.0)
    ledger.judge(mine, mine.cookie, mine.lowest(), seen(19.9))
    assert ledger.complaints == []
    ledger.judge(mine, mine.cookie, mine.lowest(), seen(20.1))
    assert ledger.counts["wrong: resurrected"] == 1
