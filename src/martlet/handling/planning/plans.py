"""A route's plan: what its endpoint does, decided at freeze; endpoint_code writes it as code, the tests run it as it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from martlet.handling.answering.form_pages import FormPage
from martlet.handling.answering.representations import RepresentationChoice
from martlet.handling.answering.results import Result
from martlet.handling.calling.decoding import DecoderChoice
from martlet.handling.planning.route_validators import RouteValidator
from martlet.handling.signatures.functions import Function
from martlet.handling.signatures.session_sources import SessionKeeper
from martlet.handling.signatures.sources import Bound, FromBody, providers_of
from martlet.http import Limits
from martlet.sessions import StoredSessions


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What one endpoint does; its parts run in the order of the fields."""

    name: str
    where: str
    limits: Limits | None  # where the route has its own
    authenticators: tuple[Bound, ...]  # where somebody asks for the user; asked in turn
    needs_somebody: bool  # 401 for nobody
    guards: tuple[Bound, ...]
    choose: RepresentationChoice | None
    choose_decoder: DecoderChoice | None
    validator: RouteValidator | None
    body: FromBody | None
    reads_body: bool
    keeps_bytes: bool  # a guard wants `request.body`, which a form that is read in place of bytes would leave empty
    body_guards: tuple[Bound, ...]  # from the first guard on that wants to see the body
    handler: Bound
    result: Result
    form_page: FormPage | None = None  # a browser's answer in place of a 422
    awaits_page: bool = False  # the body of its response may be something that is still to be awaited
    sessions: SessionKeeper | None = None  # where somebody asks for the session
    takes_strangers: bool = False  # it changes something, and pages of other sites may send to it
    finishes: bool = True  # though its client has left
    proves_origin: bool = False  # a request that does not tell where it comes from needs a token

    functions: tuple[Function, ...] = field(init=False)  # every function on the way that is called per request

    def __post_init__(self) -> None:
        """List the functions once; several questions are asked of them."""
        object.__setattr__(self, "functions", called_by(*self.before_body, *self.body_guards, self.handler))

    @property
    def early(self) -> tuple[Bound, ...]:
        """Who speaks before the body is looked at: the authenticators and the guards."""
        return (*self.authenticators, *self.guards)

    @property
    def before_body(self) -> tuple[Bound, ...]:
        """Who speaks before the body is read: those, and the validator."""
        return self.early if self.validator is None else (*self.early, self.validator.bound)

    @property
    def speaks_inline(self) -> bool:
        """Whether all that comes before the body can run on an event loop, and leaves nothing open behind it."""
        return all(function.way == "inline" and not function.is_generator for function in called_by(*self.before_body))

    @property
    def opens_socket(self) -> bool:
        """Whether it opens a WebSocket."""
        return self.result.kind == "socket"

    @property
    def needs_loop(self) -> bool:
        """Whether something on the way may suspend."""
        if self.awaits_page or self.opens_socket or isinstance(self.sessions, StoredSessions):
            return True
        return any(each.may_suspend for each in self.functions)

    @property
    def takes_forms(self) -> bool:
        """Whether the body may be a form that is read in place of bytes."""
        return self.choose_decoder is not None and self.choose_decoder.takes_forms

    @property
    def may_block(self) -> bool:
        """Whether something on the way must not run on an event loop."""
        return any(function.way == "blocking" for function in self.functions)

    @property
    def is_plain(self) -> bool:
        """Whether the whole way is plain functions, so that it can run in a thread in one go."""
        return not (self.awaits_page or self.opens_socket) and not any(function.is_async for function in self.functions)

    @property
    def has_cleanup(self) -> bool:
        """Whether a provider on the way is a generator."""
        return any(function.is_generator for function in self.functions)


def called_by(*bounds: Bound) -> tuple[Function, ...]:
    """List what is called per request for these functions: their providers, then themselves."""
    provided = [provider.bound for bound in bounds for provider in providers_of(bound) if provider.scope == "request"]
    return tuple(bound.function for bound in [*provided, *bounds])
