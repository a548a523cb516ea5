"""What a value in an attribute is, by the names of the element and of the attribute.

The standards' own attributes stand in tables. What frameworks read as a script is told by how its name begins: of a framework's
attributes all are scripts but for those that are known to be something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from martlet.templates.escaping.places import Kind
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules

__all__ = ["attribute_kind", "is_special_name", "loads_code"]

_URLS = (
    "action archive background cite classid codebase data formaction href icon longdesc manifest ping poster profile src usemap "
    "xmlns lowsrc dynsrc hx-push-url hx-replace-url ng-href ng-src"
)
# What they name is put into the page, or runs in it.
_CODE_URLS = (
    "hx-get hx-post hx-put hx-delete hx-patch fx-action ic-get-from ic-post-to sse-connect ws-connect ng-messages-include up-href"
)
_SCRIPTS = "_ data-bind hx-on hx-vars hx-sse hx-ws slot-scope up-watch"
_NAMES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_URLS.split(), Kind.URL),
    **dict.fromkeys(_CODE_URLS.split(), Kind.CODE_URL),
    **dict.fromkeys(_SCRIPTS.split(), Kind.SCRIPT),
    **dict.fromkeys(("srcset", "imagesrcset", "ng-srcset"), Kind.SRCSET),
    **dict.fromkeys(("hx-vals", "hx-headers", "hx-request"), Kind.JSON),
    "hx-trigger": Kind.TRIGGER,
    "style": Kind.STYLE,
    "srcdoc": Kind.SRCDOC,
}
# Vue, Alpine, AngularJS, Angular, htmx, Unpoly, Aurelia, Datastar.
_FRAMEWORKS = re.compile(
    r"[@:(\[#*.?].|[xv]-|ng[-:_]|bind(?:on)?-|hx-on[:-]|up-on-"
    r"|.*\.(?:bind|trigger|delegate|call|capture|two-way|to-view|from-view|one-time|one-way|for)\Z"
)
# Of these the values are texts, or there are none.
_KNOWN = re.compile(
    r"x-(?:ref|cloak|ignore|teleport|mask|placement|arrow|collapse|transition(?:[.:].*)?|(?:webkit|moz|ms|apple)-.*)\Z"
    r"|v-(?:cloak|once|pre|else)\Z|on-(?:text|color|label|value|style|title|icon)\Z"
    r"|ng-(?:app|cloak|non-bindable|transclude|version|csp|strict-di|jq|form|view|list|trim|message|bind-template|reflect-.*)\Z"
)
# What the libraries read behind `data-`, where most names are an application's own.
_BEHIND_DATA = re.compile(
    r"on[-:]|on(?:click|dblclick|load|error|submit|change|input|key|mouse|pointer|touch|focus|blur|drag|wheel|scroll)"
    r"|.*:|(?:hx-on|ng)[-:_]|(?:signals|computed|effect)(?:-|\Z)"
    r"|x-(?:data|init|show|text|html|model|modelable|for|if|effect|id|intersect|trap|mask:|sort|resize|anchor|on:|bind:)"
)
_ELEMENTS: Final[Mapping[tuple[str, str], Kind]] = {
    ("img", "src"): Kind.IMAGE_URL,
    ("image", "href"): Kind.IMAGE_URL,
    ("input", "src"): Kind.IMAGE_URL,
    ("video", "poster"): Kind.IMAGE_URL,
    ("source", "src"): Kind.IMAGE_URL,
    ("script", "src"): Kind.CODE_URL,
    ("script", "href"): Kind.CODE_URL,
    ("use", "href"): Kind.CODE_URL,
    ("base", "href"): Kind.CODE_URL,
    ("object", "data"): Kind.CODE_URL,
    ("object", "codebase"): Kind.CODE_URL,
    ("embed", "src"): Kind.CODE_URL,
    ("applet", "code"): Kind.CODE_URL,
    ("applet", "codebase"): Kind.CODE_URL,
    ("applet", "archive"): Kind.CODE_URL,
    ("meta", "content"): Kind.META,
    ("meta", "http-equiv"): Kind.HINT,
    ("script", "type"): Kind.HINT,
    ("link", "rel"): Kind.HINT,
    **{(element, name): Kind.SMIL for element in ("set", "animate") for name in ("to", "from", "by", "values")},
}
_LOADING = re.compile(r"(?:stylesheet|import|modulepreload|preload|manifest|serviceworker|\?)", re.IGNORECASE)
_URL_WORD = re.compile(r"(?:\A|[^a-z])(?:src|ur[il])|(?:src|ur[il])s?(?:\Z|[^a-z])")
# Attributes that a computed name may not be, besides those whose kind is not plain: they change what the element is or does.
_STEERING_NAMES = (
    "accept-charset async attributename challenge charset code defer enctype form formenctype formmethod formtarget http-equiv "
    "keytype language method novalidate pattern rel sandbox type content from to by values"
)
_STEERING: Final = frozenset(_STEERING_NAMES.split())


def attribute_kind(element: str, name: str, hint: str = "", *, rules: EscapingRules = DEFAULT_RULES) -> Kind:
    """What a value of this attribute of this element is; names are compared without case.

    hint: what is known of the element by attributes before this one, as in `Place`.

    >>> attribute_kind("a", "HREF").name, attribute_kind("p", "@click").name, attribute_kind("p", "title").name
    ('URL', 'SCRIPT', 'PLAIN')
    """
    name = name.lower()
    own = _own_kind(name, rules)
    if own is not None:
        return own
    short = name.removeprefix("data-")
    if name == short and ":" in short[1:]:
        short = short.partition(":")[2] if short.startswith(("xlink:", "xml:", "svg:")) else short
    if element == "link" and short == "href":
        return Kind.CODE_URL if loads_code(hint) else Kind.URL
    found = _ELEMENTS.get((element, short))
    if found is Kind.HINT and (short != name or (hint and element != "meta")):  # the first of two counts
        return Kind.PLAIN
    if found is Kind.META:
        return Kind.META if not hint or "refresh" in hint or "?" in hint else Kind.PLAIN
    return _general_kind(name) if found is None else found


def loads_code(rel: str) -> bool:
    """Whether a link whose `rel` this is may load what styles or runs in the page; an unknown one may.

    >>> loads_code("icon"), loads_code("alternate stylesheet"), loads_code("")
    (False, True, True)
    """
    return not rel or _LOADING.search(rel) is not None


def _own_kind(name: str, rules: EscapingRules) -> Kind | None:
    found = rules.attributes.get(name)
    if found is None and rules.attributes:
        found = next((kind for key, kind in rules.attributes.items() if key.endswith("*") and name.startswith(key[:-1])), None)
    return found


def _general_kind(name: str) -> Kind:
    if name in _NAMES:
        return _NAMES[name]
    short = name.removeprefix("data-")
    if short != name:
        if _BEHIND_DATA.match(short):
            return Kind.PLAIN if _KNOWN.match(short) else _NAMES.get(short, Kind.SCRIPT)
    elif _FRAMEWORKS.match(name):
        return Kind.PLAIN if _KNOWN.match(name) else Kind.SCRIPT
    elif name.startswith("on"):
        return Kind.SCRIPT
    elif ":" in name:
        space, _, short = name.partition(":")
        if space == "xmlns":
            return Kind.URL
        if short.startswith("on"):
            return Kind.SCRIPT
    if short in _NAMES and short != "_":
        return _NAMES[short]
    return Kind.URL if _URL_WORD.search(short) else Kind.PLAIN


def is_special_name(name: str, *, rules: EscapingRules = DEFAULT_RULES) -> bool:
    """Whether an attribute of this name does more than to hold a text, so that no value may become one.

    >>> is_special_name("onclick"), is_special_name("data-href"), is_special_name("checked")
    (True, True, False)
    """
    name = name.lower()
    return name.removeprefix("data-") in _STEERING or attribute_kind("", name, rules=rules) is not Kind.PLAIN
