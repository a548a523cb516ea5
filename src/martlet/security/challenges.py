"""What a 401 tells a client of how to prove who it is (RFC 9110, Section 11.6.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from martlet.http import checked_field
from martlet.messages import Request
from martlet.security.bearer import AUTHORIZATION

__all__ = ["Challenges"]

BEARER: Final = re.compile(r"bearer(?=[ \t]|\Z)", re.IGNORECASE)


class Challenges:
    """The challenges of an app, in the order of those who authenticate; `Bearer` if none is given.

    No browser asks its user anything for `Bearer`, so it stands for sessions too: there is no scheme for those, and a 401 must
    have one. Raises BadHeaderError for what cannot be sent.

    >>> Challenges([None, 'Basic realm="tools"', 'Basic realm="tools"']).given
    ('Basic realm="tools"',)
    """

    __slots__ = ("_refusing", "given")

    def __init__(self, given: Iterable[str | None] = ()) -> None:
        """Drop what is there twice, and prepare the answer to a token that was refused."""
        kept = dict.fromkeys(challenge for challenge in given if challenge is not None)
        self.given: Final = tuple(checked_field("www-authenticate", challenge)[1] for challenge in kept) or ("Bearer",)
        self._refusing: Final = tuple(_with_error(challenge) for challenge in self.given)

    def to(self, request: Request) -> tuple[str, ...]:
        """Give those for a request that nobody came of; a token that it shows was no good (RFC 6750, Section 3.1)."""
        shown = BEARER.match(request.field(AUTHORIZATION) or "")
        return self.given if shown is None else self._refusing


def _with_error(challenge: str) -> str:
    if not BEARER.match(challenge) or "error=" in challenge:
        return challenge
    return f'{challenge.strip()}{"," if " " in challenge.strip() else ""} error="invalid_token"'
