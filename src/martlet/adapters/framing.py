"""What every protocol needs to know before it sends: has this answer content, how long is it, which fields go out.

RFC 9110 sections 6.4.1 and 8.6: no content for HEAD, 1xx, 204 and 304; Content-Length tells what a GET would have had.
"""

from __future__ import annotations

from typing import Final

from martlet.http import Headers, HTTPStatus
from martlet.messages import PreparedHeaders, Response

TABLE_SIZE: Final = 2_048  # bytes; typical JSON answers are below it

# PERF: a lookup costs 0.03 µs, formatting and encoding a number 0.1 µs, 4 % of a text answer.
WIRE_LENGTHS: Final = tuple((b"content-length", b"%d" % size) for size in range(TABLE_SIZE))
TEXT_LENGTHS: Final = tuple(("content-length", str(size)) for size in range(TABLE_SIZE))


def wire_length(size: int) -> tuple[bytes, bytes]:
    """Give the Content-Length field as ASGI sends it."""
    return WIRE_LENGTHS[size] if size < TABLE_SIZE else (b"content-length", b"%d" % size)


def text_length(size: int) -> tuple[str, str]:
    """Give the Content-Length field as RSGI sends it."""
    return TEXT_LENGTHS[size] if size < TABLE_SIZE else ("content-length", str(size))


def content_length(method: str, response: Response) -> int | None:
    """Tell the Content-Length to announce, in bytes; None where there is none or nobody knows it.

    An answer to HEAD may carry the length its author worked out in the field itself.
    """
    if not HTTPStatus.allows_content(response.status_code):
        return None
    if method == "HEAD" and isinstance(response.fields, Headers):
        stated = response.fields.get("content-length")
        if stated is not None and stated.isdigit():
            return int(stated)
    body = response.body
    if isinstance(body, bytes):
        return len(body)
    return body.length


def has_content(method: str, response: Response) -> bool:
    """Tell whether bytes of a body follow the header section."""
    return method != "HEAD" and HTTPStatus.allows_content(response.status_code)


def text_fields(method: str, response: Response) -> list[tuple[str, str]]:
    """Give all fields to send, in lower case, Content-Length among them."""
    fields = response.fields
    lines = (
        list(fields.text)
        if isinstance(fields, PreparedHeaders)
        else [line for line in fields.items() if line[0] not in {"content-length", "transfer-encoding"}]
    )
    size = content_length(method, response)
    if size is not None:
        lines.append(text_length(size))
    return lines
