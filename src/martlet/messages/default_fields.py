"""The fields that every answer of an application carries unless it says otherwise itself: prepared, and put on at the end."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final, TypeAlias

from martlet.http import Headers, SecurityHeaders, UndecidedCookie
from martlet.messages.body import Stream
from martlet.messages.field_names import FORWARDED, X_FORWARDED_PROTO, FieldNames
from martlet.messages.request import Request
from martlet.messages.response import PreparedHeaders, Response

NOT_MODIFIED: Final = 304
SCHEME_FIELDS: Final = FieldNames(X_FORWARDED_PROTO, FORWARDED)
MOST_REMEMBERED: Final = 4_096  # prepared fields of an application: a few for each route, and one for each file that is asked for

Fields: TypeAlias = tuple[tuple[str, str], ...]
ForSchemes: TypeAlias = tuple[PreparedHeaders, PreparedHeaders]  # over http, over https


class DefaultFields:
    """What an adapter puts on an answer before it sends it; a field that is there already stays as it is.

    One of them is for https only (RFC 6797 section 7.2), so prepared fields are completed for either scheme.
    completed: what prepared fields have become, for an adapter that looks here first.

    >>> DefaultFields(None).completed
    {}
    """

    __slots__ = ("_has_nonces", "_plain", "_secure", "_security", "completed")

    def __init__(self, security: SecurityHeaders | None) -> None:
        """Prepare the fields; None for an application that sends none."""
        self._security = security
        self._has_nonces: Final = security is not None and security.uses_nonce
        self._plain: Final = () if security is None else _checked(security.fields(is_secure=False))
        self._secure: Final = () if security is None else _checked(security.fields(is_secure=True))
        self.completed: Final[dict[PreparedHeaders, ForSchemes]] = {}

    def complete(self, request: Request, response: Response) -> None:
        """Put the fields on an answer, and the nonce that its page was given; a second time changes nothing."""
        if response.status_code == NOT_MODIFIED:  # it changes the fields of the answer that is kept, whose page has a nonce
            return
        is_secure = request.scheme == "https"
        extras = request.extras if request.has_extras else None
        nonce = None if extras is None else extras.nonce
        if extras is not None and extras.fields:
            _add(response.headers, extras.fields)
        if nonce is not None and self._security is not None:
            _add(response.headers, self._security.nonce_fields(nonce))
        elif self._has_nonces and isinstance(response.body, Stream):
            self.settle_nonce(request)
        fields = response.fields
        if isinstance(fields, PreparedHeaders):
            response.fields = self.for_schemes(fields)[is_secure]
        else:
            _fill(fields, self._secure if is_secure else self._plain)
            fields.change("set-cookie", str if is_secure else partial(_decided, request))

    def for_schemes(self, fields: PreparedHeaders) -> ForSchemes:
        """Complete prepared fields, over http and over https."""
        return self.completed.get(fields) or self._prepare(fields)

    @property
    def differ_by_scheme(self) -> bool:
        """Whether an answer over https carries other fields than one over http."""
        return self._plain != self._secure

    def settle_nonce(self, request: Request) -> None:
        """Let no nonce be made from now on that the policy would not know; before a stream begins."""
        if self._has_nonces and request.extras.nonce is None:
            request.extras.policy_is_out = True

    def _prepare(self, fields: PreparedHeaders) -> ForSchemes:
        plain, secure = _completed(fields, self._plain), _completed(fields, self._secure)
        if len(self.completed) >= MOST_REMEMBERED:
            self.completed.clear()
        self.completed.update({plain: (plain, plain), secure: (secure, secure), fields: (plain, secure)})
        return plain, secure


def _completed(fields: PreparedHeaders, others: Fields) -> PreparedHeaders:
    headers = Headers.from_checked(fields.text)
    _fill(headers, others)
    return PreparedHeaders(headers.items())


def _checked(fields: Fields) -> Fields:
    headers = Headers()
    _add(headers, fields)
    return tuple(headers.items())


def _fill(headers: Headers, fields: Fields) -> None:
    """Add checked fields, each of another name, where there are none of their names."""
    # PERF: 2 µs for the six fields of security, where `_add` takes 13.
    if fields:
        present = {name for name, _ in headers.items()}
        for name, value in fields:
            if name not in present:
                headers.add_checked(name, value)


def _add(headers: Headers, fields: Iterable[tuple[str, str]]) -> None:
    for name, value in fields:
        headers.setdefault(name, value)


def _decided(request: Request, cookie: str) -> str:
    """Settle whether a cookie says Secure on an answer over http, where that was left to the scheme."""
    if not isinstance(cookie, UndecidedCookie):
        return cookie
    return str(cookie) if _is_told_to_be_secure(request) else cookie.plain


def _is_told_to_be_secure(request: Request) -> bool:
    """Tell whether anyone says that the client came by https.

    A proxy that nobody told us to trust (ProxyHeaders) may speak true, and a client that does not spoils its own cookie only.
    """
    told = request.fields(SCHEME_FIELDS)
    return bool(told) and any("https" in value.lower() for value in told.values())
