"""Requests that another site's page makes a browser send: told by what browsers say of where they come from, and by tokens.

Browsers say it themselves, in Sec-Fetch-Site (Fetch Metadata, W3C) or Origin (RFC 6454), on every request that changes something.
No browser sends a token behind `Bearer` by itself, and no page may send one to another origin unless CORS lets it: what shows it
and no session is its sender's own request.
A request that says neither comes from no browser of today. If it carries the session's cookie nevertheless, it must show a
token that only a page of this application has: in the field `X-CSRF-Token`, or in the form's field `csrf_token`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from hmac import compare_digest, digest
from typing import Any, Final

from martlet.http import DEFAULT_PORTS, SAFE_METHODS, URLENCODED, ForbiddenError, OriginSet, QueryString
from martlet.messages import CONTENT_TYPE, CSRF_FIELD, FieldName, Request
from martlet.security.bearer import bearer_token
from martlet.security.guards import Guard
from martlet.sessions import Session
from martlet.signing import BadEncodingError, decode_base64url, encode_base64url

__all__ = ["CSRF", "csrf_token", "is_csrf_token", "prove_origin"]

SECRET_BYTES: Final = 16
SEC_FETCH_SITE: Final = FieldName("sec-fetch-site")
ORIGIN: Final = FieldName("origin")
X_CSRF_TOKEN: Final = FieldName("x-csrf-token")
OWN: Final = frozenset({"same-origin", "none"})  # none: typed in, or a bookmark


class CSRF:
    """Refuses, with 403, what pages of other sites send; on by default where an app keeps sessions.

    trusted_origins: other origins whose pages may send requests that change something, as `https://shop.example.org`. Other
        hosts of the same site are none, unless they are named.

    >>> CSRF(trusted_origins=["https://shop.example.org"])
    <CSRF of 1 trusted origin>
    """

    __slots__ = ("_count", "_trusted")

    def __init__(self, *, trusted_origins: Iterable[str | re.Pattern[str]] = ()) -> None:
        """Check the origins; raises ValueError or TypeError for what is none."""
        given = list(trusted_origins)
        self._count: Final = len(given)
        self._trusted: Final = OriginSet(given)

    def __repr__(self) -> str:
        """Tell how many there are."""
        return f"<CSRF of {self._count} trusted origin{'' if self._count == 1 else 's'}>"

    def socket_guard(self) -> Guard:
        """Make the guard of routes that open a WebSocket, which browsers let pages of any site do, cookies included.

        They say which page it was in Origin; a client that says nothing is no browser.
        """

        def check_socket_origin(request: Request) -> None:
            origin = request.field(ORIGIN)
            if origin is None or origin in self._trusted or _is_of_host(origin, request.host, request.scheme):
                return
            raise ForbiddenError("This WebSocket may not be opened from a page of another origin.")

        return Guard(check_socket_origin, inline=True)

    def guard(self, cookie: str) -> Guard:
        """Make the guard of routes that may change something, some of which take other methods too; cookie: of the session."""

        def check_origin(request: Request) -> None:
            if request.method in SAFE_METHODS:
                return
            site, origin = request.field(SEC_FETCH_SITE), request.field(ORIGIN)
            if site in OWN or (origin is not None and origin in self._trusted):
                return
            is_strange = site is not None or (origin is not None and not _is_of_host(origin, request.host, request.scheme))
            if is_strange and (cookie in request.cookies or bearer_token(request) is None):
                raise ForbiddenError(
                    "This request comes from a page of another origin, which may not change anything here. Pages that may are "
                    "named in CSRF(trusted_origins=[…])."
                )
            if origin is None and cookie in request.cookies:
                request.extras.owes_token = True

        return Guard(check_origin, inline=True)


def prove_origin(request: Request) -> None:
    """Let a request pass that says nothing of where it comes from, if it has a token of its session; raises ForbiddenError.

    The form must have been read, if there is one. A route that does not ask for the session has nothing that could be abused.
    """
    session: Session[Any] | None = request.extras.session
    token = request.field(X_CSRF_TOKEN) or _token_sent(request)
    if session is not None and not is_csrf_token(session, token):
        raise ForbiddenError(
            "Nothing tells which page this request comes from: browsers send Sec-Fetch-Site or Origin. Send the session's token "
            f"in X-CSRF-Token, or in the form's field {CSRF_FIELD!r}."
        )


def _token_sent(request: Request) -> str:
    """Find the token in the form that has been read, as a form or as its bytes."""
    form = request.extras.form
    if form is not None:
        return form.text(CSRF_FIELD)
    if request.is_read and (request.field(CONTENT_TYPE) or "").lower().startswith(URLENCODED):
        return QueryString(request.body.decode("utf-8", "replace"), max_fields=request.limits.query_fields).get(CSRF_FIELD) or ""
    return ""


def csrf_token(session: Session[Any]) -> str:
    """Give a token of a session, written in another way each time, so that compressed pages tell nothing of it.

    The session is kept by its client, though there may be nothing in it, and the token is good until the session rotates.
    """
    session.keep()
    mask = secrets.token_bytes(SECRET_BYTES)
    return encode_base64url(mask + _xor(mask, _secret(session)))


def is_csrf_token(session: Session[Any], token: str) -> bool:
    """Tell whether this is a token of the session; in constant time."""
    try:
        decoded = decode_base64url(token) if len(token) < 4 * SECRET_BYTES else b""
    except BadEncodingError:
        return False
    mask, masked = decoded[:SECRET_BYTES], decoded[SECRET_BYTES:]
    return len(masked) == SECRET_BYTES and compare_digest(_xor(mask, masked), _secret(session))


def _secret(session: Session[Any]) -> bytes:
    return digest(session.state.secret().encode(), b"csrf", "sha256")[:SECRET_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def _is_of_host(origin: str, host: str, asked_by: str) -> bool:
    """Tell whether an origin is that of the host that was asked; one by https is, where a proxy may have ended that.

    One by http is not where we were asked by https: such a page may be anybody's who stands on the way.
    """
    scheme, _, authority = origin.partition("://")
    port = DEFAULT_PORTS.get(scheme)
    is_weaker = asked_by == "https" and scheme == "http"
    ending = f":{port}"
    return port is not None and not is_weaker and host.lower().removesuffix(ending) == authority.removesuffix(ending)
