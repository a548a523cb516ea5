"""Escaping that knows where a value stands."""

from martlet.templates.escaping.blocked import Blocked, BlockedValues
from martlet.templates.escaping.escapers import ESCAPERS, HTML_LIKE, Escaper, Escapers
from martlet.templates.escaping.page_values import escape_html
from martlet.templates.escaping.places import WRAPPINGS, Kind, Place, start_place, value_place
from martlet.templates.escaping.placing import Units, check_end, place_body
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.safe import (
    EncodedURLPart,
    JSONText,
    RenderedAttributes,
    SafeAttributes,
    SafeCSS,
    SafeHTML,
    SafeJS,
    SafeJSString,
    SafeSrcset,
    SafeURL,
)

__all__ = [
    "DEFAULT_RULES",
    "ESCAPERS",
    "HTML_LIKE",
    "WRAPPINGS",
    "Blocked",
    "BlockedValues",
    "EncodedURLPart",
    "Escaper",
    "Escapers",
    "EscapingRules",
    "JSONText",
    "Kind",
    "Place",
    "RenderedAttributes",
    "SafeAttributes",
    "SafeCSS",
    "SafeHTML",
    "SafeJS",
    "SafeJSString",
    "SafeSrcset",
    "SafeURL",
    "Units",
    "check_end",
    "escape_html",
    "place_body",
    "start_place",
    "value_place",
]
