"""Whether a route needs to know who asks: the authenticators are bound to it only where somebody asks for the user."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from martlet.declaration_errors import DeclarationError
from martlet.handling.signatures.binding_rule import Binder, Supplies
from martlet.handling.signatures.functions import Function, union_members
from martlet.handling.signatures.sources import Bound, FromBody, FromUser, all_sources
from martlet.handling.signatures.type_kinds import type_name
from martlet.security import Guard


def bind_authenticators(
    binder: Binder, supplies: Supplies, guards: Sequence[Guard], bounds: Sequence[Bound], *, is_shown: bool = False
) -> tuple[tuple[Bound, ...], bool]:
    """Bind the authenticators if somebody asks for the user; tell whether nobody is refused with 401. Raises DeclarationError.

    guards, bounds: of the route, and all its bound functions, the handler last. is_shown: its template shows the user, if any.
    """
    asked = [source for source in all_sources(*bounds) if isinstance(source, FromUser)]
    asking = next((guard for guard in guards if guard.needs_user), None)
    if not asked and asking is None and not (is_shown and supplies.authenticators):
        return (), False
    function = bounds[-1].function
    if asking is not None and not supplies.authenticators:
        raise DeclarationError(
            f"{function.name} is guarded by {_named(asking)}, and nothing tells who asks.",
            function.where,
            "Register an authenticator: @app.authenticator def who(request: Request) -> User | None.",
        )
    for guard in guards:
        _check_user(guard, supplies.user_type, function)
    return tuple(_bound(binder, each) for each in supplies.authenticators), any(not source.optional for source in asked)


def _bound(binder: Binder, function: Function) -> Bound:
    authenticator = binder.bind(function)
    if any(isinstance(source, FromUser | FromBody) for source in all_sources(authenticator)):
        raise DeclarationError(
            f"The authenticator {function.name} asks for the user whom it is to find, or for the body, "
            "which is read only for somebody.",
            function.where,
            "Take the request, and what providers give that ask for neither.",
        )
    return authenticator


def _check_user(guard: Guard, user: Any, function: Function) -> None:
    """Refuse a guard that looks at what no user has; raises DeclarationError."""
    if guard.user_has and all(_lacks(kind, guard.user_has) for kind in union_members(user)):
        raise DeclarationError(
            f"{function.name} is guarded by {_named(guard)}, and {type_name(user)} has no {' and no '.join(guard.user_has)}.",
            function.where,
            f"Give it the first of these, or let the authenticator return a type that has it: {_declared(guard.user_has[0])}.",
        )


def _declared(name: str) -> str:
    return "id: int" if name == "id" else f"{name}: list[str]"


def _lacks(kind: Any, names: Sequence[str]) -> bool:
    """Whether values of a type surely have none of these attributes; a class that declares nothing may set them anyhow."""
    is_open = not inspect.isclass(kind) or hasattr(kind, "__getattr__") or hasattr(kind, "keys")  # as mappings have
    if names == ("id",) and inspect.isclass(kind) and issubclass(kind, str | int | UUID):  # which are their own
        return False
    declared = {name for each in getattr(kind, "__mro__", ()) for name in getattr(each, "__annotations__", ())}
    if is_open or any(hasattr(kind, name) or name in declared for name in names):
        return False
    return dataclasses.is_dataclass(kind) or not kind.__dictoffset__


def _named(guard: Guard) -> str:
    """Name a guard as it is written, not what is inside of it."""
    if type(guard) is not Guard:
        return type(guard).__name__
    return str(getattr(guard, "__qualname__", guard)).partition(".<locals>")[0]
