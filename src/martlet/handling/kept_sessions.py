"""Where an app keeps its sessions, decided when it freezes: in cookies, or in a store that is opened with the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from martlet.declaration_errors import DeclarationError
from martlet.handling.gathered import Gathered
from martlet.handling.session_endpoints import SessionKeeper
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


def opening_store(gathered: Gathered) -> list[Callable[..., Any]]:
    """Give the lifespan hook that opens the store of the sessions, if there is one."""
    store = None if gathered.sessions is None else gathered.sessions.store
    if store is None:
        return []

    async def opened_store() -> AsyncIterator[None]:
        async with store:
            yield

    return [opened_store]
