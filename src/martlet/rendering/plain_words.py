"""What is wrong with a field, in words for whoever filled in a form; programs read the same in the words of types."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["in_plain_words"]

_BOUNDS: Final = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than", "==": "exactly"}
_COUNTED: Final = {"str": "character", "bytes": "byte", "array": "value", "object": "value"}
_NUMBERS: Final = "int|float|decimal"


def _length(found: re.Match[str]) -> str:
    kind, bound, count = found.groups()
    return f"Expected {_BOUNDS[bound]} {int(count):,} {_COUNTED[kind]}{'' if count == '1' else 's'}"


def _size(found: re.Match[str]) -> str:
    return f"Expected a number of {_BOUNDS[found[1]]} {found[2]}"


_SAYINGS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (re.compile(rf"Expected `({'|'.join(_COUNTED)})` of length (>=|<=|==) ([0-9]+)"), _length),
    (re.compile(rf"Expected `(?:{_NUMBERS})` (>=|<=|>|<) (\S+)"), _size),
    (re.compile(rf"Expected `(?:{_NUMBERS})` that's a multiple of (\S+)"), lambda found: f"Expected a multiple of {found[1]}"),
    (re.compile(r"Expected `str` matching regex .*", re.DOTALL), lambda _: "Expected a text of another form"),
    (re.compile(r"Expected one of (`.*)", re.DOTALL), lambda found: f"Expected one of {found[1].replace('`', '')}"),
    (re.compile(r"Missing required field"), lambda _: "This field is required"),
)


def in_plain_words(detail: str) -> str:
    """Say what a field error's detail says, without the names of types; what is plain already stays as it is.

    >>> in_plain_words("Expected `str` of length >= 3"), in_plain_words("Expected `int` <= 10")
    ('Expected at least 3 characters', 'Expected a number of at most 10')
    >>> in_plain_words("Missing required field"), in_plain_words("Expected a whole number")
    ('This field is required', 'Expected a whole number')
    """
    for pattern, saying in _SAYINGS:
        found = pattern.fullmatch(detail)
        if found:
            return saying(found)
    return detail
