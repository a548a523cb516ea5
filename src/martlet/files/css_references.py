r"""The files that a stylesheet names: found by its own grammar, so that nothing in a comment or a string is taken for one.

Source: CSS Syntax Level 3, Section 4 (tokens). A reference is what stands in `url(…)` or `src(…)`, after `@import`, and in the
strings of `image-set(…)`. Work is linear in the text. Not here: source maps, which are comments, and scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

__all__ = ["CSSReference", "css_references", "replace_references"]

_TOKEN: Final = re.compile(
    r"""
      /\*(?:[^*]++|\*(?!/))*(?:\*/|\Z)                                       # a comment, ended by the text at the latest
    | "(?P<double>(?:[^"\\\n\r\f]++|\\(?:\r\n|[\s\S]))*)"
    | '(?P<single>(?:[^'\\\n\r\f]++|\\(?:\r\n|[\s\S]))*)'
    | (?P<url>[uU][rR][lL])\([ \t\n\r\f]*+(?!["' \t\n\r\f])(?P<bare>(?:[^"'()\\\x00-\x20\x7f]++|\\[^\n\r\f])*)[ \t\n\r\f]*+\)
    | (?P<word>@?(?:[-\w]++|\\[^\n\r\f])+)(?P<call>\()?
    | (?P<open>\() | (?P<close>\))
    | (?P<space>[ \t\n\r\f]++)
    | [\s\S]
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|(\r\n|[\n\r\f])|([\s\S]))")
_FUNCTIONS: Final = frozenset({"url", "src", "image-set", "-webkit-image-set"})  # whose own strings are references


class CSSReference(NamedTuple):
    """One reference: where its text stands, without quotes, and what it says, escapes read."""

    start: int
    stop: int
    url: str


def css_references(text: str) -> Iterator[CSSReference]:
    """The references of a stylesheet, in order.

    >>> [found.url for found in css_references('@import "a.css"; b { background: url( c.png ) } /* url(d.png) */')]
    ['a.css', 'c.png']
    """
    functions: list[str] = []  # those that are open
    imports = False  # nothing but space and comments since `@import`
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        if kind in {"double", "single"}:
            if imports or (functions and functions[-1] in _FUNCTIONS):
                yield _reference(found, kind)
        elif kind == "bare":
            yield _reference(found, kind)
        elif found["call"] or kind == "open":
            functions.append(_unescaped(found["word"] or "").lower())
        elif kind == "close" and functions:
            functions.pop()
        if kind not in {None, "space"} or found[0][:2] != "/*":
            imports = (imports and kind == "space") or (kind == "word" and found["word"].lower() == "@import")


def replace_references(text: str, replaced: Callable[[str], str | None]) -> str:
    """The stylesheet with what `replaced` gives in the place of each reference; None leaves it as it is.

    What it gives must fit any kind of quotes and none, as a percent-encoded URL does.

    >>> replace_references("a { src: url('b.woff2') format('woff2') }", lambda url: f"{url}?1")
    "a { src: url('b.woff2?1') format('woff2') }"
    """
    pieces: list[str] = []
    done = 0
    for start, stop, url in css_references(text):
        new = replaced(url)
        if new is not None:
            pieces += [text[done:start], new]
            done = stop
    return "".join([*pieces, text[done:]])


def _reference(found: re.Match[str], kind: str) -> CSSReference:
    return CSSReference(*found.span(kind), _unescaped(found[kind]))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    """What an escape stands for (CSS Syntax Level 3, Section 4.3.7); a line break that is escaped is none."""
    digits, _, character = escape.groups()
    if digits is None:
        return character or ""
    number = int(digits, 16)
    return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
