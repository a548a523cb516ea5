"""Converters: what each accepts, what value that is, and that every value it formats reads back the same."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.routing import BUILT_IN, Router
from martlet.routing.taking import Parameter, taker
from tests.rows import each

ID = "7fe8277b-7216-4867-9e9d-2048bc787c4c"

ACCEPTED = [
    ("str", "a b", "a b"),
    ("str", "..", ".."),
    ("path", "/a/", "/a/"),
    ("int", "0", 0),
    ("int", "007", 7),
    ("int", "9223372036854775807", 2**63 - 1),
    ("float", "1", 1.0),
    ("float", "-1.50", -1.5),
    ("float", "1.5e-3", 0.0015),
    ("float", "1E5", 100_000.0),
    ("float", "1e-999", 0.0),
    ("decimal", "12.50", Decimal("12.50")),
    ("decimal", "-0.1", Decimal("-0.1")),
    ("decimal", "9" * 28 + "." + "9" * 28, Decimal("9" * 28 + "." + "9" * 28)),
    ("uuid", ID, UUID(ID)),
    ("uuid", ID.upper(), UUID(ID)),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("datetime", "2024-02-29T12:30", datetime(2024, 2, 29, 12, 30)),  # noqa: DTZ001  without an offset it is naive
    ("datetime", "2024-02-29T12:30:15", datetime(2024, 2, 29, 12, 30, 15)),  # noqa: DTZ001
    ("datetime", "2024-02-29T12:30:15Z", datetime(2024, 2, 29, 12, 30, 15, tzinfo=UTC)),
    ("datetime", "2024-02-29T12:30:15.25+05:30", datetime(2024, 2, 29, 12, 30, 15, 250_000, timezone(timedelta(hours=5.5)))),
    ("slug", "a-title-of-2024", "a-title-of-2024"),
]

REFUSED = [
    ("int", "-1"),
    ("int", "+1"),
    ("int", "1_000"),
    ("int", " 1"),
    ("int", "1.0"),
    ("int", "9223372036854775808"),
    ("int", "0" * 20),
    ("int", "٣"),
    ("int", "１"),
    ("float", "inf"),
    ("float", "-inf"),
    ("float", "nan"),
    ("float", "1e999"),
    ("float", "9" * 400),
    ("float", ".5"),
    ("float", "5."),
    ("float", "+5"),
    ("float", "1_0.0"),
    ("float", "0x1p3"),
    ("float", "٣.٣"),
    ("decimal", "1e5"),
    ("decimal", "NaN"),
    ("decimal", "9" * 29),
    ("decimal", "1." + "9" * 29),
    ("uuid", ID.replace("-", "")),
    ("uuid", "{" + ID + "}"),
    ("uuid", "urn:uuid:" + ID),
    ("uuid", ID[:-1] + "g"),
    ("uuid", ID[:-1]),
    ("date", "2023-02-29"),
    ("date", "0000-01-01"),
    ("date", "2024-2-9"),
    ("date", "20240209"),
    ("date", "2024-W07-5"),
    ("date", "2024-02-09T00:00"),
    ("datetime", "2024-02-29"),
    ("datetime", "2024-02-29 12:30:00"),
    ("datetime", "2024-02-29t12:30:00z"),
    ("datetime", "2024-02-30T12:30:00"),
    ("datetime", "2024-02-29T24:00:00"),
    ("datetime", "2024-02-29T12:30:60Z"),
    ("datetime", "2024-02-29T12:30:00+0530"),
    ("datetime", "2024-02-29T12:30:00.1234567"),
    ("slug", "A-title"),
    ("slug", "-a"),
    ("slug", "a-"),
    ("slug", "a--b"),
    ("slug", "é"),
]


def router_for(converter: str) -> Router[str]:
    router = Router[str]()
    router.register("GET", f"/{{value:{converter}}}", "whole", name="whole")
    router.register("GET", f"/x/in-{{value:{converter}}}", "inside", name="inside")
    return router


@each(("converter", "text", "value"), ACCEPTED)
def test_an_accepted_text_arrives_as_its_value(converter: str, text: str, value: object) -> None:
    router = router_for(converter)

    for path, target in ((f"/{text}", "whole"), (f"/x/in-{text}", "inside")):
        found, params = router.match("GET", path)
        assert (found, params) == (target, {"value": value})
        assert type(params["value"]) is type(value)
    assert BUILT_IN[converter].parse(text) == value


@each(("converter", "text"), REFUSED)
def test_any_other_text_is_no_match(converter: str, text: str) -> None:
    router = router_for(converter)

    assert router.match("GET", f"/{text}") == (None, {})
    assert router.match("GET", f"/x/in-{text}") == (None, {})
    with pytest.raises(ValueError, match=r".+"):
        BUILT_IN[converter].parse(text)


@each(("converter", "text", "_value"), [row for row in ACCEPTED if row[0] not in {"str", "path"}])
def test_white_space_around_it_is_no_match(converter: str, text: str, _value: object) -> None:  # noqa: PT019  no fixture
    router = router_for(converter)

    for spoilt in (f"{text}\n", f"{text} ", f" {text}", f"\t{text}", f"{text}\x00"):
        assert router.match("GET", f"/{spoilt}") == (None, {})


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str": st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1),
    "path": st.text(st.characters(codec="utf-8"), min_size=1),
    "int": st.integers(0, 2**63 - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "decimal": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=9),
    "uuid": st.uuids(),
    "date": st.dates(),
    "datetime": st.datetimes(
        timezones=st.none() | st.just(UTC) | st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m)))
    ),
    "slug": st.from_regex(r"[a-z0-9]+(?:-[a-z0-9]+)*", fullmatch=True),
}


@each("converter", sorted(BUILT_IN))
def test_what_is_formatted_reads_back_the_same(converter: str) -> None:
    router = router_for(converter)

    @given(VALUES[converter])
    def law(value: object) -> None:
        text = BUILT_IN[converter].format(value)
        assert re.fullmatch(BUILT_IN[converter].regex, text, re.ASCII)
        assert BUILT_IN[converter].parse(text) == value
        if converter != "path" or not text.startswith("in-"):
            assert router.match("GET", f"/{text}")[1] in ({"value": value}, {})

    law()


@given(st.sampled_from(sorted(BUILT_IN)), st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_text_makes_anything_but_a_value_or_a_value_error(converter: str, text: str) -> None:
    try:
        value = BUILT_IN[converter].parse(text)
    except ValueError:
        return
    assert BUILT_IN[converter].parse(BUILT_IN[converter].format(value)) == value


@each(
    ("converter", "value"),
    [
        ("str", ""),
        ("str", "a/b"),
        ("str", 7),
        ("path", ""),
        ("path", b"a"),
        ("int", -1),
        ("int", 2**63),
        ("int", True),
        ("int", "7"),
        ("int", 7.0),
        ("float", float("inf")),
        ("float", float("nan")),
        ("float", True),
        ("float", "1.5"),
        ("float", 10**400),
        ("decimal", Decimal("NaN")),
        ("decimal", Decimal("Infinity")),
        ("decimal", Decimal("1E+999999")),
        ("decimal", Decimal("1E-29")),
        ("decimal", Decimal("1" * 27 + "." + "1" * 29)),
        ("decimal", 1.5),
        ("uuid", ID),
        ("date", datetime(2024, 1, 1, tzinfo=UTC)),
        ("date", "2024-01-01"),
        ("datetime", date(2024, 1, 1)),
        ("datetime", datetime(2024, 1, 1, tzinfo=timezone(timedelta(seconds=30)))),
        ("slug", "A"),
        ("slug", 7),
    ],
)
def test_an_unsuitable_value_is_refused(converter: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        BUILT_IN[converter].format(value)


class Weekday:
    """A converter as a user writes it."""

    regex = "mon|tue|wed|thu|fri|sat|sun"
    days = regex.split("|")

    def parse(self, text: str) -> int:
        return self.days.index(text)

    def format(self, value: int) -> str:
        return self.days[value]


class Path(Weekday):
    regex = "[a-z/]+"
    spans_segments = True

    def parse(self, text: str) -> list[str]:  # type: ignore[override]  # another type of value
        if text.endswith("/"):
            raise ValueError(text)
        return text.split("/")


class Brittle(Weekday):
    regex = "[0-9a-z]+"

    def parse(self, text: str) -> int:
        return int(Decimal(text) / 2)


def test_a_converter_of_the_users_own() -> None:
    router = Router[str](converters={"weekday": Weekday(), "tree": Path(), "brittle": Brittle()})
    router.register("GET", "/{day:weekday}", "day", name="day")
    router.register("GET", "/{name:slug}", "name")
    router.register("GET", "/{day:weekday}-{hour:int}", "hour")
    router.register("GET", "/tree/{steps:tree}", "tree")
    router.register("GET", "/brittle/{x:brittle}", "brittle")

    assert router.match("GET", "/wed") == ("day", {"day": 2})
    assert router.match("GET", "/wednesday") == ("name", {"name": "wednesday"})
    assert router.match("GET", "/sun-7") == ("hour", {"day": 6, "hour": 7})
    assert router.match("GET", "/tree/a/b") == ("tree", {"steps": ["a", "b"]})
    assert router.match("GET", "/tree/a") == ("tree", {"steps": ["a"]})
    assert router.match("GET", "/tree/a/b/") == (None, {})
    assert router.match("GET", "/tree/a/B") == (None, {})
    assert router.match("GET", "/brittle/12") == ("brittle", {"x": 6})
    assert router.match("GET", "/brittle/x") == (None, {})
    assert router.url_for("day", day=3) == "/thu"


def test_text_beyond_the_bound_fits_no_two_parameters_that_could_both_hold_it() -> None:
    router = Router[str]()
    router.register("GET", "/{title}-on-{day:date}", "dated")

    assert router.match("GET", "/a-on-b-on-2024-02-29") == ("dated", {"title": "a-on-b", "day": date(2024, 2, 29)})
    assert router.match("GET", "/" + "a" * 300 + "-on-2024-02-29") == (None, {})


def test_values_are_taken_from_pieces_that_begin_and_end_with_a_parameter() -> None:
    parameter = Parameter("x", "int", BUILT_IN["int"])

    assert taker((parameter, "-", parameter))("1-2") == (1, 2)
    for pieces in (("-", parameter), (parameter, "-")):
        with pytest.raises(TypeError, match="begin and end with a parameter"):
            taker(pieces)
