"""Filters for numbers."""

from typing import Any

import pytest

from martlet.templates.errors import TemplateRuntimeError
from tests.rows import each
from tests.templates.stand_in import apply


class WholeNumber:
    def __int__(self) -> int:
        return 42


@each(
    ("value", "arguments", "expected"),
    [
        ("42", {}, 42),
        ("abc", {}, 0),
        ("32.32", {}, 32),
        ("12345678901234567890", {}, 12345678901234567890),
        ("1e10000", {}, 0),
        (float("inf"), {}, 0),
        (float("nan"), {"default": 7}, 7),
        (None, {"default": 7}, 7),
        ("abc", {"default": 1}, 1),
        ("0x4d32", {"base": 16}, 19762),
        ("011", {"base": 8}, 9),
        ("0x33Z", {"base": 16}, 0),
        (WholeNumber(), {}, 42),
    ],
)
def test_whole_numbers_are_read(value: Any, arguments: dict[str, Any], expected: int) -> None:
    assert apply("int", value, **arguments) == expected


@each(("value", "expected"), [("42", 42.0), ("abc", 0.0), ("32.32", 32.32), (None, 0.0), (10**400, 0.0)])
def test_numbers_are_read(value: Any, expected: float) -> None:
    assert apply("float", value) == expected


def test_what_is_no_number_has_a_default() -> None:
    assert apply("float", "abc", default=1.0) == 1.0


@each(
    ("value", "args", "expected"),
    [
        (2.7, (), "3.0"),
        (2.1, (), "2.0"),
        (2.1234, (3, "floor"), "2.123"),
        (2.1, (0, "ceil"), "3.0"),
        (21.3, (-1,), "20.0"),
        (21.3, (-1, "ceil"), "30.0"),
        (21.3, (-1, "floor"), "20.0"),
    ],
)
def test_numbers_are_rounded(value: float, args: tuple[Any, ...], expected: str) -> None:
    assert str(apply("round", value, *args)) == expected


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(TemplateRuntimeError, match="not 'up'"):
        apply("round", 1.5, 0, "up")


def test_abs_is_pythons() -> None:
    assert apply("abs", -1) == 1


@each(
    ("value", "binary", "expected"),
    [
        (1, False, "1 Byte"),
        ("100", False, "100 Bytes"),
        (100, True, "100 Bytes"),
        (300, False, "300 Bytes"),
        (1000, False, "1.0 kB"),
        (1000, True, "1000 Bytes"),
        (3000, True, "2.9 KiB"),
        (999_999, False, "1000.0 kB"),
        (1_000_000, False, "1.0 MB"),
        (1_000_000, True, "976.6 KiB"),
        (1_000_000_000, True, "953.7 MiB"),
        (1_000_000_000_000, True, "931.3 GiB"),
        (3_000_000_000_000, False, "3.0 TB"),
        (1e30, False, "1000000.0 YB"),
    ],
)
def test_sizes_are_written_as_jinja_does(value: Any, binary: bool, expected: str) -> None:
    assert apply("filesizeformat", value, binary) == expected


@each(
    ("value", "arguments", "expected"),
    [
        (0, {}, "0 bytes"),
        (1, {}, "1 byte"),
        (999, {}, "999 bytes"),
        (1_500, {}, "1.5 kB"),
        (999_949, {}, "999.9 kB"),
        (999_999, {}, "1.0 MB"),
        (-1_500, {}, "-1.5 kB"),
        (1_536, {"binary": True}, "1.5 KiB"),
        (1_234_567, {"precision": 0}, "1 MB"),
        (1_234_567, {"precision": 3}, "1.235 MB"),
        (1e30, {}, "1000000.0 YB"),
    ],
)
def test_a_size_that_rounds_up_is_given_in_the_next_unit(value: float, arguments: dict[str, Any], expected: str) -> None:
    assert apply("filesize", value, **arguments) == expected
