"""Filters for dates and times: `date`, `time`, `timesince`.

A value is a date, a time, a datetime, a text of ISO 8601, or a number of seconds since 1970 (UTC). None gives nothing, and an
undefined value stays what it is.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.runtime.undefined import Undefined

__all__ = ["format_date", "format_time", "time_since"]

WITHOUT_ZERO: Final = re.compile(r"%%|%-([dHIjmMSUWy])")
UNITS: Final = (("week", 7 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60))


def format_date(value: Any, format: str = "%Y-%m-%d", zone: str | tzinfo | None = None) -> Any:  # noqa: A002 -- a template's name
    """A date, by default as `2026-11-22`.

    format: as of strftime; `%-d` and its like are without a leading zero on every system.
    zone: to which a datetime that knows its own is brought, by its IANA name.
    Raises TemplateRuntimeError for what is no date, and for a format without any field.

    >>> format_date(datetime(2026, 11, 2, 9, 5)), format_date("2026-11-02", "%-d %B %Y")
    ('2026-11-02', '2 November 2026')
    """
    return _formatted(value, format, zone)


def format_time(value: Any, format: str = "%H:%M", zone: str | tzinfo | None = None) -> Any:  # noqa: A002 -- the same
    """A time of day, by default as `09:05`; format and zone as of `date`.

    >>> format_time("2026-11-02T09:05:59"), format_time(time(21, 5), "%-I:%M %p")
    ('09:05', '9:05 PM')
    """
    return _formatted(value, format, zone)


def _formatted(value: Any, written: str, zone: str | tzinfo | None) -> Any:
    if written and "%" not in written:
        raise TemplateRuntimeError(f"the format {written!r:.60} has no field, which is a '%' and a letter, as in '%Y-%m-%d'")
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return value
    moment = _moment(value)
    if zone is not None and isinstance(moment, datetime):
        moment = moment.astimezone(_zone(zone))

    def without_zero(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else moment.strftime("%" + found[1]).lstrip("0") or "0"

    return moment.strftime(WITHOUT_ZERO.sub(without_zero, written))


def _zone(zone: str | tzinfo) -> tzinfo:
    try:
        return ZoneInfo(zone) if isinstance(zone, str) else zone
    except (ValueError, LookupError, OSError) as error:
        raise TemplateRuntimeError(f"there is no time zone {zone!r}; give its IANA name, as in 'Europe/Berlin'") from error


def _moment(value: Any) -> date | time:
    """The value as a date, a time or a datetime."""
    if isinstance(value, date | time):
        return value
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            return _read(value.strip())
    except (ValueError, OverflowError, OSError):
        pass
    raise TemplateRuntimeError(f"{value!r:.60} is no date or time; give one of datetime's, ISO 8601, or seconds since 1970")


def _read(text: str) -> date | time:
    for kind in (date, datetime, time):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    raise ValueError(text)


def time_since(value: Any, now: Any = None, parts: int = 2) -> Any:
    """How long ago something was, in its largest unit and those next to it: `3 days, 4 hours`; `0 minutes` if it is yet to come.

    now: counted to this, and not to the present. parts: so many units at most; one that is nought ends them.
    Raises TemplateRuntimeError for what is no date.

    >>> time_since(datetime(2024, 1, 31), datetime(2026, 4, 2, 5)), time_since("2026-04-01", "2026-04-02", 1)
    ('2 years, 2 months', '1 day')
    """
    if value is None:
        return ""
    if isinstance(value, Undefined):
        return value
    start = _as_datetime(value)
    end = datetime.now(start.tzinfo) if now is None else _as_datetime(now)
    if (start.tzinfo is None) is not (end.tzinfo is None):
        start, end = start.astimezone(UTC), end.astimezone(UTC)
    counts = _counts(start, end)
    while counts and counts[0][1] == 0:
        counts.pop(0)
    shown: list[str] = []
    for unit, count in counts[:parts]:
        if count == 0:
            break
        shown.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return ", ".join(shown) or "0 minutes"


def _as_datetime(value: Any) -> datetime:
    moment = _moment(value)
    if isinstance(moment, datetime):
        return moment
    if isinstance(moment, time):
        raise TemplateRuntimeError("timesince needs a date, with or without a time; a time alone may be of any day")
    return datetime.combine(moment, time())


def _counts(start: datetime, end: datetime) -> list[tuple[str, int]]:
    """How many whole years, months, weeks, … lie between; months as the calendar has them."""
    if end <= start:
        return []
    months = (end.year - start.year) * 12 + end.month - start.month
    if _months_after(start, months) > end:
        months -= 1
    rest = int((end - _months_after(start, months)) / timedelta(seconds=1))
    counts = [("year", months // 12), ("month", months % 12)]
    for unit, seconds in UNITS:
        count, rest = divmod(rest, seconds)
        counts.append((unit, count))
    return counts


def _months_after(start: datetime, months: int) -> datetime:
    """The same day so many months later, or the last one of a month that is too short for it."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return start.replace(year=year, month=month + 1)
