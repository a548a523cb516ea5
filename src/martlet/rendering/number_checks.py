"""Numbers that a decoder lets through and no field takes: not a number, infinite, or a billion digits long once printed.

Text from queries and forms is refused by scalars.py; here are the decimals that msgspec reads from any text, the floats that
MessagePack knows beyond JSON's, and those of models. Which parts of a type can hold such a number is found out once, so that
values of other types are never looked at. Not here: where they stand in a body (unfit_numbers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isfinite
from operator import attrgetter
from typing import Any, cast, get_origin

from msgspec import inspect

from martlet.rendering.pydantic_models import is_model, number_fields
from martlet.rendering.scalars import is_unfit_decimal
from martlet.rendering.type_shapes import ARRAY_NODES, DICT_NODES, all_nodes

__all__ = ["Check", "is_unfit_float", "is_unfit_value", "number_check"]

Check = Callable[[Any], bool]  # True for a value with an unfit number in it

_FIELD_NODES = inspect.StructType | inspect.DataclassType | inspect.NamedTupleType


def number_check(type_: Any, *, floats: bool) -> Check | None:
    """The function that tells of a decoded `type_` whether an unfit number is in it; None for a type that can hold none.

    floats: look at floats too, and at values without a type; those of models are looked at in any case.

    >>> from decimal import Decimal
    >>> number_check(list[Decimal], floats=False)([Decimal(1), Decimal("NaN")])
    True
    >>> number_check(dict[str, float], floats=False) is None
    True
    """
    return _Compiler(floats=floats).of_type(type_)


def is_unfit_float(value: object) -> bool:
    """True for a float that is no number or infinite."""
    return isinstance(value, float) and not isfinite(value)


def is_unfit_value(value: object) -> bool:
    """True for plain data with an unfit float in it, however deep."""
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        return any(map(is_unfit_value, entries)) or any(map(is_unfit_value, entries.values()))
    if isinstance(value, list | tuple):
        return any(map(is_unfit_value, cast("Iterable[object]", value)))
    return is_unfit_float(value)


class _Compiler:
    """Makes the checks of one type; a type that refers to itself finds the one that is being made."""

    def __init__(self, *, floats: bool, models: dict[type[Any], Check | None] | None = None) -> None:
        self._floats = floats
        self._models: dict[type[Any], Check | None] = {} if models is None else models
        self._made: dict[int, tuple[inspect.Type, Check]] = {}  # by the id of a node, which lives as long as this

    def of_type(self, type_: Any) -> Check | None:
        if is_model(type_):
            return self._of_model(type_)
        try:
            return self._of(inspect.type_info(type_))
        except (NameError, TypeError):  # of a model's field that pydantic alone understands
            return None

    def _of(self, node: inspect.Type) -> Check | None:
        if not any(map(self._is_leaf, all_nodes(node))):
            return None
        match node:
            case inspect.Metadata():
                return self._of(node.type)
            case inspect.UnionType():
                return _any_of([check for member in node.types if (check := self._of(member))])
            case inspect.TupleType():
                return _positions([self._of(item) for item in node.item_types])
            case inspect.CustomType():
                return is_unfit_value if node.cls is object else self._of_model(node.cls)
            case inspect.DecimalType():
                return is_unfit_decimal
            case inspect.FloatType():
                return is_unfit_float
            case inspect.AnyType() | inspect.RawType():
                return is_unfit_value
            case _:
                return self._of_container(node)

    def _of_container(self, node: inspect.Type) -> Check:
        if id(node) in self._made:
            return self._made[id(node)][1]
        inner: list[Check] = []
        self._made[id(node)] = node, _later(inner)  # for whatever below refers to this type again
        if isinstance(node, ARRAY_NODES):
            inner.append(_items(self._of(node.item_type)))
        elif isinstance(node, DICT_NODES):
            inner.append(_entries(self._of(node.key_type), self._of(node.value_type)))
        elif isinstance(node, inspect.TypedDictType):
            inner.append(_keys([(field.name, check) for field in node.fields if (check := self._of(field.type))]))
        elif isinstance(node, _FIELD_NODES):
            inner.append(_attributes(node.cls, [(field.name, check) for field in node.fields if (check := self._of(field.type))]))
        return inner[0]

    def _of_model(self, model: type[Any]) -> Check | None:
        if model in self._models:
            return self._models[model]
        inner: list[Check] = []
        self._models[model] = _later(inner)
        # A model's floats are read by pydantic, from JSON too, which takes more than JSON has.
        compiler = _Compiler(floats=True, models=self._models)
        fields = {name: compiler.of_type(annotation) for name, annotation in number_fields(model).items()}
        found = [(name, check) for name, check in fields.items() if check is not None]
        inner.extend([_attributes(model, found)] if found else [])
        self._models[model] = inner[0] if found else None
        return self._models[model]

    def _is_leaf(self, node: inspect.Type) -> bool:
        if isinstance(node, inspect.CustomType):
            return (self._floats and node.cls is object) or (is_model(node.cls) and self._of_model(node.cls) is not None)
        floats = inspect.FloatType | inspect.AnyType | inspect.RawType
        return isinstance(node, inspect.DecimalType) or (self._floats and isinstance(node, floats))


# --- the kinds: each passes over values that another member of a union has taken ---------------------


def _later(made: list[Check]) -> Check:
    """The check that is not there yet; None will be there for a model without numbers that refers to itself."""
    return lambda value: bool(made) and made[0](value)


def _any_of(checks: list[Check]) -> Check:
    return checks[0] if len(checks) == 1 else lambda value: any(check(value) for check in checks)


def _items(check: Check | None) -> Check:
    collections = (list, tuple, set, frozenset)
    return lambda value: check is not None and isinstance(value, collections) and any(map(check, cast("Iterable[Any]", value)))


def _positions(checks: list[Check | None]) -> Check:
    found = [(position, check) for position, check in enumerate(checks) if check is not None]
    return lambda value: isinstance(value, tuple) and any(check(value[position]) for position, check in found)


def _entries(key_check: Check | None, value_check: Check | None) -> Check:
    def is_unfit(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        entries = cast("dict[object, object]", value)
        return (key_check is not None and any(map(key_check, entries))) or (
            value_check is not None and any(map(value_check, entries.values()))
        )

    return is_unfit


def _keys(fields: list[tuple[str, Check]]) -> Check:
    return lambda value: isinstance(value, dict) and any(check(cast("Any", value).get(name)) for name, check in fields)


def _attributes(cls: Any, fields: list[tuple[str, Check]]) -> Check:
    plain_class = get_origin(cls) or cls
    readers = [(attrgetter(name), check) for name, check in fields]

    return lambda value: isinstance(value, plain_class) and any(check(read(value)) for read, check in readers)
