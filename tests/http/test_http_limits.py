"""Bounds are checked where they are written, not by the first request that meets them."""

import copy
import math
import pickle
from dataclasses import fields
from typing import Any

import pytest

from martlet.http import Limits
from tests.rows import each

NAMES = [each.name for each in fields(Limits) if each.init]
TIMES = [name for name in NAMES if name.endswith("_seconds")]


@each("name", sorted({*NAMES} - {*TIMES}))
@each("bound", ["1", 1.5, True, [1]], ids=repr)
def test_what_is_no_whole_number_is_refused_with_its_cure(name: str, bound: Any) -> None:
    with pytest.raises(TypeError, match=rf"Limits\({name}=.*\) is no bound: write a whole number, as in {name}=1_000\."):
        Limits(**{name: bound})


@each("name", TIMES)
def test_a_time_is_seconds_and_their_fractions(name: str) -> None:
    bounds: Any = Limits
    assert getattr(bounds(**{name: 0.5}), name) == 0.5
    for wrong in ("1", True, None):
        with pytest.raises(TypeError, match=rf"Limits\({name}=.*\) is no bound: write seconds, as in {name}=15\.0\."):
            bounds(**{name: wrong})
    for small in (0, math.nan):
        with pytest.raises(ValueError, match=r"write 0\.01 or more"):
            bounds(**{name: small})


@each("name", NAMES)
def test_a_negative_bound_is_refused_with_its_cure(name: str) -> None:
    with pytest.raises(ValueError, match=rf"Limits\({name}=-1\) is no bound: write (0|1|0\.01) or more\."):
        Limits(**{name: -1})


@each("name", sorted({*NAMES} - {*TIMES, "file_bytes"}))
def test_only_a_bound_that_may_be_left_out_takes_none(name: str) -> None:
    assert Limits(file_bytes=None).file_bytes is None
    with pytest.raises(TypeError, match="is no bound"):
        Limits(**{name: None})  # type: ignore[arg-type]


def test_a_list_of_no_errors_would_tell_nothing() -> None:
    with pytest.raises(ValueError, match="write 1 or more"):
        Limits(errors_listed=0)


def test_0_lets_nothing_of_the_kind_through() -> None:
    assert Limits(form_files=0, ranges=0, unguarded_bytes=0).form_files == 0


def test_a_bound_that_is_written_counts_though_it_is_the_default() -> None:
    outer = Limits(body_bytes=5, ranges=1, file_bytes=7)

    inner = Limits(body_bytes=Limits().body_bytes, file_bytes=None).over(outer)

    assert inner == Limits(ranges=1)
    assert Limits(query_fields=3).over(inner).over(Limits(query_fields=9, form_files=2)) == Limits(
        query_fields=3, ranges=1, form_files=2
    )


def test_limits_are_copied_with_all_they_know() -> None:
    copied = pickle.loads(pickle.dumps(copy.copy(Limits(ranges=1))))  # noqa: S301  our own bytes

    assert copied == Limits(ranges=1)
    assert copied.over(Limits(ranges=2, form_files=3)) == Limits(ranges=1, form_files=3)
