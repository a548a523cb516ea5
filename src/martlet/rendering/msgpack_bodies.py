"""MessagePack to typed values. Source: https://github.com/msgpack/msgpack/blob/master/spec.md.

Text within fields that the type does not have is passed over unread, so that it may be no UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from martlet.http.depth import check_msgpack_depth
from martlet.http.errors import BadRequestError
from martlet.http.limits import Limits
from martlet.rendering.conversion import Conversion
from martlet.rendering.instances import check_decodable, instance_from_value
from martlet.rendering.invalid_bodies import invalid_body, invalid_model, invalid_set
from martlet.rendering.number_checks import number_check
from martlet.rendering.pydantic_models import is_model, validate_value
from martlet.rendering.unfit_numbers import refusing_unfit
from martlet.rendering.validation import ErrorCollector

__all__ = ["msgpack_decoder"]

_parse = msgspec.msgpack.Decoder().decode


def msgpack_decoder(type_: Any, limits: Limits) -> Callable[[bytes], Any]:
    """The function that reads a `type_` from MessagePack. Raises TypeError for a type that MessagePack cannot become."""
    decode = _model_decoder(type_, limits) if is_model(type_) else _typed_decoder(type_, limits)
    usual, thorough = (
        decode if check is None else refusing_unfit(decode, type_, check, _parse, limits.errors_listed)
        for check in (number_check(type_, floats=False), number_check(type_, floats=True))
    )
    if usual is thorough:  # neither has anything to look at
        return decode
    return lambda data: thorough(data) if _may_have_unfit_floats(data) else usual(data)


def _typed_decoder(type_: Any, limits: Limits) -> Callable[[bytes], Any]:
    check_decodable(type_)
    decode = msgspec.msgpack.Decoder(type_, dec_hook=instance_from_value).decode
    conversion = Conversion(str_keys=False, dec_hook=instance_from_value)
    collector = ErrorCollector(type_, conversion, limit=limits.errors_listed)
    max_depth = limits.nesting_depth

    def decode_msgpack(data: bytes) -> Any:
        check_msgpack_depth(data, max_depth)
        try:
            return decode(data)
        except msgspec.ValidationError as error:
            raise invalid_body(collector, error, data, _parse, _malformed) from error
        except TypeError as error:
            raise invalid_set(error) from error
        except (ValueError, RecursionError) as error:
            raise _malformed(data, error) from error

    return decode_msgpack


def _model_decoder(model: type[Any], limits: Limits) -> Callable[[bytes], Any]:
    def decode_model(data: bytes) -> Any:
        check_msgpack_depth(data, limits.nesting_depth)
        try:
            value = _parse(data)
        except (ValueError, RecursionError) as error:
            raise _malformed(data, error) from error
        try:
            return validate_value(model, value)
        except ValueError as error:
            raise invalid_model(error, limits.errors_listed) from error

    return decode_model


def _may_have_unfit_floats(data: bytes) -> bool:
    """Whether a float may be there that is no number or infinite, by its first bytes; a very large one looks like it."""
    # PERF: four looks at the bytes save a walk over the values.
    return b"\xcb\x7f" in data or b"\xcb\xff" in data or b"\xca\x7f" in data or b"\xca\xff" in data


def _malformed(data: bytes, error: Exception) -> BadRequestError:
    """The refusal of bytes that are no MessagePack. Only msgspec's messages are passed on, which quote nothing."""
    if isinstance(error, RecursionError):
        return BadRequestError("The MessagePack is nested too deeply.")
    if not data:
        return BadRequestError("The body is empty, and MessagePack was expected.")
    if isinstance(error, UnicodeDecodeError):
        return BadRequestError("The MessagePack has a text that is not UTF-8.")
    message = str(error).replace("MessagePack data", "MessagePack")
    if "truncated" in message:
        return BadRequestError("The MessagePack ends too early.")
    if isinstance(error, msgspec.ValidationError):  # a time that Python cannot hold, in bytes without a type
        return BadRequestError(f"The MessagePack cannot be read: {message}.")
    return BadRequestError(f"The {message}." if isinstance(error, msgspec.DecodeError) else "The MessagePack is malformed.")
