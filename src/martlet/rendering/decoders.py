"""The bytes of a body to a typed value: JSON, MessagePack, urlencoded forms, and whatever an application registers.

A decoder is prepared for one type before the first request. What cannot be read is a 400 that says why and never repeats the
body; what can be read but is not of the type is a 422 with every error.
Policy: JSON is UTF-8 without a byte order mark (RFC 8259, Section 8.1), and a charset parameter says nothing (Section 11).
Not here: multipart, whose parts arrive one by one; which media type a body has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from martlet.http.errors import BadRequestError, FieldError, HTTPError, UnsupportedMediaTypeError, ValidationError
from martlet.http.limits import Limits
from martlet.http.query import parse_urlencoded
from martlet.rendering.conversion import Conversion
from martlet.rendering.depth import check_json_depth, check_msgpack_depth
from martlet.rendering.forms import form_decoder
from martlet.rendering.instances import check_decodable, instance_from_json, instance_from_value
from martlet.rendering.pydantic_models import is_model, model_errors, validate_json, validate_value
from martlet.rendering.renderers import JSON, MESSAGE_PACK
from martlet.rendering.validation import ErrorCollector, format_pointer

__all__ = ["URLENCODED", "BodyDecoder", "Decoder", "body_decoder", "decodable_media_types", "parse_json"]

Decoder = Callable[[bytes], Any]  # what an application registers: bytes to dicts, lists and scalars
BodyDecoder = Callable[[bytes], Any]  # what a route gets: bytes to a value of its type

URLENCODED = "application/x-www-form-urlencoded"

_DEFAULT_LIMITS = Limits()
_NOT_VALID = "The body is not valid."

# Mistakes in a registered decoder's own code; everything else that it raises is about the bytes it was given.
_SLIPS = (TypeError, AttributeError, NameError, ImportError, AssertionError, NotImplementedError, MemoryError)


def body_decoder(
    type_: Any, media_type: str, limits: Limits = _DEFAULT_LIMITS, registered: Mapping[str, Decoder] | None = None
) -> BodyDecoder:
    """The function that reads a `type_` from a body of the media type; prepared once, before the first request.

    registered: decoders by media type, which come before the built-in ones. Theirs may be formats of mere text, so that text
    may stand for numbers and booleans in what they give.
    Raises LookupError for a media type without a decoder, TypeError for a type that it cannot decode. What is returned raises
    BadRequestError for bytes that make no sense, ValidationError for values that are not of the type; that of a form raises
    UnsupportedMediaTypeError where no form can become the type, a list for example.

    >>> decode = body_decoder(dict[str, int], "application/json")
    >>> decode(b'{"year": 1854}')
    {'year': 1854}
    >>> decode(b'{"year": 1854')
    Traceback (most recent call last):
    martlet.http.errors.BadRequestError: 400 The JSON ends too early.
    """
    if registered and media_type in registered:
        return _registered_decoder(type_, media_type, registered[media_type], limits)
    if media_type == JSON:
        return _json_model_decoder(type_, limits) if is_model(type_) else _json_decoder(type_, limits)
    if media_type in MESSAGE_PACK:
        return _msgpack_decoder(type_, limits)
    if media_type == URLENCODED:
        return _form_decoder(type_, limits)
    raise LookupError(f"No decoder reads {media_type!r}: register one, as in App(decoders={{{media_type!r}: …}}).")


def decodable_media_types(registered: Mapping[str, Decoder] | None = None, type_: Any = Any) -> tuple[str, ...]:
    """The media types that `body_decoder` reads a `type_` from, the built-in ones first.

    >>> decodable_media_types({"text/csv": bytes.splitlines})[-2:]
    ('application/x-www-form-urlencoded', 'text/csv')
    >>> URLENCODED in decodable_media_types(type_=list[int])
    False
    """
    form = (URLENCODED,) if _can_be_a_form(type_) else ()
    return tuple(dict.fromkeys((JSON, *MESSAGE_PACK, *form, *(registered or ()))))


def parse_json(data: bytes, *, max_depth: int = _DEFAULT_LIMITS.nesting_depth) -> Any:
    """The dicts, lists and scalars of a JSON text.

    max_depth: arrays and objects inside each other.
    Raises BadRequestError for what is no JSON text, or lies deeper.

    >>> parse_json(b'[1, "a", null]')
    [1, 'a', None]
    """
    _check_json(data, max_depth)
    try:
        return _parse_json(data)
    except (ValueError, RecursionError) as error:
        raise _malformed_json(data, error) from error


_parse_json = msgspec.json.Decoder().decode
_parse_msgpack = msgspec.msgpack.Decoder().decode


# --- JSON -------------------------------------------------------------------------------------------


def _json_decoder(type_: Any, limits: Limits) -> BodyDecoder:
    check_decodable(type_)
    decode = msgspec.json.Decoder(type_, dec_hook=instance_from_json).decode
    collector = ErrorCollector(type_, Conversion(dec_hook=instance_from_json), limit=limits.errors_listed)
    max_depth = limits.nesting_depth

    def decode_json(data: bytes) -> Any:
        _check_json(data, max_depth)
        try:
            return decode(data)
        except msgspec.ValidationError as error:
            raise _invalid(collector, error, lambda: parse_json(data, max_depth=max_depth)) from error
        except TypeError as error:
            raise _unhashable(error) from error
        except (ValueError, RecursionError) as error:
            raise _malformed_json(data, error) from error

    return decode_json


def _json_model_decoder(model: type[Any], limits: Limits) -> BodyDecoder:
    def decode_model(data: bytes) -> Any:
        _check_json(data, limits.nesting_depth)
        try:
            return validate_json(model, data)
        except ValueError as error:
            parse_json(data, max_depth=limits.nesting_depth)
            raise _invalid_model(error, limits) from error

    return decode_model


def _check_json(data: bytes, max_depth: int) -> None:
    """Refuse what a decoder would choke on, or pass over where no field asks for it: depth, and bytes that are not UTF-8."""
    check_json_depth(data, max_depth)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            raise BadRequestError(f"The JSON is not UTF-8: byte {error.start} makes no character.") from error


_HALF_PAIR = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][c-fC-F]")


def _malformed_json(data: bytes, error: Exception) -> BadRequestError:
    """The refusal of a text that is no JSON. Python's own message, which may quote the body, is not passed on."""
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
    if isinstance(error, msgspec.DecodeError):
        return BadRequestError(f"The {message.removesuffix('.')}.")
    return BadRequestError("The JSON is malformed.")


# --- forms ------------------------------------------------------------------------------------------


def _form_decoder(type_: Any, limits: Limits) -> BodyDecoder:
    if not _can_be_a_form(type_):

        def refuse(data: bytes) -> Any:
            raise UnsupportedMediaTypeError(f"A form of {len(data)} bytes cannot become what is expected here: send {JSON}.")

        return refuse
    read = form_decoder(type_, limits)
    return lambda data: read(parse_urlencoded(data, max_fields=limits.query_fields).items())


def _can_be_a_form(type_: Any) -> bool:
    try:
        form_decoder(type_)
    except TypeError:
        return False
    return True


# --- MessagePack ------------------------------------------------------------------------------------


def _msgpack_decoder(type_: Any, limits: Limits) -> BodyDecoder:
    if is_model(type_):
        return _typed(type_, lambda data: _read_msgpack(_parse_msgpack, data, limits), Conversion(), limits)
    check_decodable(type_)
    decode = msgspec.msgpack.Decoder(type_, dec_hook=instance_from_value).decode
    conversion = Conversion(str_keys=False, dec_hook=instance_from_value)
    collector = ErrorCollector(type_, conversion, limit=limits.errors_listed)

    def decode_msgpack(data: bytes) -> Any:
        try:
            return _read_msgpack(decode, data, limits)
        except msgspec.ValidationError as error:
            raise _invalid(collector, error, lambda: _read_msgpack(_parse_msgpack, data, limits)) from error
        except TypeError as error:
            raise _unhashable(error) from error

    return decode_msgpack


def _read_msgpack(decode: Callable[[bytes], Any], data: bytes, limits: Limits) -> Any:
    check_msgpack_depth(data, limits.nesting_depth)
    try:
        return decode(data)
    except msgspec.ValidationError:
        raise
    except (ValueError, RecursionError) as error:
        raise _malformed_msgpack(data, error) from error


def _malformed_msgpack(data: bytes, error: Exception) -> BadRequestError:
    if not data:
        return BadRequestError("The body is empty, and MessagePack was expected.")
    if isinstance(error, RecursionError):
        return BadRequestError("The MessagePack is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return BadRequestError("The MessagePack has a text that is not UTF-8.")
    message = str(error)
    return BadRequestError("The MessagePack ends too early." if "truncated" in message else f"The {message.removesuffix('.')}.")


# --- what an application registers ------------------------------------------------------------------


def _registered_decoder(type_: Any, media_type: str, decode: Decoder, limits: Limits) -> BodyDecoder:
    def read(data: bytes) -> Any:
        try:
            return decode(data)
        except (HTTPError, *_SLIPS):
            raise
        except Exception as error:
            raise BadRequestError(f"The body is no {media_type} that can be read here.") from error

    return _typed(type_, read, Conversion(strict=False, dec_hook=instance_from_value), limits)


def _typed(type_: Any, read: Callable[[bytes], Any], conversion: Conversion, limits: Limits) -> BodyDecoder:
    """The decoder that reads plain values, and then converts them."""
    if is_model(type_):

        def decode_model(data: bytes) -> Any:
            value = read(data)
            try:
                return validate_value(type_, value)
            except ValueError as error:
                raise _invalid_model(error, limits) from error

        return decode_model
    check_decodable(type_)
    collector = ErrorCollector(type_, conversion, limit=limits.errors_listed)

    def decode_and_convert(data: bytes) -> Any:
        value = read(data)
        try:
            return conversion.convert(value, type_)
        except msgspec.ValidationError as error:
            raise _invalid(collector, error, lambda: value) from error
        except RecursionError as error:
            raise BadRequestError("The body is nested too deeply.") from error

    return decode_and_convert


# --- values that are not of the type ----------------------------------------------------------------


def _invalid(collector: ErrorCollector, error: msgspec.ValidationError, read: Callable[[], Any]) -> HTTPError:
    """All that is wrong, found in the untyped value; what msgspec said where nothing is found in it.

    A body that breaks off behind its first wrong value is malformed rather than invalid.
    """
    try:
        errors = collector.collect(read())
    except BadRequestError as malformed:
        return malformed
    except (msgspec.ValidationError, RecursionError):
        errors = []
    return ValidationError(_NOT_VALID, errors=errors or collector.read(error))


def _invalid_model(error: ValueError, limits: Limits) -> ValidationError:
    errors = [FieldError(format_pointer(path), text) for path, text in model_errors(error)]
    return ValidationError(_NOT_VALID, errors=errors[: limits.errors_listed])


def _unhashable(error: TypeError) -> ValidationError:
    # The one TypeError that bytes can bring about; those of a class's own code arrive as msgspec's ValidationError.
    if not str(error).startswith("unhashable"):
        raise error
    return ValidationError(_NOT_VALID, errors=[FieldError("", "Expected values that a set can hold, got an array or an object")])
