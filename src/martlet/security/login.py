"""Whose session it is: from a login to a logout. What a user is, and how they prove it, is the application's."""

from __future__ import annotations

from typing import Any

from martlet.sessions import Session
from martlet.sessions.user_ids import Identified, IdentifiedBy, user_id_of

__all__ = ["Identified", "login", "logout"]


def login(session: Session[Any], user: Identified | IdentifiedBy) -> None:
    """Let the session be this user's from now on: `session.user_id` tells the id on later requests, that of a UUID as text.

    The session rotates, so that nobody who had it before has it now; what was in it stays, unless it was another user's.
    Raises TypeError for a user without an id that is text, a number or a UUID.

    >>> session = Session.new({"cart": [7]})
    >>> login(session, 42)
    >>> session.user_id, dict(session)
    (42, {'cart': [7]})
    """
    user_id = user_id_of(user)
    if session.user_id is not None and session.user_id != user_id:
        session.clear()
    session.assign(user_id)


def logout(session: Session[Any]) -> None:
    """End the session, with all that is in it; a message that is left for the next page afterwards begins a new one.

    A session in a store is ended for whoever has its cookie. One in a cookie is taken from this client: a copy of the cookie is
    good until it expires.
    """
    session.clear()
    session.assign(None)
