"""What sessions have in common wherever they are kept: their cookie, and what their answers say to caches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from martlet.http.cookies import cookie_values
from martlet.messages import COOKIE, Request, Response
from martlet.sessions.cookie_fields import CookieFields
from martlet.sessions.policy import Sessions
from martlet.sessions.private_answers import PrivateAnswers

__all__ = ["Keeping"]

MOST_TRIED: Final = 4  # cookies of one name; each costs a look at a signature, or into the store


class Keeping:
    """The part of a keeper of sessions that does not hang on where it keeps them."""

    __slots__ = ("_answers", "_clock", "_cookies", "_policy")

    def __init__(self, policy: Sessions, clock: Callable[[], float]) -> None:
        """Prepare the fields."""
        self._policy: Final = policy
        self._clock: Final = clock
        self._cookies: Final = CookieFields(policy)
        self._answers: Final = PrivateAnswers()

    def other_tokens(self, request: Request) -> list[str]:
        """Give what a request shows beside its first cookie of this name, where that is no session: a few at most.

        Another host of the domain, or a page below another path, can put a cookie before ours, and would end the session by it.
        """
        return cookie_values(request.field(COOKIE) or "", self._policy.name)[1:MOST_TRIED]

    @property
    def cookie_name(self) -> str:
        """The name of the cookie."""
        return self._policy.name

    def marked(self, response: Response) -> Response:
        """Mark an answer that hangs on the session as one for this client only."""
        self._answers.mark(response)
        return response
