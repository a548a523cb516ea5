"""What an application may change about contextual escaping, and the tables that hold without it.

An attribute's kind decides what a value in it is; a script's type decides whether it is a program, JSON or neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from martlet.templates.escaping.places import Kind

__all__ = ["DEFAULT_RULES", "SCHEMES", "EscapingRules", "ScriptKind", "attribute_kind", "is_special_name", "script_kind"]

ScriptKind = Literal["script", "json", "html", "text"]
SCHEMES: Final = frozenset(
    {"http", "https", "mailto", "tel", "sms", "ftp", "ftps", "sftp", "xmpp", "irc", "ircs", "geo", "magnet"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscapingRules:
    """What an application knows about its pages.

    schemes: those that a value may bring to a URL. image_types: those of `data:image/…` that a value may bring to an image.
    attributes: the kind of an attribute by its name; a name that ends in `*` stands for all that begin so.
    script_types: by the `type` of a script: "script", "json", "html" (escaped as a page) or "text".
    duplicates: how many pieces of a template may be written twice so that branches may end in different places.

    >>> rules = EscapingRules(attributes={"ng-*": Kind.SCRIPT})
    >>> attribute_kind("a", "ng-click", rules=rules).name
    'SCRIPT'
    """

    schemes: frozenset[str] = SCHEMES
    image_types: frozenset[str] = frozenset(
        {"png", "gif", "jpeg", "jpg", "webp", "avif", "bmp", "svg+xml", "x-icon", "vnd.microsoft.icon"}
    )
    attributes: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    script_types: Mapping[str, ScriptKind] = field(default_factory=dict[str, ScriptKind])
    duplicates: int = 2_000


DEFAULT_RULES: Final = EscapingRules()

_URLS = (
    "action archive background cite classid codebase data formaction href icon longdesc manifest ping poster profile src usemap "
    "xmlns lowsrc dynsrc hx-get hx-post hx-put hx-delete hx-patch hx-push-url hx-replace-url fx-action ic-get-from ic-post-to"
)
_SCRIPTS = (
    "x-data x-init x-show x-text x-html x-model x-modelable x-for x-if x-effect x-id x-intersect x-bind hx-vars hx-on _ "
    "v-if v-else-if v-show v-for v-html v-text v-model v-bind v-on v-slot ng-click ng-init ng-model ng-repeat ng-if ng-bind "
    "ng-show ng-hide ng-class ng-style ng-change ng-submit ng-bind-html hx-disinherit-on"
)
_NAMES: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_URLS.split(), Kind.URL),
    **dict.fromkeys(_SCRIPTS.split(), Kind.SCRIPT),
    **dict.fromkeys(("srcset", "imagesrcset"), Kind.SRCSET),
    **dict.fromkeys(("hx-vals", "hx-headers", "hx-request"), Kind.JSON),
    "hx-trigger": Kind.TRIGGER,
    "style": Kind.STYLE,
    "srcdoc": Kind.SRCDOC,
}
_BEGINNINGS: Final[Mapping[str, Kind]] = dict.fromkeys(
    (
        "@",
        ":",
        "(",
        "[",
        "#",
        "x-on:",
        "x-bind:",
        "x-intersect:",
        "x-model.",
        "x-show.",
        "v-on:",
        "v-bind:",
        "v-model",
        "v-slot:",
        "hx-on:",
        "hx-on-",
    ),
    Kind.SCRIPT,
)
# Attributes that a computed name may not be, besides those whose kind is not plain: they change what the element is or does.
_STEERING: Final = frozenset(
    [
        "accept-charset",
        "async",
        "attributename",
        "challenge",
        "charset",
        "code",
        "crossorigin",
        "defer",
        "enctype",
        "form",
        "formenctype",
        "formmethod",
        "formtarget",
        "http-equiv",
        "integrity",
        "is",
        "keytype",
        "language",
        "method",
        "name",
        "nonce",
        "novalidate",
        "pattern",
        "rel",
        "sandbox",
        "shape",
        "sizes",
        "target",
        "type",
        "value",
        "allow",
        "csp",
        "content",
        "from",
        "to",
        "by",
        "values",
    ]
) - {"crossorigin", "name", "shape", "sizes", "target", "value", "nonce", "integrity", "allow", "is", "csp"}
_ELEMENTS: Final[Mapping[tuple[str, str], Kind]] = {
    ("img", "src"): Kind.IMAGE_URL,
    ("image", "href"): Kind.IMAGE_URL,
    ("image", "xlink:href"): Kind.IMAGE_URL,
    ("input", "src"): Kind.IMAGE_URL,
    ("video", "poster"): Kind.IMAGE_URL,
    ("source", "src"): Kind.IMAGE_URL,
    ("script", "src"): Kind.CODE_URL,
    ("script", "href"): Kind.CODE_URL,
    ("script", "xlink:href"): Kind.CODE_URL,
    ("use", "href"): Kind.CODE_URL,
    ("use", "xlink:href"): Kind.CODE_URL,
    ("base", "href"): Kind.CODE_URL,
    ("object", "data"): Kind.CODE_URL,
    ("object", "codebase"): Kind.CODE_URL,
    ("embed", "src"): Kind.CODE_URL,
    ("applet", "code"): Kind.CODE_URL,
    ("applet", "codebase"): Kind.CODE_URL,
    ("applet", "archive"): Kind.CODE_URL,
    ("meta", "content"): Kind.META,
    ("script", "type"): Kind.HINT,
    ("link", "rel"): Kind.HINT,
    **{(element, name): Kind.SMIL for element in ("set", "animate") for name in ("to", "from", "by", "values")},
}
_LOADING = re.compile(r"\b(?:stylesheet|import|modulepreload|manifest|serviceworker)\b", re.IGNORECASE)
_DOM_EVENT: Final = re.compile(
    r"on(?::|-?(?:click|dblclick|load|error|submit|change|input|key|mouse|pointer|touch|focus|blur|drag|wheel|scroll))"
)


def attribute_kind(element: str, name: str, hint: str = "", *, rules: EscapingRules = DEFAULT_RULES) -> Kind:
    """What a value of this attribute of this element is; names are compared without case.

    >>> attribute_kind("a", "HREF").name, attribute_kind("p", "@click").name, attribute_kind("p", "title").name
    ('URL', 'SCRIPT', 'PLAIN')
    """
    name = name.lower()
    own = _own_kind(name, rules)
    if own is not None:
        return own
    if element == "link" and name == "href":
        return Kind.CODE_URL if _LOADING.search(hint) else Kind.URL
    found = _ELEMENTS.get((element, name))
    return _general_kind(name) if found is None else found


def _own_kind(name: str, rules: EscapingRules) -> Kind | None:
    found = rules.attributes.get(name)
    if found is None and rules.attributes:
        found = next((kind for key, kind in rules.attributes.items() if key.endswith("*") and name.startswith(key[:-1])), None)
    return found


def _general_kind(name: str) -> Kind:
    for prefix, kind in _BEGINNINGS.items():
        if name.startswith(prefix) and name != prefix:
            return kind
    short = name
    if name.startswith("data-"):
        short = name[5:]
        if short.startswith("on"):
            return Kind.SCRIPT if _DOM_EVENT.match(short) else Kind.PLAIN
    elif ":" in name:
        space, _, short = name.partition(":")
        if space == "xmlns":
            return Kind.URL
    found = _NAMES.get(short)
    if found is not None:
        return found
    if short.startswith("on"):
        return Kind.SCRIPT
    return Kind.URL if "src" in short or "uri" in short or "url" in short else Kind.PLAIN


def is_special_name(name: str, *, rules: EscapingRules = DEFAULT_RULES) -> bool:
    """Whether an attribute of this name does more than to hold a text, so that no value may become one.

    >>> is_special_name("onclick"), is_special_name("data-href"), is_special_name("checked")
    (True, True, False)
    """
    name = name.lower()
    return name.removeprefix("data-") in _STEERING or attribute_kind("", name, rules=rules) is not Kind.PLAIN


_PROGRAM = re.compile(
    r"\s*(?:module|(?:application|text)/(?:(?:x-)?(?:java|ecma)script|javascript1\.[0-5]|jscript|livescript|typescript|jsx|babel))?\s*(?:;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_DATA = re.compile(r"\s*(?:importmap|speculationrules|[^;]*[/+]json[^;]*)\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"html|template|handlebars|mustache|vue|liquid", re.IGNORECASE)


def script_kind(type_: str, *, rules: EscapingRules = DEFAULT_RULES) -> ScriptKind:
    """What a script element of this type holds, as browsers decide it: an empty type is a program.

    >>> script_kind(" "), script_kind("application/ld+json"), script_kind("text/template"), script_kind("x-shader/x-vertex")
    ('script', 'json', 'html', 'text')
    """
    own = rules.script_types.get(type_.strip().lower())
    if own is not None:
        return own
    if _PROGRAM.fullmatch(type_):
        return "script"
    if _DATA.fullmatch(type_):
        return "json"
    return "html" if _PAGE.search(type_) else "text"


_ELEMENTS_WITH_TEXT = [
    "script",
    "style",
    "title",
    "textarea",
    "iframe",
    "noembed",
    "noframes",
    "noscript",
    "xmp",
    "plaintext",
    "svg",
    "math",
    "template",
    "base",
    "link",
    "meta",
    "object",
    "embed",
    "applet",
    "frame",
    "frameset",
    "image",
    "param",
    "area",
    "form",
    "set",
    "animate",
    "select",
    "a",
]


def is_special_element(beginning: str) -> bool:
    """Whether the name of an element that begins so could end as one that is more than a container of text."""
    return any(name.startswith(beginning.lower()) for name in _ELEMENTS_WITH_TEXT)
