"""Values in URLs: what begins one is judged by its scheme, the rest is percent-encoded.

Schemes are compared as browsers read them: blanks and control characters at the start, tabs and line ends anywhere do not count.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from martlet.templates.escaping.blocked import blocked, blocked_url
from martlet.templates.escaping.page_values import plain
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.safe import EncodedURLPart, SafeURL

__all__ = [
    "code_url",
    "code_url_part",
    "image_urls",
    "normalize_url",
    "scheme_of",
    "url_after_slash",
    "url_after_slash_alone",
    "url_component",
    "url_filters",
    "url_host_part",
    "url_open",
    "url_schemes",
    "url_starts",
]

_NORMAL = re.compile(r"(?:[A-Za-z0-9\-._~!#$&*+,/:;=?@\[\]]|%[0-9A-Fa-f]{2})*").fullmatch
_COMPONENT = re.compile(r"[A-Za-z0-9\-._~]*+").fullmatch
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CODE: Final = "a URL whose content runs in the page"
_CODES_CURE: Final = "pass a path of this host, write the host out in the template, or pass a SafeURL if you trust it"
_RESERVED: Final = "!#$&*+,/:;=?@[]%"
_IGNORED = re.compile(r"[\t\n\r]|\A[\x00-\x20]+")
# A scheme, and whatever stands before a colon: browsers differ in what they take for one.
_SCHEME = re.compile(r"([^/?#:\\]*):", re.DOTALL)


def normalize_url(value: Any) -> str:
    """A value in the path of a URL: what cannot stand in a URL is percent-encoded, what is encoded already stays.

    >>> normalize_url("/a b?c=%41&d=(é)"), normalize_url("100%")
    ('/a%20b?c=%41&d=%28%C3%A9%29', '100%25')
    """
    text = plain(value)
    if _NORMAL(text):
        return text
    return quote(_LONE_PERCENT.sub("%25", text), safe=_RESERVED, errors="replace")


def url_component(value: Any) -> str:
    """A value in the query or the fragment of a URL: all that is reserved is percent-encoded.

    >>> url_component("a&b=c/d"), url_component(SafeURL("/a?b")), url_component(EncodedURLPart("a%26"))
    ('a%26b%3Dc%2Fd', '/a?b', 'a%26')
    """
    text = plain(value)
    if _COMPONENT(text):
        return text
    if isinstance(value, (EncodedURLPart, SafeURL)):
        return normalize_url(text)
    return quote(text, safe="", errors="replace")


def scheme_of(url: str) -> str | None:
    r"""What stands before the first colon of a URL, in small letters, as a browser reads it; None if no scheme can stand there.

    >>> scheme_of(" java\nScript:x"), scheme_of("a/b:c")
    ('javascript', None)
    """
    if ":" not in url:
        return None
    found = _SCHEME.match(_IGNORED.sub("", url))
    return None if found is None else found[1].lower()


# What needs no work: a URL of the web, a path, a name.
_CLEAN = re.compile(r"(?:https?:/|[/.?#])[A-Za-z0-9\-._~!#$&*+,/:;=?@\[\]]*|[A-Za-z0-9_\-.]*").fullmatch


def _is_allowed(url: str, schemes: frozenset[str]) -> bool:
    scheme = scheme_of(url)
    return scheme is None or scheme in schemes


def url_filters(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For a value that begins a URL and is encoded elsewhere: the value itself, or the word for what is blocked."""
    schemes = rules.schemes

    def url_filter(value: Any) -> str:
        text = plain(value)
        return text if isinstance(value, SafeURL) or _is_allowed(text, schemes) else blocked_url(value)

    return url_filter


def url_starts(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For a value that begins a URL, or is one.

    >>> url = url_starts()
    >>> url("https://example.com/a b"), url("javascript:alert(1)"), url(SafeURL("javascript:alert(1)"))
    ('https://example.com/a%20b', '#zBlocked', 'javascript:alert%281%29')
    """
    schemes = rules.schemes
    clean = _CLEAN if schemes >= {"http", "https"} else _COMPONENT

    def url_start(value: Any) -> str:
        text = plain(value)
        if clean(text):
            return text
        if _is_allowed(text, schemes) or isinstance(value, SafeURL):
            return normalize_url(text)
        return blocked_url(value)

    return url_start


def image_urls(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For a value that begins the URL of an image, which may be written out as `data:image/…`."""
    start = url_starts(rules)
    types = "|".join(sorted(map(re.escape, rules.image_types))) or "(?!)"
    image = re.compile(rf"data:image/(?:{types})[;,]", re.IGNORECASE).match

    def image_url(value: Any) -> str:
        text = plain(value)
        return normalize_url(text) if image(text) else start(value)

    return image_url


def code_url(value: Any) -> str:
    """A value that begins the URL of what runs in the page: only a path of the page's own host, if it is not a `SafeURL`.

    >>> code_url("/app.js"), code_url("//evil.example/x.js"), code_url(SafeURL("https://cdn.example/x.js"))
    ('/app.js', '#zBlocked', 'https://cdn.example/x.js')
    """
    text = plain(value)
    if not isinstance(value, SafeURL):
        read = _IGNORED.sub("", text).replace("\\", "/")
        if scheme_of(text) is not None or read.startswith("//"):
            return blocked_url(value, _CODE, _CODES_CURE)
    return normalize_url(text)


def code_url_part(value: Any) -> str:
    """The same where more follows, or a value stands before: no two of them make `//` together, which begins a host.

    >>> code_url_part("/"), code_url_part("/evil.example/"), code_url_part("//evil.example/")
    ('/./', '/evil.example/', '#zBlocked')
    """
    text = code_url(value)
    return "/./" if text == "/" else text


def url_open(value: Any) -> str:
    """A value behind something that its colon would turn into a scheme: none with such a colon.

    >>> url_open("script:alert(1)"), url_open("/a:b")
    ('#zBlocked', '/a:b')
    """
    text = plain(value)
    return normalize_url(text) if scheme_of(text) is None else blocked_url(value)


def url_after_slash_alone(value: Any) -> str:
    """A value behind the first slash of a URL: a second slash would begin a host.

    >>> url_after_slash_alone("/evil.example"), url_after_slash_alone("a/b")
    ('%2Fevil.example', 'a/b')
    """
    text = normalize_url(value)
    first = text.lstrip("\t\n\r")[:1]
    return "%2F" + text[1:] if first == "/" else text


def url_after_slash(value: Any) -> str:
    """The same, where another slash may follow: an empty value becomes a dot, which is the same place."""
    return url_after_slash_alone(value) or "."


_HOST = re.compile(r"[A-Za-z0-9\-]*+").fullmatch


def url_host_part(value: Any) -> str:
    """A value in the host that code comes from: only a `SafeURL` may complete it."""
    return normalize_url(value) if isinstance(value, SafeURL) else blocked(value, _CODE, _CODES_CURE)


def url_schemes(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For a value that a colon follows: a scheme that is allowed."""

    def url_scheme(value: Any) -> str:
        text = plain(value)
        return text if text.lower() in rules.schemes else blocked_url(value)

    return url_scheme
