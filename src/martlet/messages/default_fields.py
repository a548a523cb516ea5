"""The fields that every answer of an application carries unless it says otherwise itself: prepared, and put on at the end."""

from __future__ import annotations

from typing import Final

from martlet.http import Headers, SecurityHeaders
from martlet.messages.request import Request
from martlet.messages.response import PreparedHeaders, Response

MOST_REMEMBERED: Final = 4_096  # prepared fields of an application: a few for each route, and one for each file that is asked for

Completed = dict[PreparedHeaders, PreparedHeaders]


class DefaultFields:
    """What an adapter puts on an answer before it sends it; a field that is there already stays as it is.

    completed: what prepared fields have become, for an adapter that looks here first.

    >>> DefaultFields(SecurityHeaders(), secure=False).fields[-1]
    ('cross-origin-resource-policy', 'same-site')
    """

    __slots__ = ("_security", "completed", "fields")

    def __init__(self, security: SecurityHeaders | None, *, secure: bool) -> None:
        """Prepare the fields for one scheme; None for an application that sends none."""
        self._security = security
        self.fields: Final = () if security is None else security.fields(secure)
        self.completed: Final[Completed] = {}

    def complete(self, request: Request, response: Response) -> None:
        """Put the fields on an answer, and the nonce that its page was given."""
        nonce = request.extras.nonce if request.has_extras else None
        if nonce is not None and self._security is not None:
            self._add(response.headers, self._security.nonce_fields(nonce))
        fields = response.fields
        if isinstance(fields, PreparedHeaders):
            response.fields = self.completed.get(fields) or self._prepare(fields)
        else:
            self._add(fields, self.fields)

    def _prepare(self, fields: PreparedHeaders) -> PreparedHeaders:
        headers = Headers.from_checked(fields.text)
        self._add(headers, self.fields)
        prepared = PreparedHeaders(headers.items()) if len(headers) > len(fields.text) else fields
        if len(self.completed) >= MOST_REMEMBERED:
            self.completed.clear()
        self.completed[fields] = self.completed[prepared] = prepared
        return prepared

    @staticmethod
    def _add(headers: Headers, fields: tuple[tuple[str, str], ...]) -> None:
        for name, value in fields:
            headers.setdefault(name, value)


class SchemeFields:
    """The default fields for each scheme, since one of them is only for https (RFC 6797 section 7.2)."""

    __slots__ = ("plain", "secure")

    def __init__(self, security: SecurityHeaders | None) -> None:
        """Prepare both."""
        self.plain: Final = DefaultFields(security, secure=False)
        self.secure: Final = DefaultFields(security, secure=True)

    def complete(self, request: Request, response: Response) -> None:
        """Put the fields for the request's scheme on its answer."""
        (self.secure if request.scheme == "https" else self.plain).complete(request, response)
