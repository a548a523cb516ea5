"""Dates as header fields write them, and as they are read: strictly where a rule hangs on it, as browsers do in cookies.

Every moment here is in whole seconds of UTC; what is no date is None, never an exception.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["format_http_date", "parse_cookie_date", "parse_http_date"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS: Final = {name: number for number, name in enumerate(_MONTHS, 1)}

_DAY = "|".join(_DAYS)
_LONG_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_MONTH = "|".join(_MONTHS)
_TIME = "([0-9]{2}):([0-9]{2}):([0-9]{2})"
_IMF_FIXDATE = re.compile(rf"(?:{_DAY}), ([0-9]{{2}}) ({_MONTH}) ([0-9]{{4}}) {_TIME} GMT").fullmatch
_RFC850_DATE = re.compile(rf"(?:{_LONG_DAY}), ([0-9]{{2}})-({_MONTH})-([0-9]{{2}}) {_TIME} GMT").fullmatch
_ASCTIME_DATE = re.compile(rf"(?:{_DAY}) ({_MONTH}) ([0-9]{{2}}| [0-9]) {_TIME} ([0-9]{{4}})").fullmatch

# RFC 6265bis, Section 5.1.1: what separates the tokens, and what may follow a number in one.
_COOKIE_DATE_TOKEN = re.compile(r"[^\t\x20-/;-@\[-`{-~]+")
_COOKIE_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])").match
_COOKIE_DAY = re.compile(r"([0-9]{1,2})(?![0-9])").match
_COOKIE_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])").match
_LONGEST_COOKIE_DATE = 256  # characters; browsers give up far earlier, and what is longer is no date


def format_http_date(moment: datetime) -> str:
    """A moment as an IMF-fixdate, in whole seconds of GMT whatever its zone and whatever the locale (RFC 9110, Section 5.6.7).

    Raises ValueError for a moment without a zone, which would mean another moment on another machine.

    >>> format_http_date(datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC))
    'Sun, 06 Nov 1994 08:49:37 GMT'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: say which one is meant, as in datetime.now(UTC).")
    gmt = moment.astimezone(UTC)
    return f"{_DAYS[gmt.weekday()]}, {gmt.day:02} {_MONTHS[gmt.month - 1]} {gmt.year:04} {gmt:%H:%M:%S} GMT"


def parse_http_date(text: str, *, now: datetime | None = None) -> datetime | None:
    """The moment that one of the three forms of RFC 9110, Section 5.6.7 names; None for anything else.

    No other form is understood, since a condition on a date that is not valid must be ignored (Sections 13.1.3 and 13.1.4).
    Whether the day of the week fits the date is not looked at; a leap second is the first second after it.
    now: what two digits of a year are read by: never more than 50 years ahead.

    >>> for text in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"):
    ...     print(parse_http_date(text))
    1994-11-06 08:49:37+00:00
    1994-11-06 08:49:37+00:00
    1994-11-06 08:49:37+00:00
    >>> parse_http_date("yesterday")
    """
    if found := _IMF_FIXDATE(text):
        day, month, year, *clock = found.groups()
        return _moment(int(year), _MONTH_NUMBERS[month], int(day), clock)
    if found := _ASCTIME_DATE(text):
        month, day, *clock, year = found.groups()
        return _moment(int(year), _MONTH_NUMBERS[month], int(day), clock)
    if found := _RFC850_DATE(text):
        day, month, year, *clock = found.groups()
        return _two_digit_year(int(year), _MONTH_NUMBERS[month], int(day), clock, now or datetime.now(UTC))
    return None


def parse_cookie_date(text: str) -> datetime | None:
    """The moment that browsers read from a cookie's Expires, whatever the order and the separators of its parts.

    Source: RFC 6265bis, Section 5.1.1. The day of the week and the zone mean nothing; every cookie date is one of UTC.

    >>> parse_cookie_date("Wed, 18-Apr-07 22:50:12 GMT"), parse_cookie_date("2007 April 18 22:50:12")
    (datetime.datetime(2007, 4, 18, 22, 50, 12, tzinfo=...), datetime.datetime(2007, 4, 18, 22, 50, 12, tzinfo=...))
    """
    clock: list[str] | None = None
    day = month = year = None
    for token in _COOKIE_DATE_TOKEN.findall(text[:_LONGEST_COOKIE_DATE]):
        if clock is None and (found := _COOKIE_TIME(token)):
            clock = [found[1], found[2], found[3]]
        elif day is None and (found := _COOKIE_DAY(token)):
            day = int(found[1])
        elif month is None and token[:3].title() in _MONTH_NUMBERS:
            month = _MONTH_NUMBERS[token[:3].title()]
        elif year is None and (found := _COOKIE_YEAR(token)):
            year = int(found[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if year < 100:
        year += 1900 if year >= 70 else 2000
    if year < 1601 or clock[2] == "60":  # the year that computers of one maker count from
        return None
    return _moment(year, month, day, clock)


def _two_digit_year(year: int, month: int, day: int, clock: list[str], now: datetime) -> datetime | None:
    """The latest year with these two digits that is at most 50 years ahead (RFC 9110, Section 5.6.7)."""
    furthest = (now.year + 50, *now.astimezone(UTC).timetuple()[1:6])
    year += furthest[0] // 100 * 100
    if (year, month, day, *map(int, clock)) > furthest:
        year -= 100
    return _moment(year, month, day, clock)


def _moment(year: int, month: int, day: int, clock: list[str]) -> datetime | None:
    hour, minute, second = map(int, clock)
    try:
        if second == 60:
            return datetime(year, month, day, hour, minute, 59, tzinfo=UTC) + timedelta(seconds=1)
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):  # the 31st of February; the leap second after the last second there is
        return None
