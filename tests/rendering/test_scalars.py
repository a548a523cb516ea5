"""Text to one value: what is accepted, and what a refusal says."""

import enum
import ipaddress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from martlet.rendering import ScalarError, is_scalar, scalar_converter
from tests.rows import each

UserId = NewType("UserId", int)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Loose(enum.Enum):
    YES = "yes"

    @classmethod
    def _missing_(cls, value: object) -> "Loose | None":
        return cls.YES if value == "YES" else None


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Alias:
    """Stands for what `type Number = int` makes from Python 3.12 on."""

    __value__ = int


def converted(type_: Any, text: str) -> Any:
    return scalar_converter(type_)(text)


def refusal(type_: Any, text: str) -> str:
    with pytest.raises(ScalarError) as refused:
        scalar_converter(type_)(text)
    return str(refused.value)


@each(
    ("type_", "text", "value"),
    [
        pytest.param(str, " as it is ", " as it is ", id="text"),
        pytest.param(Any, "x", "x", id="anything"),
        pytest.param(int, "42", 42, id="int"),
        pytest.param(int, "-7", -7, id="negative"),
        pytest.param(int, "007", 7, id="leading zeros, as in paths"),
        pytest.param(int, "9" * 4_300, int("9" * 4_300), id="as many digits as Python reads"),
        pytest.param(float, "1.5", 1.5, id="float"),
        pytest.param(float, "-.5e-3", -0.0005, id="float with an exponent"),
        pytest.param(float, "3", 3.0, id="float without a point"),
        pytest.param(Decimal, "1.50", Decimal("1.50"), id="Decimal"),
        pytest.param(Decimal, "1e3", Decimal("1e3"), id="Decimal with an exponent"),
        pytest.param(bool, "true", True, id="true"),
        pytest.param(bool, "1", True, id="1"),
        pytest.param(bool, "on", True, id="a ticked box"),
        pytest.param(bool, "Yes", True, id="any case"),
        pytest.param(bool, "FALSE", False, id="false"),
        pytest.param(bool, "0", False, id="0"),
        pytest.param(bool, "off", False, id="off"),
        pytest.param(bool, "no", False, id="no"),
        pytest.param(UUID, "123e4567-e89b-12d3-a456-426614174000", UUID("123e4567-e89b-12d3-a456-426614174000"), id="UUID"),
        pytest.param(date, "2026-11-22", date(2026, 11, 22), id="date"),
        pytest.param(datetime, "2026-11-22T15:30:00Z", datetime(2026, 11, 22, 15, 30, tzinfo=UTC), id="date and time"),
        pytest.param(datetime, "2026-11-22T15:30", datetime(2026, 11, 22, 15, 30), id="as browsers send it"),  # noqa: DTZ001
        pytest.param(time, "15:30", time(15, 30), id="time as browsers send it"),
        pytest.param(time, "15:30:05", time(15, 30, 5), id="time"),
        pytest.param(timedelta, "PT90S", timedelta(seconds=90), id="duration"),
        pytest.param(ipaddress.IPv4Address, "192.0.2.7", ipaddress.IPv4Address("192.0.2.7"), id="address"),
        pytest.param(Color, "red", Color.RED, id="enumeration"),
        pytest.param(Size, "2", Size.LARGE, id="enumeration of numbers"),
        pytest.param(Loose, "YES", Loose.YES, id="enumeration that guesses"),
        pytest.param(Loose, "yes", Loose.YES, id="enumeration that need not guess"),
        pytest.param(Access, "2", Access.WRITE, id="flag"),
        pytest.param(Literal["a", 1, True], "1", 1, id="Literal by the text of its value"),
        pytest.param(Literal["a", True], "true", True, id="Literal with a boolean"),
        pytest.param(UserId, "3", 3, id="NewType"),
        pytest.param(Alias(), "3", 3, id="alias"),
        pytest.param(int | None, "3", 3, id="optional"),
        pytest.param(int | str, "3", 3, id="union, the narrower type"),
        pytest.param(str | int, "3", 3, id="union, text is asked last"),
        pytest.param(Annotated[str, Meta(max_length=2)] | int, "3", 3, id="union, bounded text is asked last"),
        pytest.param(str | int, "three", "three", id="union, text"),
        pytest.param(Annotated[int, "a remark", Meta(ge=1, title="Page")], "1", 1, id="bounds kept"),
        pytest.param(Annotated[int, Meta(title="Page")], "0", 0, id="no bounds"),
        pytest.param(Annotated[str, Meta(pattern="^a")], "ab", "ab", id="pattern"),
    ],
)
def test_text_becomes_a_value(type_: Any, text: str, value: Any) -> None:
    found = converted(type_, text)

    assert found == value
    assert type(found) is type(value)


@each(
    ("type_", "texts", "said"),
    [
        pytest.param(
            int,
            ["", "-", "--5", "+5", " 5", "5 ", "5\n", "1_000", "1.0", "1e3", "0x10", "१२", "５", "²", "null"],
            "Expected a whole number",
            id="int",
        ),
        pytest.param(
            int, ["1" * 5_000, "-" + "1" * 5_000], "Expected a whole number of at most 4,300 digits", id="int, too long"
        ),
        pytest.param(
            float,
            ["", "nan", "inf", "-Infinity", "1e999", "1_0", " 1", "1 ", "1\n", "0x1p3", "٣", ".", "1e", "1" * 5_000],
            "Expected a number",
            id="float",
        ),
        pytest.param(
            Decimal,
            ["", "NaN", "sNaN", "Infinity", "1_0", " 1", "１", "1e9999", "1e99999999999999999999", "0e9999"],
            "Expected a decimal number",
            id="Decimal",
        ),
        pytest.param(bool, ["", "2", "t", "null", " true"], "Expected `true` or `false`", id="bool"),
        pytest.param(UUID, ["", "x", "{123e4567-e89b-12d3-a456-426614174000}"], "Expected a UUID", id="UUID"),
        pytest.param(
            date, ["", "1", "22.11.2026", "2026-13-01", "2026-11-22T00:00:00"], "Expected a date such as 2026-11-22", id="date"
        ),
        pytest.param(
            datetime,
            ["", "1", "2026-11-22", "2026-11-22T25:00"],
            "Expected a date and time such as 2026-11-22T15:30:00Z",
            id="date and time",
        ),
        pytest.param(time, ["", "1", "25:00"], "Expected a time such as 15:30:00", id="time"),
        pytest.param(timedelta, ["", "90"], "Expected a duration such as PT90S", id="duration"),
        pytest.param(ipaddress.IPv4Address, ["", "1", "1.2.3", "१.2.3.4"], "Expected an IPv4Address", id="address"),
        pytest.param(Color, ["", "RED", "green"], "Expected one of `red`, `blue`", id="enumeration"),
        pytest.param(Size, ["", "3", "1.0", "SMALL"], "Expected one of `1`, `2`", id="enumeration of numbers"),
        pytest.param(Loose, ["", "no"], "Expected `yes`", id="enumeration that guesses"),
        pytest.param(Access, ["3", "READ"], "Expected one of `1`, `2`", id="flag"),
        pytest.param(Literal["a", True], ["", "b"], "Expected one of `a`, `true`", id="Literal"),
        pytest.param(int | None, ["", "null", "None"], "Expected a whole number", id="optional"),
        pytest.param(int | UUID, ["x"], "Expected a whole number or a UUID", id="union"),
        pytest.param(Annotated[int, Meta(ge=1, le=9)], ["0"], "Expected `int` >= 1", id="bounds"),
        pytest.param(Annotated[str, Meta(min_length=1)], [""], "Expected `str` of length >= 1", id="length"),
    ],
)
def test_a_refusal_says_what_was_expected(type_: Any, texts: list[str], said: str) -> None:
    assert {refusal(type_, text) for text in texts} == {said}


@each("type_", [list[int], dict[str, int], bytes, object, None, type(None), Meta, tuple[int, ...], "int"], ids=str)
def test_what_no_single_text_can_be_is_refused_beforehand(type_: Any) -> None:
    with pytest.raises(TypeError, match="cannot be read from one text"):
        scalar_converter(type_)
    assert not is_scalar(type_)


def test_bounds_that_do_not_suit_the_type_are_refused_beforehand() -> None:
    with pytest.raises(TypeError, match="numeric"):
        scalar_converter(Annotated[str, Meta(ge=1)])


def test_marks_that_cannot_be_hashed_do_no_harm() -> None:
    assert converted(Annotated[int, ["a", "list"]], "1") == 1


@given(st.integers())
def test_every_integer_reads_back(number: int) -> None:
    assert converted(int, str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_reads_back(number: float) -> None:
    assert converted(float, repr(number)) == number


@given(
    st.sampled_from([int, float, Decimal, bool, UUID, date, datetime, time, timedelta, Color, Size, int | str]),
    st.text(max_size=30),
)
def test_any_text_is_a_value_or_a_refusal(type_: Any, text: str) -> None:
    try:
        converted(type_, text)
    except ScalarError as error:
        assert str(error).startswith("Expected ")  # noqa: PT017  (the law is about either outcome)
