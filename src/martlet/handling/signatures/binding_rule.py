"""The one binding rule: what each parameter of a function becomes, decided once from its signature.

A name in the pattern is a path parameter; a known type is injected; one Struct, dataclass, TypedDict, attrs or pydantic
class is the body; a scalar or a sequence of scalars is a query parameter; `Annotated[…, Header()/Cookie()/Query()/Body()]`
says otherwise. Anything else is a DeclarationError: it never changes its meaning silently.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, get_args, get_origin

from martlet.channels import Channel, Presence
from martlet.declaration_errors import CombinedDeclarationError, DeclarationError
from martlet.handling.signatures.functions import MISSING, Function, Parameter, union_members, without_none
from martlet.handling.signatures.markers import Body
from martlet.handling.signatures.session_sources import SessionKeeper, is_session, session_source
from martlet.handling.signatures.socket_sources import SocketRule, is_socket, socket_source
from martlet.handling.signatures.sources import (
    Binding,
    Bound,
    Constant,
    FromBody,
    FromError,
    FromField,
    FromProvider,
    FromRequest,
    FromSession,
    FromUser,
    Provider,
    RequestAttribute,
    Source,
)
from martlet.handling.signatures.text_sources import UnbindableError, field_source, marked_source, path_source
from martlet.handling.signatures.type_kinds import is_body, is_upload, sequence_of, type_name
from martlet.http import Headers, Limits, QueryString
from martlet.messages import AfterResponse, Form, Request
from martlet.rendering import is_scalar
from martlet.security import Guard

OF_REQUEST: Final[Mapping[Any, RequestAttribute]] = {AfterResponse: "after", Headers: "headers", QueryString: "query"}

DECLARED: Final[Mapping[Any, str]] = {Channel: "channel", Presence: "presence"}  # by which word of an app


@dataclass(slots=True)
class Supplies:
    """What can be injected by type: providers' values, the authenticator's user, constants of the app."""

    providers: dict[Any, Function] = field(default_factory=dict[Any, Function])  # of the request scope, bound anew for each route
    app_functions: dict[Any, Function] = field(default_factory=dict[Any, Function])  # of the app scope
    app_values: dict[Any, Provider] = field(default_factory=dict[Any, Provider])  # those bound, each after those it needs
    constants: dict[Any, Any] = field(default_factory=dict[Any, Any])
    authenticators: Sequence[Function] = ()  # asked in turn
    limits: Limits = field(default_factory=Limits)  # the app's; a route's own come with its requests
    sessions: SessionKeeper | None = None
    csrf: Guard | None = None  # of routes that change something
    socket_origins: Guard | None = None  # of routes that open a WebSocket

    @property
    def user_type(self) -> Any:
        """What the authenticators return, without None; MISSING if there is none."""
        return without_none(self.authenticators[0].result) if self.authenticators else MISSING

    def is_constant(self, kind: Any, *, in_request: bool) -> bool:
        """Whether a value of this type is known already; for URLs a request may know better, since it knows its root path."""
        return isinstance(kind, Hashable) and kind in self.constants and not (in_request and kind in self.providers)


class Binder:
    """Binds all functions of one route (or one error handler, or one hook), so that they share providers and one body."""

    def __init__(
        self,
        supplies: Supplies,
        path: Mapping[str, str | None] | None = None,
        error: type[BaseException] | None = None,
        *,
        has_content: bool = True,
        socket: SocketRule | None = None,
    ) -> None:
        """path: the pattern's parameters, each with its converter's name if the pattern says one; None outside requests.

        has_content: a handler's Struct can be taken for the body. socket: of a route that opens a WebSocket.
        """
        self._has_content, self._socket = has_content, socket
        self._handler: Function | None = None  # only a handler takes the body without being told
        self._supplies, self._path, self._error = supplies, path, error
        self._body: tuple[str, str] | None = None  # the first body parameter: its function and its name
        self._providers: dict[Any, Provider] = {}
        self._open: list[Any] = []  # the types being bound, to find a provider that needs itself

    def bind_handler(self, function: Function) -> Bound:
        """Bind the handler, which takes the body for a Struct or the like; raises as `bind` does."""
        self._handler = function
        return self.bind(function)

    def bind(self, function: Function) -> Bound:
        """Give each parameter its source; raises DeclarationError for those that have none, all of them together."""
        bindings: list[Binding] = []
        problems: list[DeclarationError] = []
        for parameter in function.parameters:
            try:
                bindings.append(self._binding(function, parameter))
            except DeclarationError as problem:
                problems.append(problem)
        if problems:
            raise CombinedDeclarationError(problems) if len(problems) > 1 else problems[0]
        return Bound(function, tuple(bindings))

    def _binding(self, function: Function, parameter: Parameter) -> Binding:
        try:
            source = self._source(function, parameter)
            if self._path is None:
                check_outside_requests(source)
            return Binding(parameter.name, source, parameter.keyword_only)
        except UnbindableError as error:
            raise DeclarationError(
                f"The parameter {parameter.name!r} of {function.name} {error.what}.", function.where, f"{error.cure}."
            ) from error

    def _source(self, function: Function, parameter: Parameter) -> Source:
        if self._path and parameter.name in self._path:
            return path_source(parameter, self._path[parameter.name])
        for marker in parameter.metadata:
            if marker is Body or isinstance(marker, Body):
                return self._from_body(function, parameter)
            source = marked_source(parameter, marker)
            if source is not None:
                return source
        return self._injected(parameter, function) or self._from_type(function, parameter)

    def _injected(self, parameter: Parameter, function: Function) -> Source | None:
        kind, supplies = parameter.core, self._supplies
        if self._error is not None and are_exceptions(kind):
            return error_source(kind, self._error)
        if supplies.is_constant(kind, in_request=self._path is not None):
            return Constant(supplies.constants[kind])
        if kind is Limits:
            return Constant(supplies.limits) if self._path is None else FromRequest("limits")
        if kind is supplies.user_type and kind is not MISSING:
            return user_source(parameter, answers_error=self._error is not None)
        if is_session(kind):
            return session_source(parameter, has_sessions=supplies.sessions is not None, answers_error=self._error is not None)
        if is_socket(kind):
            return socket_source(self._socket, parameter, function.where)
        if any(isinstance(member, type) and issubclass(member, Request) for member in union_members(kind)):
            return FromRequest()
        if isinstance(kind, Hashable) and kind in OF_REQUEST:
            return FromRequest(OF_REQUEST[kind])
        return self._supplied(parameter.type) or self._supplied(kind)

    def _supplied(self, kind: Any) -> Source | None:
        """Give the source of a type somebody supplies, None for any other."""
        if not isinstance(kind, Hashable):
            return None
        supplies = self._supplies
        if supplies.is_constant(kind, in_request=self._path is not None):
            return Constant(supplies.constants[kind])
        if kind in supplies.app_functions:
            return FromProvider(self.app_provider(kind))
        if kind not in supplies.providers:
            return None
        return FromProvider(self._providers.get(kind) or self._request_provider(kind, supplies.providers[kind]))

    def app_provider(self, kind: Any) -> Provider:
        """Bind a provider of the app scope, once for all routes; those that it needs are bound before it."""
        values = self._supplies.app_values
        if kind not in values:
            binder = self if self._path is None else Binder(self._supplies)
            values[kind] = Provider(kind, binder.bind_within(kind, self._supplies.app_functions[kind]), "app")
        return values[kind]

    def _request_provider(self, kind: Any, function: Function) -> Provider:
        if self._path is None:
            raise DeclarationError(
                f"{type_name(kind)} is provided per request, and here is no request.",
                function.where,
                'Give its provider the scope: @app.provider(scope="app").',
            )
        return self._providers.setdefault(kind, Provider(kind, self.bind_within(kind, function), "request"))

    def bind_within(self, kind: Any, function: Function) -> Bound:
        """Bind the provider of a type that something being bound asks for; raises DeclarationError if it comes back to itself."""
        if kind in self._open:
            names = " -> ".join(type_name(each) for each in (*self._open, kind))
            raise DeclarationError(
                f"Providers need each other in a circle: {names}.", function.where, "Take one of these parameters away."
            )
        self._open.append(kind)
        try:
            return self.bind(function)
        finally:
            self._open.pop()

    def _from_type(self, function: Function, parameter: Parameter) -> Source:
        core = parameter.core
        if is_scalar(core) or sequence_of(core) is not None:
            return field_source(parameter, "query", parameter.name)
        if is_body(core):
            check_implicit_body(
                core, self._supplies.user_type, in_handler=function is self._handler, has_content=self._has_content
            )
            return self._from_body(function, parameter)
        if parameter.type is MISSING and parameter.name == "request":
            return FromRequest()  # an unannotated `request` can mean nothing else
        raise from_nowhere(parameter)

    def _from_body(self, function: Function, parameter: Parameter) -> Source:
        if self._path is None or self._error is not None:
            raise UnbindableError("would be the body, which cannot be had here", "Take only provided types")
        if self._body is not None and self._body != (function.name, parameter.name):
            raise UnbindableError(
                f"would be a second body beside {self._body[1]!r} of {self._body[0]}",
                "Join the two in one type, or mark one with Query(), Header() or Cookie()",
            )
        self._body = (function.name, parameter.name)
        kind = parameter.core if parameter.core in (bytes, Form, QueryString) else parameter.annotation
        return FromBody(kind, parameter.default, form_field=parameter.name if is_upload(parameter.core) else None)


def from_nowhere(parameter: Parameter) -> UnbindableError:
    """Refuse a parameter that nothing says the source of."""
    if parameter.type is MISSING:
        return UnbindableError("has no annotation", "Annotate it: the type decides where it comes from")
    core = type_name(parameter.core)
    declared = DECLARED.get(get_origin(parameter.core) or parameter.core)
    if declared is not None:
        message_type = ", ".join(map(type_name, get_args(parameter.core))) or "MessageType"
        return UnbindableError(f"of type {core} was not declared", f"Declare it: app.{declared}('name', {message_type})")
    return UnbindableError(
        f"of type {type_name(parameter.type)} comes from nowhere",
        f"Say where it comes from: Annotated[{core}, Body()], Query(), Header() or Cookie(); "
        f"or supply it: @app.provider def …() -> {core}",
    )


def check_outside_requests(source: Source) -> None:
    """Refuse what a request brings for what runs at start-up; raises UnbindableError."""
    if isinstance(source, FromRequest | FromField | FromUser | FromSession):
        raise UnbindableError("comes with a request, and here is none", "Take only what the app itself supplies")


def user_source(parameter: Parameter, *, answers_error: bool) -> FromUser:
    """Bind what the authenticator gives; raises UnbindableError where an error may have come before it."""
    if answers_error and not parameter.is_optional:
        raise UnbindableError("may be nobody when an error is answered", "Ask for it with `| None`")
    return FromUser(optional=parameter.is_optional)


def are_exceptions(kind: Any) -> bool:
    """Whether a type is an exception class, or a union of them."""
    return all(isinstance(member, type) and issubclass(member, BaseException) for member in union_members(kind))


def error_source(kind: Any, error: type[BaseException]) -> Source:
    """Bind the error that is answered; raises UnbindableError where it is never one of these classes."""
    if not issubclass(error, union_members(kind)):
        raise UnbindableError(
            f"is annotated {type_name(kind)}, and a {error.__name__} is none",
            f"Annotate it {error.__name__}, or register the handler for {type_name(kind)}",
        )
    return FromError()


def check_implicit_body(kind: Any, user: Any, *, in_handler: bool, has_content: bool) -> None:
    """Refuse to take for the body what its author surely meant otherwise: a client could make it up.

    Raises UnbindableError.
    """
    marked = f"Annotated[{type_name(kind)}, Body()]"
    if not in_handler:
        raise UnbindableError(
            f"of type {type_name(kind)} is supplied by nobody, and only a handler takes the body without being told",
            f"Supply it with @app.provider or @app.authenticator, or write {marked}",
        )
    if isinstance(kind, type) and isinstance(user, type) and issubclass(kind, user):
        raise UnbindableError(
            f"of type {type_name(kind)} would be the body, though it is a kind of user",
            f"Ask for {type_name(user)}, which the authenticator gives, or write {marked}",
        )
    if not has_content:
        raise UnbindableError(
            f"of type {type_name(kind)} would be the body, and this method's requests have none as a rule",
            f"Supply it with @app.provider, or write {marked}",
        )
