"""Ranges of bytes: RFC 9110, Section 14."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import (
    ByteRange,
    ETag,
    MultipartRanges,
    Validators,
    format_http_date,
    if_range_holds,
    requested_ranges,
    unsatisfied_range,
)
from tests.rows import each

CHANGED = datetime(2026, 7, 1, 10, tzinfo=UTC)
WHOLE = None


@each(
    ("text", "size", "parts"),
    [
        pytest.param("bytes=0-499", 10_000, [(0, 500)], id="14.1.2 the first 500 bytes"),
        pytest.param("bytes=500-999", 10_000, [(500, 1000)], id="14.1.2 the second 500 bytes"),
        pytest.param("bytes=-500", 10_000, [(9500, 10_000)], id="14.1.2 the last 500 bytes"),
        pytest.param("bytes=9500-", 10_000, [(9500, 10_000)], id="14.1.2 from 9500 on"),
        pytest.param("bytes=0-0,-1", 10_000, [(0, 1), (9999, 10_000)], id="14.1.2 the first and the last byte"),
        pytest.param(
            "bytes= 0-999, 4500-5499, -1000", 10_000, [(0, 1000), (4500, 5500), (9000, 10_000)], id="14.1.2 three parts"
        ),
        pytest.param("bytes=500-600,601-999", 10_000, [(500, 1000)], id="14.1.2 one part in two pieces"),
        pytest.param("bytes=500-700,601-999", 10_000, [(500, 1000)], id="14.1.2 one part in two pieces that overlap"),
        pytest.param("bytes=0-10000", 10, [(0, 10)], id="14.1.2 the end is cut to the size"),
        pytest.param("bytes=-10000", 10, [(0, 10)], id="14.1.2 a suffix longer than the whole"),
        pytest.param("BYTES=0-1", 10, [(0, 2)], id="14.1 units have no case"),
        pytest.param("bytes=,0-1,,", 10, [(0, 2)], id="5.6.1.2 empty members"),
        pytest.param("bytes=0-1\t,\t4-5", 10, [(0, 2), (4, 6)], id="5.6.1 space around members"),
        pytest.param("bytes=8-9,0-1,4-5", 10, [(8, 10), (0, 2), (4, 6)], id="15.3.7.2 in the order asked for"),
        pytest.param("bytes=8-9,0-1,7-7", 10, [(7, 10), (0, 2)], id="15.3.7.2 joined at the place of the first"),
        pytest.param("bytes=10-", 10, [], id="14.1.2 beyond the end"),
        pytest.param("bytes=10-20, 30-", 10, [], id="14.1.2 all beyond the end"),
        pytest.param("bytes=10-20, 3-4", 10, [(3, 5)], id="14.1.2 one of two beyond the end"),
        pytest.param("bytes=-0", 10, [], id="14.1.2 a suffix of nothing"),
        pytest.param("bytes=0-", 0, [], id="14.1.2 the first byte of nothing"),
        pytest.param("bytes=-5", 0, WHOLE, id="14.1.2 the end of nothing is satisfied by nothing"),
        pytest.param("bytes=" + "9" * 5_000 + "-", 10, [], id="a number longer than Python converts"),
        pytest.param("bytes=0-" + "9" * 5_000, 10, [(0, 10)], id="the same as an end"),
        pytest.param("bytes=-" + "0" * 5_000 + "3", 10, [(7, 10)], id="zeros before a number"),
        pytest.param("bytes=0-4,5-9", 10, WHOLE, id="several parts that are the whole"),
        pytest.param("bytes=0-9", 10, [(0, 10)], id="one part that is the whole"),
        pytest.param("bytes=5-4", 10, WHOLE, id="14.1.2 the end before the start is no range"),
        pytest.param("bytes=0-1,5-4", 10, WHOLE, id="14.2 one malformed member spoils the list"),
        pytest.param("bytes=", 10, WHOLE, id="14.1.1 nothing asked for"),
        pytest.param("bytes=-", 10, WHOLE, id="14.1.2 no number at all"),
        pytest.param("bytes=1--3", 10, WHOLE, id="14.1.2 two hyphens"),
        pytest.param("bytes=--0", 10, WHOLE, id="14.1.2 two hyphens before"),
        pytest.param("bytes=+1-3", 10, WHOLE, id="14.1.2 a sign"),
        pytest.param("bytes=0x1-3", 10, WHOLE, id="14.1.2 hexadecimal"),
        pytest.param("bytes=1_0-30", 100, WHOLE, id="14.1.2 an underscore"),
        pytest.param("bytes=1 0-30", 100, WHOLE, id="14.1.2 a space in a number"),
        pytest.param("bytes=٠-٣", 10, WHOLE, id="14.1.2 digits of another script"),
        pytest.param("bytes=0-1\n", 10, WHOLE, id="a line break"),
        pytest.param("bytes 0-1", 10, WHOLE, id="14.1.1 no equals sign"),
        pytest.param("bytes =0-1", 10, WHOLE, id="14.1.1 a space before it"),
        pytest.param("lines=0-1", 10, WHOLE, id="14.2 another unit"),
        pytest.param("", 10, WHOLE, id="14.1.1 nothing"),
        pytest.param("bytes=0-1, bytes=4-5", 10, WHOLE, id="14.2 the field twice"),
    ],
)
def test_what_a_range_field_asks_for(text: str, size: int, parts: list[tuple[int, int]] | None) -> None:
    assert requested_ranges(text, size, limit=10) == parts


def test_more_members_than_the_limit_ask_for_the_whole() -> None:
    assert requested_ranges("bytes=0-0,2-2,4-4", 10, limit=3) == [(0, 1), (2, 3), (4, 5)]
    assert requested_ranges("bytes=0-0,2-2,4-4,6-6", 10, limit=3) is WHOLE


@each("piece", ["0-,", "-1,", ",", "0-0,", "x,", "1" * 20 + "-,"])
def test_a_hundred_thousand_members_cost_nothing(piece: str) -> None:
    start = time.perf_counter()

    parts = requested_ranges("bytes=" + piece * 100_000, 10, limit=50)

    assert parts is WHOLE
    assert time.perf_counter() - start < 0.05


SPECS = st.builds("{}-{}".format, st.integers(0, 40), st.integers(0, 40) | st.just("")) | st.builds(
    "-{}".format, st.integers(0, 40)
)


@given(st.lists(SPECS, min_size=1, max_size=12), st.integers(0, 30))
def test_parts_are_the_bytes_that_were_asked_for(specs: list[str], size: int) -> None:
    asked: set[int] = set()
    for spec in specs:
        first, _, last = spec.partition("-")
        start = int(first) if first else max(size - int(last), 0)
        stop = (int(last) + 1 if last else size) if first else size
        asked |= set(range(start, min(stop, size)))

    parts = requested_ranges("bytes=" + ",".join(specs), size, limit=12)

    if parts is not None:
        served = [offset for part in parts for offset in range(*part)]
        assert sorted(served) == sorted(asked)  # each once
        assert all(part.length > 0 for part in parts)


@given(st.text() | st.text(alphabet="bytes=0123456789-, ").map("bytes={}".format), st.integers(0, 1 << 70))
def test_no_text_raises(text: str, size: int) -> None:
    for part in requested_ranges(text, size, limit=50) or []:
        assert 0 <= part.start < part.stop <= size


@each(
    ("text", "validators", "holds"),
    [
        pytest.param('"7"', Validators(ETag("7")), True, id="13.1.5 the same strong tag"),
        pytest.param('W/"7"', Validators(ETag("7")), False, id="13.1.5 a weak tag sent"),
        pytest.param('"7"', Validators(ETag("7", weak=True)), False, id="13.1.5 a weak tag here"),
        pytest.param('"6"', Validators(ETag("7")), False, id="13.1.5 another tag"),
        pytest.param('"6", "7"', Validators(ETag("7")), False, id="13.1.5 one tag, not a list"),
        pytest.param("*", Validators(ETag("7")), False, id="13.1.5 no star"),
        pytest.param(format_http_date(CHANGED), Validators(None, CHANGED), True, id="13.1.5 the very date"),
        pytest.param(format_http_date(CHANGED), Validators(ETag("7"), CHANGED), True, id="13.1.5 the date beside a tag"),
        pytest.param(
            format_http_date(CHANGED + timedelta(seconds=1)),
            Validators(None, CHANGED),
            False,
            id="13.1.5 a later date is another",
        ),
        pytest.param(format_http_date(CHANGED), Validators(ETag("7")), False, id="13.1.5 a date where none is known"),
        pytest.param("junk", Validators(ETag("7"), CHANGED), False, id="neither tag nor date"),
        pytest.param("", Validators(), False, id="nothing"),
        pytest.param('"7"', None, False, id="nothing there"),
    ],
)
def test_if_range(text: str, validators: Validators | None, holds: bool) -> None:
    assert if_range_holds(text, validators) is holds


def test_content_range() -> None:
    """RFC 9110, Section 14.4."""
    assert ByteRange(42, 1234).content_range(1234) == "bytes 42-1233/1234"
    assert unsatisfied_range(1234) == "bytes */1234"


@given(st.binary(min_size=1), st.data())
def test_framing_counts_every_byte(content: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(content) - 1), min_size=2, max_size=5))
    parts = [ByteRange(cut, cut + 1) for cut in cuts]
    framed = MultipartRanges(parts, len(content), "text/plain")

    sent = b"".join(head + content[part.start : part.stop] for head, part in framed.pieces()) + framed.end

    assert len(sent) == framed.length
    assert sent.count(b"--" + framed.boundary.encode()) == len(parts) + 1
