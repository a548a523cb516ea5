"""The session as a parameter: `session: Session`, or `session: Session[Cart]` with its data typed; and who may keep it."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar, get_args, get_origin

import msgspec

from martlet.handling.signatures.functions import Parameter
from martlet.handling.signatures.sources import FromSession
from martlet.handling.signatures.text_sources import UnbindableError
from martlet.handling.signatures.type_kinds import type_name
from martlet.sessions import CookieSessions, Session, StoredSessions

__all__ = ["SessionKeeper", "is_session", "session_source"]

SessionKeeper: TypeAlias = CookieSessions | StoredSessions


def is_session(kind: Any) -> bool:
    """Tell whether a type is Session, with a type for its data or without."""
    return kind is Session or get_origin(kind) is Session


def session_source(parameter: Parameter, *, has_sessions: bool, answers_error: bool) -> FromSession:
    """Bind a session; raises UnbindableError where the app keeps none, where none may be there, and for data of no use."""
    if not has_sessions:
        raise UnbindableError(
            "asks for the session, and this app keeps none",
            "Give it a secret to sign them with, App(secret_keys=[…]) (`martlet secret` makes one), or a store: "
            "App(sessions=Sessions(store=…))",
        )
    if answers_error and not parameter.is_optional:
        raise UnbindableError("may not be there when an error is answered", "Ask for it with `| None`")
    arguments = get_args(parameter.core)
    if not arguments or arguments[0] is Any or isinstance(arguments[0], TypeVar):
        return FromSession()
    _check_data(arguments[0])
    return FromSession(arguments[0])


def _check_data(kind: Any) -> None:
    """Make sure that data of this type can begin empty, and is a mapping as JSON."""
    try:
        begun = msgspec.to_builtins(kind())
        msgspec.convert(begun, kind)
    except (TypeError, ValueError) as error:
        raise UnbindableError(
            f"has data of type {type_name(kind)}, which cannot begin empty: {error}", "Give each of its fields a default"
        ) from error
    if not isinstance(begun, dict):
        raise UnbindableError(
            f"has data of type {type_name(kind)}, which is no object with fields", "Take a Struct or a dataclass"
        )
