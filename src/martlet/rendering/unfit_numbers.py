"""Where in a body the numbers stand that no field takes, for the 422 that lists them; looked for only once there is one.

Not here: finding out that there is one (number_checks.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, Final, cast

from msgspec import inspect

from martlet.http.errors import BadRequestError, FieldError, ValidationError
from martlet.rendering.invalid_bodies import NOT_VALID
from martlet.rendering.number_checks import Check, is_unfit_float
from martlet.rendering.pydantic_models import is_model, model_fields
from martlet.rendering.scalars import is_unfit_decimal
from martlet.rendering.type_shapes import ARRAY_NODES, DICT_NODES, member_for
from martlet.rendering.validation import format_pointer, listed_errors

__all__ = ["refusing_unfit", "unfit_errors"]

Path = tuple[str | int, ...]
Found = Iterator[tuple[Path, str]]

_DECIMAL: Final = "Expected a decimal number"
_FLOAT: Final = "Expected a number"
_SOMEWHERE: Final = FieldError("", "Expected finite numbers")


def refusing_unfit(
    decode: Callable[[bytes], Any], type_: Any, is_unfit: Check, parse: Callable[[bytes], object], limit: int
) -> Callable[[bytes], Any]:
    """A decoder that also refuses values with an unfit number in them, together with all else that is wrong.

    parse: reads the body without a type. limit: errors listed at most. What is returned raises ValidationError as `decode` does.
    """

    def decode_and_check(data: bytes) -> Any:
        try:
            value = decode(data)
        except ValidationError as error:
            raise ValidationError(NOT_VALID, errors=listed_errors([*error.errors, *others(error, data)], limit)) from error
        try:
            unfit = is_unfit(value)
        except RecursionError as error:
            raise BadRequestError("The body is nested too deeply.") from error
        if unfit:
            raise ValidationError(NOT_VALID, errors=listed_errors(listed(data) or [_SOMEWHERE], limit))
        return value

    def others(error: ValidationError, data: bytes) -> list[FieldError]:
        known = {"", *(told.pointer for told in error.errors)}
        return [found for found in listed(data) if found.pointer not in known]

    def listed(data: bytes) -> list[FieldError]:
        try:
            value = parse(data)
        except (ValueError, ArithmeticError, RecursionError):  # somewhere is a number that Python cannot hold
            return []
        return unfit_errors(type_, value, limit)

    return decode_and_check


def unfit_errors(type_: Any, value: object, limit: int) -> list[FieldError]:
    """What is found in an untyped value, and a general remark where it is too deep to be looked at.

    limit: errors listed at most; one more tells that there are others.

    >>> unfit_errors(list[Decimal], ["1", "NaN"], 100)[0].pointer
    '/1'
    """
    try:
        found = list(islice(_find_in_type(type_, value, ()), limit + 1))
    except RecursionError:
        found = []
    return [FieldError(format_pointer(path), detail) for path, detail in found] or [_SOMEWHERE]


def _find_in_type(type_: Any, value: object, path: Path) -> Found:
    if is_model(type_):
        yield from _find_in_model(type_, value, path)
        return
    try:
        node = inspect.type_info(type_)
    except (NameError, TypeError):  # of a model's field that pydantic alone understands
        return
    yield from _find(node, value, path)


def _find_in_model(model: type[Any], value: object, path: Path) -> Found:
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        for name, annotation in model_fields(model).items():
            if name in entries:
                yield from _find_in_type(annotation, entries[name], (*path, name))


def _find(node: inspect.Type, value: object, path: Path) -> Found:
    match member_for(node, value):
        case inspect.UnionType(types=types):
            for member in types:
                yield from _find(member, value, path)
        case inspect.DecimalType():
            if _is_unfit_as_decimal(value):
                yield path, _DECIMAL
        case inspect.FloatType():
            if _is_unfit_as_float(value):
                yield path, _FLOAT
        case inspect.AnyType() | inspect.RawType():
            yield from _find_in_data(value, path)
        case inspect.CustomType(cls=cls):
            yield from _find_in_data(value, path) if cls is object else _find_in_type(cls, value, path) if is_model(cls) else ()
        case found:
            yield from _find_below(found, value, path)


def _find_below(node: inspect.Type, value: object, path: Path) -> Found:
    if isinstance(value, dict):
        entries = cast("dict[Any, object]", value)
        if isinstance(node, DICT_NODES):
            for key, entry in entries.items():
                yield from _find(node.key_type, key, (*path, str(key)))
                yield from _find(node.value_type, entry, (*path, str(key)))
        elif isinstance(node, inspect.StructType | inspect.DataclassType | inspect.TypedDictType):
            for field in [field for field in node.fields if field.encode_name in entries]:
                yield from _find(field.type, entries[field.encode_name], (*path, field.encode_name))
    elif isinstance(value, list | tuple):
        items = cast("list[object]", value)
        for position, (item_type, item) in enumerate(zip(_item_types(node, len(items)), items, strict=False)):
            yield from _find(item_type, item, (*path, position))


def _item_types(node: inspect.Type, count: int) -> list[inspect.Type]:
    """The types of an array's items, by their places."""
    if isinstance(node, ARRAY_NODES):
        return [node.item_type] * count
    if isinstance(node, inspect.TupleType):
        return list(node.item_types)
    if isinstance(node, inspect.NamedTupleType):
        return [field.type for field in node.fields]
    if isinstance(node, inspect.StructType):
        tags: list[inspect.Type] = [] if node.tag is None else [inspect.StrType()]
        return [*tags, *(field.type for field in node.fields)]
    return []


def _find_in_data(value: object, path: Path) -> Found:
    if isinstance(value, dict):
        for key, entry in cast("dict[object, object]", value).items():
            if is_unfit_float(key):
                yield (*path, str(key)), _FLOAT
            yield from _find_in_data(entry, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for position, item in enumerate(cast("list[object]", value)):
            yield from _find_in_data(item, (*path, position))
    elif is_unfit_float(value):
        yield path, _FLOAT


def _is_unfit_as_decimal(value: object) -> bool:
    """Whether what the body has for a decimal becomes an unfit one; text that becomes none is refused by the decoder."""
    if isinstance(value, str | float | Decimal):
        try:
            return is_unfit_decimal(Decimal(value))
        except ArithmeticError:
            return False
    return False


def _is_unfit_as_float(value: object) -> bool:
    """The same for a float; a model takes text for one."""
    if isinstance(value, str | float | Decimal):
        try:
            return is_unfit_float(float(value))
        except (ValueError, OverflowError):
            return False
    return False
