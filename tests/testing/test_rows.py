"""A table in one test tells all its wrong rows by name."""

import inspect
import re

import pytest

from tests.rows import each, wrong_rows


def divide(divisor: int) -> None:
    assert 6 % divisor == 0


def test_every_wrong_row_is_named() -> None:
    @each("divisor", [pytest.param(1, id="one"), pytest.param(4, id="four"), pytest.param(5, id="five"), 0])
    def rows(divisor: int) -> None:
        divide(divisor)

    with pytest.raises(AssertionError, match="3 of 4 rows are wrong") as caught:
        rows()
    assert re.findall(r"(?m)^\[(\w+)\] (\w+)", str(caught.value)) == [
        ("four", "AssertionError"),
        ("five", "AssertionError"),
        ("0", "ZeroDivisionError"),
    ]


def test_tables_that_stand_above_one_another_are_multiplied() -> None:
    seen = []

    @each("one", [1, 2], ids=["first", "second"])
    @each(("two", "three"), [(3, 4), (5, 6)], count=2)
    def rows(one: int, two: int, three: int) -> None:
        seen.append((one, two, three))
        assert (one, two) != (2, 5)

    with pytest.raises(AssertionError, match=r"\[second\] AssertionError: 1 of 2 rows are wrong:\n\[5-6\]"):
        rows()
    assert seen == [(1, 3, 4), (1, 5, 6), (2, 3, 4), (2, 5, 6)]


def test_what_is_no_column_is_a_fixture() -> None:
    @each("row", [1])
    def rows(row: int, server: str) -> None:
        assert (row, server) == (1, "one")

    assert list(inspect.signature(rows).parameters) == ["server"]
    rows(server="one")


def test_a_row_that_was_lost_is_missed() -> None:
    with pytest.raises(AssertionError, match="the table has 1 rows, not 2"):
        each("row", [1], count=2)
    with pytest.raises(AssertionError, match="without rows"):
        each("row", [])


def test_only_a_test_that_skips_all_its_rows_is_skipped() -> None:
    def skip_small(row: int) -> None:
        if row < 3:
            pytest.skip("small")

    each("row", [1, 3])(skip_small)()
    with pytest.raises(pytest.skip.Exception):
        each("row", [1, 2])(skip_small)()


def test_rows_are_judged_by_a_function() -> None:
    wrong = wrong_rows([("one", 1), ("four", 4)], divide)

    assert list(wrong) == ["four"]
    assert wrong["four"].startswith("AssertionError: assert ")
