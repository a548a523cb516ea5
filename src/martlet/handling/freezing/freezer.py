"""From what an app gathered to what it is: every decision taken, every mistake reported together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from martlet.declaration_errors import DeclarationError, FreezeError
from martlet.handling.answering.failures import Failures
from martlet.handling.answering.page_templates import TemplatePages
from martlet.handling.answering.results import Encoder
from martlet.handling.answering.urls import URLs
from martlet.handling.calling.lifespan import AppLifespan
from martlet.handling.calling.threads import runner_in
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.root_paths import deciding_behind, responding_behind
from martlet.handling.declaring.routes import Declaration
from martlet.handling.endpoints.direct_endpoints import DirectWay, closed
from martlet.handling.endpoints.endpoint import Endpoint, EndpointFactory
from martlet.handling.endpoints.pipeline import (
    loop_decision,
    refusing_through,
    routing_in_thread,
    routing_on_loop,
    routing_to_sockets,
    through,
)
from martlet.handling.endpoints.unrouted import Misses
from martlet.handling.freezing.frozen import Frozen
from martlet.handling.freezing.kept_sessions import opening_stores
from martlet.handling.freezing.mounted_routes import prepared_mounts
from martlet.handling.freezing.providers import read_supplies
from martlet.handling.freezing.route_limits import inheriting, under_ceiling
from martlet.handling.freezing.static_routes import DirectoryOpener
from martlet.handling.planning.pattern_parameters import parameters_of_pattern
from martlet.handling.planning.planned_pages import broken_links, planned_error_page
from martlet.handling.planning.planner import Planner
from martlet.handling.signatures.binding_rule import Binder, Supplies
from martlet.handling.signatures.functions import Function, check_only_one, read_function
from martlet.handling.signatures.path_converters import Inferred
from martlet.handling.signatures.sources import Bound
from martlet.messages import DefaultFields
from martlet.routing import Route, Router, RoutingError
from martlet.security import Challenges

Registered: TypeAlias = tuple[Declaration, Endpoint, Inferred]


class Freezer:
    """Freezes one app once."""

    def __init__(self, gathered: Gathered, declarations: Sequence[Declaration]) -> None:
        """Read what was gathered; nothing happens until `freeze`."""
        gathered, declarations = under_ceiling(gathered, inheriting(gathered, declarations))
        self._gathered = gathered
        self._declarations = declarations
        self._problems: list[DeclarationError] = []
        self._router: Router[Endpoint] = Router(converters=gathered.converters)
        self._urls = URLs(self._router)
        self._supplies = Supplies(constants={URLs: self._urls, **gathered.overrides}, limits=gathered.limits)

    def freeze(self) -> Frozen:
        """Decide everything; raises FreezeError with all problems."""
        gathered = self._gathered
        app_providers = read_supplies(self._supplies, gathered, self._problems)
        pages = None if gathered.templates is None else TemplatePages(gathered.templates, self._urls)
        planner = Planner(self._supplies, gathered.renderers, gathered.decoders, gathered.limits, pages, debug=gathered.debug)
        failures = self._failures(Encoder(planner.choose_data, pages))
        in_thread = runner_in(gathered.threads)
        registry, registry_here = failures.registry(in_thread), failures.registry(None)
        failed, failed_here = failures.responder(registry), failures.responder(registry_here)
        factory = EndpointFactory(in_thread, runner_in(gathered.waiting_threads), failed, failed_here)
        self._register_all(planner, factory)
        lifespan = AppLifespan(app_providers, self._lifespan_hooks(), gathered.after)
        if problems := self._problems or broken_links(pages, self._urls):  # a link may lead to what has a problem
            raise FreezeError(problems)
        lookup = self._router.compile()
        misses, misses_here = (Misses(self._router, answer, gathered.trailing_slash) for answer in (failed, failed_here))
        middlewares = [middleware for middleware, _ in gathered.middlewares]
        routing = routing_on_loop(lookup, misses)
        behind = partial(responding_behind, gathered.root_path)
        respond = behind(through(middlewares, routing, failed, in_thread))
        always_loop = not all(inline for _, inline in gathered.middlewares) or failures.may_suspend
        return Frozen(
            respond=respond,
            directly=DirectWay(self._router, factory) if respond is routing else closed,
            handshake=behind(through(middlewares, routing_to_sockets(lookup, misses), failed, in_thread)),
            respond_in_thread=behind(through(middlewares, routing_in_thread(lookup, misses_here), failed_here, None)),
            refuse=refusing_through(middlewares, failed, in_thread),
            give_up=failures.give_up,
            needs_loop=deciding_behind(gathered.root_path, loop_decision(lookup, always=always_loop)),
            lifespan=lifespan,
            after=gathered.after,
            checks_host=gathered.checks_host,
            default_fields=DefaultFields(gathered.security_headers),
            limits=gathered.limits,
            threads=gathered.threads,
            router=self._router,
            negotiator=planner.choose_data.negotiator,
            error_handlers=registry,
        )

    def _read(self, call: Callable[..., Any], *, inline: bool = False) -> Function | None:
        try:
            return read_function(call, inline=inline)
        except DeclarationError as problem:
            self._problems.append(problem)
            return None

    def _bind(self, binder: Binder, function: Function | None) -> Bound | None:
        try:
            return None if function is None else binder.bind(function)
        except DeclarationError as problem:
            self._problems.append(problem)
            return None

    def _error_handlers(self) -> list[tuple[type[BaseException], Bound]]:
        handlers: list[tuple[type[BaseException], Bound]] = []
        for exception_type, call, inline in self._gathered.error_handlers:
            bound = self._bind(Binder(self._supplies, {}, exception_type), self._read(call, inline=inline))
            if bound is None:
                continue
            others = [other.function for known, other in handlers if known is exception_type]
            try:
                check_only_one(f"{exception_type.__name__} has two error handlers", [*others, bound.function], "Keep one.")
            except DeclarationError as problem:
                self._problems.append(problem)
            handlers.append((exception_type, bound))
        return handlers

    def _failures(self, encoder: Encoder) -> Failures:
        gathered, handlers = self._gathered, self._error_handlers()
        fields = gathered.security_headers
        has_policy = fields is not None and fields.content_security_policy is not None
        page = planned_error_page(encoder.pages, gathered.error_page, gathered.where, self._problems)
        return Failures(handlers, encoder, page, Challenges(gathered.challenges), debug=gathered.debug, has_policy=has_policy)

    def _lifespan_hooks(self) -> list[Bound]:
        mounts = prepared_mounts(self._declarations, self._gathered, self._problems)
        calls = [*opening_stores(self._gathered, self._declarations), *self._gathered.lifespan_hooks, *mounts]
        hooks = [self._bind(Binder(self._supplies), self._read(call)) for call in calls]
        return [hook for hook in hooks if hook is not None]

    def _register_all(self, planner: Planner, factory: EndpointFactory) -> None:
        """Register every route, then HEAD for each GET that has no HEAD of its own, then the routes that give way to others."""
        answered, yielding = list[Registered](), list[Registered]()
        for declaration in DirectoryOpener(self._gathered, self._urls, self._problems).handled(self._declarations):
            try:
                in_pattern = parameters_of_pattern(declaration.pattern)
                plan, inferred = planner.plan(declaration, in_pattern)
                endpoint = factory.make(plan)
            except DeclarationError as problem:
                self._problems.append(problem)
                continue
            if declaration.gives_way:
                yielding.append((declaration, endpoint, inferred))
                continue
            self._register(declaration, endpoint, inferred)
            if "GET" in declaration.methods and "HEAD" not in declaration.methods:
                answered.append((declaration, endpoint, inferred))
        for declaration, endpoint, inferred in answered:
            with suppress(RoutingError):  # an explicit HEAD of this shape wins; other conflicts were told of GET already
                self._register_one("HEAD", declaration, endpoint, inferred)
        for declaration, endpoint, inferred in yielding:
            with suppress(RoutingError):
                for method in (*declaration.methods, "HEAD"):
                    self._register_one(method, declaration, endpoint, inferred)

    def _register(self, declaration: Declaration, endpoint: Endpoint, inferred: Inferred) -> None:
        """Register a route for its methods; the first of them has the name."""
        name: str | None = declaration.options.get("name") or self._urls.name_for(declaration.handler, declaration.where)
        for method in declaration.methods:
            try:
                route = self._register_one(method, declaration, endpoint, inferred, name)
            except RoutingError as error:
                self._problems.append(DeclarationError(str(error), declaration.where, ""))
                return
            if name is not None:
                self._urls.remember(endpoint.plan.handler.function.call, declaration.handler, route)
            name = None

    def _register_one(
        self,
        method: str,
        declaration: Declaration,
        endpoint: Endpoint,
        inferred: Inferred,
        name: str | None = None,
    ) -> Route[Endpoint]:
        return self._router.register(
            method,
            declaration.pattern,
            endpoint,
            name=name,
            where=declaration.where,
            overlaps=declaration.options.get("overlaps", False),
            converters=inferred,
        )
