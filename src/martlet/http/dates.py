"""Dates as header fields write them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["format_http_date"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
