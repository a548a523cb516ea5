"""What a page sees of its request's session: the messages, and the field that proves where a form comes from.

A route whose template names one of them asks for the session by that. A page of a request without a session sees no messages, and
an empty field: what browsers say of themselves proves enough there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from martlet.messages import CSRF_FIELD, Request
from martlet.security import csrf_token
from martlet.sessions import Flash, Session

__all__ = ["SESSION_NAMES", "CSRFField", "CSRFToken", "Flashes"]

SESSION_NAMES: Final = frozenset({"csrf_field", "csrf_token", "flashes"})


class CSRFToken:
    """The token of the request's session, another text each time that it is written."""

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        """Wait to be written."""
        self._request = request

    def __str__(self) -> str:
        """Give the token; empty where the request has no session."""
        session = self._request.extras.session if self._request.has_extras else None
        return "" if session is None else csrf_token(session)

    def __bool__(self) -> bool:
        """Whether there is one."""
        return self._request.has_extras and self._request.extras.session is not None


class CSRFField(CSRFToken):
    """The hidden field of a form that has the token."""

    __slots__ = ()

    def __html__(self) -> str:
        """Give the element; the token needs no escaping. Nothing where the request has no session."""
        return f'<input type="hidden" name="{CSRF_FIELD}" value="{self}">' if self else ""


class Flashes:
    """The messages that were left for this page; going through them takes them out of the session."""

    __slots__ = ("_request", "_taken")

    def __init__(self, request: Request) -> None:
        """Wait to be asked."""
        self._request = request
        self._taken: list[Flash] | None = None

    def __iter__(self) -> Iterator[Flash]:
        """Go through them, the oldest first; a second time gives the same."""
        return iter(self._take())

    def __len__(self) -> int:
        """Count them, and take them out."""
        return len(self._take())

    def _take(self) -> list[Flash]:
        if self._taken is None:
            session: Session[Any] | None = self._request.extras.session if self._request.has_extras else None
            self._taken = [] if session is None else session.take_flashes()
        return self._taken
