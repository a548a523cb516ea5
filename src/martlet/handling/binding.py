"""The one binding rule: what each parameter of a function becomes, decided once from its signature.

A name in the pattern is a path parameter; a known type is injected; one Struct, dataclass, TypedDict, attrs or pydantic
class is the body; a scalar or a sequence of scalars is a query parameter; `Annotated[…, Header()/Cookie()/Query()/Body()]`
says otherwise. Anything else is a Problem: it never changes its meaning silently.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import types
import uuid
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args, get_origin, is_typeddict

import msgspec

from martlet.handling.errors import Problem
from martlet.handling.functions import MISSING, Function, Parameter, union_members
from martlet.handling.markers import Body, Cookie, Header, Query
from martlet.handling.sources import (
    Binding,
    Bound,
    Constant,
    FromBody,
    FromError,
    FromField,
    FromPath,
    FromProvider,
    FromRequest,
    FromUser,
    Provider,
    Source,
)
from martlet.http import Headers, QueryString
from martlet.messages import FieldName, Request
from martlet.rendering import scalar_converter

SCALARS: Final = (str, int, float, bool, decimal.Decimal, uuid.UUID, datetime.date, datetime.time, datetime.timedelta)
SEQUENCES: Final[Mapping[Any, Callable[[list[Any]], Any]]] = {
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    Sequence: list,
}
PATH_CONVERTERS: Final[Mapping[Any, str]] = {
    int: "int",
    float: "float",
    uuid.UUID: "uuid",
    datetime.date: "date",
    datetime.datetime: "datetime",
    decimal.Decimal: "decimal",
}


@dataclass(slots=True)
class Supplies:
    """What can be injected by type: providers' values, the authenticator's user, constants of the app."""

    providers: dict[Any, Function] = field(default_factory=dict)  # of the request scope, bound anew for each route
    app_values: dict[Any, Provider] = field(default_factory=dict)
    constants: dict[Any, Any] = field(default_factory=dict)
    authenticator: Function | None = None

    @property
    def user_type(self) -> Any:
        """What the authenticator returns, without None; MISSING if there is none."""
        if self.authenticator is None:
            return MISSING
        return without_none(self.authenticator.result)


class Binder:
    """Binds all functions of one route (or one error handler, or one hook), so that they share providers and one body."""

    def __init__(
        self, supplies: Supplies, path: Mapping[str, str | None] | None = None, error: type[BaseException] | None = None
    ) -> None:
        """path: the pattern's parameters, each with its converter's name if the pattern says one; None outside requests."""
        self._supplies = supplies
        self._path = path
        self._error = error
        self._body: tuple[str, str] | None = None  # the first body parameter: its function and its name
        self._providers: dict[Any, Provider] = {}
        self._open: list[Any] = []  # the types being bound, to find a provider that needs itself

    def bind(self, function: Function) -> Bound:
        """Give each parameter its source; raises Problem for the first one that has none."""
        bindings = tuple(
            Binding(parameter.name, self._source(function, parameter), parameter.keyword_only)
            for parameter in function.parameters
        )
        return Bound(function, bindings)

    def _source(self, function: Function, parameter: Parameter) -> Source:
        if self._path and parameter.name in self._path:
            return self._from_path(function, parameter)
        for marker in parameter.metadata:
            source = self._marked(function, parameter, marker)
            if source is not None:
                return source
        return self._injected(parameter) or self._from_type(function, parameter)

    def _marked(self, function: Function, parameter: Parameter, marker: object) -> Source | None:
        if isinstance(marker, type) and marker in {Query, Header, Cookie, Body}:
            marker = marker()
        match marker:
            case Query(name):
                return self._from_field(function, parameter, "query", name or parameter.name)
            case Header(name):
                return self._from_field(function, parameter, "header", (name or parameter.name.replace("_", "-")).lower())
            case Cookie(name):
                return self._from_field(function, parameter, "cookie", name or parameter.name)
            case Body():
                return self._from_body(function, parameter)
            case _:
                return None

    def _injected(self, parameter: Parameter) -> Source | None:
        kind, supplies = parameter.core, self._supplies
        if self._error is not None and isinstance(kind, type) and issubclass(kind, BaseException):
            return FromError()
        if kind is supplies.user_type and kind is not MISSING:
            return FromUser(optional=parameter.is_optional)
        if kind is Request or (isinstance(kind, type) and issubclass(kind, Request)):
            return FromRequest()
        if kind is QueryString:
            return FromRequest("query")
        if kind is Headers:
            return FromRequest("headers")
        return self._supplied(parameter.type) or self._supplied(kind)

    def _supplied(self, kind: Any) -> Source | None:
        """Give the source of a type somebody supplies, None for any other."""
        supplies = self._supplies
        if not isinstance(kind, Hashable):
            return None
        if kind in supplies.constants:
            return Constant(supplies.constants[kind])
        if kind in supplies.app_values:
            return FromProvider(supplies.app_values[kind])
        if kind in supplies.providers:
            return FromProvider(self._providers.get(kind) or self._bind_provider(kind, supplies.providers[kind]))
        return None

    def _bind_provider(self, kind: Any, function: Function) -> Provider:
        if kind in self._open:
            names = " -> ".join(type_name(each) for each in (*self._open, kind))
            raise Problem(
                f"Providers need each other in a circle: {names}.", function.where, "Take one of these parameters away."
            )
        if self._path is None and self._error is None:
            raise Problem(
                f"{type_name(kind)} is provided per request, and here is no request.",
                function.where,
                'Give its provider the scope: @app.provider(scope="app").',
            )
        self._open.append(kind)
        provider = self._providers[kind] = Provider(kind, self.bind(function), "request")
        self._open.pop()
        return provider

    def _from_type(self, function: Function, parameter: Parameter) -> Source:
        core = parameter.core
        if is_scalar(core) or sequence_of(core) is not None:
            return self._from_field(function, parameter, "query", parameter.name)
        if is_body(core):
            return self._from_body(function, parameter)
        if parameter.type is MISSING and parameter.name == "request":
            return FromRequest()  # an unannotated `request` can mean nothing else
        if parameter.type is MISSING:
            raise self._problem(function, parameter, "has no annotation", "Annotate it: the type decides where it comes from.")
        raise self._problem(
            function,
            parameter,
            f"of type {type_name(parameter.type)} comes from nowhere",
            f"Register a provider (@app.provider def …() -> {type_name(core)}), "
            "or say where it comes from: Annotated[…, Body()], Query(), Header() or Cookie().",
        )

    def _from_path(self, function: Function, parameter: Parameter) -> Source:
        stated = (self._path or {})[parameter.name]
        core = parameter.core
        if core is MISSING or core is Any or core is str or core in PATH_CONVERTERS:
            expected = PATH_CONVERTERS.get(core)
            if stated is not None and expected is not None and stated != expected and stated in PATH_CONVERTERS.values():
                raise self._problem(
                    function,
                    parameter,
                    f"is annotated {type_name(core)}, but the pattern says {{{parameter.name}:{stated}}}",
                    "Let the two agree, or leave the converter out of the pattern: the annotation picks it.",
                )
            if core is str and stated in PATH_CONVERTERS.values():
                raise self._problem(
                    function,
                    parameter,
                    f"is annotated str, but the pattern says {{{parameter.name}:{stated}}}",
                    "Annotate what the converter gives, or leave it out of the pattern.",
                )
            constrained = any(isinstance(extra, msgspec.Meta) for extra in parameter.metadata)
            return FromPath(parameter.name, _narrow(parameter.annotation) if constrained else None)
        if stated is None and is_scalar(core):
            return FromPath(parameter.name, scalar_converter(parameter.annotation))
        return FromPath(parameter.name)  # a custom converter's value

    def _from_field(
        self, function: Function, parameter: Parameter, location: Literal["query", "header", "cookie"], name: str
    ) -> Source:
        item, collect = parameter.annotation, None
        sequence = sequence_of(parameter.core)
        if sequence is not None:
            item, collect = sequence
        elif parameter.type is MISSING:
            item = str
        try:
            convert = scalar_converter(item)
        except TypeError as error:
            raise self._problem(
                function, parameter, f"cannot be read from a {location} field: {error}", "Use a scalar or a sequence of scalars."
            ) from error
        default = parameter.default
        if default is MISSING and parameter.is_optional and location != "query":
            default = None
        return FromField(location, name, FieldName(name.lower()), convert, collect, default)

    def _from_body(self, function: Function, parameter: Parameter) -> Source:
        if self._path is None:
            raise self._problem(
                function, parameter, "would be the body, and there is no request here", "Take only provided types."
            )
        if self._body is not None and self._body != (function.name, parameter.name):
            raise self._problem(
                function,
                parameter,
                f"would be a second body beside {self._body[1]!r} of {self._body[0]}",
                "Join the two in one type, or mark one with Query(), Header() or Cookie().",
            )
        self._body = (function.name, parameter.name)
        return FromBody(bytes if parameter.core is bytes else parameter.annotation, parameter.default)

    def _problem(self, function: Function, parameter: Parameter, what: str, cure: str) -> Problem:
        return Problem(f"The parameter {parameter.name!r} of {function.name} {what}.", function.where, cure)


def without_none(kind: Any) -> Any:
    """Take None out of a union: `int` of `int | None`."""
    members = tuple(member for member in union_members(kind) if member is not types.NoneType)
    return members[0] if len(members) == 1 else kind


def is_scalar(kind: Any) -> bool:
    """Whether a type's value is written as one text: a number, a date, an Enum, a Literal.

    >>> is_scalar(int), is_scalar(dict)
    (True, False)
    """
    if get_origin(kind) is Literal:
        return True
    if isinstance(kind, type):
        return issubclass(kind, (*SCALARS, enum.Enum)) and not issubclass(kind, msgspec.Struct)
    members = union_members(kind)
    return len(members) > 1 and all(member is types.NoneType or is_scalar(member) for member in members)


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


def is_body(kind: Any) -> bool:
    """Whether a type is taken for the request body without being told so."""
    members = union_members(kind)
    if len(members) > 1:  # a tagged union of Structs
        return all(is_body(member) for member in members)
    origin = get_origin(kind) or kind
    if not isinstance(origin, type):
        return False
    return (
        issubclass(origin, msgspec.Struct)
        or dataclasses.is_dataclass(origin)
        or is_typeddict(origin)
        or hasattr(origin, "__attrs_attrs__")
        or hasattr(origin, "__pydantic_validator__")
    )


def type_name(kind: Any) -> str:
    """Write a type as its author would."""
    return kind.__qualname__ if isinstance(kind, type) and not get_args(kind) else str(kind).replace("typing.", "")


def _narrow(annotation: Any) -> Callable[[Any], Any]:
    def narrow(value: Any) -> Any:
        return msgspec.convert(value, annotation)

    return narrow
