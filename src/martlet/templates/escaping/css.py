"""Scanning style sheets: strings, `url(…)`, comments, and the end of the style element."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from martlet.templates.escaping.places import Kind, Part, Place, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.style_values import decode_css
from martlet.templates.escaping.urls import follow_url

__all__ = ["scan_style"]

_TOKEN = re.compile(
    r"(?P<block>/\*)|(?P<quote>[\"'])|(?P<url>(?<![\w\-])url\(\s*[\"']?)|(?P<at>@(?:[\w\-]|\\(?:[0-9a-f]{1,6}\s?|.))*)"
    r"|(?P<escape>\\.)|(?P<end>[;{}])",
    re.DOTALL | re.IGNORECASE,
)
_END_OF_ELEMENT = re.compile(r"</style(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE)
_BAD_URL = re.compile(r"[ \t\n\r\f]+(?=[^ \t\n\r\f)])")
_TAIL = re.compile(r"<(?=/?\Z)")
_TAILS: Final = {
    State.STYLE: "< ",
    State.STYLE_BLOCK: "",
    **dict.fromkeys((State.STYLE_URL, State.STYLE_URL_DOUBLE, State.STYLE_URL_SINGLE), "%3C"),
}
_TEXTS: Final = (State.STYLE_DOUBLE, State.STYLE_SINGLE)
_STRINGS: Final = {
    State.STYLE_DOUBLE: re.compile(r'[^"\\\n\r\f]*+(?:\\.[^"\\\n\r\f]*+)*', re.DOTALL),
    State.STYLE_SINGLE: re.compile(r"[^'\\\n\r\f]*+(?:\\.[^'\\\n\r\f]*+)*", re.DOTALL),
    State.STYLE_URL_DOUBLE: re.compile(r'[^"\\\n\r\f]*+(?:\\.[^"\\\n\r\f]*+)*', re.DOTALL),
    State.STYLE_URL_SINGLE: re.compile(r"[^'\\\n\r\f]*+(?:\\.[^'\\\n\r\f]*+)*", re.DOTALL),
    State.STYLE_URL: re.compile(r"[^)\s\\]*+(?:\\.[^)\s\\]*+)*", re.DOTALL),
}


def scan_style(place: Place, text: str, start: int = 0) -> tuple[Place, int, str]:
    """From a place in a style sheet to the end of the text or of the style element.

    Returns the place there, where that is in the text, and what is to be written for it. Raises RefusalError.
    """
    end = len(text)
    if not place.delimiter and place.element == "style":
        found = _END_OF_ELEMENT.search(text, start)
        end = len(text) if found is None else found.start()
    written: list[str] = []
    at = start
    while at < end:
        if place.state is State.STYLE:
            place, at, piece = _code(place, text, at, end)
        elif place.state is State.STYLE_BLOCK:
            place, at, piece = _comment(place, text, at, end)
        else:
            place, at, piece = _string(place, text, at, end)
        written.append(piece)
    if at == len(text) and place.element == "style" and written:
        # What follows could complete the end of the element.
        written[-1] = _TAIL.sub(_TAILS.get(place.state, r"\\3c "), written[-1])
    return replace(place, started=place.started or (at > start and bool(place.delimiter))), at, "".join(written)


def _code(place: Place, text: str, at: int, end: int) -> tuple[Place, int, str]:
    found = _TOKEN.search(text, at, end)
    if found is None:
        return place, end, text[at:end]
    if found["escape"]:
        return place, found.end(), text[at : found.end()]
    if found["at"] or found["end"]:
        return _statement(place, found["at"], found.end() == len(text)), found.end(), text[at : found.end()]
    if found["block"]:
        stop = text.find("*/", found.end(), end)
        if stop >= 0:
            return place, stop + 2, text[at : stop + 2]
        kept = found.end() if place.delimiter else found.start()
        blank = "" if place.delimiter else " "
        return replace(place, state=State.STYLE_BLOCK), found.end(), text[at:kept] + blank
    state = State.STYLE_DOUBLE if found[0] == '"' else State.STYLE_SINGLE
    if found["url"]:
        last = found[0][-1]
        state = {'"': State.STYLE_URL_DOUBLE, "'": State.STYLE_URL_SINGLE}.get(last, State.STYLE_URL)
    return replace(place, state=state, part=Part.START), found.end(), text[at : found.end()]


def _statement(place: Place, rule: str | None, is_open: bool) -> Place:  # noqa: FBT001 -- of a text
    """In an `@import`, from its name to its end, a URL loads a style sheet."""
    if place.delimiter:
        return place
    name = "" if rule is None else decode_css(rule)[1:].lower()
    loads = name == "import" or (is_open and rule is not None and "import".startswith(name))
    return replace(place, kind=Kind.CODE_URL if loads else Kind.PLAIN)


def _comment(place: Place, text: str, at: int, end: int) -> tuple[Place, int, str]:
    """What is left of a comment that a tag interrupted: in an element it is left out."""
    stop = text.find("*/", at, end)
    after = end if stop < 0 else stop + 2
    if stop >= 0:
        place = replace(place, state=State.STYLE)
    return place, after, text[at:after] if place.delimiter else ""


def _string(place: Place, text: str, at: int, end: int) -> tuple[Place, int, str]:
    found = _STRINGS[place.state].match(text, at, end)
    stop = at if found is None else found.end()
    if stop < end and place.state is State.STYLE_URL and (bad := _BAD_URL.match(text, stop, end)):
        raise RefusalError("a blank in `url(…)`, which makes it no URL: put quotes around it", bad.start())
    if stop < end and text[stop] in "\n\r\f" and place.state is not State.STYLE_URL:
        raise RefusalError("a string of a style sheet does not go over the end of a line", stop)
    if stop < end and text[stop] == "\\":
        raise RefusalError("nothing may stand between a backslash and what it escapes", stop)
    # A string may be a URL, but need not be: no word in it is held against the author.
    is_text = place.state in _TEXTS and place.kind is not Kind.CODE_URL
    part = follow_url(Part.PATH if is_text and place.part is Part.OPEN else place.part, decode_css(text[at:stop]))
    if isinstance(part, str) or (is_text and part is Part.FORBIDDEN):
        part = Part.PATH if is_text else Part.FORBIDDEN
    moved = replace(place, part=part)
    if stop == end:
        return moved, end, text[at:end]
    return replace(moved, state=State.STYLE, part=Part.START), stop + 1, text[at : stop + 1]
