"""Types as `{% context %}` declares them, and what is known of their attributes.

What is not known for certain is UNKNOWN, and nothing is said about it. MISSING is said only of classes whose instances cannot
have more: no `__getattr__`, no foreign metaclass, no method that sets such an attribute.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import re
import types
import typing
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import EnumType
from typing import Any, Final

__all__ = ["MISSING", "UNKNOWN", "attribute_names", "attribute_type", "element_type", "resolve_type", "type_name"]

UNKNOWN: Final = Any
MISSING: Final = object()

_COLON: Final = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)")
_WRAPPERS: Final = (typing.Annotated, typing.ClassVar, typing.Final, typing.Required, typing.NotRequired)
# Metaclasses that add no attributes of their own to instances.
_PLAIN_METACLASSES: Final = frozenset({"builtins.type", "abc.ABCMeta", "msgspec._core.StructMeta", "msgspec.StructMeta"})
_NO_ITEMS_BY_NAME: Final = (str, bytes, bytearray, list, tuple, range, memoryview)


def resolve_type(written: str, known: Mapping[str, Any], *, may_import: bool) -> Any:
    """The type that a declaration writes, UNKNOWN if it cannot be had.

    known: types by their names. may_import: whether `app.models.User` and `app.models:User` are imported.

    >>> resolve_type("list[User] | None", {"User": int}, may_import=False)
    list[int] | None
    >>> resolve_type("Nobody", {}, may_import=False)
    typing.Any
    """
    try:
        tree = ast.parse(_COLON.sub(r"\1.\2", written).strip(), mode="eval").body
        return _evaluated(tree, known, may_import)
    except (LookupError, ValueError, SyntaxError, TypeError, AttributeError, ImportError):
        return UNKNOWN


def _evaluated(node: ast.expr, known: Mapping[str, Any], may_import: bool) -> Any:  # noqa: FBT001  handed on
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=str(text)):
            return _evaluated(ast.parse(text, mode="eval").body, known, may_import)
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return known[name] if name in known else _general(name)
        case ast.Attribute() if ast.unparse(node) in known:
            return known[ast.unparse(node)]
        case ast.Attribute() if may_import:
            module, _, name = ast.unparse(node).rpartition(".")
            return getattr(importlib.import_module(module), name)
        case ast.Subscript():
            return _evaluated(node.value, known, may_import)[_evaluated(node.slice, known, may_import)]
        case ast.Tuple():
            return tuple(_evaluated(item, known, may_import) for item in node.elts)
        case ast.BinOp(op=ast.BitOr()):
            return _evaluated(node.left, known, may_import) | _evaluated(node.right, known, may_import)
        case _:
            raise ValueError(ast.unparse(node))


def _general(name: str) -> Any:
    """A type that needs no import: of the builtins, or of `typing`."""
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) else getattr(typing, name)


def attribute_type(of: Any, name: str) -> Any:
    """The type of an attribute, UNKNOWN, or MISSING if no value of this type can have it.

    >>> attribute_type(int, "real"), attribute_type(int, "size") is MISSING
    (typing.Any, True)
    """
    members = _members(of)
    found = [_of_class(member, name) for member in members]
    if found and all(each is MISSING for each in found):
        return MISSING
    return found[0] if len(found) == 1 else UNKNOWN


def attribute_names(of: Any) -> list[str]:
    """The attributes that one may write, for the nearest of them."""
    names: set[str] = set()
    for member in _members(of):
        kind = _class_of(member)
        if kind is not None:
            names |= _hints(kind).keys()
            names |= {name for name in dir(kind) if not name.startswith("_")} if not typing.is_typeddict(kind) else set()
    return sorted(names)


def type_name(of: Any) -> str:
    """What a message calls a type.

    >>> type_name(int | str | None)
    'int or str'
    """
    return " or ".join(member.__name__ if isinstance(member, type) else str(member) for member in _members(of))


def element_type(of: Any) -> Any:
    """What a loop over this gives."""
    members = _members(of)
    if len(members) != 1:
        return UNKNOWN
    arguments, kind = typing.get_args(members[0]), _class_of(members[0])
    if kind is None or not arguments or not issubclass(kind, (Iterable, Collection, Iterator)):
        return UNKNOWN
    if kind is tuple and arguments[1:] != (Ellipsis,):
        return arguments[0] if len(set(arguments)) == 1 else UNKNOWN
    return arguments[0] if kind.__module__ in ("builtins", "collections.abc", "collections") else UNKNOWN


def _members(of: Any) -> list[Any]:
    """The types of a union, without None; of any other type, itself."""
    while typing.get_origin(of) in _WRAPPERS:
        of = typing.get_args(of)[0]
    if typing.get_origin(of) in (typing.Union, types.UnionType):
        return [inner for member in typing.get_args(of) if member is not type(None) for inner in _members(member)]
    return [of]


def _class_of(of: Any) -> Any:
    origin = typing.get_origin(of) or of
    return origin if isinstance(origin, type) and origin is not object else None


def _of_class(of: Any, name: str) -> Any:
    kind = _class_of(of)
    if kind is None:
        return UNKNOWN
    hints = _hints(kind)
    if name in hints:
        # A parameter of a generic class, or a method's own type, is not followed.
        return hints[name] if not typing.get_args(of) else UNKNOWN
    if issubclass(kind, Mapping):
        return _of_mapping(of, kind, name)
    found = inspect.getattr_static(kind, name, MISSING)
    if found is not MISSING:
        return _returned(found)
    return MISSING if _is_closed(kind) and name not in _set_by_methods(kind) else UNKNOWN


def _of_mapping(of: Any, kind: Any, name: str) -> Any:
    if hasattr(kind, name):
        return UNKNOWN
    if typing.is_typeddict(kind):
        return MISSING
    arguments = typing.get_args(of)
    return arguments[1] if kind.__module__ in ("builtins", "collections.abc", "collections") and len(arguments) == 2 else UNKNOWN


def _returned(found: object) -> Any:
    """The type of what a property gives; of anything else UNKNOWN."""
    function = found.fget if isinstance(found, property) else found.func if isinstance(found, functools.cached_property) else None
    if function is None:
        return UNKNOWN
    try:
        return typing.get_type_hints(function).get("return", UNKNOWN)
    except (NameError, TypeError, AttributeError):
        return UNKNOWN


def _hints(kind: type) -> dict[str, Any]:
    """The annotations of a class and its bases; UNKNOWN for those that cannot be evaluated."""
    try:
        return typing.get_type_hints(kind)
    except (NameError, TypeError, AttributeError, SyntaxError):
        return {name: UNKNOWN for base in inspect.getmro(kind) for name in vars(base).get("__annotations__", {})}


def _is_closed(kind: type) -> bool:
    """Whether an instance can have no attribute that its class does not show."""
    meta: type = type(kind)
    if f"{meta.__module__}.{meta.__qualname__}" not in _PLAIN_METACLASSES and not isinstance(kind, EnumType):
        return False
    if "__getattr__" in dir(kind) or isinstance(kind.__getattribute__, types.FunctionType):
        return False
    # Into an instance with a `__dict__` anybody may put more, unless the class tells what belongs there.
    if kind.__dictoffset__ and not _hints(kind):
        return False
    # `a.b` may also be the item of this name.
    return not hasattr(kind, "__getitem__") or issubclass(kind, _NO_ITEMS_BY_NAME)


def _set_by_methods(kind: type) -> set[str]:
    """All names that the methods of a class mention, `self.name = …` among them, and the fields that decorators remember."""
    names: set[str] = {attribute.name for attribute in getattr(kind, "__attrs_attrs__", ())}
    names |= {*getattr(kind, "__dataclass_fields__", ())}
    for base in inspect.getmro(kind):
        for value in vars(base).values():
            function = inspect.unwrap(getattr(value, "__func__", None) or getattr(value, "fget", None) or value)
            code = getattr(function, "__code__", None)
            if isinstance(code, types.CodeType):
                names |= {*code.co_names, *(text for text in code.co_consts if isinstance(text, str))}
    return names
