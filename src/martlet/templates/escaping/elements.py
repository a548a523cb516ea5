"""Elements whose text is no HTML: what of them stands between their tags, and where they end.

Which these are depends on what they stand in. In `<svg>` and `<math>` scripts and style sheets are read as XML is, so that
entities are replaced in them, and `/>` ends them. `<select>` drops most tags. A `<noscript>` is one text for a browser that runs
scripts, and so is a page in a script that is a template: whatever it looks like, its end tag ends it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from martlet.templates.escaping.attributes import scan_json
from martlet.templates.escaping.css import scan_style
from martlet.templates.escaping.javascript import DANGEROUS, scan_script
from martlet.templates.escaping.places import Place, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import EscapingRules, script_kind

__all__ = ["Step", "check_around", "content_place", "in_json", "in_raw", "in_rcdata", "in_script", "in_style"]

Step = tuple[Place, int, str]

_RCDATA: Final = frozenset({"textarea", "title"})
_RAW: Final = frozenset({"iframe", "noembed", "noframes", "xmp", "plaintext"})
_FOREIGN: Final = frozenset({"svg", "math"})
_IN_FOREIGN: Final = frozenset({"foreignobject", "desc", "annotation-xml"})
_NESTING: Final = frozenset({"select", "noscript"}) | _FOREIGN
_MUDDLED: Final = "muddled"
_CDATA: Final = "cdata"
_MARKUP = re.compile(r"<[a-z!/?]", re.IGNORECASE)
_READ_AS_XML = re.compile(r"(?P<cdata><!\[CDATA\[)|(?P<markup><[a-z/!?])|[&<]", re.IGNORECASE)
_SCRIPT_TAG = re.compile(r"<script(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE)
_AROUND: Final = {
    name: re.compile(rf"</{name}(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE) for name in ("noscript", "script")
}  # fmt: skip


def content_place(place: Place, rules: EscapingRules, *, slash: bool) -> Place:
    """The place behind the `>` of a tag; slash: whether a slash stands before it. Raises RefusalError."""
    element = place.element
    text = Place(xml=place.xml, within=place.within)
    if element.startswith("/"):
        return replace(text, within=_without(text.within, element[1:]))
    is_foreign = _is_foreign(place)
    if slash and (place.xml or is_foreign):
        if not place.xml and (element in _RAW or element in ("script", "style")):
            raise RefusalError(f"<{element}/> in another language than HTML: write out its end, </{element}>")
        return text
    if element in _NESTING or (is_foreign and element in _IN_FOREIGN):
        return text if place.xml else replace(text, within=_with(text.within, element))
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
    if "script" in text.within.split():
        raise RefusalError("a script in a script: the first end tag would end both")
    if kind == "html":
        return replace(text, within=_with(text.within, "script"))
    state = {"script": State.SCRIPT, "json": State.JSON}.get(kind, State.RAW)
    return replace(text, state=state, element="script", fresh=True)


def _with(within: str, element: str) -> str:
    """Two of a kind are enough to know that one is left when the other ends; so a loop cannot go on for ever."""
    names = within.split()
    return within if names.count(element) > 1 else " ".join([*names, element])


def _without(within: str, element: str) -> str:
    """What was opened in the element and not closed may be open still: browsers differ, by where they are."""
    before, found, behind = f" {within} ".rpartition(f" {element} ")
    return f"{before} {behind}".strip() if found else within


def _is_foreign(place: Place) -> bool:
    return not _FOREIGN.isdisjoint(place.within.split())


def _is_read_otherwise(place: Place) -> bool:
    return _is_foreign(place) or "select" in place.within


def check_around(place: Place, text: str, at: int, end: int) -> None:
    """Raise RefusalError if the end of an element around ends what stands here as well, for a browser that takes all as text."""
    for name in place.within.split():
        found = _AROUND[name].search(text, at, end) if name in _AROUND else None
        if found is not None:
            raise RefusalError(f"</{name}> in {place.state.value} ends the <{name}> around it for some browsers", found.start())


def _end_of(element: str) -> re.Pattern[str]:
    found = _ENDS.get(element)
    if found is None:
        found = _ENDS[element] = re.compile(rf"</{re.escape(element)}(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE)
    return found


_ENDS: dict[str, re.Pattern[str]] = {"plaintext": re.compile(r"(?!)")}


def _leave(place: Place, text: str, at: int) -> Place:
    """In the end tag of an element whose text is no HTML; at: behind its name."""
    if at == len(text):
        raise RefusalError(f"nothing may stand in the end tag </{place.element}>", at - 1)
    if place.hint == _CDATA:
        raise RefusalError(f"</{place.element}> in a CDATA section: end the section before it", at - 1)
    return Place(state=State.TAG, element="/" + place.element, xml=place.xml, within=place.within)


def in_rcdata(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """A `<textarea>` or a `<title>`, whatever the browser takes it for: what would be a tag is written as text."""
    end = _end_of(place.element).search(text, at)
    stop = len(text) if end is None else end.start()
    written = text[at:stop].replace("<", "&lt;")
    if end is None:
        return place, stop, written
    return _leave(place, text, end.end()), end.end(), written + end[0]


def in_raw(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """An element whose text is taken as it is, where it is one."""
    end = _end_of(place.element).search(text, at)
    stop = len(text) if end is None else end.start()
    if place.element == "script" and (nested := _SCRIPT_TAG.search(text, at, stop)):
        raise RefusalError("a script in a script: its end tag would not end both, if there is a comment", nested.start())
    if _is_read_otherwise(place) and (mark := _MARKUP.search(text, at, stop)):
        raise RefusalError(f"markup in a <{place.element}>, which is not taken as it is in <{place.within}>", mark.start())
    if end is not None:
        return _leave(place, text, end.end()), end.end(), text[at : end.end()]
    last = text.rfind("<", at)
    if last >= 0 and f"</{place.element}".startswith(text[last:].lower()):
        raise RefusalError("a value here could complete the end of the element: put something behind the `<`", last)
    return place, len(text), text[at:]


def in_script(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """A program."""
    moved, stop, written = scan_script(place, text, at)
    return _end_element(_read_as_xml(moved, text, at, stop), text, stop, written)


def in_style(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """A style sheet."""
    moved, stop, written = scan_style(place, text, at)
    return _end_element(_read_as_xml(moved, text, at, stop), text, stop, written)


def in_json(place: Place, text: str, at: int, _rules: EscapingRules) -> Step:
    """JSON."""
    end = _end_of("script").search(text, at) if place.element else None
    stop = len(text) if end is None else end.start()
    json = text[at:stop]
    written = DANGEROUS.sub(r"\\u003C", json) if place.element else json
    return _end_element(_read_as_xml(scan_json(place, json), text, at, stop), text, stop, written)


def _read_as_xml(place: Place, text: str, at: int, stop: int) -> Place:
    """The place behind a text of a script or a style sheet, with what is known of how far it is what it looks like."""
    if not place.element or not (place.xml or _is_read_otherwise(place)):
        return place
    hint = place.hint
    while True:
        if hint == _CDATA:
            end = text.find("]]>", at, stop)
            if end < 0:
                break
            at, hint = end + 3, ""
        found = _READ_AS_XML.search(text, at, stop)
        if found is None:
            break
        if found["markup"]:
            raise RefusalError(
                f"markup in a <{place.element}>, which is no script or style sheet there: put it into a CDATA section",
                found.start(),
            )
        at, hint = found.end(), _CDATA if found["cdata"] else _MUDDLED
    return replace(place, hint=hint)


def _end_element(place: Place, text: str, stop: int, written: str) -> Step:
    end = _end_of(place.element).match(text, stop) if stop < len(text) else None
    if end is None:
        return place, stop, written
    return _leave(place, text, end.end()), end.end(), written + end[0]
