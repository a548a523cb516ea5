"""How far a text leads into a URL."""

from __future__ import annotations

import re

from martlet.templates.escaping.places import Part
from martlet.templates.escaping.refusals import RefusalError

__all__ = ["follow_url"]

_SCHEME = re.compile(r"([^/?#:\\]*):(.*)", re.DOTALL)
_HARMLESS_DATA = re.compile(
    r"(?:image/(?!svg)|audio/|video/|font/|application/(?:font|x-font|pdf)|image/svg\+xml[^,]*;base64)", re.IGNORECASE
)
_BLANKS = " \t\n\r\f\v"


def follow_url(part: Part, text: str) -> Part | str:
    """The part of a URL behind this text; the rest of the text if a script begins in it (`javascript:`).

    >>> follow_url(Part.START, "/books?q=").name, follow_url(Part.START, "javascript:f(")
    ('QUERY', 'f(')
    """
    if not text:
        return part
    if part in (Part.START, Part.OPEN):
        return _from_start(part, text)
    if part in (Part.DATA, Part.FORBIDDEN, Part.QUERY):
        return part
    if part is Part.SCHEME:
        return _behind_scheme(Part.START, "https", text[1:]) if text[0] == ":" else Part.UNKNOWN
    if part is Part.AUTHORITY:
        host = text.lstrip("/\\")
        return follow_url(Part.HOST, host) if host else part
    if "?" in text or "#" in text:
        return Part.QUERY
    if part is Part.SLASH:
        return follow_url(Part.AUTHORITY, text[1:]) if text[0] in "/\\" else Part.PATH
    if part is Part.HOST:
        return Part.PATH if "/" in text or "\\" in text else Part.HOST
    return part


def _from_start(part: Part, text: str) -> Part | str:
    bare = text.lstrip(_BLANKS) if part is Part.START else text
    if not bare:
        return part
    first = re.search(r"[/?#\\]", bare)
    colon = _SCHEME.match(bare)
    if colon is not None:
        return _behind_scheme(part, colon[1], colon[2])
    if first is None:
        return Part.OPEN
    if "?" in bare or "#" in bare:
        return Part.QUERY
    if first.start():
        return Part.PATH
    rest = bare[1:]
    if part is Part.OPEN:
        return Part.PATH if rest.strip("/\\") else Part.SLASH
    return follow_url(Part.SLASH, rest)


def _behind_scheme(part: Part, name: str, rest: str) -> Part | str:
    if part is Part.OPEN:
        raise RefusalError(
            "a colon here would make the value before it the scheme of a URL: "
            "write the scheme itself, or let one value be the whole URL"
        )
    scheme = re.sub(r"[\s\x00-\x20]", "", name).lower()
    if scheme == "javascript":
        return rest
    if scheme == "data":
        return Part.DATA if _HARMLESS_DATA.match(rest) else Part.FORBIDDEN
    if scheme == "vbscript":
        return Part.FORBIDDEN
    if rest[:1] not in ("/", "\\") and scheme not in _SPECIAL:
        return Part.QUERY if "?" in rest or "#" in rest else Part.PATH
    return follow_url(Part.AUTHORITY, rest)


_SPECIAL = frozenset({"http", "https", "ftp", "ws", "wss"})  # behind which a host comes, with slashes before it or without
