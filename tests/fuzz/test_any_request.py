"""No request makes a 500, an unhandled exception, or answers that differ between the protocols.

The made-up requests are those of `scripts/fuzz`, which asks millions of them; here Hypothesis looks for some hundred new ones
each time, and makes what it finds as small as it can.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.asked import Asked, asked
from tests.fuzz.asking import Asking
from tests.fuzz.choices import DecidedChoices, SeededChoices
from tests.fuzz.judging import complaints
from tests.fuzz.servers import Told
from tests.rows import each

EXAMPLES = 75  # found by Hypothesis, a millisecond and a half each
SEEDED = 600  # of one seed, the same each time


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """Any request, whose decisions Hypothesis takes."""
    return asked(DecidedChoices(lambda bound: draw(st.integers(0, bound - 1))))


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with Asking() as everything:
        yield everything


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(requests())
def test_no_request_is_a_mistake_of_ours(asking: Asking, one: Asked) -> None:
    assert asking.complaints(one) == []


def test_no_seeded_request_is_a_mistake_of_ours(asking: Asking) -> None:
    batch = [asked(SeededChoices(0, number)) for number in range(SEEDED)]

    assert [(one, wrong) for one, wrong in zip(batch, asking.all_complaints(batch), strict=True) if wrong] == []


def test_a_seed_gives_the_same_requests_each_time() -> None:
    assert [asked(SeededChoices(3, number)) for number in range(50)] == [asked(SeededChoices(3, number)) for number in range(50)]


@each(
    ("told", "complaint"),
    [
        pytest.param(Told(500, [], b"", True), "the status 500", id="a mistake of ours"),
        pytest.param(Told(200, [("content-length", "3")], b"hi", True), "the length 3 of 2 bytes", id="a wrong length"),
        pytest.param(Told(204, [], b"hi", True), "content where there is none", id="content of a 204"),
        pytest.param(Told(200, [("x", "a\r\nb")], b"", True), "the field", id="a split field"),
        pytest.param(Told(200, [("content-encoding", "gzip")], b"hi", True), "content that is not in gzip", id="no gzip"),
        pytest.param(Told(200, [("content-type", "application/json")], b"{", True), "JSON that is none", id="no JSON"),
    ],
)
def test_wrong_answers_are_complained_of(told: Told, complaint: str) -> None:
    assert complaint in complaints(Asked("GET", "/"), {"asgi": told})[0]


def test_answers_that_differ_are_complained_of() -> None:
    answers = {"asgi": Told(200, [], b"a", True), "wsgi": Told(200, [], b"b", True)}

    assert "the protocols differ" in complaints(Asked("GET", "/", (("accept", "*/*"),)), answers)[0]
    assert complaints(Asked("GET", "/", (("accept", "é"),)), answers) == []


def test_what_is_raised_is_complained_of(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.servers._scope", lambda _: {"type": "http"})

    assert "raised" in asking.complaints(Asked("GET", "/"))[0]
