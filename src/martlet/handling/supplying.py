"""What can be injected: read the providers and the authenticator, and bind the providers of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from martlet.handling.binding import Binder, Supplies
from martlet.handling.errors import DeclarationError
from martlet.handling.functions import MISSING, Function, read_function, without_none
from martlet.handling.gathered import Gathered
from martlet.handling.sources import Provider
from martlet.handling.type_kinds import sequence_of, type_name
from martlet.handling.urls import URLs
from martlet.http import Headers, Limits, QueryString
from martlet.messages import AfterResponse, Request

OF_THE_REQUEST: Final[tuple[Any, ...]] = (Request, QueryString, Headers, URLs, Limits, AfterResponse)
PLAIN_TYPES: Final[tuple[Any, ...]] = (str, int, float, bool, bytes, object, Any, date, datetime, time, timedelta, Decimal, UUID)


def read_supplies(supplies: Supplies, gathered: Gathered, problems: list[DeclarationError]) -> list[Provider]:
    """Fill `supplies`; give the providers of the app scope, each after those it needs. Mistakes are added to `problems`."""
    of_app: dict[Any, Function] = {}
    for call, scope, inline in gathered.providers:
        try:
            function = read_function(call, inline=inline)
            supplied = provided_type(function)
            _check_only(supplied, function, {**of_app, **supplies.providers})
        except DeclarationError as problem:
            problems.append(problem)
            continue
        if supplied not in gathered.overrides:
            (of_app if scope == "app" else supplies.providers)[supplied] = function
    try:
        supplies.authenticator = _read_authenticator(gathered)
    except DeclarationError as problem:
        problems.append(problem)
    if URLs not in gathered.overrides:
        supplies.providers[URLs] = read_function(_urls_behind_root_path(supplies.constants[URLs]), inline=True)
    return _AppProviders(supplies, of_app, problems).bind_all()


def _urls_behind_root_path(urls: URLs) -> Callable[[Request], URLs]:
    def urls_here(request: Request) -> URLs:
        return urls.below(request.root_path)

    return urls_here


def provided_type(function: Function) -> Any:
    """Tell what a provider supplies: its result, or what its generator yields; raises DeclarationError if it does not say."""
    result = function.result
    if function.is_generator:
        arguments = getattr(result, "__args__", ())
        result = arguments[0] if arguments else MISSING
    if result is MISSING or result is None or result is type(None):
        raise DeclarationError(
            f"The provider {function.name} does not say what it supplies.",
            function.where,
            "Annotate its result: -> Shelf, or -> Iterator[Shelf] for a generator.",
        )
    _check_kind(without_none(result), function)
    return without_none(result)


def _check_kind(kind: Any, function: Function) -> None:
    """Refuse to supply what a request gives, and what a client's text becomes wherever nothing else is said."""
    if kind in OF_THE_REQUEST:
        raise DeclarationError(
            f"The provider {function.name} supplies {type_name(kind)}, which every request brings itself.",
            function.where,
            "Supply a class of your own, or change the request in a middleware.",
        )
    if kind in PLAIN_TYPES or sequence_of(kind) is not None:
        raise DeclarationError(
            f"The provider {function.name} supplies {type_name(kind)}, and so would take the place of every query parameter of "
            "that type.",
            function.where,
            f'Supply a class of your own, or a name for it: Page = NewType("Page", {type_name(kind)}).',
        )


def _check_only(supplied: Any, function: Function, others: dict[Any, Function]) -> None:
    if supplied in others:
        raise DeclarationError(
            f"{type_name(supplied)} has two providers, {others[supplied].name} ({others[supplied].where}) and {function.name}.",
            function.where,
            "Keep one; tests replace it with app.override(…).",
        )


def _read_authenticator(gathered: Gathered) -> Function | None:
    if not gathered.authenticators:
        return None
    functions = [read_function(call, inline=inline) for call, inline in gathered.authenticators]
    function = functions[0]
    if len(functions) > 1:
        raise DeclarationError(
            f"There are two authenticators, {function.name} ({function.where}) and {functions[1].name}.",
            functions[1].where,
            "Keep one, which may ask several sources in turn.",
        )
    if function.result is MISSING or function.is_generator:
        raise DeclarationError(
            f"The authenticator {function.name} does not say whom it returns.",
            function.where,
            "Annotate its result: -> User | None.",
        )
    return function


class _AppProviders:
    """Binds providers of the app scope in the order of need."""

    def __init__(self, supplies: Supplies, waiting: dict[Any, Function], problems: list[DeclarationError]) -> None:
        self._supplies = supplies
        self._waiting = waiting
        self._problems = problems
        self._ordered: list[Provider] = []

    def bind_all(self) -> list[Provider]:
        for supplied in self._waiting:
            try:
                self._bind(supplied, ())
            except DeclarationError as problem:
                self._problems.append(problem)
        return self._ordered

    def _bind(self, supplied: Any, asking: tuple[Any, ...]) -> None:
        function = self._waiting[supplied]
        if supplied in self._supplies.app_values:
            return
        if supplied in asking:
            names = " -> ".join(type_name(each) for each in (*asking, supplied))
            raise DeclarationError(
                f"Providers need each other in a circle: {names}.", function.where, "Take one of these parameters away."
            )
        for parameter in function.parameters:
            if parameter.core in self._waiting:
                self._bind(parameter.core, (*asking, supplied))
        provider = Provider(supplied, Binder(self._supplies).bind(function), "app")
        self._supplies.app_values[supplied] = provider
        self._ordered.append(provider)
