"""What a type is made of, as far as validation must know it.

`msgspec.inspect` takes a type apart into nodes; here a node becomes a type again, to convert one part of a value, and a
union gives up the member that a value was meant for. Not here: the search for errors (validation.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

import msgspec
from msgspec import inspect

__all__ = [
    "ARRAY_NODES",
    "DICT_NODES",
    "SET_NODES",
    "all_nodes",
    "allowed_values",
    "constrained",
    "member_for",
    "name_of",
    "nodes_below",
    "type_of",
    "unhashable_member",
]

_PLAIN_TYPES: dict[type[inspect.Type], Any] = {
    inspect.AnyType: Any,
    inspect.NoneType: None,
    inspect.BoolType: bool,
    inspect.IntType: int,
    inspect.FloatType: float,
    inspect.StrType: str,
    inspect.BytesType: bytes,
    inspect.ByteArrayType: bytearray,
    inspect.MemoryViewType: memoryview,
    inspect.DateTimeType: datetime,
    inspect.TimeType: time,
    inspect.DateType: date,
    inspect.TimeDeltaType: timedelta,
    inspect.UUIDType: UUID,
    inspect.DecimalType: Decimal,
    inspect.ExtType: msgspec.msgpack.Ext,
    inspect.RawType: Any,  # takes whatever comes
}
_COLLECTIONS: dict[type[inspect.Type], Any] = {
    inspect.ListType: list,
    inspect.SetType: set,
    inspect.FrozenSetType: frozenset,
}
_CONSTRAINTS = ("gt", "ge", "lt", "le", "multiple_of", "pattern", "min_length", "max_length", "tz")

# Nodes of many equal items.
SET_NODES = inspect.SetType | inspect.FrozenSetType
DICT_NODES = inspect.DictType | inspect.FrozenDictType
ARRAY_NODES = inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType


def type_of(node: inspect.Type) -> Any:
    """The type a node was made from, with its constraints and without its descriptions.

    >>> type_of(inspect.type_info(Annotated[list[int], msgspec.Meta(max_length=3, title="Marks")]))
    typing.Annotated[list[int], msgspec.Meta(max_length=3)]
    """
    match node:
        case inspect.Metadata():
            return type_of(node.type)
        case inspect.UnionType():
            return _union_of([type_of(member) for member in node.types])
        case inspect.LiteralType():
            return Literal[node.values]
        case inspect.VarTupleType():
            return constrained(GenericAlias(tuple, (type_of(node.item_type), ...)), node)
        case inspect.TupleType():
            return GenericAlias(tuple, tuple(type_of(item) for item in node.item_types))
        case inspect.DictType() | inspect.FrozenDictType():
            return constrained(GenericAlias(dict, (type_of(node.key_type), type_of(node.value_type))), node)
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType():
            return constrained(GenericAlias(_COLLECTIONS[type(node)], type_of(node.item_type)), node)
        case _ if type(node) in _PLAIN_TYPES:
            return constrained(_PLAIN_TYPES[type(node)], node)
        case _:
            return node.cls  # type: ignore[attr-defined]


def name_of(type_: Any) -> str:
    """The type as an author writes it, for messages.

    >>> name_of(Decimal), name_of(list[int])
    ('Decimal', 'list[int]')
    """
    return type_.__qualname__ if isinstance(type_, type) and not get_args(type_) else str(type_)


def _union_of(types: list[Any]) -> Any:
    union = types[0]
    for type_ in types[1:]:
        union |= type_
    return union


def constrained(type_: Any, node: inspect.Type) -> Any:
    """`type_` with the bounds that the node knows."""
    bounds = {name: bound for name in _CONSTRAINTS if (bound := getattr(node, name, None)) is not None}
    return Annotated[type_, msgspec.Meta(**bounds)] if bounds else type_


def member_for(node: inspect.Type, value: object) -> inspect.Type:
    """The node that a value was meant for: the member of a union that takes objects, or arrays; else the node itself.

    Among tagged classes the tag decides; a value whose tag no class knows is meant for none of them.
    """
    if isinstance(node, inspect.Metadata):
        return member_for(node.type, value)
    if isinstance(node, inspect.UnionType):
        for member in node.types:
            bare = member_for(member, value)
            if _takes_object(bare, value) or _takes_array(bare, value):
                return bare
    return node


def _takes_object(node: inspect.Type, value: object) -> bool:
    if not isinstance(value, dict):
        return False
    if isinstance(node, inspect.StructType):
        entries = cast("dict[object, object]", value)
        return not node.array_like and (node.tag is None or entries.get(node.tag_field) == node.tag)
    return isinstance(node, DICT_NODES | inspect.DataclassType | inspect.TypedDictType)


def _takes_array(node: inspect.Type, value: object) -> bool:
    if not isinstance(value, list | tuple):
        return False
    if isinstance(node, inspect.StructType):
        return node.array_like and (node.tag is None or node.tag in value[:1])
    return isinstance(node, ARRAY_NODES | inspect.TupleType | inspect.NamedTupleType)


def allowed_values(node: inspect.Type) -> list[Any]:
    """The values that an enumeration or a Literal lists, also as members of a union; none for other types.

    >>> allowed_values(inspect.type_info(Literal["pdf", "html"] | None))
    ['html', 'pdf']
    """
    match node:
        case inspect.Metadata():
            return allowed_values(node.type)
        case inspect.UnionType():
            return [value for member in node.types for value in allowed_values(member)]
        case inspect.EnumType():
            return [member.value for member in node.cls]
        case inspect.LiteralType():
            return list(node.values)
        case _:
            return []


def all_nodes(node: inspect.Type) -> Iterator[inspect.Type]:
    """The node and every node below it, each once, however a type refers to itself.

    >>> [type(found).__name__ for found in all_nodes(inspect.type_info(dict[str, list[int]]))]
    ['DictType', 'ListType', 'IntType', 'StrType']
    """
    waiting, seen = [node], {id(node)}
    while waiting:
        visited = waiting.pop()
        yield visited
        for below in nodes_below(visited):
            if id(below) not in seen:
                seen.add(id(below))
                waiting.append(below)


def unhashable_member(node: inspect.Type) -> inspect.Type | None:
    """The node itself, or the member of a union, whose values no set and no key can hold; None if there is no such."""
    match node:
        case inspect.Metadata() | inspect.UnionType():
            return next((found for member in nodes_below(node) if (found := unhashable_member(member))), None)
        case inspect.ListType() | inspect.SetType() | inspect.DictType() | inspect.TypedDictType():
            return node
        case inspect.StructType():
            config = node.cls.__struct_config__
            has_own_hash = node.cls.__hash__ is not msgspec.Struct.__hash__
            return None if has_own_hash or config.frozen or not config.eq else node
        case inspect.DataclassType():
            return node if getattr(node.cls, "__hash__", None) is None else None
        case _:
            return None


def nodes_below(node: inspect.Type) -> Iterable[inspect.Type]:
    """The nodes that the node is made of."""
    match node:
        case inspect.Metadata():
            return [node.type]
        case inspect.UnionType():
            return node.types
        case inspect.TupleType():
            return node.item_types
        case inspect.DictType() | inspect.FrozenDictType():
            return [node.key_type, node.value_type]
        case inspect.ListType() | inspect.SetType() | inspect.FrozenSetType() | inspect.VarTupleType():
            return [node.item_type]
        case inspect.StructType() | inspect.DataclassType() | inspect.TypedDictType() | inspect.NamedTupleType():
            return [field.type for field in node.fields]
        case _:
            return []
