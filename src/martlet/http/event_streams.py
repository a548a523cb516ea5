r"""Events as text/event-stream has them: fields line by line, an empty line behind each event.

Source: HTML, "Server-sent events" (WHATWG). A line ends at CR, LF or both, so data of several lines is several fields, which a
reader joins by LF again: CR and CRLF in data arrive as LF. Not here: what data means.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["BadEventError", "format_comment", "format_event"]

_ENDS = re.compile(r"\r\n|\r|\n")  # str.splitlines knows others, which are none here
MOST_MILLISECONDS: Final = 2**31 - 1  # browsers keep it in a number of 32 bits; it is 24 days


class BadEventError(ValueError):
    """A field of an event that a reader would take for something else, or leave out."""


def format_event(
    data: str | None,
    *,
    event: str | None = None,
    id: str | None = None,  # noqa: A002  the field's name
    retry: int | None = None,
) -> bytes:
    r"""Write one event.

    data: None for an event of which readers take the id and `retry`, and nothing else. event: its type, `message` for a reader if
    there is none. id: what the client names as Last-Event-ID when it comes back; the empty text lets it name none. retry:
    milliseconds until it comes back.
    Raises BadEventError for a line break or half a character (a surrogate) in `event` or `id`, a NUL in `id`, and a `retry` that
    is no such number.

    >>> format_event("swift\nswallow", event="sighted", id="7")
    b'event: sighted\nid: 7\ndata: swift\ndata: swallow\n\n'
    """
    lines: list[str] = []
    if event is not None:
        lines.append(f"event: {_checked('event', event)}")
    if id is not None:
        if "\0" in id:
            raise BadEventError("The id of an event has a NUL in it, and readers leave out such an id: take it out.")
        lines.append(f"id: {_checked('id', id)}")
    if retry is not None:
        if type(retry) is not int or not 0 <= retry <= MOST_MILLISECONDS:
            raise BadEventError(f"The event has retry={retry!r:.80}: write whole milliseconds, as in retry=5_000.")
        lines.append(f"retry: {retry}")
    # PERF: most data has no line break, as JSON never has; splitting costs four times as much as looking.
    if data is None:
        pass
    elif "\n" in data or "\r" in data:
        lines.extend(f"data: {line}" for line in _ENDS.split(data))
    else:
        lines.append(f"data: {data}")
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def format_comment(text: str = "") -> bytes:
    r"""Write a comment, which readers drop: it keeps a connection alive, and tells whether there still is one.

    >>> format_comment()
    b':\n\n'
    """
    return ("".join(f":{line}\n" for line in _ENDS.split(text)) + "\n").encode("utf-8", "replace")


def _checked(name: str, value: str) -> str:
    if "\n" in value or "\r" in value:
        raise BadEventError(f"The field {name!r} of an event has a line break, which would begin another field: {value!r:.80}.")
    if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadEventError(f"The field {name!r} of an event has half a character, which no text can hold: {value!a:.80}.")
    return value
