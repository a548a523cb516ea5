"""Scanning a page: text, tags and what stands in them, comments, and elements whose text is no HTML.

One expression for each state; the cost is per tag. What is written differs from the source where HTML would read a value into
markup: `<` that begins no tag becomes `&lt;`, `&` at a value's side `&amp;`, and a script's literals lose what would end it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from martlet.templates.escaping.attributes import begin_value, leave_name, scan_value
from martlet.templates.escaping.elements import Step, check_around, content_place, in_json, in_raw, in_rcdata, in_script, in_style
from martlet.templates.escaping.places import Kind, Place, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.tag_names import WRONG_IN_NAME, check_tag_name, named_by_text

__all__ = ["advance"]

_MARKUP = re.compile(
    r"<(?:(?P<comment>!--)|(?P<cdata>!\[CDATA\[)|(?P<declaration>[!?](?=[a-z]))|(?P<tag>/?[a-z][^ \t\n\r\f/>]*))",
    re.IGNORECASE,
)
# PERF: text and whole tags that leave the page in its text again are one step; a page without values is ten times as fast by it.
_UNEVENTFUL = re.compile(
    r"""(?: [^<]+
         | </?(?!script|style|textarea|title|iframe|noembed|noframes|xmp|plaintext
                |svg|math|foreignobject|desc|annotation|select|noscript)
            [a-z][\w:-]*
            (?: [ \t\n\r\f]+[\w:.@-]+ (?: [ \t\n\r\f]*=[ \t\n\r\f]* (?:"[^"]*"|'[^']*'|[^\s"'=<>`]+) )? )*
            [ \t\n\r\f]*/?> )+""",
    re.IGNORECASE | re.VERBOSE,
)
# Blanks are those of HTML only: any other is a part of a name or of a value.
_BLANKS: Final = " \t\n\r\f"
_NAME_REST = re.compile(rf"[^{_BLANKS}/>]*")
_IN_TAG = re.compile(rf"[{_BLANKS}/]*")
_ATTRIBUTE_NAME = re.compile(rf"[^{_BLANKS}/>=]*")
_EQUALS = re.compile(rf"[{_BLANKS}]*(=?)")
_QUOTED: Final = {'"': re.compile(r'[^"]*'), "'": re.compile(r"[^']*"), " ": re.compile(rf"[^{_BLANKS}>]*")}
_PARTIAL_ENTITY = re.compile(r"&(?=#?\w*\Z)")
_COMMENT_END = re.compile(r"--!?>")
_XML_COMMENT_END = re.compile(r"-->")
_WHOLE_COMMENT = re.compile(r"-?>")  # directly behind `<!--`
_HALF_END = re.compile(r"-?!?>|\]?>")  # of a comment or a section, whose beginning could stand in the text before
_OPEN_END = re.compile(r"(?:-|--!|\])\Z")


def advance(place: Place, text: str, rules: EscapingRules = DEFAULT_RULES) -> tuple[Place, str]:
    """The place behind a text that stands at this one, and what is to be written for it.

    Raises RefusalError, with the offset, where nothing safe can follow.

    >>> place, written = advance(Place(), 'a < b <a href="/books?q=')
    >>> written, place.state.name, place.part.name
    ('a &lt; b <a href="/books?q=', 'URL', 'QUERY')
    """
    written: list[str] = []
    at, end = 0, len(text)
    while at < end:
        before = place.state
        step = _value if place.delimiter else _STEPS[before]
        moved_place, moved, piece = step(place, text, at, rules)
        if place.within and before is not State.TEXT:
            check_around(place, text, at, moved)
        place = moved_place
        written.append(piece)
        if moved == at and place.state is before:
            raise RefusalError(f"this cannot stand in {before.value}", at)
        at = moved
    return place, "".join(written)


def _text(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    run = None if "script" in place.within else _UNEVENTFUL.match(text, at)
    if run is not None:
        return place, run.end(), run[0]
    begin = text.find("<", at)
    if begin < 0:
        return place, len(text), text[at:]
    found = _MARKUP.match(text, begin)
    if found is None:
        return place, begin + 1, text[at:begin] + "&lt;"
    if found["tag"]:
        name = found["tag"].lower()
        check_tag_name(name, begin + 1)
        state = State.TAG if found.end() < len(text) else State.TAG_NAME
        return replace(place, state=state, element=name, hint="", name=""), found.end(), text[at : found.end()]
    if found["declaration"]:
        instruction = text.find("?>", found.end()) if place.xml and found["declaration"] == "?" else -1
        if instruction >= 0:
            return place, instruction + 2, text[at : instruction + 2]
        return replace(place, state=State.DECLARATION), found.end(), text[at : found.end()]
    if found["comment"]:
        whole = None if place.xml else _WHOLE_COMMENT.match(text, found.end())
        if whole is not None:
            return place, whole.end(), text[at : whole.end()]
    return (
        replace(place, state=State.COMMENT if found["comment"] else State.CDATA, fresh=True),
        found.end(),
        text[at : found.end()],
    )


def _comment(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    return _to_end(place, text, at, _XML_COMMENT_END if place.xml else _COMMENT_END)


def _cdata(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """A CDATA section; outside of `<svg>` HTML takes it for a comment that the first `>` ends, so that must be its end."""
    first = text.find(">", at)
    if not place.xml and first >= 0 and text[max(first - 2, at) : first] != "]]":
        raise RefusalError("a `>` in a CDATA section, which HTML takes for a comment that this ends", first)
    return _to_end(place, text, at, _SECTION_END)


_SECTION_END = re.compile(r"\]\]>")


def _to_end(place: Place, text: str, at: int, ends: re.Pattern[str]) -> Step:
    if at == 0 and place.fresh and _HALF_END.match(text):
        raise RefusalError(f"this ends {place.state.value}, or not, by what is written before it: let nothing stand between", at)
    found = ends.search(text, at)
    if found is None:
        fresh = _OPEN_END.search(text, at) is not None or (place.fresh and not text[at:].strip("-!]"))
        return replace(place, fresh=fresh), len(text), text[at:]
    return replace(place, state=State.TEXT, fresh=False), found.end(), text[at : found.end()]


def _declaration(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    end = text.find(">", at)
    if end < 0:
        return place, len(text), text[at:]
    return replace(place, state=State.TEXT), end + 1, text[at : end + 1]


def _tag_name(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    rest = _NAME_REST.match(text, at)
    stop = at if rest is None else rest.end()
    name = text[at:stop]
    check_tag_name(name, at)
    place = named_by_text(place, name, at) if place.kind is Kind.COMPUTED else place
    state = State.TAG if stop < len(text) else State.TAG_NAME
    return replace(place, state=state, element=place.element + name.lower()), stop, name


def _tag(place: Place, text: str, at: int, rules: EscapingRules) -> Step:
    blanks = _IN_TAG.match(text, at)
    stop = at if blanks is None else blanks.end()
    if stop == len(text):
        return place, stop, text[at:]
    if text[stop] == ">":
        return content_place(place, rules, slash=text[at:stop].endswith("/")), stop + 1, text[at : stop + 1]
    if text[stop] == "=":
        raise RefusalError('"=" where the name of an attribute begins', stop)
    return replace(place, state=State.ATTRIBUTE_NAME, name="", kind=Kind.PLAIN), stop, text[at:stop]


def _attribute_name(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    found = _ATTRIBUTE_NAME.match(text, at)
    stop = at if found is None else found.end()
    name = text[at:stop]
    wrong = WRONG_IN_NAME.search(name)
    if wrong is not None:
        raise RefusalError(
            f"{wrong[0]!r} in the name of an attribute: is a quote or a blank missing before it?", at + wrong.start()
        )
    if name and place.kind is Kind.COMPUTED:
        raise RefusalError("nothing may follow a value in the name of an attribute: let the value be the whole name", at)
    state = State.ATTRIBUTE_NAME if stop == len(text) else State.AFTER_NAME
    return replace(place, state=state, name=place.name + name), stop, name


def _after_name(place: Place, text: str, at: int, rules: EscapingRules) -> Step:
    found = _EQUALS.match(text, at)
    stop = at if found is None else found.end()
    if found is not None and found[1]:
        return replace(place, state=State.BEFORE_VALUE), stop, text[at:stop]
    if stop == len(text):
        return place, stop, text[at:]
    return leave_name(place, rules), stop, text[at:stop]


def _before_value(place: Place, text: str, at: int, rules: EscapingRules) -> Step:
    stop = at
    while stop < len(text) and text[stop] in _BLANKS:
        stop += 1
    if stop == len(text):
        return place, stop, text[at:]
    if text[stop] in "\"'":
        return begin_value(place, text[stop], rules), stop + 1, text[at : stop + 1]
    if text[stop] == ">":
        return leave_name(place, rules), stop, text[at:stop]
    return begin_value(place, " ", rules), stop, text[at:stop]


def _value(place: Place, text: str, at: int, rules: EscapingRules) -> Step:
    found = _QUOTED[place.delimiter].match(text, at)
    stop = at if found is None else found.end()
    raw = text[at:stop]
    if place.delimiter == " ":
        wrong = next((index for index, character in enumerate(raw) if character in "\"'<=`"), -1)
        if wrong >= 0:
            raise RefusalError(f"{raw[wrong]!r} in an attribute without quotes: put quotes around the value", at + wrong)
    if stop == len(text):
        # What follows could complete a reference to a character.
        kept = _PARTIAL_ENTITY.sub("&amp;", raw)
        return _inside(place, kept, at, rules), stop, kept
    place = _inside(place, raw, at, rules)
    closed = stop + (place.delimiter != " ")
    hint = place.hint.lower() if place.kind is Kind.HINT else place.hint
    outside = Place(state=State.TAG, element=place.element, hint=hint, xml=place.xml, within=place.within)
    return outside, closed, text[at:closed]


def _inside(place: Place, raw: str, at: int, rules: EscapingRules) -> Place:
    try:
        return scan_value(place, raw, rules, advance)
    except RefusalError as error:
        raise RefusalError(error.message, at + min(error.offset, len(raw))) from None


def _plain(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    return place, len(text), text[at:]


_STEPS: Final[dict[State, Callable[[Place, str, int, EscapingRules], Step]]] = {
    State.TEXT: _text,
    State.TAG_NAME: _tag_name,
    State.TAG: _tag,
    State.ATTRIBUTE_NAME: _attribute_name,
    State.AFTER_NAME: _after_name,
    State.BEFORE_VALUE: _before_value,
    State.DECLARATION: _declaration,
    State.COMMENT: _comment,
    State.CDATA: _cdata,
    State.RCDATA: in_rcdata,
    State.RAW: in_raw,
    State.PLAIN: _plain,
    State.ALIKE: _plain,
    State.DEAD: _plain,
    State.JSON: in_json,
    State.JSON_STRING: in_json,
    **{state: in_script for state in State if state.name.startswith("SCRIPT")},
    **{state: in_style for state in State if state.name.startswith("STYLE")},
}
