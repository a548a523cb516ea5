"""Where an app keeps its sessions, decided when it freezes: in cookies, or in a store that is opened with the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from martlet.declaration_errors import DeclarationError
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.routes import Declaration
from martlet.handling.signatures.session_sources import SessionKeeper
from martlet.security import recorded_guards
from martlet.sessions import CookieSessions, Sessions, StoredSessions, UserSessions
from martlet.signing import KeyRing


def kept_sessions(gathered: Gathered, constants: dict[Any, Any]) -> SessionKeeper | None:
    """Prepare the sessions of an app, None if it keeps none; raises DeclarationError for those that could not be signed.

    constants: takes what belongs to them, so that it can be injected.
    """
    keys, policy = gathered.keys, gathered.sessions
    if keys is not None:
        constants.setdefault(KeyRing, keys)
        policy = policy or Sessions()
    if policy is None:
        return None
    if policy.store is not None:
        stored = StoredSessions(policy, policy.store)
        constants.setdefault(UserSessions, stored.users)
        return stored
    if keys is None:
        raise DeclarationError(
            "The sessions are kept in cookies, and there is no secret to sign them with.",
            gathered.where,
            "Give the app one, App(secret_keys=[…]), which `martlet secret` makes.",
        )
    return CookieSessions(policy, keys)


def opening_stores(gathered: Gathered, declarations: Sequence[Declaration]) -> list[Callable[..., Any]]:
    """Give the lifespan hook that opens the stores of the sessions and of guards, each once; none where there are no stores."""
    guards = [guard for each in declarations for guard in (*each.guards, *recorded_guards(each.handler)[0])]
    stores = [None if gathered.sessions is None else gathered.sessions.store, *(guard.store for guard in guards)]
    each_once = {id(store): store for store in stores if store is not None}
    if not each_once:
        return []

    async def opened_stores() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for store in each_once.values():
                await stack.enter_async_context(store)
            yield

    return [opened_stores]
