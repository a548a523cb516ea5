"""Choosing a media type by Accept, against the tables of other projects and the examples of RFC 9110."""

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.accept import MAX_CACHED, MAX_CACHED_LENGTH, MAX_MEMBERS, Negotiation, best_match, parse_accept, quality, rank
from martlet.http.media_types import BadMediaTypeError, MediaRange, MediaType
from tests.rows import each
from tests.shared_cases import conformance

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

# Offers of Falcon's table that are no media types: there the arguments may be swapped; ours are refused before any request.
NO_MEDIA_TYPES = {
    "audio/*; q=0.2, audio/basic",
    "text/html, text/plain",
    "*/json; q=0.2, application/json",
    "text/x-python, image/*; q=0.33, text/plain; format=fixed",
}


@pytest.mark.parametrize("table", ["falcon_quality", "falcon_quality_rfc"])
def test_the_most_specific_range_decides(table: str) -> None:
    for case in conformance(f"http/accept/{table}.json")["cases"]:
        assert quality(case["accept"], case["media_type"]) == case["quality_value"], case


@each(
    "case",
    [case for case in conformance("http/accept/falcon_quality_none.json")["cases"] if case["media_type"] not in NO_MEDIA_TYPES],
    ids=lambda case: case["accept"],
    count=6,
)
def test_what_no_range_fits_is_not_acceptable(case: dict[str, str]) -> None:
    assert quality(case["accept"], case["media_type"]) == 0


@pytest.mark.parametrize("case", conformance("http/accept/falcon_best_match.json")["cases"], ids=lambda case: case["accept"])
def test_falcon_chooses_the_same(case: dict[str, Any]) -> None:
    assert best_match(case["accept"], case["media_types"]) == case["expected"]


@each("case", conformance("http/accept/falcon_best_match_none.json")["cases"], ids=lambda case: case["accept"], count=8)
def test_falcon_finds_none_either(case: dict[str, Any]) -> None:
    if NO_MEDIA_TYPES & set(case["media_types"]):
        with pytest.raises(BadMediaTypeError):
            best_match(case["accept"], case["media_types"])
        return
    assert best_match(case["accept"], case["media_types"]) is None


@each(
    ("header", "chosen"),
    [
        pytest.param(None, "text/html", id="absent"),
        pytest.param("", "text/html", id="empty"),
        pytest.param(" , ,", "text/html", id="no member"),
        pytest.param("nonsense, */*;q=2", "text/html", id="no member that makes sense"),
        pytest.param("nonsense, application/json", "application/json", id="one that makes sense"),
        pytest.param("application/json, text/html", "text/html", id="a tie goes to the first offer"),
        pytest.param("text/html;q=0.5, application/json", "application/json", id="higher quality wins"),
        pytest.param("*/*;q=0.1, application/*", "application/json", id="a wildcard for the rest"),
        pytest.param("text/*;q=0.9, text/html;q=0.1, */*;q=0.5", "application/json", id="the more specific lowers"),
        pytest.param("text/html;q=0, */*", "application/json", id="q=0 rules out"),
        pytest.param("application/json;q=0", None, id="nothing else was accepted"),
        pytest.param("*/*;q=0", None, id="nothing at all"),
        pytest.param("application/xml", None, id="not on offer"),
        pytest.param("application/json;q=0.2;ext=1, text/html;q=0.1", "application/json", id="what follows q is ignored"),
        pytest.param("Application/JSON", "application/json", id="case does not count"),
        pytest.param("application/json;Q=0.1,text/html;q=0.2", "text/html", id="nor does that of q"),
        pytest.param("application/json;charset=utf-8", "application/json", id="a charset the offer does not name"),
        pytest.param("application/json;version=2", None, id="a parameter the offer has not"),
        pytest.param('application/json;a="x, text/html;q=1", text/html;q=0.1', "text/html", id="a comma in quotes"),
        pytest.param(
            'application/json;a="x, text/html', "text/html", id="a quote left open swallows the rest, which is then no field"
        ),
        pytest.param(
            "application/json;q=0.5, application/json;q=0.9, text/html;q=0.7", "application/json", id="of equals the kindest"
        ),
        pytest.param(BROWSER, "text/html", id="a browser"),
        pytest.param("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "text/html", id="an old Java client"),
    ],
)
def test_an_offer_is_chosen(header: str | None, chosen: str | None) -> None:
    offers = ["text/html", "application/json"]

    assert best_match(header, offers) == chosen
    assert Negotiation(offers).choose(header) == (offers.index(chosen) if chosen else None)


def test_the_offer_comes_back_as_it_was_given() -> None:
    offer = MediaType.parse("text/html; charset=utf-8")

    assert best_match("*/*", [offer]) is offer
    assert best_match("*/*", ["Text/HTML"]) == "Text/HTML"
    assert best_match("*/*", list[str]()) is None


def test_only_the_first_members_are_read() -> None:
    header = "a/b," * MAX_MEMBERS + "text/html"

    assert len(parse_accept(header)) == MAX_MEMBERS
    assert quality(header, "text/html") == 0


def test_an_offer_that_is_no_media_type_is_refused_at_once() -> None:
    with pytest.raises(BadMediaTypeError, match="'json' is no media type"):
        Negotiation(["text/html", "json"])


RANGES = st.sampled_from(["*/*", "text/*", "text/html", "text/plain", "text/html;level=1", "image/png", "nonsense"])
MEMBERS = st.builds(lambda found, thousandths: f"{found};q={thousandths / 1000}", RANGES, st.integers(0, 1000))
OFFERS = st.lists(st.sampled_from(["text/html", "text/plain", "text/html;level=1", "image/png"]), max_size=4)


@given(st.lists(MEMBERS, max_size=6).map(", ".join), OFFERS)
def test_the_table_answers_as_the_ranking_does(header: str, offers: list[str]) -> None:
    ranked = rank(header, offers)
    negotiation = Negotiation(offers)

    assert [negotiation.choose(header) for _ in range(2)] == [ranked[0] if ranked else None] * 2
    assert [quality(header, offers[index]) for index in ranked] == sorted(
        (quality(header, offers[index]) for index in ranked), reverse=True
    )
    assert len(ranked) == sum(quality(header, offer) > 0 for offer in offers)


@given(st.text() | st.text(st.sampled_from('a/*;=", q01.\\'), max_size=60))
def test_no_field_makes_choosing_fail(header: str) -> None:
    assert Negotiation(["text/html"]).choose(header) in (0, None)


def test_the_memory_stays_small() -> None:
    negotiation = Negotiation(["text/html"])
    for number in range(MAX_CACHED * 3):
        negotiation.choose(f"text/html;level={number}, */*")
    long = "text/html," + " " * MAX_CACHED_LENGTH
    negotiation.choose(long)

    remembered = negotiation._answers  # noqa: SLF001  its size is the point
    assert 0 < len(remembered) <= MAX_CACHED
    assert long not in remembered


def test_a_field_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse = MediaRange.parse_or_none

    def recorded(text: str) -> MediaRange | None:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(MediaRange, "parse_or_none", recorded)
    negotiation = Negotiation(["text/html", "application/json"])

    assert {negotiation.choose("application/json") for _ in range(3)} == {1}
    assert {negotiation.choose("image/png") for _ in range(3)} == {None}
    assert read == ["application/json", "image/png"]


def test_several_threads_get_the_right_answers() -> None:
    negotiation = Negotiation(["text/html", "application/json"])
    wrong: list[str] = []

    def ask(seed: int) -> None:
        fields = [f"application/json;q=0.9, a/b;c={seed * number}" for number in range(600)]
        wrong.extend(field for field in fields if negotiation.choose(field) != 1)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(negotiation._answers) <= MAX_CACHED  # noqa: SLF001  its size is the point


@each("piece", [",", '"', "a/b,", 'a/b;c="', ';="\\', "\\", 'a/b;c="\\"', ", ", ";q=", "a/b;q=0.1;"], ids=repr)
def test_a_quarter_megabyte_takes_linear_time(piece: str) -> None:
    header = "text/html," + piece * (250_000 // len(piece))

    started = time.process_time()
    Negotiation(["text/html", "application/json"] * 5).choose(header)

    assert time.process_time() - started < 0.6  # seconds; anything quadratic takes many
