"""What a value needs where it stands: the name of its escaper, and the place behind it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Final

from martlet.templates.escaping.attribute_kinds import attribute_kind, loads_code
from martlet.templates.escaping.attributes import begin_value
from martlet.templates.escaping.places import Kind, Part, Place, Slash, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules, is_special_element

__all__ = ["place_hole"]

_SIMPLE: Final = {
    State.TEXT: "html",
    State.DECLARATION: "rcdata",
    State.COMMENT: "comment",
    State.CDATA: "rcdata",
    State.RCDATA: "rcdata",
    State.RAW: "rcdata",
    State.PLAIN: "plain",
    State.ALIKE: "html",
    State.DEAD: "nothing",
    State.SRCSET: "srcset",
    State.SMIL: "smil",
    State.TRIGGER: "trigger",
    State.SCRIPT: "script",
    State.SCRIPT_DOUBLE: "script_string",
    State.SCRIPT_SINGLE: "script_string",
    State.SCRIPT_TEMPLATE: "script_template",
    State.SCRIPT_REGEXP: "script_regexp",
    State.SCRIPT_BLOCK: "nothing",
    State.SCRIPT_LINE: "nothing",
    State.JSON: "json",
    State.JSON_STRING: "script_string",
    State.STYLE: "style",
    State.STYLE_BLOCK: "nothing",
}
_URLS: Final = frozenset(
    {State.URL, State.STYLE_URL, State.STYLE_URL_DOUBLE, State.STYLE_URL_SINGLE, State.STYLE_DOUBLE, State.STYLE_SINGLE}
)
_BLANKS: Final = " \t\n\r\f"
_SWITCHING: Final = frozenset({"script", "style"})
# Whose attributes are not what those of other elements of the same name are.
_PECULIAR = "applet animate base embed image img input link meta object script set source use video".split


def place_hole(
    place: Place, upcoming: str = "", rules: EscapingRules = DEFAULT_RULES, *, attributes: bool = False
) -> tuple[str, Place]:
    """The escaper of a value that stands here, and the place behind it. Raises RefusalError where no value can stand.

    upcoming: the text that follows it, as far as it is known.
    attributes: the value is known to be attributes (`| xmlattr`, `| safe_attributes`).

    >>> place_hole(Place())[0], place_hole(Place(State.URL, '"', part=Part.QUERY))[0]
    ('html', 'url_component_in_attribute')
    """
    if place.state is State.BEFORE_VALUE:
        place = begin_value(place, " ", rules)
    if place.delimiter:
        return _in_attribute(place, upcoming, rules)
    if place.state in _IN_TAG:
        return _in_tag(place, upcoming, rules, attributes=attributes)
    if place.element in _SWITCHING and place.hint not in ("", "cdata"):
        raise RefusalError(
            f"in this <{place.element}> browsers read entities and tags, as it stands in <{place.within or 'xml'}>: "
            "put its text into a CDATA section, or the element somewhere else"
        )
    return _bare(place, upcoming)


_IN_TAG: Final = frozenset({State.TAG_NAME, State.TAG, State.ATTRIBUTE_NAME, State.AFTER_NAME, State.BEFORE_VALUE})


def _bare(place: Place, upcoming: str) -> tuple[str, Place]:
    """A value without regard to the attribute that it may stand in."""
    if place.state in _URLS:
        return _in_url(place, upcoming)
    if place.state is State.SRCSET and upcoming[:1] in _BLANKS and upcoming:
        return "srcset_candidate", replace(place, started=True)
    if place.state is State.META:
        return "meta_next" if place.started else "meta", replace(place, started=True)
    if place.state is State.CDATA and place.xml:
        return "cdata", place
    slash = Slash.VALUE if place.state is State.SCRIPT else place.slash
    return _SIMPLE[place.state], replace(
        place, slash=slash, fresh=place.fresh and place.state is not State.SCRIPT, started=bool(place.delimiter)
    )


def _in_attribute(place: Place, upcoming: str, rules: EscapingRules) -> tuple[str, Place]:
    ending = "attribute"
    if place.delimiter == " ":
        whole = not place.started and _ends(place, upcoming)
        ending = "unquoted_whole" if whole else "unquoted" if place.started else "unquoted_start"
    if place.state is State.VALUE:
        hint = place.hint + "?" * (place.kind is Kind.HINT)
        return ending, replace(place, started=True, hint=hint)
    if place.state is State.SRCDOC and place.inner is not None:
        name, inner = place_hole(place.inner, "", rules)
        return f"{name}_in_{ending}", replace(place, inner=inner, started=True)
    name, behind = _bare(place, upcoming)
    if place.kind is Kind.SCRIPT_URL and name != "nothing":
        name += "_in_url_component"
    return name if name == "nothing" else f"{name}_in_{ending}", behind


def _ends(place: Place, upcoming: str) -> bool:
    """Whether the attribute, or the brackets of `url(…)`, are known to end here."""
    if place.delimiter == " ":
        return upcoming != "" and upcoming[0] in ">" + _BLANKS
    return upcoming != "" and upcoming[0] in (place.delimiter or ")\"'")


def _in_tag(place: Place, upcoming: str, rules: EscapingRules, *, attributes: bool) -> tuple[str, Place]:
    if place.state is State.TAG_NAME and place.kind is Kind.COMPUTED and not place.started:
        return "xml_tag_name" if place.xml else "tag_name", replace(place, started=True)
    of = _of_element(place, rules)
    place = replace(place, hint=_unsettled(place))
    if attributes and place.state in (State.TAG_NAME, State.TAG, State.AFTER_NAME):
        return "attribute_name" + of, replace(place, state=State.TAG, name="", kind=Kind.PLAIN, started=False)
    if place.state is State.TAG_NAME:
        beginning = place.element.removeprefix("/")
        # Behind a value that is a name there may be attributes, or digits, with which no name becomes another kind of element.
        escaper = "tag_digits" if is_special_element(beginning) or place.kind is Kind.COMPUTED else "tag_name_part"
        return escaper + of, place
    if place.state is State.ATTRIBUTE_NAME:
        return _in_name(place)
    named = not upcoming or upcoming.lstrip(_BLANKS)[:1] == "="
    escaper = "attribute_name" if named else "attribute_flag"
    return escaper + of, replace(place, state=State.ATTRIBUTE_NAME, name="", kind=Kind.COMPUTED)


def _unsettled(place: Place) -> str:
    """What is known of an element behind attributes that a value brings: those before them count, which are the first."""
    if place.element in ("script", "link"):
        return place.hint or "?"
    return place.hint + " ?" if place.element == "meta" else place.hint


def _of_element(place: Place, rules: EscapingRules) -> str:
    """The end of the name of an escaper for attributes of this element, if they are not what they are for any other."""
    element = place.element
    if element == "link" and not loads_code(place.hint):
        return ""
    if element == "meta" and attribute_kind(element, "content", place.hint, rules=rules) is Kind.PLAIN:
        return ""
    return f"_of_{element}" if element in _PECULIAR() else ""


def _in_name(place: Place) -> tuple[str, Place]:
    """A value behind the beginning of an attribute's name."""
    if place.kind is Kind.COMPUTED:
        raise RefusalError("two values cannot make the name of an attribute together: let one value be the whole name")
    if place.name.lower().removeprefix("data-").startswith("on"):
        return "attribute_name_part", place
    return f"attribute_name_after_{place.name.encode().hex()}", replace(place, kind=Kind.COMPUTED)


def _in_url(place: Place, upcoming: str) -> tuple[str, Place]:
    part = place.part
    if part in (Part.UNKNOWN, Part.SCHEME):
        raise RefusalError("the branches before this value lead to different parts of a URL: to its path, and to its query")
    if part is Part.FORBIDDEN:
        raise RefusalError("no value can be made safe behind this scheme")
    in_string = place.kind is not Kind.CODE_URL and place.state in (State.STYLE_DOUBLE, State.STYLE_SINGLE)
    escaper, behind = _URL_PARTS[part]
    if part is Part.START:
        escaper, behind = _at_start(place, upcoming)
    elif part is Part.OPEN and _COLON(upcoming) and not in_string:
        raise RefusalError(_SCHEME_COLON)
    elif part is Part.OPEN and _is_code(place, upcoming):
        escaper = "code_url_part"
    elif part is Part.SLASH and upcoming and upcoming[0] not in "/\\":
        escaper = "url_after_slash_alone"
        behind = Part.PATH
    elif part in (Part.AUTHORITY, Part.HOST) and _is_code(place, upcoming):
        escaper = "url_host"
    if in_string:
        escaper = _IN_STRING.get(part, "style_string")
    return escaper, replace(place, part=behind, started=bool(place.delimiter))


_SCHEME_COLON = "a colon behind this value would make it a part of a URL's scheme: let one value be the whole scheme"


def _at_start(place: Place, upcoming: str) -> tuple[str, Part]:
    if upcoming[:1] == ":":
        return "url_scheme", Part.SCHEME
    if _COLON(upcoming):
        raise RefusalError(_SCHEME_COLON)
    if _is_code(place, upcoming):
        return "code_url" if _ends(place, upcoming) else "code_url_part", Part.OPEN
    if place.kind is Kind.META:
        return "meta_url", Part.OPEN
    is_image = place.kind is Kind.IMAGE_URL or place.state is not State.URL
    return "image_url" if is_image else "url", Part.OPEN


def _is_code(place: Place, upcoming: str) -> bool:
    if place.kind is not Kind.CODE_URL or place.element != "link" or place.hint:
        return place.kind is Kind.CODE_URL
    rel = _rel_behind(upcoming, place.delimiter)
    return rel is None or loads_code(rel or " ")


_BARE_END = re.compile(rf"[{_BLANKS}>]")
_ATTRIBUTE = re.compile(
    rf"[{_BLANKS}/]*(?:(?P<end>>)|(?P<name>[^{_BLANKS}/>=]+)"
    rf"(?:[{_BLANKS}]*=[{_BLANKS}]*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^{_BLANKS}\"'>]+(?=[{_BLANKS}>]))))?)"
)


def _rel_behind(upcoming: str, delimiter: str) -> str | None:
    """The `rel` of a link behind its `href`: nothing if the tag ends without one, None if that is not known."""
    end = _BARE_END.search(upcoming) if delimiter == " " else re.search(delimiter, upcoming)
    if end is None:
        return None
    at = end.start() + (delimiter != " ")
    while (found := _ATTRIBUTE.match(upcoming, at)) is not None and not found["end"]:
        at = found.end()
        if found["name"].lower() == "rel":
            value = found["double"] or found["single"] or found["bare"]
            return unescape(value) if value else None
    return "" if found is not None else None


_COLON = re.compile(r"[\w+.\-]*:").match
_URL_PARTS: Final = {
    Part.START: ("url", Part.OPEN),
    Part.OPEN: ("url_open", Part.OPEN),
    Part.SLASH: ("url_after_slash", Part.PATH),
    Part.AUTHORITY: ("url_path", Part.HOST),
    Part.HOST: ("url_path", Part.HOST),
    Part.PATH: ("url_path", Part.PATH),
    Part.QUERY: ("url_component", Part.QUERY),
    Part.DATA: ("url_path", Part.DATA),
}
_IN_STRING: Final = {Part.START: "url_filter_in_style_string", Part.QUERY: "url_component"}
