"""Where each parameter of a function comes from; a closed union that generated code and step_by_step both follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from martlet.handling.signatures.functions import MISSING, Function
from martlet.messages import FieldName

Scope: TypeAlias = Literal["app", "request"]
RequestAttribute: TypeAlias = Literal["", "after", "headers", "limits", "query"]
Convert: TypeAlias = Callable[[str], Any]  # raises ScalarError for text that does not fit


@dataclass(frozen=True, slots=True)
class FromRequest:
    """The request itself, or what hangs on it: `request.query`, `request.headers`."""

    attribute: RequestAttribute = ""


@dataclass(frozen=True, slots=True)
class FromPath:
    """A parameter of the pattern; `convert` narrows further what the converter gave, and a misfit is 404."""

    name: str
    convert: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class FromField:
    """A scalar, or a sequence of scalars, from the query, the header section or the cookies."""

    location: Literal["query", "header", "cookie"]
    name: str
    field: FieldName
    convert: Convert
    collect: Callable[[list[Any]], Any] | None  # for a sequence: list, tuple, set …
    blank_is_absent: bool  # the type does not take it, and a form's field that was left alone sends it
    default: Any  # functions.MISSING when required


@dataclass(frozen=True, slots=True)
class FromBody:
    """The body as a value of `type`; `bytes` is the body as it came. `default` stands in for no body at all.

    form_field: of a form, where that one field is all that is wanted.
    """

    type: Any
    default: Any
    form_field: str | None = None


@dataclass(frozen=True, slots=True)
class FromProvider:
    """The value of a provider, made once per request, or once per app."""

    provider: Provider


@dataclass(frozen=True, slots=True)
class FromUser:
    """What the authenticator returned; 401 for nobody, unless that is allowed."""

    optional: bool


@dataclass(frozen=True, slots=True)
class FromSession:
    """The request's session, with its data as a type or without."""

    data: Any = None


@dataclass(frozen=True, slots=True)
class FromError:
    """The error that an error handler answers."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known before the first request."""

    value: Any


Source: TypeAlias = FromRequest | FromPath | FromField | FromBody | FromProvider | FromUser | FromSession | FromError | Constant


@dataclass(frozen=True, slots=True)
class Binding:
    """A parameter and its source."""

    name: str
    source: Source
    keyword_only: bool


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A function with a source for each of its parameters."""

    function: Function
    bindings: tuple[Binding, ...]

    def sources(self) -> tuple[Source, ...]:
        """Its own sources, without those of its providers."""
        return tuple(binding.source for binding in self.bindings)


@dataclass(slots=True, eq=False)
class Provider:
    """What supplies a type on one route, or for the whole app, whose `value` is there once the app has started."""

    type: Any
    bound: Bound
    scope: Scope
    value: Any = None


def providers_of(bound: Bound) -> list[Provider]:
    """All providers a function needs, each after those it needs itself.

    A provider is the same object wherever it is needed, so it appears once.
    """
    ordered: list[Provider] = []

    def visit(function: Bound) -> None:
        for source in function.sources():
            if isinstance(source, FromProvider) and source.provider not in ordered:
                if source.provider.scope == "request":
                    visit(source.provider.bound)
                ordered.append(source.provider)

    visit(bound)
    return ordered


def all_sources(*functions: Bound) -> list[Source]:
    """All sources that functions and their providers of the request scope draw on."""
    found: list[Source] = []
    for function in functions:
        for provider in providers_of(function):
            if provider.scope == "request":
                found.extend(provider.bound.sources())
        found.extend(function.sources())
    return found


def describe_source(source: Source) -> str:
    """Say in words where a parameter comes from, for `martlet routes`."""
    match source:
        case FromRequest(attribute):
            return f"the request's {attribute}" if attribute else "the request"
        case FromPath() | FromError():
            return "the path" if isinstance(source, FromPath) else "the error"
        case FromField(location, name, default=default):
            return f"{location} field {name!r}{', required' if default is MISSING else ''}"
        case FromBody(form_field=str(name)):
            return f"the form's field {name!r}"
        case FromBody():
            return "the body"
        case FromProvider(provider):
            return f"{provider.bound.function.name}, once per {provider.scope}"
        case FromUser(optional):
            return "the user, or None" if optional else "the user (401 for nobody)"
        case FromSession(data):
            return "the session" if data is None else f"the session, its data as {getattr(data, '__name__', data)}"
        case Constant(value):
            return f"the app's {type(value).__name__}"
