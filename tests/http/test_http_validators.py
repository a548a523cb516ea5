"""Entity tags and what else tells one state of a representation from another."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import BadETagError, ETag, Validators
from martlet.http.validators import received_etags
from tests.rows import each
from tests.shared_cases import conformance

OPAQUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters='"'))
ETAGS = st.builds(ETag, OPAQUE, weak=st.booleans())
RECEIVED = conformance("http/range_conditional/falcon_etag.json")["cases"]
EXCEPTIONS = {
    '67ab43"': "half a quotation; no tag of ours has a quote in it, so that nothing could match",
    '"67ab43': "the same",
}


@each(
    ("first", "second", "strongly", "weakly"),
    [
        pytest.param(ETag("1", weak=True), ETag("1", weak=True), False, True, id='W/"1" and W/"1"'),
        pytest.param(ETag("1", weak=True), ETag("2", weak=True), False, False, id='W/"1" and W/"2"'),
        pytest.param(ETag("1", weak=True), ETag("1"), False, True, id='W/"1" and "1"'),
        pytest.param(ETag("1"), ETag("1"), True, True, id='"1" and "1"'),
    ],
)
def test_comparison(first: ETag, second: ETag, strongly: bool, weakly: bool) -> None:
    """The table of RFC 9110, Section 8.8.3.2."""
    assert (first.matches_strongly(second), first.matches_weakly(second)) == (strongly, weakly)


@given(ETAGS)
def test_what_is_written_is_read(etag: ETag) -> None:
    assert ETag.parse(str(etag)) == etag
    assert list(received_etags(str(etag))) == [(etag.weak, etag.value)]


@given(st.lists(ETAGS))
def test_a_list_is_read_whole(etags: list[ETag]) -> None:
    assert list(received_etags(" , ".join(map(str, etags)))) == [(etag.weak, etag.value) for etag in etags]


@each("text", ["", "7", '"7', '7"', '"a"b"', 'w/"7"', "*", '"a b"', '"é"', ' "7"', '"7"\n', '"\x7f"'])
def test_what_is_no_tag_is_none(text: str) -> None:
    """RFC 9110, Section 8.8.3; `W/` is written so and not otherwise."""
    assert ETag.parse(text) is None


@each("value", ['a"b', "a b", "a\r\nb", "é", "\x00", "\x7f"])
def test_a_tag_that_no_field_can_hold_is_refused(value: str) -> None:
    with pytest.raises(BadETagError, match="is no entity tag: use visible ASCII"):
        ETag(value)


def test_a_tag_of_content_is_strong_unless_asked_otherwise() -> None:
    assert not ETag.of(b"").weak
    assert ETag.of(b"a") != ETag.of(b"b")
    assert ETag.of(b"a", weak=True) == ETag.of(b"a").weakened() == ETag.of(b"a").weakened().weakened()


def test_the_last_change_is_in_whole_seconds_of_utc() -> None:
    moment = datetime(2026, 7, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))

    validators = Validators(last_modified=moment)

    assert validators.last_modified == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert validators.fields == (("last-modified", "Wed, 01 Jul 2026 10:00:00 GMT"),)


def test_a_change_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Validators(last_modified=datetime(2026, 7, 1))  # noqa: DTZ001


@each(
    ("etag", "last_modified", "expected"),
    [
        (None, None, None),
        ("junk", "junk", None),
        ('W/"7"', None, Validators(ETag("7", weak=True))),
        (None, "Wed, 01 Jul 2026 10:00:00 GMT", Validators(last_modified=datetime(2026, 7, 1, 10, tzinfo=UTC))),
    ],
)
def test_validators_are_read_from_fields(etag: str | None, last_modified: str | None, expected: Validators | None) -> None:
    assert Validators.from_fields(etag, last_modified) == expected


@each("case", RECEIVED, ids=[f"row {row}" for row in range(len(RECEIVED))], count=54)
def test_lists_are_read_as_falcon_does(case: dict[str, str | list[str] | None]) -> None:
    """54 rows; two half quotations, in two fields each, are read otherwise."""
    found = [value for _, value in received_etags(str(case["etag"]))]

    assert found == ([] if case["etag"] in EXCEPTIONS else case["expected_value"] or [])


def test_the_exceptions_are_rows() -> None:
    assert len(RECEIVED) == 54
    assert sum(case["etag"] in EXCEPTIONS for case in RECEIVED) == 4


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert all(value in text for _, value in received_etags(text))
    assert isinstance(Validators.from_fields(text, text), Validators | None)


def test_a_long_list_costs_linear_time() -> None:
    assert sum(1 for _ in received_etags('"' * 1_000_001)) == 500_000
    assert sum(1 for _ in received_etags("W/" * 1_000_000 + '"')) == 0
