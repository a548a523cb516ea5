"""Texts and numbers as a template writes them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["read_float", "read_integer", "unescape"]

_MOST_BITS: Final = 14_000  # 4,214 digits; Python refuses to write more than 4,300
_ESCAPE = re.compile(
    r"""\\(?:
        ([\\'"abfnrtv\n])
      | ([0-7]{1,3})
      | (x[0-9a-fA-F]{2} | u[0-9a-fA-F]{4} | U[0-9a-fA-F]{8} | N\{[^{}]*\})
      | ([xuUN])
    )""",
    re.VERBOSE,
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\n": ""}


def unescape(text: str) -> str:
    r"""What stands between two quotes, with its escapes resolved as Python does; an unknown escape stays as it is.

    Raises ValueError for a broken one.

    >>> unescape(r"caf\u00e9 \d")
    'café \\d'
    """
    return _ESCAPE.sub(_resolve, text) if "\\" in text else text


def _resolve(found: re.Match[str]) -> str:
    plain, octal, _, broken = found.groups()
    if plain:
        return _PLAIN.get(plain, plain)
    if octal:
        return chr(int(octal, 8))
    if broken:
        wanted = {"x": "two hexadecimal digits", "u": "four hexadecimal digits", "U": "eight hexadecimal digits"}
        raise ValueError(f"'\\{broken}' in a text wants {wanted.get(broken, 'a name of a character in braces')} behind it")
    try:
        return found[0].encode("ascii").decode("unicode-escape")
    except ValueError:
        raise ValueError(f"there is no character {found[0]!r}") from None


def read_integer(written: str) -> int:
    """A whole number: decimal, or with `0x`, `0o` or `0b`; underscores may part its digits.

    Raises ValueError for more digits than Python converts between numbers and texts.

    >>> read_integer("0x_ff"), read_integer("12_000"), read_integer("0_0")
    (255, 12000, 0)
    """
    number = int(written.replace("_", ""), 0)
    if number.bit_length() > _MOST_BITS:
        raise ValueError("this number is too long to be written in digits")
    return number


def read_float(written: str) -> float:
    """A number with a fraction or an exponent.

    >>> read_float("1_2.5e1")
    125.0
    """
    return float(written.replace("_", ""))
