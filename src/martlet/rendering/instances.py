"""Instances of the classes that msgspec leaves to a hook: models of pydantic, addresses; and the refusal of any other class."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from msgspec import inspect

from martlet.rendering.pydantic_models import is_model, model_fields, validate_json, validate_value
from martlet.rendering.text_types import TEXT_TYPES, parse_text
from martlet.rendering.type_shapes import DICT_NODES, SET_NODES, all_nodes, type_of, unhashable_member

__all__ = ["check_decodable", "instance_from_json", "instance_from_value", "mentions"]


def instance_from_json(type_: type[Any], value: Any) -> Any:
    """An instance of a custom class within a JSON text: pydantic reads it as JSON, where its strict mode takes dates as text.

    Raises ValueError for a value that does not suit.
    """
    return validate_json(type_, msgspec.json.encode(value)) if is_model(type_) else instance_from_value(type_, value)


def instance_from_value(type_: type[Any], value: Any) -> Any:
    """An instance of a custom class from a plain value, or the instance that is there already.

    Raises ValueError for a value that does not suit.

    >>> from ipaddress import IPv6Address
    >>> instance_from_value(IPv6Address, "::1")
    IPv6Address('::1')
    """
    if is_model(type_):
        return validate_value(type_, value)
    if isinstance(value, type_):
        return value
    return parse_text(type_, value)


def check_decodable(type_: Any, objects: Collection[type[Any]] = ()) -> None:
    """Refuse, before the first request, a type that no decoder can make values of.

    objects: classes whose instances come ready-made, as the files of a form do.
    Raises TypeError, which names the class or what else is wrong.

    >>> check_decodable(list[complex])
    Traceback (most recent call last):
    TypeError: The class 'complex' cannot be decoded: make it a dataclass, a msgspec.Struct or a TypedDict.
    """
    try:
        node = inspect.type_info(type_)
    except NameError as error:
        raise TypeError(f"{type_!r} names a type that is not there: {error}. Define it at the top of its module.") from error
    for found in all_nodes(node):
        if isinstance(found, inspect.CustomType):
            _check_class(found.cls, objects)
        hashed = [found.item_type] if isinstance(found, SET_NODES) else [found.key_type] if isinstance(found, DICT_NODES) else []
        for unhashable in filter(None, map(unhashable_member, hashed)):
            raise TypeError(
                f"Values of {type_of(unhashable)} cannot be hashed, as a set or the keys of a dict must be: use a list, "
                "or a frozen class."
            )


def mentions(type_: Any, classes: Collection[type[Any]]) -> bool:
    """True for a type that has values of one of the classes in it, however deep; models of pydantic say it in their fields.

    >>> from ipaddress import IPv6Address
    >>> mentions(dict[str, list[IPv6Address]], {IPv6Address}), mentions(list[int], {IPv6Address})
    (True, False)
    """
    if is_model(type_):
        return any(mentions(annotation, classes) for annotation in model_fields(type_).values())
    try:
        nodes = list(all_nodes(inspect.type_info(type_)))
    except (NameError, TypeError):  # no decoder gives such a type anyway
        return False
    customs = [node.cls for node in nodes if isinstance(node, inspect.CustomType)]
    return any(cls in classes or (is_model(cls) and mentions(cls, classes)) for cls in customs)


def _check_class(cls: type[Any], objects: Collection[type[Any]]) -> None:
    if not (is_model(cls) or cls in TEXT_TYPES or cls in objects or cls is object):
        raise TypeError(
            f"The class {cls.__qualname__!r} cannot be decoded: make it a dataclass, a msgspec.Struct or a TypedDict."
        )
