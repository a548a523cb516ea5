"""Classes of pydantic, which validate and print themselves; recognised by what they carry, so that pydantic is never imported.

A model and a dataclass of pydantic both have a `__pydantic_validator__`. Everything else about them is pydantic's own affair:
its lax mode, its aliases, its validators.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any, TypeGuard, cast, get_args, get_origin

import msgspec

__all__ = [
    "bare_model",
    "dump_model",
    "dump_model_json",
    "is_model",
    "model_errors",
    "model_fields",
    "number_fields",
    "validate_json",
    "validate_value",
]


def is_model(type_: object) -> TypeGuard[type[Any]]:
    """True for a class that pydantic validates."""
    return isinstance(type_, type) and hasattr(type_, "__pydantic_validator__")


def bare_model(type_: Any) -> Any:
    """The model of an `Annotated[Model, …]`, whose marks are not pydantic's; any other type as it is."""
    inner = get_args(type_)[0] if get_origin(type_) is Annotated else None
    return inner if is_model(inner) else type_


def validate_json(model: type[Any], data: bytes) -> Any:
    """An instance from a JSON text. Raises pydantic's ValidationError, a ValueError, which `model_errors` reads."""
    return model.__pydantic_validator__.validate_json(data)


def validate_value(model: type[Any], value: Any) -> Any:
    """An instance from dicts and lists. Raises pydantic's ValidationError, a ValueError, which `model_errors` reads."""
    return model.__pydantic_validator__.validate_python(value)


def model_errors(error: ValueError) -> list[tuple[tuple[str | int, ...], str]]:
    """The place and the text of each thing that is wrong, from pydantic's ValidationError; none from any other ValueError."""
    list_errors = getattr(error, "errors", None)
    if list_errors is None:
        return []
    return [(found["loc"], found["msg"]) for found in list_errors(include_url=False, include_context=False, include_input=False)]


def model_fields(model: type[Any]) -> dict[str, Any]:
    """The annotations of the fields, by each name under which a field may be sent."""
    fields = cast("dict[str, Any]", getattr(model, "__pydantic_fields__", {}))
    annotations: dict[str, Any] = {}
    for name, field in fields.items():
        alias = field.validation_alias or field.alias
        annotations[alias if isinstance(alias, str) else name] = field.annotation
        annotations.setdefault(name, field.annotation)
    return annotations


def number_fields(model: type[Any]) -> dict[str, Any]:
    """The annotations of the fields by their attributes, without those that say `allow_inf_nan` themselves."""
    if getattr(model, "model_config", {}).get("allow_inf_nan"):
        return {}
    fields = cast("dict[str, Any]", getattr(model, "__pydantic_fields__", {}))
    return {
        name: field.annotation
        for name, field in fields.items()
        if not any(getattr(mark, "allow_inf_nan", False) for mark in field.metadata)
    }


def dump_model(model: Any) -> Any:
    """The instance as values that JSON has, under its aliases, as its schema promises.

    Bytes that are no UTF-8 cannot be text, as pydantic would have them; then all bytes of the instance stay bytes, which are
    base64 in JSON and themselves in MessagePack. A class with `ser_json_bytes="base64"` has them in base64 always.
    """
    serializer = _serializer(model)
    try:
        return serializer.to_python(model, mode="json", by_alias=True)
    except ValueError:
        return _with_bytes(serializer.to_python(model, by_alias=True))


def dump_model_json(model: Any) -> bytes:
    """The instance as a JSON text, under its aliases; for bytes see `dump_model`."""
    try:
        return bytes(_serializer(model).to_json(model, by_alias=True))
    except ValueError:
        return msgspec.json.encode(dump_model(model))


def _with_bytes(value: Any) -> Any:
    """Plain data of what a serializer leaves to Python, its bytes as they are."""
    match value:
        case bytes() | bytearray() | memoryview():
            return cast("object", value)
        case dict():
            return {_to_plain(key): _with_bytes(entry) for key, entry in cast("dict[Any, Any]", value).items()}
        case list() | tuple() | set() | frozenset():
            return [_with_bytes(item) for item in cast("Iterable[Any]", value)]
        case _:
            return _to_plain(value)


def _to_plain(value: Any) -> Any:
    # Whoever has a model has imported this already.
    return sys.modules["pydantic_core"].to_jsonable_python(value)


def _serializer(model: object) -> Any:
    return getattr(type(model), "__pydantic_serializer__")  # noqa: B009  (the class is unknown to the type checkers)
