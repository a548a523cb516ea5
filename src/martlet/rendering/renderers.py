"""A value to the bytes of a representation: JSON, MessagePack, plain text.

msgspec writes dicts, lists, sets, dataclasses, Structs, TypedDicts, attrs classes, enumerations, dates, UUIDs and decimals;
what else can be written is in `plain_form`. Not here: which representation a client wants (negotiation.py), and whether values
of a type can be written at all (renderable_types.py).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from pathlib import PurePath
from types import NoneType
from typing import Any, cast

import msgspec

from martlet.rendering.pydantic_models import dump_model, dump_model_json, is_model
from martlet.rendering.text_types import TEXT_TYPES

__all__ = [
    "JSON",
    "MESSAGE_PACK",
    "Renderer",
    "UnrenderableError",
    "default_renderers",
    "encoder_of",
    "render_json",
    "render_msgpack",
    "render_text",
]

Renderer = Callable[[Any], bytes | str]

JSON = "application/json"
# The name registered at IANA in 2024, then the two that were in use before it.
MESSAGE_PACK = ("application/vnd.msgpack", "application/msgpack", "application/x-msgpack")

_WRITTEN = (NoneType, bool, list, tuple, dict, set, frozenset)  # msgspec asks about these only where they are keys
LISTED = (Sequence, AbstractSet, ValuesView, deque)  # classes whose instances are written as arrays


class UnrenderableError(TypeError):
    """A value of a class that has no form in JSON or MessagePack; the message says what to make of it."""


def render_json(value: object) -> bytes:
    """The value as JSON, in UTF-8 and without blanks; not a number and the infinities are null.

    Keys that are neither text nor numbers become the JSON text of the key, as `null` and `true` do.
    Raises UnrenderableError for a value of a class it does not know.

    >>> render_json({"title": "Walden", "tags": {"woods"}})
    b'{"title":"Walden","tags":["woods"]}'
    """
    try:
        return _encode_json(value)
    except TypeError:
        # A key, most likely: looking for those beforehand would cost every answer. An unknown class is refused again here.
        return _encode_json(_with_text_keys(msgspec.to_builtins(value, enc_hook=plain_form)))


def render_msgpack(value: object) -> bytes:
    r"""The value as MessagePack; an integer beyond 64 bits, which the format does not know, becomes its decimal text.

    Raises UnrenderableError for a value of a class it does not know.

    >>> render_msgpack({"year": 1854})
    b'\x81\xa4year\xcd\x07>'
    """
    try:
        return _encode_msgpack(value)
    except OverflowError:
        kept = (bytes, bytearray, memoryview, msgspec.msgpack.Ext)
        return _encode_msgpack(_with_small_integers(msgspec.to_builtins(value, builtin_types=kept, enc_hook=plain_form)))


def render_text(value: object) -> str:
    """The value for people to read: text as it is, None as nothing, a scalar as in JSON but without quotes, data as JSON.

    >>> print(render_text({"title": "Walden", "year": 1854}))
    {
      "title": "Walden",
      "year": 1854
    }
    """
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    encoded = render_json(value)
    if encoded[:1] == b'"':
        return cast("str", msgspec.json.decode(encoded))
    return msgspec.json.format(encoded, indent=2).decode()


def encoder_of(renderer: Renderer) -> tuple[Callable[[Any], bytes], tuple[type[Exception], ...]] | None:
    """What does a renderer's work where nothing is unusual, and the errors after which it must do it itself; None for most.

    PERF: an encoder is a method in C; `render_json` around it costs 0.05 µs, 1.5 % of a small JSON answer.

    >>> encoder_of(render_json)[0]({"year": 1854})
    b'{"year":1854}'
    """
    return _ENCODERS.get(renderer)


def default_renderers() -> dict[str, Renderer]:
    """The renderers of data in order of preference: JSON, then MessagePack under each of its names.

    >>> list(default_renderers())
    ['application/json', 'application/vnd.msgpack', 'application/msgpack', 'application/x-msgpack']
    """
    return {JSON: render_json, **dict.fromkeys(MESSAGE_PACK, render_msgpack)}


def plain_form(value: object) -> Any:
    """What stands for a value that msgspec does not write itself. Raises UnrenderableError for a class that is not known.

    >>> plain_form(range(3)), plain_form(PurePath("a/b"))
    ([0, 1, 2], 'a/b')
    """
    if is_model(type(value)):
        return dump_model(value)
    if isinstance(value, str | PurePath) or type(value) in TEXT_TYPES:
        return str(value)
    if isinstance(value, _WRITTEN):
        raise UnrenderableError("A key of this class has no text in JSON.")
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    if isinstance(value, LISTED):
        return list(cast("Iterable[object]", value))
    if isinstance(value, re.Pattern):
        return cast("re.Pattern[str]", value).pattern
    if isinstance(value, msgspec.msgpack.Ext):
        return {"code": value.code, "data": bytes(value.data)}
    raise UnrenderableError(
        f"A value of the class {type(value).__qualname__!r} cannot be rendered: {value!r:.100}. Return a dict, a dataclass or "
        "a msgspec.Struct in its place, or register a renderer for the media type that it has."
    )


def _json_form(value: object) -> Any:
    # pydantic's own JSON text, so that what a model says about JSON alone holds.
    return msgspec.Raw(dump_model_json(value)) if is_model(type(value)) else plain_form(value)


_encode_json = msgspec.json.Encoder(enc_hook=_json_form).encode
_encode_msgpack = msgspec.msgpack.Encoder(enc_hook=plain_form).encode


_ENCODERS: dict[Renderer, tuple[Callable[[Any], bytes], tuple[type[Exception], ...]]] = {
    render_json: (_encode_json, (TypeError,)),
    render_msgpack: (_encode_msgpack, (OverflowError,)),
}

# These two walk what msgspec.to_builtins leaves: nothing but plain dicts, lists, tuples and scalars.


def _with_text_keys(value: object) -> object:
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return {_key_text(key): _with_text_keys(entry) for key, entry in entries.items()}
    if isinstance(value, list | tuple):
        return [_with_text_keys(item) for item in cast("list[object]", value)]
    return value


def _key_text(key: object) -> str:
    return key if isinstance(key, str) else render_json(key).decode()


def _with_small_integers(value: object) -> object:
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return {_with_small_integers(key): _with_small_integers(entry) for key, entry in entries.items()}
    if isinstance(value, list | tuple):
        return tuple(_with_small_integers(item) for item in cast("list[object]", value))
    return value
