"""The quick way of a `Reply`: data in a representation that is chosen, and fields that nothing speaks against.

Whatever else a Reply may hold, a page, a stream, cookies, nothing at all, takes the way of `Encoder`, which knows them all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias, cast

from martlet.handling.answering.representations import Representation
from martlet.http import BadHeaderError, Headers
from martlet.messages import File, PreparedHeaders, Request, Response, Stream
from martlet.rendering import HTML, Page, Reply

Encode: TypeAlias = Callable[[Any, Request, Representation | None], Response]
NO_DATA: Final = (type(None), Response, Stream, File, HTML, Page, Reply)
NAMES_KNOWN: Final = 512  # names of fields that an application adds; a few dozen as a rule
NOT_ADDED: Final = frozenset({"content-type", "content-length", "transfer-encoding"})  # put in another's place, or left out


def quickly(encode: Encode) -> Encode:
    """Make the encoder of a route whose results are Replies; `encode` is for whatever is out of the usual."""
    new: Callable[[type[Response]], Response] = Response.__new__

    def encode_reply(value: Any, request: Request, representation: Representation | None) -> Response:
        if not isinstance(value, Reply) or representation is None or representation.leads_on:
            return encode(value, request, representation)
        reply = cast("Reply[Any]", value)
        fields: PreparedHeaders | None = representation.fields
        if reply.headers:
            fields = extended(representation.fields, reply.headers)
        if fields is None or reply.cookies or isinstance(reply.value, NO_DATA) or not 200 <= reply.status <= 599:
            return encode(value, request, representation)
        response = new(Response)
        response.status_code = int(reply.status)
        response.fields = fields
        response.body = representation.render(reply.value)
        return response

    return encode_reply


def extended(fields: PreparedHeaders, added: tuple[tuple[str, str], ...]) -> PreparedHeaders | None:
    """Give the fields with others behind them; None where one of those is out of the usual, or must not be sent.

    PERF: 1 µs a field, where a list of fields costs 5 to be made, to be checked and to be encoded for the server.
    """
    text, wire, titled = fields.text, fields.wire, fields.titled
    for name, value in added:
        forms = _forms(name)
        # What is neither ASCII nor printable, or has a blank at an end, is looked at more closely elsewhere.
        if forms is None or type(value) is not str or not (value.isascii() and value.isprintable() and value.strip() == value):
            return None
        key, encoded, title = forms
        text, wire, titled = (*text, (key, value)), (*wire, (encoded, value.encode())), (*titled, (title, value))
    return PreparedHeaders.of(text, wire, titled)


@lru_cache(NAMES_KNOWN)
def _forms(name: str) -> tuple[str, bytes, str] | None:
    try:
        key = Headers([(name, "")]).items()[0][0]
    except (BadHeaderError, TypeError, AttributeError):
        return None  # raised again where the answer is made the usual way
    return None if key in NOT_ADDED else (key, key.encode(), key.title())
