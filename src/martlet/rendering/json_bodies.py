"""JSON to typed values: the texts that RFC 8259 allows, in UTF-8, no deeper than the limit.

Policy: no byte order mark (Section 8.1), the last of two equal names wins (Section 4), a charset parameter says nothing
(Section 11). Numbers that no float holds, and integers of more digits than Python reads in linear time, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from martlet.http.errors import BadRequestError, HTTPError
from martlet.http.limits import Limits
from martlet.rendering.conversion import Conversion
from martlet.rendering.depth import check_json_depth
from martlet.rendering.instances import check_decodable, instance_from_json
from martlet.rendering.invalid_bodies import invalid_model, invalid_set, invalid_value, unreadable_value
from martlet.rendering.pydantic_models import is_model, validate_json
from martlet.rendering.validation import ErrorCollector

__all__ = ["json_decoder", "parse_json"]


_DEFAULT_LIMITS = Limits()


def parse_json(data: bytes, *, max_depth: int = _DEFAULT_LIMITS.nesting_depth) -> Any:
    """The dicts, lists and scalars of a JSON text.

    max_depth: arrays and objects inside each other.
    Raises BadRequestError for what is no JSON text, or lies deeper.

    >>> parse_json(b'[1, "a", null]')
    [1, 'a', None]
    """
    _check_text(data, max_depth)
    try:
        return _parse(data)
    except (ValueError, RecursionError) as error:
        raise _malformed(data, error) from error


_parse = msgspec.json.Decoder().decode


def json_decoder(type_: Any, limits: Limits) -> Callable[[bytes], Any]:
    """The function that reads a `type_` from JSON. Raises TypeError for a type that JSON cannot become."""
    if is_model(type_):
        return _model_decoder(type_, limits)
    check_decodable(type_)
    decode = msgspec.json.Decoder(type_, dec_hook=instance_from_json).decode
    collector = ErrorCollector(type_, Conversion(dec_hook=instance_from_json), limit=limits.errors_listed)
    max_depth = limits.nesting_depth

    def decode_json(data: bytes) -> Any:
        if len(data) > max_depth:  # PERF: a call saved for the smallest bodies, which cannot be deep
            check_json_depth(data, max_depth)
        if not data.isascii():
            _check_utf8(data)
        try:
            return decode(data)
        except msgspec.ValidationError as error:
            raise _invalid(collector, error, data) from error
        except TypeError as error:
            raise invalid_set(error) from error
        except (ValueError, RecursionError) as error:
            raise _malformed(data, error) from error

    return decode_json


def _model_decoder(model: type[Any], limits: Limits) -> Callable[[bytes], Any]:
    def decode_model(data: bytes) -> Any:
        _check_text(data, limits.nesting_depth)
        try:
            return validate_json(model, data)
        except ValueError as error:
            parse_json(data, max_depth=limits.nesting_depth)  # What is no JSON is refused here, in our words.
            raise invalid_model(error, limits.errors_listed) from error

    return decode_model


def _check_text(data: bytes, max_depth: int) -> None:
    """Refuse what a decoder would choke on, or pass over where no field asks for it: depth, and bytes that are not UTF-8."""
    check_json_depth(data, max_depth)
    if not data.isascii():
        _check_utf8(data)


def _check_utf8(data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise BadRequestError(f"The JSON is not UTF-8: byte {error.start} makes no character.") from error


def _invalid(collector: ErrorCollector, error: msgspec.ValidationError, data: bytes) -> HTTPError:
    """The refusal of a text with a wrong value; if the text breaks off behind it, that comes first."""
    try:
        value = _parse(data)
    except msgspec.ValidationError:
        return unreadable_value(collector, error)
    except (ValueError, RecursionError) as worse:
        return _malformed(data, worse)
    return invalid_value(collector, error, value)


_HALF_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][c-fC-F]")


def _malformed(data: bytes, error: Exception) -> BadRequestError:
    """The refusal of a text that is no JSON. Only msgspec's messages are passed on, which quote nothing."""
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
