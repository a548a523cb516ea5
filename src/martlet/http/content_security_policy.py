"""Content Security Policies, checked word by word: a browser leaves out what it does not know, without a word to the author.

Source: Content Security Policy Level 3 (https://www.w3.org/TR/CSP3/), with the directives of Trusted Types, Upgrade Insecure
Requests and Fenced Frames. A policy that holds `'nonce-{nonce}'` is a template for one with a new nonce in each answer.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from martlet.http.grammar import excerpt, is_token

__all__ = ["NONCE_SOURCE", "check_policy", "hash_source", "make_nonce", "with_nonce", "without_nonce"]

NONCE_SOURCE: Final = "'nonce-{nonce}'"

_SOURCE_LISTS = (
    "base-uri child-src connect-src default-src fenced-frame-src font-src form-action frame-ancestors frame-src img-src "
    "manifest-src media-src object-src prefetch-src script-src script-src-attr script-src-elem style-src style-src-attr "
    "style-src-elem worker-src"
)
_KEYWORDS = (
    "self none unsafe-inline unsafe-eval unsafe-hashes strict-dynamic report-sample wasm-unsafe-eval unsafe-allow-redirects "
    "inline-speculation-rules trusted-types-eval"
)
SOURCE_LISTS: Final = frozenset(_SOURCE_LISTS.split())
KEYWORDS: Final = frozenset(_KEYWORDS.split())
_WITHOUT_VALUE = frozenset({"upgrade-insecure-requests", "block-all-mixed-content"})
_WITH_TOKENS = {
    "report-to": re.compile(r"[A-Za-z0-9_-]+"),
    "report-uri": re.compile(r"[!-~]+"),
    "require-trusted-types-for": re.compile("'script'"),
    "sandbox": re.compile(r"allow-[a-z]+(?:-[a-z]+)*"),
    "trusted-types": re.compile(r"\*|'none'|'allow-duplicates'|[A-Za-z0-9#=_/@.%-]+"),
    "webrtc": re.compile("'allow'|'block'"),
}
_HASH = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HOST = re.compile(
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:\*|(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])(?::(?:[0-9]+|\*))?(?:/[!-~]*)?"
)
_NONCE = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")


def make_nonce() -> str:
    """Make a nonce of 128 random bits, for one answer.

    >>> len(make_nonce())
    22
    """
    return token_urlsafe(16)


def check_policy(policy: str) -> None:
    """Raise ValueError for whatever in a policy a browser would leave out, misread or take for something else.

    >>> check_policy("default-src 'self'; img-src self")
    Traceback (most recent call last):
        ...
    ValueError: The directive img-src has the source 'self' without its quotes, which is a host of that name: ...
    """
    if not policy.isascii() or not policy.isprintable() or "," in policy:
        raise ValueError(f"The policy {excerpt(policy)} has a comma or a character in it that no policy may have.")
    seen: set[str] = set()
    for name, *values in map(str.split, _directives(policy)):
        if name in seen:
            raise ValueError(f"The policy has the directive {name} twice, of which browsers read the first: join them.")
        seen.add(name)
        _check_directive(name, values)
    if not seen:
        raise ValueError("The policy is empty: write None to send none.")


def hash_source(content: str) -> str:
    """The source that allows one inline style or script, by what stands between its tags.

    >>> hash_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def with_nonce(policy: str, nonce: str) -> str:
    """Put a nonce into a policy; raises ValueError for one that is none, or too short to be secret.

    >>> with_nonce("script-src 'nonce-{nonce}'", "dGhpcyBpcyBhIG5vbmNl")
    "script-src 'nonce-dGhpcyBpcyBhIG5vbmNl'"
    """
    if not _NONCE.fullmatch(nonce):
        raise ValueError(f"{excerpt(nonce)} is no nonce: use make_nonce().")
    return policy.replace("{nonce}", nonce)


def without_nonce(policy: str) -> str:
    """The policy of an answer in which nothing has a nonce.

    >>> without_nonce("script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'")
    "script-src 'none'; style-src 'self'"
    """
    if NONCE_SOURCE not in policy:
        return policy
    kept = ([word for word in directive.split() if word != NONCE_SOURCE] for directive in _directives(policy))
    return "; ".join(" ".join(words if len(words) > 1 or words[0] not in SOURCE_LISTS else [*words, "'none'"]) for words in kept)


def _directives(policy: str) -> list[str]:
    return [directive for directive in policy.split(";") if directive.strip()]


def _check_directive(name: str, values: Sequence[str]) -> None:
    if name in SOURCE_LISTS:
        _check_sources(name, values)
    elif name in _WITHOUT_VALUE:
        if values:
            raise ValueError(f"The directive {name} has a value, {values[0]!r}, where it takes none: leave the value out.")
    elif name in _WITH_TOKENS:
        if wrong := [value for value in values if not _WITH_TOKENS[name].fullmatch(value)]:
            raise ValueError(f"The directive {name} has {wrong[0]!r} in it, which it does not know.")
        if not values and name not in {"sandbox", "trusted-types"}:
            raise ValueError(f"The directive {name} needs a value.")
    else:
        near = get_close_matches(name, [*SOURCE_LISTS, *_WITHOUT_VALUE, *_WITH_TOKENS], n=1)
        cure = f"did you mean {near[0]}?" if near else "leave it out."
        raise ValueError(f"No browser knows the directive {excerpt(name)}: {cure}")


def _check_sources(name: str, sources: Sequence[str]) -> None:
    if not sources:
        raise ValueError(f"The directive {name} has no source, so it allows nothing: write \"'none'\" if that is meant.")
    if "'none'" in sources and len(sources) > 1:
        raise ValueError(f"The directive {name} has 'none' beside other sources, where it means nothing: leave it out.")
    for source in sources:
        _check_source(name, source)


def _check_source(name: str, source: str) -> None:
    inner = source[1:-1]
    if source in KEYWORDS:
        raise ValueError(
            f"The directive {name} has the source {source!r} without its quotes, which is a host of that name: "
            f"write \"'{source}'\"."
        )
    if source[0] != "'" or source[-1] != "'":
        if not (_SCHEME.fullmatch(source) or _HOST.fullmatch(source)):
            raise ValueError(
                f"The directive {name} has the source {source!r}, which is no keyword in quotes, no scheme and no host."
            )
    elif inner.startswith("nonce-"):
        if source != NONCE_SOURCE:
            raise ValueError(f'The directive {name} has a fixed nonce, which anybody can copy: write "{NONCE_SOURCE}".')
    elif inner not in KEYWORDS and not _HASH.fullmatch(inner):
        near = get_close_matches(inner, KEYWORDS, n=1) if is_token(inner) else []
        cure = f"did you mean \"'{near[0]}'\"?" if near else "leave it out."
        raise ValueError(f"The directive {name} has the source {source}, which no browser knows: {cure}")
