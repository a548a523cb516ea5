"""The fields of a value, by their names: what a page sees beside the value itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias, cast

from msgspec import Struct
from msgspec.structs import asdict

Reader: TypeAlias = Callable[[Any], Mapping[str, Any]]
CLASSES_KNOWN: Final = 1_024
NOTHING: Final[Mapping[str, Any]] = {}


def fields_of(value: Any) -> Mapping[str, Any]:
    """Give the fields of a Struct, a dataclass, an attrs or pydantic object, or a named tuple, and the entries of a mapping.

    Any other value has none.

    >>> fields_of({"title": "Walden"}), fields_of(["Walden"])
    ({'title': 'Walden'}, {})
    """
    return _reader(type(value))(value)  # type: ignore[arg-type]  # a class is hashable


@lru_cache(CLASSES_KNOWN)
def _reader(kind: type[Any]) -> Reader:
    if issubclass(kind, Mapping):
        return lambda value: value
    if issubclass(kind, Struct):
        return asdict
    names = _names(kind)
    return (lambda value: {name: getattr(value, name) for name in names}) if names else (lambda _: NOTHING)


def _names(kind: type[Any]) -> tuple[str, ...]:
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    attributes = getattr(kind, "__attrs_attrs__", None)
    if attributes is not None:
        return tuple(attribute.name for attribute in attributes)
    named: Any = getattr(kind, "model_fields" if hasattr(kind, "__pydantic_validator__") else "_fields", None)
    return tuple(cast("dict[str, Any] | tuple[str, ...]", named)) if isinstance(named, dict | tuple) else ()
