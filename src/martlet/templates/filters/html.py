"""Filters for markup: escaping, trust, attributes, URLs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import quote_from_bytes

from markupsafe import Markup, escape

from martlet.templates.escaping.safe import EncodedURLPart, RenderedAttributes, SafeAttributes, SafeCSS, SafeJS, SafeURL
from martlet.templates.runtime.passing import EvalContext, pass_eval_context
from martlet.templates.runtime.undefined import Undefined

__all__ = [
    "force_escape",
    "mark_safe",
    "mark_safe_attributes",
    "mark_safe_css",
    "mark_safe_js",
    "mark_safe_url",
    "strip_tags",
    "url_encode",
    "xml_attributes",
]

# What ends an attribute's name for a browser, or makes an error of it: https://html.spec.whatwg.org/#attribute-name-state
ENDS_NAME: Final = re.compile(r"[\s/>=\"'<\x00-\x1f\x7f]")


def force_escape(value: Any) -> Markup:
    """Escaped even if it is markup already."""
    return escape(str(value.__html__() if hasattr(value, "__html__") else value))


def mark_safe(value: Any) -> Markup:
    """Trusted as markup of a page's text; what `tojson` and `xmlattr` made is that already, and stays fit for its own places."""
    return value if isinstance(value, Markup) else Markup(value)  # noqa: S704 -- that is what the template says by `safe`


def mark_safe_attributes(value: Any) -> SafeAttributes:
    """Trusted as attributes of a tag, and nowhere else."""
    return value if isinstance(value, SafeAttributes) else SafeAttributes(value)


def mark_safe_css(value: Any) -> SafeCSS:
    """Trusted in a style sheet, and nowhere else."""
    return value if isinstance(value, SafeCSS) else SafeCSS(value)


def mark_safe_js(value: Any) -> SafeJS:
    """Trusted as an expression of a script, and nowhere else."""
    return value if isinstance(value, SafeJS) else SafeJS(value)


def mark_safe_url(value: Any) -> SafeURL:
    """Trusted as a URL of any scheme and any host, and nowhere else."""
    return value if isinstance(value, SafeURL) else SafeURL(value)


def strip_tags(value: Any) -> str:
    r"""Without tags and comments, with one space for each run of white space, and with entities read.

    >>> strip_tags("<p>a  &amp;\n<b>b</b></p>")
    'a & b'
    """
    text = str(value.__html__() if hasattr(value, "__html__") else value)
    plain = _without(_without(text, "<!--", "-->"), "<", ">")
    return Markup(" ".join(plain.split())).unescape()  # noqa: S704 -- gives plain text


def _without(text: str, begin: str, end: str) -> str:
    """Without all that stands between these. PERF: each is cut out once; to write the rest anew each time takes the square."""
    kept: list[str] = []
    place = 0
    while (start := text.find(begin, place)) >= 0 and (stop := text.find(end, start)) >= 0:
        kept.append(text[place:start])
        place = stop + len(end)
    return "".join(kept) + text[place:]


@pass_eval_context
def xml_attributes(context: EvalContext, value: Mapping[Any, Any], autospace: bool = True) -> str:  # noqa: FBT001, FBT002 -- a template's
    """A mapping as attributes of a tag: each that is neither None nor undefined, its value escaped.

    autospace: with a space before. In a tag, each value is escaped by what its attribute is, as one that is written there.
    The names are to be the application's own. Raises ValueError for one that a browser would take for none or for several.
    """
    pairs: list[tuple[str, Any]] = []
    for name, content in value.items():
        if content is None or isinstance(content, Undefined):
            continue
        text = str(name)
        if not text or ENDS_NAME.search(text) is not None:
            raise ValueError(
                f"Invalid character in attribute name: {text!r} is empty or holds a blank, a quote, '/', '>', '<' or '='"
            )
        pairs.append((text, content))
    lead = " " if autospace and pairs else ""
    joined = lead + " ".join(f'{escape(name)}="{escape(content)}"' for name, content in pairs)
    return RenderedAttributes(joined, pairs, lead) if context.autoescape else joined


def url_encode(value: Any) -> str:
    """Percent-encoded UTF-8: a text with its slashes kept, a mapping or pairs as a query string.

    >>> url_encode("a b/c"), url_encode({"q": "a b/c", "page": 2})
    ('a%20b/c', 'q=a+b%2Fc&page=2')
    """
    if isinstance(value, str) or not isinstance(value, Iterable):
        return EncodedURLPart(_quoted(value, b"/"))
    pairs = cast("Iterable[tuple[Any, Any]]", value.items() if isinstance(value, Mapping) else value)
    return EncodedURLPart("&".join(f"{_quoted_for_query(name)}={_quoted_for_query(content)}" for name, content in pairs))


def _quoted(value: Any, safe: bytes) -> str:
    encoded = value if isinstance(value, bytes) else (value if isinstance(value, str) else str(value)).encode()
    return quote_from_bytes(encoded, safe)


def _quoted_for_query(value: Any) -> str:
    return _quoted(value, b"").replace("%20", "+")
