"""date, time and timesince."""
# ruff: noqa: DTZ001, DTZ005 -- moments without a zone are among what these filters are given

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.runtime import Undefined
from tests.rows import each
from tests.templates.stand_in import apply

MOMENT = datetime(2026, 11, 2, 9, 5, 7)


@each(
    ("name", "value", "args", "expected"),
    [
        ("date", MOMENT, (), "2026-11-02"),
        ("date", MOMENT.date(), (), "2026-11-02"),
        ("date", "2026-11-02", (), "2026-11-02"),
        ("date", "2026-11-02T23:30:00Z", (), "2026-11-02"),
        ("date", 0, (), "1970-01-01"),
        ("date", 1.5, ("%S",), "01"),
        ("date", MOMENT, ("%-d.%-m.%Y %%-d",), "2.11.2026 %-d"),
        ("date", MOMENT, ("%d %B",), "02 November"),
        ("time", MOMENT, (), "09:05"),
        ("time", "09:05:07", (), "09:05"),
        ("time", time(0, 0), ("%-H:%-M %p",), "0:0 AM"),
        ("time", datetime(2026, 1, 1, 23, 30, tzinfo=UTC), ("%H:%M", "Europe/Berlin"), "00:30"),
        ("date", datetime(2026, 1, 1, 23, 30, tzinfo=UTC), ("%d", timezone(timedelta(hours=1))), "02"),
        ("date", None, (), ""),
    ],
)
def test_dates_and_times_are_written(name: str, value: Any, args: tuple[Any, ...], expected: str) -> None:
    assert apply(name, value, *args) == expected


@each("name", ["date", "time", "timesince"])
@each("value", ["soon", "2026-13-01", [], 10**20, float("nan")])
def test_what_is_no_date_is_told(name: str, value: Any) -> None:
    with pytest.raises(TemplateRuntimeError, match="is no date or time"):
        apply(name, value)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../etc/passwd", ""])
def test_an_unknown_zone_is_told(zone: str) -> None:
    with pytest.raises(TemplateRuntimeError, match="there is no time zone"):
        apply("date", MOMENT, "%d", zone)


@pytest.mark.parametrize("name", ["date", "time", "timesince"])
def test_what_is_undefined_stays_so(name: str) -> None:
    assert isinstance(apply(name, Undefined(name="x")), Undefined)


@each(
    ("start", "now", "arguments", "expected"),
    [
        (MOMENT, MOMENT, {}, "0 minutes"),
        (MOMENT, MOMENT + timedelta(seconds=59), {}, "0 minutes"),
        (MOMENT, MOMENT - timedelta(days=9), {}, "0 minutes"),
        (MOMENT, MOMENT + timedelta(minutes=1), {}, "1 minute"),
        (MOMENT, MOMENT + timedelta(hours=5, minutes=2, seconds=9), {}, "5 hours, 2 minutes"),
        (MOMENT, MOMENT + timedelta(days=3, minutes=2), {}, "3 days"),
        (MOMENT, MOMENT + timedelta(days=15, hours=1), {}, "2 weeks, 1 day"),
        (MOMENT, MOMENT + timedelta(days=15, hours=1), {"parts": 1}, "2 weeks"),
        (MOMENT, MOMENT + timedelta(days=15, hours=1), {"parts": 3}, "2 weeks, 1 day, 1 hour"),
        (datetime(2024, 2, 29), datetime(2025, 2, 28), {}, "1 year"),
        (datetime(2024, 1, 31), datetime(2024, 2, 28), {}, "4 weeks"),
        (datetime(2024, 1, 31), datetime(2024, 2, 29), {}, "1 month"),
        (datetime(2024, 12, 15), datetime(2025, 1, 14, 23), {}, "4 weeks, 2 days"),
        (date(2020, 5, 5), date(2026, 11, 5), {}, "6 years, 6 months"),
        ("2026-01-01T00:00:00+00:00", "2026-01-01T03:00:00+02:00", {}, "1 hour"),
        (None, MOMENT, {}, ""),
    ],
)
def test_the_time_since_is_told_in_its_largest_units(start: Any, now: Any, arguments: dict[str, Any], expected: str) -> None:
    assert apply("timesince", start, now, **arguments) == expected


def test_the_time_since_counts_to_the_present() -> None:
    assert apply("timesince", datetime.now(UTC) - timedelta(days=2, minutes=5)) == "2 days"
    assert apply("timesince", datetime.now() - timedelta(hours=2, minutes=5, seconds=30)) == "2 hours, 5 minutes"


def test_a_moment_without_a_zone_is_local_beside_one_that_has_one() -> None:
    assert apply("timesince", datetime.now() - timedelta(hours=1, seconds=30), datetime.now(UTC)) == "1 hour"


def test_a_time_of_no_day_has_no_time_since() -> None:
    with pytest.raises(TemplateRuntimeError, match="may be of any day"):
        apply("timesince", time(1, 2))


def test_a_format_without_a_field_is_told() -> None:
    for name in ("date", "time"):
        with pytest.raises(TemplateRuntimeError, match=r"'Y-m-d' has no field.*'%Y-%m-%d'"):
            apply(name, MOMENT, "Y-m-d")
    assert apply("date", MOMENT, "") == ""
