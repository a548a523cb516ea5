"""Bearer tokens in the field Authorization (RFC 6750): whoever has the token is who it was made for.

What is not exactly one token is nobody's: another scheme, several fields, a character that no token has.
Not here: tokens in the query or in a form, which end up in logs and histories (RFC 9700, Section 4.3.2).
"""

from __future__ import annotations

import re
from typing import Final

from martlet.messages import FieldName, Request
from martlet.security.guards import Asked

__all__ = ["AUTHORIZATION", "bearer_token"]

AUTHORIZATION: Final = FieldName("authorization")
# One or more blanks, and a scheme in any case (RFC 9110, Section 11.4); several fields arrive joined by a comma, which none has.
_BEARER: Final = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] ++([A-Za-z0-9\-._~+/]++=*+)")


def bearer_token(request: Request | Asked) -> str | None:
    """Give the token that a request shows, None if it shows none (RFC 6750, Section 2.1); it is a stranger's text until verified.

    >>> from martlet import WSGIRequest
    >>> bearer_token(WSGIRequest({"HTTP_AUTHORIZATION": "Bearer mF_9.B5f-4.1JqM"}))
    'mF_9.B5f-4.1JqM'
    """
    found = _BEARER.fullmatch(request.field(AUTHORIZATION) or "")
    return None if found is None else found[1]
