"""The bytes of a body to a typed value: JSON, MessagePack, forms of both kinds, and whatever an application registers.

A decoder is prepared for one type before the first request. What cannot be read is a 400 that says why and never repeats the
body; what can be read but is not of the type is a 422 with every error.
Not here: taking a form with parts from the bytes that arrive (messages/), which media type a body has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from martlet.http.errors import BadRequestError, HTTPError, UnsupportedMediaTypeError
from martlet.http.limits import Limits
from martlet.http.multipart import MULTIPART
from martlet.http.query import URLENCODED, QueryString, parse_form
from martlet.messages import Form, Upload
from martlet.rendering.conversion import Conversion
from martlet.rendering.forms import FormDecoder, form_decoder, one_field_decoder
from martlet.rendering.instances import check_decodable, instance_from_value, mentions
from martlet.rendering.invalid_bodies import invalid_model, invalid_value
from martlet.rendering.json_bodies import json_decoder
from martlet.rendering.msgpack_bodies import msgpack_decoder
from martlet.rendering.number_checks import number_check
from martlet.rendering.pydantic_models import bare_model, is_model, validate_value
from martlet.rendering.renderers import JSON, MESSAGE_PACK
from martlet.rendering.unfit_numbers import refusing_unfit
from martlet.rendering.validation import ErrorCollector

__all__ = [
    "BodyDecoder",
    "Decoder",
    "FormBodyDecoder",
    "body_decoder",
    "decodable_media_types",
    "form_field_decoder",
    "takes_uploads",
]

Decoder = Callable[[bytes], Any]  # what an application registers: bytes to dicts, lists and scalars
BodyDecoder = Callable[[Any], Any]  # what a route gets: bytes to a value of its type; a FormBodyDecoder takes a Form

_UPLOADS = frozenset({Upload})
_DEFAULT_LIMITS = Limits()

# Mistakes in a registered decoder's own code; everything else that it raises is about the bytes it was given.
_SLIPS = (TypeError, AttributeError, NameError, ImportError, AssertionError, NotImplementedError, MemoryError)


def body_decoder(
    type_: Any, media_type: str, limits: Limits = _DEFAULT_LIMITS, registered: Mapping[str, Decoder] | None = None
) -> BodyDecoder:
    """The function that reads a `type_` from a body of the media type; prepared once, before the first request.

    What a form with parts is read by is a FormBodyDecoder, as is what gives a Form: it takes a Form in place of bytes.
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
    type_ = bare_model(type_)
    if registered and media_type in registered:
        return _registered_decoder(type_, media_type, registered[media_type], limits)
    if media_type == JSON:
        return json_decoder(type_, limits)
    if media_type in MESSAGE_PACK:
        return msgpack_decoder(type_, limits)
    if type_ is Form and media_type in (URLENCODED, MULTIPART):
        return FormBodyDecoder(_whole)
    if media_type == URLENCODED:
        return _form_decoder(type_, limits)
    if media_type == MULTIPART:
        return FormBodyDecoder(_reading(form_decoder(type_, limits, objects=_UPLOADS)))
    raise LookupError(f"No decoder reads {media_type!r}: register one, as in App(decoders={{{media_type!r}: …}}).")


def decodable_media_types(registered: Mapping[str, Decoder] | None = None, type_: Any = Any) -> tuple[str, ...]:
    """The media types that `body_decoder` reads a `type_` from, the built-in ones first.

    A type with an Upload in it comes from a form with parts alone, a Form and a QueryString from forms of either kind.

    >>> decodable_media_types({"text/csv": bytes.splitlines})[-3:]
    ('application/x-www-form-urlencoded', 'multipart/form-data', 'text/csv')
    >>> URLENCODED in decodable_media_types(type_=list[int])
    False
    >>> decodable_media_types(type_=dict[str, Upload])
    ('multipart/form-data',)
    """
    type_ = bare_model(type_)
    if type_ in (Form, QueryString):
        return URLENCODED, MULTIPART
    if takes_uploads(type_):
        return (MULTIPART,)
    form = (URLENCODED, MULTIPART) if _can_be_a_form(type_) else ()
    return tuple(dict.fromkeys((JSON, *MESSAGE_PACK, *form, *(registered or ()))))


class FormBodyDecoder:
    """Reads a value from a form that was collected, in place of bytes."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[Form], Any]) -> None:
        self._read = read

    def __call__(self, form: Form) -> Any:
        """The value; raises ValidationError."""
        return self._read(form)


def form_field_decoder(name: str, type_: Any, limits: Limits, default: Any = msgspec.NODEFAULT) -> FormBodyDecoder:
    """The decoder of one field of a form, a file or a list of files; see `one_field_decoder`."""
    return FormBodyDecoder(_reading(one_field_decoder(name, type_, limits, objects=_UPLOADS, default=default)))


def takes_uploads(type_: Any) -> bool:
    """True for a type that has uploaded files in it.

    >>> takes_uploads(Upload | None), takes_uploads(list[Upload]), takes_uploads(bytes)
    (True, True, False)
    """
    return mentions(type_, _UPLOADS)


def _whole(form: Form) -> Form:
    return form


def _reading(read: FormDecoder) -> Callable[[Form], Any]:
    return lambda form: read(form.items())


def _form_decoder(type_: Any, limits: Limits) -> BodyDecoder:
    try:
        read = form_decoder(type_, limits)
    except TypeError:

        def refuse(_: bytes) -> Any:
            raise UnsupportedMediaTypeError(f"A form cannot become what is expected here: send {JSON}.")

        return refuse
    return lambda data: read(parse_form(data, limits).items())


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

    typed = _typed(type_, read, Conversion(strict=False, dec_hook=instance_from_value), limits)
    is_unfit = number_check(type_, floats=True)
    return typed if is_unfit is None else refusing_unfit(typed, type_, is_unfit, read, limits.errors_listed)


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
