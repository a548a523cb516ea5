"""Guards that look at what a user may: roles, of which one is enough, and scopes, of which all are needed.

A user tells them by `roles` (several) or `role` (one), and by `scopes`; as an attribute, or as a key of a mapping. Which user may
see which thing of many is no matter of roles: look at the thing in the handler, or in a guard of your own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any, Final, Protocol, TypeAlias, cast

from martlet.http import ForbiddenError, UnauthorizedError
from martlet.messages import Request
from martlet.security.bearer import bearer_token
from martlet.security.guards import Asked, Guard

__all__ = ["HasRole", "HasRoles", "HasScopes", "require_role", "require_scope"]

Role: TypeAlias = str | Enum

ROLES: Final = ("roles", "role")
NO_COLLECTIONS: Final[Mapping[str, tuple[type, ...]]] = {"roles": (str, bytes, Enum), "scopes": (bytes, Enum)}
ABSENT: Final = object()
SCOPES: Final = ("scopes", "scope")


class HasRoles(Protocol):
    """A user of any number of roles."""

    @property
    def roles(self) -> Collection[Role]:
        """The names of them."""
        ...


class HasRole(Protocol):
    """A user of one role, or of none."""

    @property
    def role(self) -> Role | None:
        """The name of it."""
        ...


class HasScopes(Protocol):
    """A user whose token is good for some things: a collection, or one text with blanks between them (RFC 6749, Section 3.3)."""

    @property
    def scopes(self) -> Collection[str] | str:
        """The names of those."""
        ...


def require_role(*roles: Role) -> Guard:
    """Let only users through who have one of these roles; a user without gets 403, nobody 401.

    Raises ValueError for no role, and TypeError for what cannot be one.

    >>> @require_role("clerk", "manager")
    ... def open_desk(request):
    ...     return {"status": 200, "body": "open"}
    >>> open_desk({"user": {"roles": ["reader"]}})
    {'status': 403, 'body': 'Only for: clerk, manager'}
    """
    wanted = _checked("require_role", roles, str | Enum)
    told = f"Only for: {', '.join(_text(role) for role in roles)}"

    def check_role(request: Request | Asked) -> None:
        held = _held(_somebody(request), ROLES)
        if wanted.isdisjoint([held] if isinstance(held, str | Enum) else held or ()):
            raise ForbiddenError(told)

    return Guard(check_role, needs_user=True, user_has=ROLES, inline=True)


def require_scope(*scopes: str) -> Guard:
    """Let only users through who have all of these scopes; a user without gets 403, nobody 401.

    Who showed a bearer token is told which scopes it lacks (RFC 6750, Section 3.1). Raises ValueError for no scope, and for one
    that has blanks in it.

    >>> @require_scope("read:books")
    ... def read_book(request):
    ...     return {"status": 200, "body": "Walden"}
    >>> read_book({"user": {"scopes": "read:books write:books"}})
    {'status': 200, 'body': 'Walden'}
    """
    wanted = _checked("require_scope", scopes, str)
    if any(not _is_scope(scope) for scope in scopes):
        raise ValueError("A scope is ASCII text without blanks and quotation marks: write each as an argument of its own.")
    listed = " ".join(scopes)

    def check_scope(request: Request | Asked) -> None:
        held = _held(_somebody(request), SCOPES)
        if wanted.issubset(held.split() if isinstance(held, str) else held or ()):
            return
        shows_token = bearer_token(request) is not None
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{listed}"'} if shows_token else None
        raise ForbiddenError(f"This needs the scope: {listed}", headers=challenge)

    return Guard(check_scope, needs_user=True, user_has=SCOPES, inline=True)


def _checked(function: str, names: tuple[Any, ...], kinds: Any) -> frozenset[Any]:
    if not names:
        raise ValueError(f"{function}() lets nobody through: name what is needed, or take require_auth for any user.")
    for name in names:
        if not isinstance(name, kinds) or not name:
            raise TypeError(f"{function}({name!r:.80}) is no name: write texts, each as an argument of its own.")
    return frozenset(names)


def _is_scope(scope: str) -> bool:
    """Tell whether all characters are those of a scope (RFC 6749, Section 3.3)."""
    return all("!" <= character <= "~" and character not in '"\\' for character in scope)


def _text(role: Role) -> str:
    return str(role.value) if isinstance(role, Enum) else role


def _somebody(request: Request | Asked) -> object:
    if request.user is None:
        raise UnauthorizedError("Authentication required")
    return cast("object", request.user)


def _held(user: object, names: tuple[str, ...]) -> Any:
    """Give what a user has by the first of these names; raises TypeError for a user with none of them."""
    for name in names:
        held = _attribute(user, name)
        if held is not ABSENT:
            return _collection(user, name, held)
    raise TypeError(f"A user of type {_kind_of(user)} has no {' and no '.join(names)}, which a guard asks for: give it one.")


def _attribute(user: object, name: str) -> Any:
    if isinstance(user, Mapping):
        return cast("Mapping[str, Any]", user).get(name, ABSENT)
    return getattr(user, name, ABSENT)


def _collection(user: object, name: str, held: Any) -> Any:
    """Check that it is one; a text would be gone through by its letters, and a role `e` found in it."""
    if isinstance(held, NO_COLLECTIONS.get(name, (bytes,))) or not (held is None or isinstance(held, Collection | Enum)):
        raise TypeError(
            f"{_kind_of(user)}.{name} is {_kind_of(held)}, and no collection of names: return a list or a set of texts there."
        )
    return cast("object", held)


def _kind_of(value: object) -> str:
    return type(value).__name__
