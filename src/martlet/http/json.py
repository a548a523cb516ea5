"""JSON texts: what RFC 8259 allows, in UTF-8, no deeper than the limit; read into dicts, lists and scalars.

Policy: no byte order mark (Section 8.1), the last of two equal names wins (Section 4). Numbers that no float holds, and integers
of more digits than Python reads in linear time, are refused. Not here: typed values (rendering/).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from martlet.http.depth import check_json_depth
from martlet.http.errors import BadRequestError
from martlet.http.limits import Limits

__all__ = ["check_json_text", "check_utf8", "malformed_json", "parse_json"]

_DEFAULT_LIMITS = Limits()
_parse = msgspec.json.Decoder().decode


def parse_json(data: bytes, *, max_depth: int = _DEFAULT_LIMITS.nesting_depth) -> Any:
    """The dicts, lists and scalars of a JSON text.

    max_depth: arrays and objects inside each other.
    Raises BadRequestError for what is no JSON text, or lies deeper.

    >>> parse_json(b'[1, "a", null]')
    [1, 'a', None]
    """
    check_json_text(data, max_depth)
    try:
        return _parse(data)
    except (ValueError, RecursionError) as error:
        raise malformed_json(data, error) from error


def check_json_text(data: bytes, max_depth: int) -> None:
    """Refuse what a decoder would choke on, or pass over where no field asks for it: depth, and bytes that are not UTF-8.

    Raises BadRequestError.

    >>> check_json_text(b'{"swift": 1}', 100)
    """
    check_json_depth(data, max_depth)
    if not data.isascii():
        check_utf8(data)


def check_utf8(data: bytes) -> None:
    """Refuse bytes that are not UTF-8; raises BadRequestError.

    >>> check_utf8("Küche".encode())
    """
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise BadRequestError(f"The JSON is not UTF-8: byte {error.start} makes no character.") from error


_HALF_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][c-fC-F]")


def malformed_json(data: bytes, error: Exception) -> BadRequestError:
    """The refusal of a text that is no JSON. Only msgspec's messages are passed on, which quote nothing.

    >>> str(malformed_json(b"", ValueError()))
    '400 The body is empty, and JSON was expected.'
    """
    if isinstance(error, RecursionError):
        return BadRequestError("The JSON is nested too deeply.")
    if not data or data.isspace():
        return BadRequestError("The body is empty, and JSON was expected.")
    if data.startswith(b"\xef\xbb\xbf"):
        return BadRequestError("The JSON starts with a byte order mark, which it must not have: send it without.")
    message = str(error)
    if "surrogate" in message or ("truncated" in message and _HALF_PAIR.search(data)):
        return BadRequestError("The JSON has a string with half of a surrogate pair, which is no character.")
    if "truncated" in message:
        return BadRequestError("The JSON ends too early.")
    if isinstance(error, msgspec.ValidationError):  # a number that Python cannot hold, in a text without a type
        return BadRequestError(f"The JSON cannot be read: {message}.")
    return BadRequestError(f"The {message}." if isinstance(error, msgspec.DecodeError) else "The JSON is malformed.")
