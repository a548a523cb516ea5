"""The id of a user, as sessions and counts know it: text, a number or a UUID, which is kept as text."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, runtime_checkable
from uuid import UUID

from martlet.sessions.records import UserID

__all__ = ["Identified", "IdentifiedBy", "user_id_of"]

IdentifiedBy: TypeAlias = UserID | UUID


@runtime_checkable
class Identified(Protocol):
    """A user with an id."""

    @property
    def id(self) -> IdentifiedBy:
        """What is kept of the user."""
        ...


def user_id_of(user: object) -> UserID:
    """Give the id of a user, or of an id itself; raises TypeError for a user without one, whom it never shows.

    >>> user_id_of(UUID(int=7)), user_id_of(7)
    ('00000000-0000-0000-0000-000000000007', 7)
    """
    user_id: Any = user.id if isinstance(user, Identified) else user
    if isinstance(user_id, UUID):
        return str(user_id)
    if type(user_id) is str or type(user_id) is int:
        return user_id
    kind = type(user_id).__name__
    if user_id is user:
        raise TypeError(
            f"A user of type {kind} has no id: give it an attribute `id`, or give the id itself, as text or a number."
        )
    raise TypeError(f"The id of a user is text, a number or a UUID, and that of {type(user).__name__} is of type {kind}.")
