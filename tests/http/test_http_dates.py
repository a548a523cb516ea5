"""Dates of header fields: written one way, read in the three of the RFC, and from cookies as browsers read them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import format_http_date, parse_cookie_date, parse_http_date
from tests.rows import each
from tests.shared_cases import conformance

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
COOKIE_DATES = [
    case
    for name in ("examples", "bsd-examples")
    for case in conformance(f"http/range_conditional/httpstate_dates_{name}.json")["cases"]
]


@each(
    ("text", "moment"),
    [
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", MOMENT, id="IMF-fixdate"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", MOMENT, id="rfc850-date, obsolete"),
        pytest.param("Sun Nov  6 08:49:37 1994", MOMENT, id="asctime-date, obsolete"),
        pytest.param("Sun Nov 16 08:49:37 1994", MOMENT + timedelta(days=10), id="asctime-date with two digits"),
        pytest.param("Mon, 06 Nov 1994 08:49:37 GMT", MOMENT, id="another day of the week"),
        pytest.param("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2017, 1, 1, tzinfo=UTC), id="leap second"),
        pytest.param("Wednesday, 01-Jul-76 00:00:00 GMT", datetime(2076, 7, 1, tzinfo=UTC), id="50 years ahead"),
        pytest.param(
            "Wednesday, 01-Jul-76 00:00:01 GMT", datetime(1976, 7, 1, 0, 0, 1, tzinfo=UTC), id="more than 50 years ahead"
        ),
        pytest.param("Friday, 01-Jan-99 00:00:00 GMT", datetime(1999, 1, 1, tzinfo=UTC), id="last century"),
    ],
)
def test_three_forms_are_read(text: str, moment: datetime) -> None:
    """RFC 9110, Section 5.6.7."""
    assert parse_http_date(text, now=NOW) == moment


@each(
    "text",
    [
        "",
        "yesterday",
        "0",
        "784111777",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Fri, 31 Dec 9999 23:59:60 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_nothing_else_is_a_date(text: str) -> None:
    """RFC 9110, Section 5.6.7; Sections 13.1.3 and 13.1.4 ignore what is no valid date."""
    assert parse_http_date(text) is None


@given(MOMENTS)
def test_what_is_written_is_read(moment: datetime) -> None:
    assert parse_http_date(format_http_date(moment)) == moment


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_written_date_drops_the_fraction(moment: datetime) -> None:
    assert parse_http_date(format_http_date(moment)) == moment.replace(microsecond=0)


@given(st.text() | st.text(alphabet="SunNov GMT0123456789:-,"))
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse_http_date(text), datetime | None)
    assert isinstance(parse_cookie_date(text), datetime | None)


@each("case", COOKIE_DATES, ids=[f"row {row}" for row in range(len(COOKIE_DATES))], count=70)
def test_cookie_dates_are_read_as_browsers_do(case: dict[str, str | None]) -> None:
    """RFC 6265bis, Section 5.1.1; all 70 rows of http-state."""
    found = parse_cookie_date(str(case["test"]))

    assert (None if found is None else format_http_date(found)) == case["expected"]


def test_a_second_year_is_left_alone() -> None:
    assert parse_cookie_date("18 Apr 2007 2008 22:50:12") == datetime(2007, 4, 18, 22, 50, 12, tzinfo=UTC)


def test_an_endless_cookie_date_costs_nothing() -> None:
    assert parse_cookie_date("1 " * 1_000_000) is None
