"""Classes of pydantic, which validate and print themselves; recognised by what they carry, so that pydantic is never imported.

A model and a dataclass of pydantic both have a `__pydantic_validator__`. Everything else about them is pydantic's own affair:
its lax mode, its aliases, its validators.
"""

from __future__ import annotations

from typing import Any, TypeGuard, cast

__all__ = ["dump_model", "dump_model_json", "is_model", "model_errors", "model_fields", "validate_json", "validate_value"]


def is_model(type_: object) -> TypeGuard[type[Any]]:
    """True for a class that pydantic validates."""
    return isinstance(type_, type) and hasattr(type_, "__pydantic_validator__")


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


def dump_model(model: Any) -> Any:
    """The instance as values that JSON has, under its aliases, as its schema promises."""
    return _serializer(model).to_python(model, mode="json", by_alias=True)


def dump_model_json(model: Any) -> bytes:
    """The instance as a JSON text, under its aliases."""
    return bytes(_serializer(model).to_json(model, by_alias=True))


def _serializer(model: object) -> Any:
    return getattr(type(model), "__pydantic_serializer__")  # noqa: B009  (the class is unknown to the type checkers)
