"""The Location field: a URI reference with whatever may not stand in one escaped (RFC 9110, Section 10.2.2)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

__all__ = ["format_location"]

# What may stand in a URI reference as it is (RFC 3986, Section 2); everything else is escaped.
URI_CHARACTERS: Final = "!#$%&'()*+,/:;=?@[]~"


def format_location(reference: str) -> str:
    r"""Escape a reference, as one that a client had a part in: letters beyond ASCII, blanks, line breaks.

    >>> format_location("/books/le café"), format_location("/a\r\nSet-Cookie: b")
    ('/books/le%20caf%C3%A9', '/a%0D%0ASet-Cookie:%20b')
    """
    return quote(reference, safe=URI_CHARACTERS, errors="replace")
