"""Scanning a page: text, tags and what stands in them, comments, and elements whose text is no HTML.

One expression for each state; the cost is per tag. What is written differs from the source where HTML would read a value into
markup: `<` that begins no tag becomes `&lt;`, `&` at a value's side `&amp;`, and a script's literals lose what would end it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from martlet.templates.escaping.attributes import begin_value, scan_json, scan_value
from martlet.templates.escaping.css import scan_style
from martlet.templates.escaping.javascript import DANGEROUS, scan_script
from martlet.templates.escaping.places import Kind, Place, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules, script_kind
from martlet.templates.escaping.tag_names import check_tag_name, named_by_text

__all__ = ["advance"]

_MARKUP = re.compile(
    r"<(?:(?P<comment>!--)|(?P<cdata>!\[CDATA\[)|(?P<declaration>[!?](?=[a-z]))|(?P<tag>/?[a-z][^\s/>]*))",
    re.IGNORECASE,
)
# PERF: text and whole tags that leave the page in its text again are one step; a page without values is ten times as fast by it.
_UNEVENTFUL = re.compile(
    r"""(?: [^<]+ | </?(?!script|style|textarea|title|iframe|noembed|noframes|xmp|plaintext) [a-z][\w:-]*
            (?: \s+[\w:.@-]+ (?: \s*=\s* (?:"[^"]*"|'[^']*'|[^\s"'=<>`]+) )? )* \s*/?> )+""",
    re.IGNORECASE | re.VERBOSE,
)
_NAME_REST = re.compile(r"[^\s/>]*")
_IN_TAG = re.compile(r"[\s/]*")
_ATTRIBUTE_NAME = re.compile(r"[^\s/>=]*")
_EQUALS = re.compile(r"(\s*)(=?)")
_QUOTED: Final = {'"': re.compile(r'[^"]*'), "'": re.compile(r"[^']*"), " ": re.compile(r"[^\s>]*")}
_PARTIAL_ENTITY = re.compile(r"&(?=#?\w*\Z)")
_COMMENT_END = re.compile(r"--!?>")
_RCDATA = frozenset({"textarea", "title"})
_RAW = frozenset({"iframe", "noembed", "noframes", "xmp", "plaintext"})

Step = tuple[Place, int, str]


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
        place, moved, piece = step(place, text, at, rules)
        written.append(piece)
        if moved == at and place.state is before:
            raise RefusalError(f"this cannot stand in {before.value}", at)
        at = moved
    return place, "".join(written)


def _text(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    run = _UNEVENTFUL.match(text, at)
    if run is not None:
        return place, run.end(), run[0]
    begin = text.find("<", at)
    if begin < 0:
        return place, len(text), text[at:]
    found = _MARKUP.match(text, begin)
    if found is None:
        return place, begin + 1, text[at:begin] + "&lt;"
    if found["comment"]:
        state = State.COMMENT
    elif found["cdata"] and place.xml:
        state = State.CDATA
    elif found["tag"]:
        name = found["tag"].lower()
        check_tag_name(name, begin + 1)
        state = State.TAG if found.end() < len(text) else State.TAG_NAME
        return replace(place, state=state, element=name, hint="", name=""), found.end(), text[at : found.end()]
    else:
        state = State.DECLARATION
    return replace(place, state=state), found.end(), text[at : found.end()]


def _until(ends: re.Pattern[str]) -> Callable[[Place, str, int, EscapingRules], Step]:
    def scan(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
        found = ends.search(text, at)
        if found is None:
            return place, len(text), text[at:]
        return replace(place, state=State.TEXT), found.end(), text[at : found.end()]

    return scan


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
        closed = place.xml and text[at:stop].endswith("/")
        return _content(place, rules, closed=closed), stop + 1, text[at : stop + 1]
    if text[stop] == "=":
        raise RefusalError('"=" where the name of an attribute begins', stop)
    return replace(place, state=State.ATTRIBUTE_NAME, name="", kind=Kind.PLAIN), stop, text[at:stop]


def _attribute_name(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    found = _ATTRIBUTE_NAME.match(text, at)
    stop = at if found is None else found.end()
    name = text[at:stop]
    wrong = next((index for index, character in enumerate(name) if character in "\"'<"), -1)
    if wrong >= 0:
        raise RefusalError(f"{name[wrong]!r} in the name of an attribute: is a quote or a blank missing before it?", at + wrong)
    if name and place.kind is Kind.COMPUTED:
        raise RefusalError("nothing may follow a value in the name of an attribute: let the value be the whole name", at)
    state = State.ATTRIBUTE_NAME if stop == len(text) else State.AFTER_NAME
    return replace(place, state=state, name=place.name + name), stop, name


def _after_name(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    found = _EQUALS.match(text, at)
    stop = at if found is None else found.end()
    if found is not None and found[2]:
        return replace(place, state=State.BEFORE_VALUE), stop, text[at:stop]
    if stop == len(text):
        return place, stop, text[at:]
    return replace(place, state=State.TAG, name="", kind=Kind.PLAIN), stop, text[at:stop]


def _before_value(place: Place, text: str, at: int, rules: EscapingRules) -> Step:
    stop = at
    while stop < len(text) and text[stop].isspace():
        stop += 1
    if stop == len(text):
        return place, stop, text[at:]
    if text[stop] in "\"'":
        return begin_value(place, text[stop], rules), stop + 1, text[at : stop + 1]
    if text[stop] == ">":
        return replace(place, state=State.TAG, name="", kind=Kind.PLAIN), stop, text[at:stop]
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
    outside = Place(state=State.TAG, element=place.element, hint=hint, xml=place.xml)
    return outside, closed, text[at:closed]


def _inside(place: Place, raw: str, at: int, rules: EscapingRules) -> Place:
    try:
        return scan_value(place, raw, rules, advance)
    except RefusalError as error:
        raise RefusalError(error.message, at + min(error.offset, len(raw))) from None


def _content(place: Place, rules: EscapingRules, *, closed: bool) -> Place:
    """Behind the `>` of a tag."""
    element = place.element
    text = Place(xml=place.xml)
    if closed or element.startswith("/"):
        return text
    if element == "style":
        return replace(text, state=State.STYLE, element=element)
    if element == "script":
        return _script_content(text, script_kind(place.hint, rules=rules))
    if place.xml:
        return text
    if element in _RCDATA:
        return replace(text, state=State.RCDATA, element=element)
    return replace(text, state=State.RAW, element=element) if element in _RAW else text


def _script_content(text: Place, kind: str) -> Place:
    if kind == "html":
        return text
    state = {"script": State.SCRIPT, "json": State.JSON}.get(kind, State.RAW)
    return replace(text, state=state, element="script", fresh=True)


def _end_of(element: str) -> re.Pattern[str]:
    found = _ENDS.get(element)
    if found is None:
        found = _ENDS[element] = re.compile(rf"</{re.escape(element)}(?=[\s/>]|\Z)", re.IGNORECASE)
    return found


_ENDS: dict[str, re.Pattern[str]] = {}


def _leave(place: Place) -> Place:
    """In the end tag of an element whose text is no HTML."""
    return Place(state=State.TAG, element="/" + place.element, xml=place.xml)


def _rcdata(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    end = _end_of(place.element).search(text, at)
    stop = len(text) if end is None else end.start()
    written = text[at:stop].replace("<", "&lt;")
    if end is None:
        return place, stop, written
    return _leave(place), end.end(), written + end[0]


def _raw(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    end = _end_of(place.element).search(text, at)
    if end is not None:
        return _leave(place), end.end(), text[at : end.end()]
    last = text.rfind("<", at)
    if last >= 0 and f"</{place.element}".startswith(text[last:].lower()):
        raise RefusalError("a value here could complete the end of the element: put something behind the `<`", last)
    return place, len(text), text[at:]


def _script(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    place, stop, written = scan_script(place, text, at)
    return _end_element(place, text, stop, written)


def _style(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    place, stop, written = scan_style(place, text, at)
    return _end_element(place, text, stop, written)


def _json(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    end = _end_of("script").search(text, at) if place.element else None
    stop = len(text) if end is None else end.start()
    json = text[at:stop]
    place = scan_json(place, json)
    written = DANGEROUS.sub(r"\\u003C", json) if place.element else json
    return _end_element(place, text, stop, written)


def _end_element(place: Place, text: str, stop: int, written: str) -> Step:
    if stop == len(text):
        return place, stop, written
    end = _end_of(place.element).match(text, stop)
    if end is None:
        return place, stop, written
    return _leave(place), end.end(), written + end[0]


def _plain(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    return place, len(text), text[at:]


_STEPS: Final[dict[State, Callable[[Place, str, int, EscapingRules], Step]]] = {
    State.TEXT: _text,
    State.TAG_NAME: _tag_name,
    State.TAG: _tag,
    State.ATTRIBUTE_NAME: _attribute_name,
    State.AFTER_NAME: _after_name,
    State.BEFORE_VALUE: _before_value,
    State.DECLARATION: _until(re.compile(">")),
    State.COMMENT: _until(_COMMENT_END),
    State.CDATA: _until(re.compile(r"\]\]>")),
    State.RCDATA: _rcdata,
    State.RAW: _raw,
    State.PLAIN: _plain,
    State.ALIKE: _plain,
    State.DEAD: _plain,
    State.JSON: _json,
    State.JSON_STRING: _json,
    **{state: _script for state in State if state.name.startswith("SCRIPT")},
    **{state: _style for state in State if state.name.startswith("STYLE")},
}
