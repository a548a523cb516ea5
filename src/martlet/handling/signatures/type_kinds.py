"""What a type is taken for when nothing else is said: a sequence of scalars, a body, something to be named in a message."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, get_args, get_origin, is_typeddict

import msgspec

from martlet.handling.signatures.functions import union_members
from martlet.messages import Form, Upload
from martlet.rendering import is_scalar

SEQUENCES: Final[Mapping[Any, Callable[[list[Any]], Any]]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    Sequence: list,
}


def sequence_of(kind: Any) -> tuple[Any, Callable[[list[Any]], Any]] | None:
    """Give the item's type and the collector of a sequence of scalars, None for any other type.

    >>> sequence_of(list[int])
    (<class 'int'>, <class 'list'>)
    """
    collect = SEQUENCES.get(get_origin(kind) or kind)
    if collect is None:
        return None
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    if not arguments:
        return str, collect
    item = get_args(arguments[0])[0] if hasattr(arguments[0], "__metadata__") else arguments[0]
    return (arguments[0], collect) if len(arguments) == 1 and is_scalar(item) else None


def is_upload(kind: Any) -> bool:
    """Whether a type is an uploaded file, or a sequence of them.

    >>> is_upload(Upload), is_upload(list[Upload]), is_upload(list[str])
    (True, True, False)
    """
    arguments = [argument for argument in get_args(kind) if argument is not Ellipsis]
    return kind is Upload or (get_origin(kind) in SEQUENCES and arguments == [Upload])


def is_body(kind: Any) -> bool:
    """Whether a type is taken for the request body without being told so."""
    members = union_members(kind)
    if len(members) > 1:  # a tagged union of Structs
        return all(is_body(member) for member in members)
    origin: Any = get_origin(kind) or kind
    return kind is Form or is_upload(kind) or (isinstance(origin, type) and _is_body_class(origin))


def _is_body_class(kind: type[Any]) -> bool:
    return (
        issubclass(kind, msgspec.Struct)
        or dataclasses.is_dataclass(kind)
        or is_typeddict(kind)
        or hasattr(kind, "__attrs_attrs__")
        or hasattr(kind, "__pydantic_validator__")
    )


def type_name(kind: Any) -> str:
    """Write a type as its author would."""
    if kind is type(None):
        return "None"
    return kind.__qualname__ if isinstance(kind, type) and not get_args(kind) else str(kind).replace("typing.", "")
