"""Text to one value: parameters of the path, the query, headers and cookies, and the fields of a form.

What is accepted is narrower than Python's own constructors: ASCII digits only, no underscores, no blanks around, nothing
infinite, and never more digits than Python converts in linear time.
Not here: several values of one name (forms.py), values of JSON (decoders.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin
from uuid import UUID

import msgspec

from martlet.rendering.text_types import TEXT_TYPES

__all__ = [
    "ScalarConverter",
    "ScalarError",
    "is_scalar",
    "is_unfit_decimal",
    "scalar_choices",
    "scalar_converter",
    "scalar_text",
]

ScalarConverter = Callable[[str], Any]

MAX_DIGITS = 4_300  # digits of a number written out; beyond it 422. Python's own default bound, where conversion turns quadratic.

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_WITHOUT_SECONDS = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}T)?[0-9]{2}:[0-9]{2}")
_BOOLEANS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}
_VALUES_LISTED = 20


class ScalarError(ValueError):
    """A text that is no value of the type that was asked for; its message is the detail of a field error."""


def scalar_converter(type_: Any) -> ScalarConverter:
    """The function that reads a `type_` from text, and raises ScalarError for a text that is none.

    Known are str, int, float, bool, Decimal, UUID, dates, times and durations (ISO 8601), IP addresses, enumerations and
    Literal (by the text of their values), unions of these (text last), NewType and Annotated with the bounds of
    `msgspec.Meta`. None in a union is no value that text could stand for. A boolean is true, 1, on, yes, or false, 0, off, no,
    in any case; a date-time or a time may lack its seconds, as those that browsers send do.
    Raises TypeError for any other type.

    >>> scalar_converter(int)("42"), scalar_converter(bool)("on"), scalar_converter(Literal["asc", "desc"])("asc")
    (42, True, 'asc')
    >>> scalar_converter(Annotated[int, msgspec.Meta(ge=1)])("0")
    Traceback (most recent call last):
    martlet.rendering.scalars.ScalarError: Expected `int` >= 1
    """
    origin = get_origin(type_)
    if origin is Annotated:
        return _constrained(type_)
    if origin is Literal:
        return _one_of({scalar_text(value): value for value in get_args(type_)})
    if origin is Union or origin is UnionType:
        return _first_of([member for member in get_args(type_) if member is not NoneType])
    if isinstance(type_, NewType):
        return scalar_converter(type_.__supertype__)
    if isinstance(type_, type) and issubclass(type_, Enum):
        return _member_of(type_)
    if isinstance(type_, type) and type_ in TEXT_TYPES:
        return _parsed_by(type_, f"Expected {_with_article(type_.__name__)}")
    if (aliased := getattr(type_, "__value__", None)) is not None:  # what `type Name = …` makes, from Python 3.12 on
        return scalar_converter(aliased)
    for known, convert in _CONVERTERS.items():
        if type_ is known:
            return convert
    named = repr(type_.__qualname__ if isinstance(type_, type) and not get_args(type_) else type_)
    raise TypeError(
        f"{named} cannot be read from one text: use str, int, float, bool, an Enum, a Literal, a date or the like, "
        "or say that the value comes from the body."
    )


def is_scalar(type_: Any) -> bool:
    """True for a type that one text can stand for.

    >>> is_scalar(int | None), is_scalar(list[int])
    (True, False)
    """
    try:
        scalar_converter(type_)
    except TypeError:
        return False
    return True


def scalar_choices(type_: Any) -> dict[str, Any] | None:
    """The texts of an enumeration or Literal with their values; None for a type whose texts cannot be listed.

    >>> scalar_choices(Literal["asc", 1])
    {'asc': 'asc', '1': 1}
    """
    if get_origin(type_) is Literal:
        return {scalar_text(value): value for value in get_args(type_)}
    if isinstance(type_, type) and issubclass(type_, Enum) and not _guesses(type_):
        return {scalar_text(member.value): member for member in type_}
    return None


def scalar_text(value: object) -> str:
    """The text that stands for a value of an enumeration or Literal.

    >>> scalar_text(True)
    'true'
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def is_unfit_decimal(value: object) -> bool:
    """True for a Decimal that is no number, is infinite, or whose twelve characters become a billion when somebody prints it.

    >>> is_unfit_decimal(Decimal("1e9999999")), is_unfit_decimal(Decimal("0.10"))
    (True, False)
    """
    return isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) <= MAX_DIGITS)


# --- the kinds --------------------------------------------------------------------------------------


def _same(text: str) -> str:
    return text


def _to_int(text: str) -> int:
    digits = text.removeprefix("-")
    # isdigit() alone would take digits of every script, and int() blanks and underscores too.
    if not (digits.isascii() and digits.isdigit()):
        raise ScalarError("Expected a whole number")
    if len(digits) > MAX_DIGITS:
        raise ScalarError(f"Expected a whole number of at most {MAX_DIGITS:,} digits")
    return int(text)


def _to_float(text: str) -> float:
    if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text) and isfinite(number := float(text)):
        return number
    raise ScalarError("Expected a number")


def _to_decimal(text: str) -> Decimal:
    if len(text) <= MAX_DIGITS and _NUMBER.fullmatch(text):
        try:
            number = Decimal(text)
        except ArithmeticError:  # an exponent beyond what Decimal holds
            raise ScalarError("Expected a decimal number") from None
        if not is_unfit_decimal(number):
            return number
    raise ScalarError("Expected a decimal number")


def _to_bool(text: str) -> bool:
    value = _BOOLEANS.get(text)
    if value is None:
        value = _BOOLEANS.get(text.lower())
    if value is None:
        raise ScalarError("Expected `true` or `false`")
    return value


def _read_by_msgspec(type_: type[Any], expected: str) -> ScalarConverter:
    def convert(text: str) -> Any:
        try:
            return msgspec.convert(text, type_)
        except msgspec.ValidationError:
            raise ScalarError(expected) from None

    return convert


def _with_seconds(type_: type[Any], expected: str) -> ScalarConverter:
    convert = _read_by_msgspec(type_, expected)
    return lambda text: convert(f"{text}:00" if _WITHOUT_SECONDS.fullmatch(text) else text)


def _parsed_by(parse: Callable[[str], Any], expected: str) -> ScalarConverter:
    def convert(text: str) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise ScalarError(expected) from None

    return convert


def _one_of(values: dict[str, Any]) -> ScalarConverter:
    expected = f"Expected {_list_of(values)}"

    def convert(text: str) -> Any:
        try:
            return values[text]
        except KeyError:
            raise ScalarError(expected) from None

    return convert


def _member_of(enumeration: type[Enum]) -> ScalarConverter:
    members = {scalar_text(member.value): member for member in enumeration}
    listed = _one_of(members)
    if not _guesses(enumeration):
        return listed
    guessed = _parsed_by(enumeration, f"Expected {_list_of(members)}")
    return lambda text: members[text] if text in members else guessed(text)


def _guesses(enumeration: type[Enum]) -> bool:
    """Whether an enumeration finds members for more than the texts of their values."""
    return any("_missing_" in vars(base) for base in enumeration.__mro__ if base.__module__ != "enum")


def _first_of(members: list[Any]) -> ScalarConverter:
    if len(members) == 1:
        return scalar_converter(members[0])
    # Text takes everything, so it must be asked last, wherever it stands.
    converters = [scalar_converter(member) for member in sorted(members, key=_is_text)]

    def convert(text: str) -> Any:
        expected: list[str] = []
        for candidate in converters:
            try:
                return candidate(text)
            except ScalarError as error:
                expected.append(str(error).removeprefix("Expected "))
        raise ScalarError(f"Expected {' or '.join(expected)}")

    return convert


def _is_text(type_: Any) -> bool:
    return (type_.__origin__ if get_origin(type_) is Annotated else type_) in (str, Any)


def _constrained(type_: Any) -> ScalarConverter:
    inner, *marks = get_args(type_)
    convert = scalar_converter(inner)
    bounds = [mark for mark in marks if isinstance(mark, msgspec.Meta) and _is_bound(mark)]
    if not bounds:
        return convert
    bounded = Annotated[(inner, *bounds)]  # type: ignore[valid-type]
    msgspec.inspect.type_info(bounded)  # Bounds that do not suit the type are refused now, not when somebody calls.

    def convert_and_check(text: str) -> Any:
        value = convert(text)
        try:
            return msgspec.convert(value, bounded)
        except msgspec.ValidationError as error:
            raise ScalarError(str(error)) from None

    return convert_and_check


def _is_bound(mark: msgspec.Meta) -> bool:
    names = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz")
    return any(getattr(mark, name) is not None for name in names)


def _list_of(texts: Iterable[str]) -> str:
    listed = [f"`{text}`" for text in texts]
    shown = ", ".join(listed[:_VALUES_LISTED])
    return f"one of {shown}, …" if len(listed) > _VALUES_LISTED else f"one of {shown}" if len(listed) > 1 else shown


def _with_article(name: str) -> str:
    return f"an {name}" if name[0] in "AEIOU" else f"a {name}"


_CONVERTERS: dict[Any, ScalarConverter] = {
    Any: _same,
    str: _same,
    int: _to_int,
    float: _to_float,
    bool: _to_bool,
    Decimal: _to_decimal,
    UUID: _read_by_msgspec(UUID, "Expected a UUID"),
    date: _read_by_msgspec(date, "Expected a date such as 2026-11-22"),
    datetime: _with_seconds(datetime, "Expected a date and time such as 2026-11-22T15:30:00Z"),
    time: _with_seconds(time, "Expected a time such as 15:30:00"),
    timedelta: _read_by_msgspec(timedelta, "Expected a duration such as PT90S"),
}
