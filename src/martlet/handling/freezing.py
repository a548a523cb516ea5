"""From what an app gathered to what it is: every decision taken, every mistake reported together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final

from martlet.handling.binding import Binder, Supplies, type_name, without_none
from martlet.handling.calling import runner_in
from martlet.handling.endpoints import Endpoint, EndpointFactory
from martlet.handling.errors import FreezeError, Problem
from martlet.handling.failures import Failures
from martlet.handling.frozen import Frozen
from martlet.handling.functions import MISSING, Function, read_function
from martlet.handling.lifespan import AppLifespan
from martlet.handling.pipeline import Misses, loop_decision, routing_in_thread, routing_on_loop, through
from martlet.handling.planning import Planner
from martlet.handling.results import Encoder
from martlet.handling.routes import Declaration
from martlet.handling.sources import Bound, Provider, Scope
from martlet.handling.urls import URLs
from martlet.http import Limits
from martlet.messages import Middleware
from martlet.rendering import Renderer
from martlet.routing import Converter, Router, RoutingError

HOLE: Final = re.compile(r"\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}")


@dataclass(slots=True)
class Gathered:
    """What an app was told; freezing reads it and changes nothing in it."""

    limits: Limits
    threads: Executor
    debug: bool
    renderers: Mapping[str, Renderer]
    decoders: Mapping[str, Callable[[bytes], Any]]
    converters: Mapping[str, Converter[Any]]
    providers: list[tuple[Callable[..., Any], Scope, bool]] = field(default_factory=list)
    authenticator: tuple[Callable[..., Any], bool] | None = None
    error_handlers: list[tuple[type[BaseException], Callable[..., Any]]] = field(default_factory=list)
    lifespan_hooks: list[Callable[..., Any]] = field(default_factory=list)
    middlewares: list[tuple[Middleware, bool]] = field(default_factory=list)
    overrides: dict[Any, Any] = field(default_factory=dict)


class Freezer:
    """Freezes one app once."""

    def __init__(self, gathered: Gathered, declarations: Sequence[Declaration]) -> None:
        """Read what was gathered; nothing happens until `freeze`."""
        self._gathered = gathered
        self._declarations = declarations
        self._problems: list[Problem] = []
        self._router: Router[Endpoint] = Router(converters=gathered.converters)
        self._urls = URLs(self._router)
        self._supplies = Supplies(constants={URLs: self._urls, Limits: gathered.limits, **gathered.overrides})

    def freeze(self) -> Frozen:
        """Decide everything; raises FreezeError with all problems."""
        gathered = self._gathered
        app_providers = self._read_providers()
        self._read_authenticator()
        planner = Planner(self._supplies, gathered.renderers, gathered.decoders, gathered.limits)
        failures = Failures(self._error_handlers(), Encoder(planner.choose_data), debug=gathered.debug)
        in_thread = runner_in(gathered.threads)
        registry, registry_here = failures.registry(in_thread), failures.registry(None)
        failed, failed_here = failures.responder(registry), failures.responder(registry_here)
        factory = EndpointFactory(in_thread, failed, failed_here)
        self._register_all(planner, factory)
        lifespan = AppLifespan(app_providers, self._lifespan_hooks())
        if self._problems:
            raise FreezeError(self._problems)
        lookup = self._router.compile()
        middlewares = [middleware for middleware, _ in gathered.middlewares]
        always_loop = not all(inline for _, inline in gathered.middlewares) or failures.may_suspend
        return Frozen(
            respond=through(middlewares, routing_on_loop(lookup, Misses(self._router, failed)), failed),
            respond_in_thread=through(middlewares, routing_in_thread(lookup, Misses(self._router, failed_here)), failed_here),
            needs_loop=loop_decision(lookup, always=always_loop),
            lifespan=lifespan,
            limits=gathered.limits,
            threads=gathered.threads,
            router=self._router,
            negotiator=planner.choose_data.negotiator,
            error_handlers=registry,
        )

    def _read(self, call: Callable[..., Any], *, inline: bool = False) -> Function | None:
        try:
            return read_function(call, inline=inline)
        except Problem as problem:
            self._problems.append(problem)
            return None

    def _bind(self, binder: Binder, function: Function | None) -> Bound | None:
        try:
            return None if function is None else binder.bind(function)
        except Problem as problem:
            self._problems.append(problem)
            return None

    def _read_providers(self) -> list[Provider]:
        """Read all providers; bind and order those of the app scope."""
        waiting: dict[Any, Function] = {}
        for call, scope, inline in self._gathered.providers:
            function = self._read(call, inline=inline)
            if function is None:
                continue
            supplied = provided_type(function)
            if supplied is None:
                self._problems.append(
                    Problem(
                        f"The provider {function.name} does not say what it supplies.",
                        function.where,
                        "Annotate its result: -> Shelf, or -> Iterator[Shelf] for a generator.",
                    )
                )
            elif supplied in self._gathered.overrides:
                continue
            elif supplied in waiting or supplied in self._supplies.providers:
                self._problems.append(
                    Problem(
                        f"{type_name(supplied)} has a second provider, {function.name}.",
                        function.where,
                        "Keep one; tests replace it with app.override(…).",
                    )
                )
            elif scope == "app":
                waiting[supplied] = function
            else:
                self._supplies.providers[supplied] = function
        return self._bind_app_providers(waiting)

    def _bind_app_providers(self, waiting: dict[Any, Function]) -> list[Provider]:
        """Bind providers of the app scope, each after those it needs."""
        ordered: list[Provider] = []

        def bind(supplied: Any, function: Function, asking: tuple[Any, ...]) -> None:
            if supplied in self._supplies.app_values:
                return
            if supplied in asking:
                names = " -> ".join(type_name(each) for each in (*asking, supplied))
                self._problems.append(
                    Problem(f"Providers need each other in a circle: {names}.", function.where, "Take one parameter away.")
                )
                return
            for parameter in function.parameters:
                if parameter.core in waiting:
                    bind(parameter.core, waiting[parameter.core], (*asking, supplied))
            bound = self._bind(Binder(self._supplies), function)
            if bound is not None:
                provider = self._supplies.app_values[supplied] = Provider(supplied, bound, "app")
                ordered.append(provider)

        for supplied, function in waiting.items():
            bind(supplied, function, ())
        return ordered

    def _read_authenticator(self) -> None:
        if self._gathered.authenticator is None:
            return
        call, inline = self._gathered.authenticator
        function = self._read(call, inline=inline)
        if function is None:
            return
        if function.result is MISSING or function.is_generator:
            self._problems.append(
                Problem(
                    f"The authenticator {function.name} does not say whom it returns.",
                    function.where,
                    "Annotate its result: -> User | None.",
                )
            )
            return
        self._supplies.authenticator = function

    def _error_handlers(self) -> list[tuple[type[BaseException], Bound]]:
        handlers = []
        for exception_type, call in self._gathered.error_handlers:
            bound = self._bind(Binder(self._supplies, {}, exception_type), self._read(call))
            if bound is not None:
                handlers.append((exception_type, bound))
        return handlers

    def _lifespan_hooks(self) -> list[Bound]:
        hooks = [self._bind(Binder(self._supplies), self._read(call)) for call in self._gathered.lifespan_hooks]
        return [hook for hook in hooks if hook is not None]

    def _register_all(self, planner: Planner, factory: EndpointFactory) -> None:
        """Register every route, then HEAD for each GET that has no HEAD of its own."""
        explicit = {declaration.pattern for declaration in self._declarations if "HEAD" in declaration.methods}
        for declaration in self._declarations:
            try:
                holes = pattern_holes(declaration.pattern)
                plan, inferred = planner.plan(declaration, holes)
                endpoint = factory.make(plan)
            except Problem as problem:
                self._problems.append(problem)
                continue
            methods = declaration.methods
            if "GET" in methods and "HEAD" not in methods and declaration.pattern not in explicit:
                methods = (*methods, "HEAD")
            self._register(declaration, methods, endpoint, inferred)

    def _register(
        self, declaration: Declaration, methods: Sequence[str], endpoint: Endpoint, inferred: Mapping[str, str]
    ) -> None:
        options = declaration.options
        name = options.get("name") or self._urls.name_for(declaration.handler, declaration.where)
        for position, method in enumerate(methods):
            try:
                route = self._router.register(
                    method,
                    declaration.pattern,
                    endpoint,
                    name=name if position == 0 else None,
                    where=declaration.where,
                    overlaps=options.get("overlaps", False),
                    converters=inferred,
                )
            except RoutingError as error:
                self._problems.append(Problem(str(error), declaration.where, ""))
                return
            if position == 0:
                self._urls.remember(endpoint.plan.handler.function.call, declaration.handler, route)


def provided_type(function: Function) -> Any:
    """Tell what a provider supplies: its result, or what its generator yields; None if it does not say."""
    result = function.result
    if result is MISSING or result is None or result is type(None):
        return None
    if function.is_generator:
        arguments = getattr(result, "__args__", ())
        return arguments[0] if arguments else None
    return without_none(result)


def pattern_holes(pattern: str) -> dict[str, str | None]:
    """List the parameters of a pattern, each with the converter it states.

    >>> pattern_holes("/books/{book_id:int}/{page}")
    {'book_id': 'int', 'page': None}
    """
    return {match[1]: match[2] for match in HOLE.finditer(pattern) if match[1] is not None}
