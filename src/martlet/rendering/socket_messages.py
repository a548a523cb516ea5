"""Messages of a WebSocket as values: JSON in text messages, MessagePack in binary ones; text and bytes as they are."""

from __future__ import annotations

from collections.abc import Callable
from types import UnionType
from typing import Any, Final, TypeAlias, Union, get_args, get_origin

from martlet.http import Limits, UnsupportedMediaTypeError
from martlet.rendering.decoders import body_decoder
from martlet.rendering.renderers import render_json, render_msgpack

__all__ = ["message_decoder", "message_encoder"]

Message: TypeAlias = str | bytes
RAW: Final = frozenset({str, bytes})


def message_decoder(type_: Any, limits: Limits) -> Callable[[Message], Any]:
    """Make the function that reads a `type_` from a message; `Any` gives messages as they are.

    Raises TypeError for a type that cannot be read. What is returned raises BadRequestError and ValidationError as a body's
    decoder does, and UnsupportedMediaTypeError for a message of the other kind, where only text, or only bytes, are taken.

    >>> message_decoder(int, Limits())("12"), message_decoder(str, Limits())("12")
    (12, '12')
    """
    kinds = _members(type_)
    if type_ is Any or kinds == RAW:
        return lambda message: message
    if kinds <= RAW:
        return lambda message: _of_kind(message, type_)
    from_json = body_decoder(type_, "application/json", limits)
    from_msgpack = body_decoder(type_, "application/msgpack", limits)

    def decode(message: Message) -> Any:
        return from_json(message.encode("utf-8", "surrogatepass")) if isinstance(message, str) else from_msgpack(message)

    return decode


def message_encoder(type_: Any, *, binary: bool = False) -> Callable[[Any], Message]:
    """Make the function that writes a `type_` as a message: JSON, or with `binary` MessagePack.

    >>> message_encoder(dict[str, int])({"year": 1854}), message_encoder(Any)("Hello")
    ('{"year":1854}', 'Hello')
    """
    write: Callable[[Any], Message] = render_msgpack if binary else _as_json
    kinds = _members(type_)
    if type_ is not Any and not kinds <= RAW:
        return write
    return lambda value: value if isinstance(value, str | bytes) else write(value)


def _members(type_: Any) -> frozenset[Any]:
    return frozenset(get_args(type_) if get_origin(type_) in {Union, UnionType} else (type_,))


def _as_json(value: Any) -> str:
    return render_json(value).decode()


def _of_kind(message: Message, kind: type[Any]) -> Message:
    is_text = isinstance(message, str)
    if is_text == (kind is str):
        return message
    wanted, came = ("text", "binary") if kind is str else ("binary", "text")
    raise UnsupportedMediaTypeError(f"This WebSocket takes {wanted} messages, and here came a {came} one.")
