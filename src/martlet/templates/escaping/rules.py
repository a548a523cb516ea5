"""What an application may change about contextual escaping; and what an element holds, by its name and a script's type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from martlet.templates.escaping.places import Kind

__all__ = ["DEFAULT_RULES", "SCHEMES", "EscapingRules", "ScriptKind", "is_special_element", "script_kind"]

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

    >>> EscapingRules(attributes={"data-show": Kind.SCRIPT}).attributes["data-show"].name
    'SCRIPT'
    """

    schemes: frozenset[str] = SCHEMES
    image_types: frozenset[str] = frozenset(
        {"png", "gif", "jpeg", "jpg", "webp", "avif", "bmp", "svg+xml", "x-icon", "vnd.microsoft.icon"}
    )
    attributes: Mapping[str, Kind] = field(default_factory=dict[str, Kind])
    script_types: Mapping[str, ScriptKind] = field(default_factory=dict[str, ScriptKind])
    duplicates: int = 2_000

    def __post_init__(self) -> None:
        """Raise TypeError for a kind that is none."""
        for name, kind in self.attributes.items():
            if not isinstance(kind, Kind):  # pyright: ignore[reportUnnecessaryIsInstance] -- what an application passes
                raise TypeError(f"the kind of {name!r} is a Kind, such as Kind.SCRIPT, and not {kind!r}")


DEFAULT_RULES: Final = EscapingRules()

_PROGRAM = re.compile(
    r"\s*(?:module|(?:application|text)/(?:(?:x-)?(?:java|ecma)script|javascript1\.[0-5]|jscript|livescript|typescript|jsx|babel))?\s*(?:;.*)?",
    re.IGNORECASE | re.DOTALL,
)
_DATA = re.compile(r"\s*(?:importmap|speculationrules|[^;]*[/+]json[^;]*)\s*(?:;.*)?", re.IGNORECASE | re.DOTALL)
_PAGE = re.compile(r"html|template|tmpl|handlebars|hogan|mustache|vue|liquid|underscore|lodash|ejs|jsrender", re.IGNORECASE)
_TEXT = re.compile(
    r"\s*(?:text/(?:plain|(?:x-)?markdown|csv|tab-separated-values|xml|(?:x-)?yaml|calendar|(?:x-)?glsl|wgsl)"
    r"|application/(?:xml|(?:x-)?yaml|javascript/.+)|[^;?]*\+xml|(?:x-shader|math|image|audio|video|font)/[^;?]*)\s*(?:;[^?]*)?",
    re.IGNORECASE,
)


def script_kind(type_: str, *, rules: EscapingRules = DEFAULT_RULES) -> ScriptKind:
    """What a script element of this type holds. Browsers run one whose type is empty; what is not known may be run by something.

    >>> script_kind(" "), script_kind("application/ld+json"), script_kind("text/template"), script_kind("x-shader/x-vertex")
    ('script', 'json', 'html', 'text')
    >>> script_kind("?"), script_kind("text/x-mathjax-config")
    ('script', 'script')
    """
    own = rules.script_types.get(type_.strip().lower())
    if own is not None:
        return own
    if _PROGRAM.fullmatch(type_) or "?" in type_:
        return "script"
    if _DATA.fullmatch(type_):
        return "json"
    if _TEXT.fullmatch(type_):
        return "text"
    return "html" if _PAGE.search(type_) else "script"


_ELEMENTS_WITH_TEXT = (
    "script style title textarea iframe noembed noframes noscript xmp plaintext svg math template base link meta object embed "
    "applet frame frameset image param area form set animate select a"
)


def is_special_element(beginning: str) -> bool:
    """Whether the name of an element that begins so could end as one that is more than a container of text."""
    return any(name.startswith(beginning.lower()) for name in _ELEMENTS_WITH_TEXT.split())
