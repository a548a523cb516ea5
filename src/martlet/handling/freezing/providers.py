"""What can be injected: read the providers and the authenticator, and bind the providers of the app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from martlet.declaration_errors import DeclarationError
from martlet.handling.answering.urls import URLs
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.freezing.kept_sessions import kept_sessions
from martlet.handling.signatures.binding_rule import Binder, Supplies
from martlet.handling.signatures.functions import MISSING, Function, check_only_one, read_function, without_none
from martlet.handling.signatures.sources import Provider
from martlet.handling.signatures.type_kinds import sequence_of, type_name
from martlet.http import Headers, Limits, QueryString
from martlet.messages import AfterResponse, Request
from martlet.sessions import Session

OF_THE_REQUEST: Final[tuple[Any, ...]] = (Request, QueryString, Headers, URLs, Limits, AfterResponse, Session)
PLAIN_TYPES: Final[tuple[Any, ...]] = (str, int, float, bool, bytes, object, Any, date, datetime, time, timedelta, Decimal, UUID)


def read_supplies(supplies: Supplies, gathered: Gathered, problems: list[DeclarationError]) -> list[Provider]:
    """Fill `supplies`; give the providers of the app scope, each after those it needs. Mistakes are added to `problems`."""
    for call, scope, inline in gathered.providers:
        try:
            function = read_function(call, inline=inline)
            supplied = provided_type(function)
            others = [each[supplied] for each in (supplies.app_functions, supplies.providers) if supplied in each]
            what, cure = f"{type_name(supplied)} has two providers", "Keep one; tests replace it with app.override(…)."
            check_only_one(what, [*others, function], cure)
        except DeclarationError as problem:
            problems.append(problem)
            continue
        if supplied not in gathered.overrides:
            (supplies.app_functions if scope == "app" else supplies.providers)[supplied] = function
    try:
        supplies.sessions = kept_sessions(gathered, supplies.constants)
        if gathered.csrf is not None:
            supplies.socket_origins = gathered.csrf.socket_guard()
            if supplies.sessions is not None:
                supplies.csrf = gathered.csrf.guard(supplies.sessions.cookie_name)
        supplies.authenticators = _read_authenticators(gathered)
        _check_user(supplies)
    except DeclarationError as problem:
        problems.append(problem)
    if URLs not in gathered.overrides:
        supplies.providers[URLs] = read_function(_urls_behind_root_path(supplies.constants[URLs]), inline=True)
    binder = Binder(supplies)
    for supplied in supplies.app_functions:
        try:
            binder.app_provider(supplied)
        except DeclarationError as problem:
            problems.append(problem)
    return list(supplies.app_values.values())


def _urls_behind_root_path(urls: URLs) -> Callable[[Request], URLs]:
    def urls_here(request: Request) -> URLs:
        return urls.below(request.root_path)

    urls_here.__qualname__ = URLs.__name__  # which `martlet routes` prints
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


def _check_user(supplies: Supplies) -> None:
    """Refuse a provider of what the authenticator gives, since nobody would ever ask it."""
    user = supplies.user_type
    given = supplies.app_functions.get(user) or supplies.providers.get(user)
    if supplies.authenticators and given is not None:
        check_only_one(f"{type_name(user)} comes from two sources", [supplies.authenticators[0], given], "Keep one.")


def _read_authenticators(gathered: Gathered) -> list[Function]:
    """Read those that are asked in turn; they find users of one type, since handlers ask for them by it."""
    functions = [read_function(call, inline=inline) for call, inline in gathered.authenticators]
    for function in functions:
        if function.result is MISSING or function.is_generator:
            raise DeclarationError(
                f"The authenticator {function.name} does not say whom it returns.",
                function.where,
                "Annotate its result: -> User | None.",
            )
    others = [function for function in functions if without_none(function.result) != without_none(functions[0].result)]
    cure = "Let both return one type, or a union of the two."
    check_only_one("There are two authenticators of different types of users", [*functions[:1], *others], cure)
    return functions
