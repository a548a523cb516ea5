"""Scanning what stands in an attribute: its entities are decoded, then the value's own language is scanned."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Final

from martlet.templates.escaping.attribute_kinds import attribute_kind
from martlet.templates.escaping.css import scan_style
from martlet.templates.escaping.javascript import scan_script
from martlet.templates.escaping.places import Kind, Part, Place, Slash, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import EscapingRules
from martlet.templates.escaping.urls import follow_url

__all__ = ["begin_value", "leave_name", "scan_json", "scan_value"]

_STATES: Final = {
    Kind.PLAIN: State.VALUE,
    Kind.HINT: State.VALUE,
    Kind.URL: State.URL,
    Kind.IMAGE_URL: State.URL,
    Kind.CODE_URL: State.URL,
    Kind.SRCSET: State.SRCSET,
    Kind.META: State.META,
    Kind.SMIL: State.SMIL,
    Kind.SRCDOC: State.SRCDOC,
    Kind.STYLE: State.STYLE,
    Kind.SCRIPT: State.SCRIPT,
    Kind.JSON: State.JSON,
    Kind.TRIGGER: State.TRIGGER,
}
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]\s*(?:url\s*=\s*)?['\"]?", re.IGNORECASE)
_SCRIPT_PREFIX = re.compile(r"\s*(?:js|javascript):", re.IGNORECASE)


def begin_value(place: Place, delimiter: str, rules: EscapingRules) -> Place:
    """The place at the start of an attribute's value; delimiter: its quote, or a space. Raises RefusalError."""
    kind, hint = _named(place, rules)
    return replace(
        place,
        state=_STATES[kind],
        delimiter=delimiter,
        kind=kind,
        hint=hint,
        part=Part.START,
        brackets="",
        started=False,
        fresh=True,
        inner=Place() if kind is Kind.SRCDOC else None,
    )


def leave_name(place: Place, rules: EscapingRules) -> Place:
    """Behind the name of an attribute that has no value; raises RefusalError."""
    return replace(place, state=State.TAG, name="", kind=Kind.PLAIN, hint=_named(place, rules)[1])


_JUDGED: Final = "\0"  # in the hint of a meta whose content is no URL, by what stands before it


def _named(place: Place, rules: EscapingRules) -> tuple[Kind, str]:
    """The kind of the attribute whose name ends here, and what is known of the element by it."""
    if place.element.startswith("/") or place.kind is Kind.COMPUTED:
        return Kind.PLAIN, place.hint
    kind, hint = attribute_kind(place.element, place.name, place.hint, rules=rules), place.hint
    name = place.name.lower() if place.element == "meta" else ""
    if name == "http-equiv" and _JUDGED in hint:
        raise RefusalError("`http-equiv` behind the `content` that it gives its meaning: let it stand first")
    if name in ("name", "property", "itemprop"):
        hint += " named"
    elif name == "content" and kind is Kind.PLAIN:
        hint += _JUDGED
    return kind, hint + " " if kind is Kind.HINT else hint


Advance = Callable[[Place, str, EscapingRules], tuple[Place, str]]


def scan_value(place: Place, raw: str, rules: EscapingRules, advance: Advance) -> Place:
    """The place behind this text of an attribute. advance: scans a page, for `srcdoc`."""
    if not raw:
        return place
    text = unescape(raw)
    scan = _SCANS.get(place.kind)
    if scan is not None:
        return scan(place, text)
    state = place.state
    if state is State.SRCDOC and place.inner is not None:
        inner, written = advance(place.inner, text, rules)
        if written != text:
            raise RefusalError("this page in an attribute cannot be rewritten so that the value after it is safe")
        return replace(place, inner=inner, started=True)
    if state is State.URL:
        return _in_url(place, text)
    if state is State.JSON or state is State.JSON_STRING:
        return _in_json(place, text)
    if state.name.startswith("SCRIPT"):
        return scan_script(place, text)[0]
    if state.name.startswith("STYLE"):
        return scan_style(place, text)[0]
    hint = place.hint + text if place.kind is Kind.HINT else place.hint
    return replace(place, started=True, hint=hint)


def _in_url(place: Place, text: str) -> Place:
    part = follow_url(place.part, text)
    if isinstance(part, Part):
        return replace(place, part=part, started=True)
    if "%" in text:
        return replace(place, part=Part.FORBIDDEN, started=True)
    inside = replace(place, state=State.SCRIPT, kind=Kind.SCRIPT_URL, started=True, fresh=True)
    return scan_script(inside, part)[0]


_NO_URL = re.compile(r"[\s\d.]*").fullmatch
_COLON = re.compile(r"[^/?#]*:").match


def _in_meta(place: Place, text: str) -> Place:
    """The content of a meta; behind a value, that could be the delay of a refresh, or all of it up to a part of its URL."""
    if place.state is State.URL:
        return _in_url(place, text)
    refresh = _REFRESH.match(text)
    if refresh is not None:
        return _in_url(replace(place, state=State.URL, part=Part.START, started=True), text[refresh.end() :])
    if not place.started:
        return replace(place, started=True)
    if not _NO_URL(text) and _COLON(text):
        raise RefusalError("a colon behind a value could make it the scheme of a refresh: let `name` or `http-equiv` stand first")
    return place


def _in_trigger(place: Place, text: str) -> Place:
    """A trigger of htmx; what stands in its brackets is a program."""
    at = 0
    while at < len(text):
        if place.state is State.TRIGGER:
            at = text.find("[", at) + 1
            if not at:
                break
            place = replace(place, state=State.SCRIPT, slash=Slash.OPERATOR, brackets="t", fresh=False)
        else:
            place, at, _ = scan_script(place, text, at)
    return replace(place, started=True)


_SCANS: Final = {Kind.META: _in_meta, Kind.TRIGGER: _in_trigger}


def _in_json(place: Place, text: str) -> Place:
    prefix = None if place.started else _SCRIPT_PREFIX.match(text)
    if prefix is not None:
        return scan_script(replace(place, state=State.SCRIPT, kind=Kind.SCRIPT, started=True, fresh=True), text, prefix.end())[0]
    return scan_json(place, text)


_JSON_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*', re.DOTALL)


def scan_json(place: Place, text: str) -> Place:
    """From a place in JSON to the end of the text."""
    at, state = 0, place.state
    while at < len(text):
        if state is State.JSON:
            quote = text.find('"', at)
            at = len(text) if quote < 0 else quote + 1
            state = state if quote < 0 else State.JSON_STRING
            continue
        found = _JSON_STRING.match(text, at)
        at = at if found is None else found.end()
        if text[at : at + 1] == "\\":
            raise RefusalError("nothing may stand between a backslash and what it escapes", at)
        if at < len(text):
            at, state = at + 1, State.JSON
    return replace(place, state=state, started=bool(place.delimiter))
