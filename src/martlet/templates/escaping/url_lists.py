"""Values in attributes that hold URLs among other things: lists of images, the content of a `meta`, animations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from martlet.templates.escaping.blocked import BLOCKED_URL, blocked_url
from martlet.templates.escaping.page_values import plain
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.safe import SafeSrcset, SafeURL
from martlet.templates.escaping.url_values import image_urls, normalize_url, scheme_of, url_filters

__all__ = ["meta_contents", "meta_next", "meta_urls", "smil_values", "srcset_candidates", "srcsets"]


def srcsets(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For a list of images: each candidate's URL is judged and encoded, what follows it must be a width or a density.

    >>> srcsets()("/a.png 1x, javascript:b 2x")
    '/a.png 1x,#zBlocked'
    """
    image = image_urls(rules)

    def candidate(text: str) -> str:
        lead, url, rest = _split_candidate(text)
        if not _WORDS(rest):
            return blocked_url(value=text, where="a list of images")
        kept = image(url)
        return kept if kept == BLOCKED_URL else lead + kept.replace(",", "%2C") + rest

    def srcset(value: Any) -> str:
        text = plain(value)
        if isinstance(value, SafeSrcset):
            return text
        if isinstance(value, SafeURL):
            return normalize_url(text).replace(",", "%2C")
        return ",".join(map(candidate, text.split(",")))

    return srcset


def srcset_candidates(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """The same, where a width or a density follows: a single URL has none, so that its blanks are its own.

    >>> srcset_candidates()("/a b.png")
    '/a%20b.png'
    """
    image, several = image_urls(rules), srcsets(rules)

    def srcset_candidate(value: Any) -> str:
        text = plain(value)
        rest = _split_candidate(text)[2]
        if isinstance(value, (SafeSrcset, SafeURL)) or "," in text or _SIZE(rest) or not _WORDS(rest):
            return several(value)
        return image(text.strip(_BLANKS))

    return srcset_candidate


_SIZE = re.compile(r"\s*(?:[\d.]+[whx]\s*)*", re.ASCII).fullmatch
_WORDS = re.compile(r"[\s\w.+-]*", re.ASCII).fullmatch
_BLANKS: Final = " \t\n\f\r"


def _split_candidate(text: str) -> tuple[str, str, str]:
    """The blanks before a candidate of a srcset, its URL, and the rest."""
    bare = text.lstrip(_BLANKS)
    url = re.split(f"[{_BLANKS}]", bare, maxsplit=1)[0]
    return text[: len(text) - len(bare)], url, bare[len(url) :]


_REFRESH = re.compile(r"(\s*[\d.]+\s*[;,]\s*|\s*[;,]\s*)((?:url\s*=\s*)?['\"]?)(.*)", re.IGNORECASE | re.DOTALL)
_URL_WORD = re.compile(r"(\s*(?:url\s*=\s*)?['\"]?\s*)(.*)", re.IGNORECASE | re.DOTALL)


def meta_contents(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For the content of a `meta` element: if it reads as a refresh, the URL in it is judged."""
    allowed = url_filters(rules)

    def meta_content(value: Any) -> str:
        text = plain(value)
        found = _REFRESH.fullmatch(text)
        if found is None or isinstance(value, SafeURL) or allowed(found[3]) == found[3]:
            return text
        return found[1] + found[2] + BLOCKED_URL

    return meta_content


def meta_next(value: Any) -> str:
    """In the content of a `meta` behind another value, which could have begun a refresh: nothing that could be, or end, a scheme.

    >>> meta_next("2; url=javascript:f()"), meta_next("a: b"), meta_next("/a:b")
    ('#zBlocked', '#zBlocked', '/a:b')
    """
    text = plain(value)
    return text if isinstance(value, SafeURL) or scheme_of(text) is None else blocked_url(value)


def meta_urls(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For the place of a refresh at which its URL begins, with or without the word `url=`."""
    allowed = url_filters(rules)

    def meta_url(value: Any) -> str:
        text = plain(value)
        found = _URL_WORD.fullmatch(text)
        bare = text if found is None else found[2]
        return text if isinstance(value, SafeURL) or allowed(bare) == bare else BLOCKED_URL

    return meta_url


def smil_values(rules: EscapingRules = DEFAULT_RULES) -> Callable[[Any], str]:
    """For the values of an animation, which may animate a link: each is judged as a URL."""
    allowed = url_filters(rules)

    def smil(value: Any) -> str:
        text = plain(value)
        safe = isinstance(value, SafeURL) or all(allowed(part) == part for part in text.split(";"))
        return text if safe else BLOCKED_URL

    return smil
