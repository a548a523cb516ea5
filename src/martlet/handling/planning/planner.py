"""From a declared route to its plan: bind its functions, choose what its value becomes and what its body may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from martlet.declaration_errors import DeclarationError
from martlet.handling.answering.item_streams import item_choice, item_type
from martlet.handling.answering.page_templates import TemplatePages
from martlet.handling.answering.representations import RepresentationChoice
from martlet.handling.answering.result_checks import result_check
from martlet.handling.answering.results import Result, creates, read_result
from martlet.handling.calling.decoding import DecoderChoice, Decoders
from martlet.handling.declaring.options import RouteOptions
from martlet.handling.declaring.routes import Declaration
from martlet.handling.planning.authenticating import bind_authenticators
from martlet.handling.planning.pattern_parameters import check_taken, inferred_converters
from martlet.handling.planning.planned_forms import BODILESS, plan_form_page
from martlet.handling.planning.planned_pages import PlannedPages
from martlet.handling.planning.planned_sockets import (
    opens_socket,
    socket_handler,
    socket_result,
    socket_rule,
)
from martlet.handling.planning.plans import Plan
from martlet.handling.planning.route_validators import bound_validators, plan_validator
from martlet.handling.planning.uncompressed import leave_uncompressed
from martlet.handling.signatures.binding_rule import Binder, Supplies
from martlet.handling.signatures.functions import MISSING, Function, read_function
from martlet.handling.signatures.path_converters import Inferred, PathConverters
from martlet.handling.signatures.sources import Bound, FromBody, FromSession, all_sources
from martlet.handling.signatures.type_kinds import type_name
from martlet.http import SAFE_METHODS, Limits
from martlet.rendering import Renderer, default_renderers, unrenderable
from martlet.security import Guard, recorded_guards


@dataclass(frozen=True, slots=True)
class BodyUse:
    """What a route does with the body; `first_guard` is the index of the first guard that comes after the reading."""

    source: FromBody | None
    choose_decoder: DecoderChoice | None
    is_read: bool
    keeps_bytes: bool
    first_guard: int


class Planner:
    """Makes the plans of one app's routes, which share renderers, decoders and what can be injected."""

    def __init__(
        self,
        supplies: Supplies,
        renderers: Mapping[str, Renderer],
        decoders: Mapping[str, Callable[[bytes], Any]],
        limits: Limits,
        pages: TemplatePages | None = None,
        *,
        debug: bool,
    ) -> None:
        """renderers, decoders: the application's own, beside the built-in ones. pages: where templates are found.

        debug: check what handlers return.
        """
        self._debug = debug
        self._pages = PlannedPages(pages)
        self._supplies = supplies
        self._renderers = {**default_renderers(), **renderers}
        self._decoders = Decoders(decoders)
        self._limits = limits
        self._path_converters = PathConverters()
        self.choose_data = RepresentationChoice(self._renderers)
        self._reasons: dict[int, tuple[Any, str | None]] = {}  # by the id of a type; many routes give one type

    def plan(self, declaration: Declaration, in_pattern: Mapping[str, str | None]) -> tuple[Plan, Inferred]:
        """Make a route's plan, and the converters its annotations ask for; raises DeclarationError."""
        options = declaration.options
        recorded, innermost = recorded_guards(declaration.handler)
        guards = self._guards(declaration, recorded)
        socket = socket_rule(declaration, self._limits)
        function = _read_handler(innermost, inline=options.get("inline", False), opens_socket=socket is not None)
        binder = Binder(self._supplies, in_pattern, has_content=not BODILESS.issuperset(declaration.methods), socket=socket)
        handler = binder.bind_handler(function)
        bound_guards = [binder.bind(_read_guard(guard)) for guard in guards]
        validators = bound_validators(binder, options)
        bounds, is_shown = [*bound_guards, *validators, handler], self._pages.ask_for_user(options)
        authenticators, needs_somebody = bind_authenticators(binder, self._supplies, guards, bounds, is_shown=is_shown)
        body = self._body_use(declaration, guards, bound_guards, [*authenticators, handler])
        choose, result = self._result(function, declaration) if socket is None else socket_result(socket, function)
        plan = Plan(
            name=function.name,
            where=declaration.where,
            limits=options.get("limits"),
            authenticators=authenticators,
            needs_somebody=needs_somebody,
            guards=tuple(bound_guards[: body.first_guard]),
            choose=choose,
            choose_decoder=body.choose_decoder,
            validator=plan_validator(declaration, validators, self.choose_data, choose, result),
            body=body.source,
            reads_body=body.is_read,
            keeps_bytes=body.keeps_bytes,
            body_guards=tuple(bound_guards[body.first_guard :]),
            handler=handler,
            result=result,
            form_page=plan_form_page(declaration, body.source, handler, self._pages),
            awaits_page=self._pages.may_be_awaited(options, result),
            takes_strangers=self._supplies.csrf is not None and changes(declaration) and declaration.options.get("csrf") is False,
            finishes=options.get("finishes", changes(declaration)),
            proves_origin=self._supplies.csrf in guards,
            sessions=self._supplies.sessions if self._asks_for_session([*bounds, *authenticators], options) else None,
        )
        check_taken(plan, in_pattern)
        return plan, inferred_converters(plan, in_pattern, self._path_converters)

    def _guards(self, declaration: Declaration, recorded: Sequence[Guard]) -> list[Guard]:
        """All guards of a route, each told where it stands: those that its options ask for come before the application's own."""
        marks = [] if declaration.options.get("compress", True) else [leave_uncompressed]
        csrf = self._supplies.socket_origins if opens_socket(declaration) else self._supplies.csrf
        if csrf is not None and declaration.options.get("csrf", True) and changes(declaration):
            marks.append(csrf)
        guards = [*marks, *declaration.guards, *recorded]
        for guard in guards:
            guard.settle_name(f"{' '.join(declaration.methods)} {declaration.pattern}")
        return guards

    def _asks_for_session(self, functions: Sequence[Bound], options: RouteOptions) -> bool:
        asked = any(isinstance(source, FromSession) for source in all_sources(*functions))
        return asked or self._pages.ask_for_session(options)

    def _body_use(
        self, declaration: Declaration, guards: Sequence[Guard], bound_guards: Sequence[Bound], others: Sequence[Bound]
    ) -> BodyUse:
        """Find who takes the body, and what it may be; raises DeclarationError for a type that no decoder gives."""
        source = next((source for source in all_sources(*bound_guards, *others) if isinstance(source, FromBody)), None)
        wanting = [
            index
            for index, (guard, bound) in enumerate(zip(guards, bound_guards, strict=True))
            if guard.needs_body or any(isinstance(source, FromBody) for source in all_sources(bound))
        ]
        limits = declaration.options.get("limits") or self._limits
        choice: DecoderChoice | None = None
        if source is not None and source.type is not bytes:
            choice = self._decoders.choice(source, limits, declaration.where, declaration.methods)
        elif source is None and wanting:
            choice = self._decoders.json_only(limits)
        return BodyUse(
            source,
            choice,
            is_read=source is not None or bool(wanting),
            keeps_bytes=any(guard.needs_body for guard in guards),
            first_guard=wanting[0] if wanting else len(guards),
        )

    def _result(self, function: Function, declaration: Declaration) -> tuple[RepresentationChoice | None, Result]:
        page, leads_on = self._pages.page_of(declaration), "form" in declaration.options and creates(function.result)
        item, plain = item_type(function.result), page is None and not leads_on
        choose = self.choose_data if plain else RepresentationChoice(self._renderers, page, leads_on=leads_on)
        if item is not None:
            choose = item_choice(item)
        result = read_result(function.result, choose, self._pages.pages, on_loop=function.is_async)
        for data_type in result.data_types:
            reason = self._unrenderable(data_type)
            if reason is not None:
                raise DeclarationError(
                    f"{function.name} returns what no renderer takes: {reason}.",
                    function.where,
                    "Return a Struct, a dataclass or builtins, or a Response of your own making.",
                )
        if page is not None and not result.is_negotiated:
            raise DeclarationError(
                f"{function.name} has a page, but its result is not annotated as data.",
                function.where,
                "Annotate the value that the page shows, as in -> Book.",
            )
        if self._debug:
            result = replace(result, check=result_check(function))
        return (choose if result.is_negotiated else None), result

    def _unrenderable(self, data_type: Any) -> str | None:
        if id(data_type) not in self._reasons:
            self._reasons[id(data_type)] = (data_type, unrenderable(data_type))  # the type is kept, so its id stays its own
        return self._reasons[id(data_type)][1]


def _read_handler(call: Callable[..., Any], *, inline: bool, opens_socket: bool) -> Function:
    function = read_function(call, inline=inline)
    if opens_socket:
        return socket_handler(function)
    return giving_items(function) if function.is_generator else function


def giving_items(function: Function) -> Function:
    """Take a generator for what it is to be called as: a function that gives its iterator at once.

    Raises DeclarationError for one that does not say what its items are.
    """
    if item_type(function.result) is None:
        raise DeclarationError(
            f"{function.name} is a generator, and does not say what it gives.",
            function.where,
            "Annotate its items, -> AsyncIterator[Event[Change]] or -> Iterator[Row]; or return a StreamingResponse of it.",
        )
    return replace(function, is_generator=False, is_async=False, inline=True)


def changes(declaration: Declaration) -> bool:
    """Tell whether a route's requests change something, by their method."""
    return not SAFE_METHODS.issuperset(declaration.methods)


def _read_guard(guard: Guard) -> Function:
    """Read a guard's check; it lets pass by returning nothing, so any other result is a misunderstanding."""
    function = read_function(guard.check, inline=guard.inline)
    if not any(function.result is nothing for nothing in (MISSING, None, type(None))):
        raise DeclarationError(
            f"The guard {function.name} returns {type_name(function.result)}, which nobody looks at.",
            function.where,
            "Raise an HTTPError to refuse, return nothing to let pass, and annotate -> None.",
        )
    return function
