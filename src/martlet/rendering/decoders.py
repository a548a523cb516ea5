"""The bytes of a body to a typed value: JSON, MessagePack, urlencoded forms, and whatever an application registers.

A decoder is prepared for one type before the first request. What cannot be read is a 400 that says why and never repeats the
body; what can be read but is not of the type is a 422 with every error.
Not here: multipart, whose parts arrive one by one; which media type a body has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from martlet.http.errors import BadRequestError, HTTPError, UnsupportedMediaTypeError
from martlet.http.limits import Limits
from martlet.http.query import parse_urlencoded
from martlet.rendering.conversion import Conversion
from martlet.rendering.forms import form_decoder
from martlet.rendering.instances import check_decodable, instance_from_value
from martlet.rendering.invalid_bodies import invalid_model, invalid_value
from martlet.rendering.json_bodies import json_decoder
from martlet.rendering.msgpack_bodies import msgpack_decoder
from martlet.rendering.pydantic_models import is_model, validate_value
from martlet.rendering.renderers import JSON, MESSAGE_PACK
from martlet.rendering.validation import ErrorCollector

__all__ = ["URLENCODED", "BodyDecoder", "Decoder", "body_decoder", "decodable_media_types"]

Decoder = Callable[[bytes], Any]  # what an application registers: bytes to dicts, lists and scalars
BodyDecoder = Callable[[bytes], Any]  # what a route gets: bytes to a value of its type

URLENCODED = "application/x-www-form-urlencoded"

_DEFAULT_LIMITS = Limits()

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
        return json_decoder(type_, limits)
    if media_type in MESSAGE_PACK:
        return msgpack_decoder(type_, limits)
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


def _form_decoder(type_: Any, limits: Limits) -> BodyDecoder:
    try:
        read = form_decoder(type_, limits)
    except TypeError:

        def refuse(_: bytes) -> Any:
            raise UnsupportedMediaTypeError(f"A form cannot become what is expected here: send {JSON}.")

        return refuse
    return lambda data: read(parse_urlencoded(data, max_fields=limits.query_fields).items())


def _can_be_a_form(type_: Any) -> bool:
    try:
        form_decoder(type_)
    except TypeError:
        return False
    return True


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
                raise invalid_model(error, limits.errors_listed) from error

        return decode_model
    check_decodable(type_)
    collector = ErrorCollector(type_, conversion, limit=limits.errors_listed)

    def decode_and_convert(data: bytes) -> Any:
        value = read(data)
        try:
            return conversion.convert(value, type_)
        except msgspec.ValidationError as error:
            raise invalid_value(collector, error, value) from error
        except RecursionError as error:
            raise BadRequestError("The body is nested too deeply.") from error

    return decode_and_convert
