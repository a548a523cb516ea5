"""Values in style sheets."""

from __future__ import annotations

import re
from typing import Any

from martlet.templates.escaping.blocked import blocked
from martlet.templates.escaping.page_values import plain
from martlet.templates.escaping.safe import SafeCSS

__all__ = ["decode_css", "style_string", "style_value"]

_ESCAPE = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})(?:\r\n|[ \t\n\r\f])?|(.)|\Z)", re.DOTALL)
_CLEAN_VALUE = re.compile(r"[A-Za-z0-9 ,.%#_]*+(?:-[A-Za-z0-9 ,.%#_]++)*").fullmatch
_REFUSED = re.compile(r"[\x00\"&'()/;@\[\\\]`{}<>]|--")
_A_SHEET = "a style sheet"
_CURE = "pass a word, a number or a colour, or a SafeCSS if you trust it"
_LETTERS = re.compile(r"[^A-Za-z0-9_\-]+")


def decode_css(text: str) -> str:
    r"""A text of CSS without its escapes.

    >>> decode_css(r"e\78 pression")
    'expression'
    """
    return _ESCAPE.sub(_decoded, text) if "\\" in text else text


def _decoded(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[2] or ""
    code = int(found[1], 16)
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def style_value(value: Any) -> str:
    """A value in a style sheet outside of strings: a word, a number, a colour; nothing that begins or ends something.

    >>> style_value("#fff"), style_value("red; background: url(x)"), style_value(SafeCSS("url(/x.png)"))
    ('#fff', 'zBlocked', 'url(/x.png)')
    """
    text = plain(value)
    if isinstance(value, SafeCSS):
        return text
    if not _CLEAN_VALUE(text):
        text = decode_css(text)
        if _REFUSED.search(text):
            return blocked(value, _A_SHEET, _CURE)
    word = _LETTERS.sub("", text).lower()
    return blocked(value, _A_SHEET, _CURE) if "expression" in word or "mozbinding" in word.replace("-", "") else text


_CLEAN_STRING = re.compile(r"[A-Za-z0-9 !#$%*,\-.=?@\[\]^_|~]*+").fullmatch
_SPECIAL = re.compile(r"([\x00-\x0a\x0c-\x1f\x7f\"&'()+/:;<>{}\\])(?=([0-9A-Fa-f\s]|\Z))?")


def _hex(found: re.Match[str]) -> str:
    if found[1] == "\\":
        return "\\\\"
    # A blank ends the escape where what follows would be taken for a part of it.
    return f"\\{ord(found[1]):x}" + ("" if found[2] is None else " ")


def style_string(value: Any) -> str:
    r"""A value in a string of CSS.

    >>> style_string('a"</style>')
    'a\\22\\3c\\2fstyle\\3e '
    """
    text = plain(value)
    return text if _CLEAN_STRING(text) else _SPECIAL.sub(_hex, text)
