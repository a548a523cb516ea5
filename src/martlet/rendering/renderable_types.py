"""Whether values of a type can be rendered as JSON or MessagePack, asked once, before the first request.

Only what can never be rendered is named: a type that says too little (Any, a Protocol, a class with subclasses that can be
rendered) is given the benefit of the doubt, and `renderers.plain_form` has the last word about its values.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from inspect import isabstract
from pathlib import PurePath
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, NewType, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from martlet.rendering.pydantic_models import is_model
from martlet.rendering.renderers import LISTED
from martlet.rendering.text_types import TEXT_TYPES

__all__ = ["unrenderable"]

_WRITTEN: tuple[Any, ...] = (
    *(str, int, float, bool, type(None), bytes, bytearray, memoryview, date, time, timedelta, UUID, Decimal, Enum),
    *(Mapping, *LISTED, set, frozenset, PurePath, re.Pattern, msgspec.Raw, msgspec.msgpack.Ext, msgspec.UnsetType, *TEXT_TYPES),
)
# What is asked for again and again by its makers, each with what to write in its place.
_UNWRITTEN: tuple[tuple[Any, str], ...] = (
    (Iterator, "yields its items as it runs: return a list of them, or a stream"),
    (AsyncIterable, "yields its items as it runs: collect them in a list, or return a stream"),
    (Awaitable, "is not there yet: await it, and return what it gives"),
    (type, "is a class, not a value: return an instance, or its name"),
    (Callable, "is something to call: call it, and return what it gives"),
)


def unrenderable(type_: Any) -> str | None:
    """Why no value of the type can be rendered; None if values can be, or if that cannot be told.

    >>> unrenderable(list[int]), unrenderable(list[complex])
    (None, '`complex` is a class whose fields are not known: make it a dataclass or a msgspec.Struct, or return a dict')
    """
    return _reason(type_, frozenset())


def _reason(type_: Any, inside: frozenset[Any]) -> str | None:
    """`inside`: the classes whose fields are being looked at, so that a class may contain itself."""
    origin = get_origin(type_)
    if origin is Annotated or origin is ClassVar:
        return _reason(get_args(type_)[0], inside)
    if origin is Literal or type_ in (Any, object, None):
        return None
    if isinstance(type_, NewType):
        return _reason(type_.__supertype__, inside)
    if isinstance(type_, TypeVar):
        return _reason(type_.__bound__, inside)
    if (aliased := getattr(type_, "__value__", None)) is not None:  # what `type Name = …` makes, from Python 3.12 on
        return _reason(aliased, inside)
    if origin is not UnionType and isinstance(origin or type_, type) and (reason := _class_reason(origin or type_, inside)):
        return reason
    # The members of a union, the items of a list, the types that a generic class is made for.
    return next((reason for argument in get_args(type_) if (reason := _reason(argument, inside))), None)


def _class_reason(cls: type[Any], inside: frozenset[Any]) -> str | None:
    if cls in inside or is_model(cls):
        return None
    if (fields := _field_types(cls)) is not None:
        reasons = ((name, _reason(type_, inside | {cls})) for name, type_ in fields.items())
        return next((f"its field {name!r}: {reason}" for name, reason in reasons if reason), None)
    for unwritten, cure in _UNWRITTEN:
        if issubclass(cls, unwritten):
            return f"`{cls.__qualname__}` {cure}"
    if issubclass(cls, _WRITTEN) or isabstract(cls) or getattr(cls, "_is_protocol", False):
        return None
    if any(_class_reason(subclass, inside) is None for subclass in cls.__subclasses__()):
        return None
    return (
        f"`{cls.__qualname__}` is a class whose fields are not known: make it a dataclass or a msgspec.Struct, or return a dict"
    )


def _field_types(cls: type[Any]) -> dict[str, Any] | None:
    """The fields that are written, with their types; None for a class that has none of its own."""
    names: tuple[str, ...]
    asked: Any = cls
    if issubclass(cls, msgspec.Struct):
        names = cls.__struct_fields__
    elif dataclasses.is_dataclass(cls):
        names = tuple(field.name for field in dataclasses.fields(cls))
    elif hasattr(asked, "__attrs_attrs__"):
        names = tuple(attribute.name for attribute in asked.__attrs_attrs__)
    elif hasattr(asked, "__required_keys__") or (issubclass(cls, tuple) and hasattr(asked, "_fields")):
        names = tuple(asked.__annotations__)  # a TypedDict, a NamedTuple
    else:
        return None
    try:
        hints = get_type_hints(asked)
    except NameError:  # a name that exists only for type checkers
        return {}
    return {name: hints[name] for name in names if name in hints}
