"""Tests: what a template asks with `is`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Mapping
from numbers import Number
from typing import Any, Final

from martlet.templates.runtime.passing import EngineLike, pass_engine
from martlet.templates.runtime.undefined import Undefined

__all__ = ["DEFAULT_TESTS"]


def is_odd(value: Any) -> bool:
    """Whether a whole number is odd."""
    return bool(value % 2 == 1)


def is_even(value: Any) -> bool:
    """Whether a whole number is even."""
    return bool(value % 2 == 0)


def is_divisible_by(value: Any, num: Any) -> bool:
    """Whether nothing is left over."""
    return bool(value % num == 0)


def is_defined(value: Any) -> bool:
    """Whether there is a value."""
    return not isinstance(value, Undefined)


def is_undefined(value: Any) -> bool:
    """Whether there is no value."""
    return isinstance(value, Undefined)


@pass_engine
def is_filter(engine: EngineLike, value: Any) -> bool:
    """Whether there is a filter of this name."""
    return value in engine.filters


@pass_engine
def is_test(engine: EngineLike, value: Any) -> bool:
    """Whether there is a test of this name."""
    return value in engine.tests


def is_none(value: Any) -> bool:
    """Whether it is None."""
    return value is None


def is_boolean(value: Any) -> bool:
    """Whether it is true or false itself, not only counts as such."""
    return value is True or value is False


def is_false(value: Any) -> bool:
    """Whether it is false itself."""
    return value is False


def is_true(value: Any) -> bool:
    """Whether it is true itself."""
    return value is True


def is_integer(value: Any) -> bool:
    """Whether it is a whole number; true and false are none."""
    return isinstance(value, int) and value is not True and value is not False


def is_float(value: Any) -> bool:
    """Whether it is a floating-point number."""
    return isinstance(value, float)


def is_lower(value: Any) -> bool:
    """Whether all letters are in lower case, and there is one."""
    return str(value).islower()


def is_upper(value: Any) -> bool:
    """Whether all letters are in upper case, and there is one."""
    return str(value).isupper()


def is_string(value: Any) -> bool:
    """Whether it is a text."""
    return isinstance(value, str)


def is_mapping(value: Any) -> bool:
    """Whether it has values by keys, as a dict."""
    return isinstance(value, Mapping)


def is_number(value: Any) -> bool:
    """Whether it is a number of any kind, true and false included."""
    return isinstance(value, Number)


def is_sequence(value: Any) -> bool:
    """Whether it has a length and items, be they by position or by key."""
    try:
        len(value)
    except Exception:  # noqa: BLE001 -- whatever goes wrong, it has no length
        return False
    return hasattr(value, "__getitem__")


def is_same_as(value: Any, other: Any) -> bool:
    """Whether both are one and the same object."""
    return value is other


def is_iterable(value: Any) -> bool:
    """Whether a loop can go over it."""
    try:
        iter(value)
    except TypeError:
        return False
    return True


def is_escaped(value: Any) -> bool:
    """Whether it is markup."""
    return hasattr(value, "__html__")


def is_in(value: Any, seq: Container[Any]) -> bool:
    """Whether it is one of these, or part of this text."""
    return value in seq


DEFAULT_TESTS: Final[dict[str, Callable[..., Any]]] = {
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "boolean": is_boolean,
    "callable": callable,
    "defined": is_defined,
    "divisibleby": is_divisible_by,
    "eq": operator.eq,
    "equalto": operator.eq,
    "escaped": is_escaped,
    "even": is_even,
    "false": is_false,
    "filter": is_filter,
    "float": is_float,
    "ge": operator.ge,
    "greaterthan": operator.gt,
    "gt": operator.gt,
    "in": is_in,
    "integer": is_integer,
    "iterable": is_iterable,
    "le": operator.le,
    "lessthan": operator.lt,
    "lower": is_lower,
    "lt": operator.lt,
    "mapping": is_mapping,
    "ne": operator.ne,
    "none": is_none,
    "number": is_number,
    "odd": is_odd,
    "sameas": is_same_as,
    "sequence": is_sequence,
    "string": is_string,
    "test": is_test,
    "true": is_true,
    "undefined": is_undefined,
    "upper": is_upper,
}
