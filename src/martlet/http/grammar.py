"""The small words that field values are made of: tokens, quoted strings, parameters, lists.

Source: RFC 9110, Section 5.6. No pattern can take a character in two ways, so that hostile values cost linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["TCHAR", "excerpt", "is_token", "parse_parameters", "quote_if_needed", "split_list"]

# Possessive are only repeats of one character: those of groups match too much on CPython before 3.11.5.
TCHAR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
QUOTED_STRING = r'"(?:[\t\x20!#-\[\]-~\x80-\U0010FFFF]++|\\[\t\x20-~\x80-\U0010FFFF])*"'

_IS_TOKEN = re.compile(f"{TCHAR}++").fullmatch
# Where no parameter follows the semicolon only the semicolon is taken; what is malformed then fails at the next one.
_PARAMETER = re.compile(rf"[ \t]*+;[ \t]*+(?:({TCHAR}++)=({TCHAR}++|{QUOTED_STRING})[ \t]*+(?=;|\Z))?")
_MEMBER = re.compile(r'[, \t]*+((?:[^",]++|"(?:[^"\\]++|\\.)*(?:"|\\?\Z))*)', re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)")
_NEEDS_ESCAPE = re.compile(r'["\\]')


def is_token(text: str) -> bool:
    """True for one or more of the characters that need no quotes (RFC 9110, Section 5.6.2).

    >>> is_token("x-request-id"), is_token("no spaces")
    (True, False)
    """
    return _IS_TOKEN(text) is not None


def quote_if_needed(value: str) -> str:
    r"""A parameter's value as a token if it is one, else as a quoted string (RFC 9110, Section 5.6.4).

    >>> quote_if_needed("utf-8"), quote_if_needed('say "hi"')
    ('utf-8', '"say \\"hi\\""')
    """
    if _IS_TOKEN(value):
        return value
    return '"' + _NEEDS_ESCAPE.sub(r"\\\g<0>", value) + '"'


def parse_parameters(
    text: str, start: int = 0, *, skip_malformed: bool = False, stop_after: str = ""
) -> list[tuple[str, str]] | None:
    """Read `;name=value` parameters up to the end of the text: names in lower case, quotes removed, in order.

    skip_malformed: leave out what is no parameter, as browsers do; otherwise the first such piece makes the answer None.
    stop_after: a name that is the last one read; nothing behind it is looked at.

    >>> parse_parameters('; charset=utf-8; title="a; b"')
    [('charset', 'utf-8'), ('title', 'a; b')]
    >>> parse_parameters("; charset; level=1"), parse_parameters("; charset; level=1", skip_malformed=True)
    (None, [('level', '1')])
    """
    found: list[tuple[str, str]] = []
    position, end = start, len(text)
    while position < end:
        match = _PARAMETER.match(text, position)
        if match is None and not skip_malformed:
            return None
        if match is None:
            following = text.find(";", position)
            position = end if following < 0 else following
            continue
        position = match.end()
        if match[1] is not None:
            found.append((match[1].lower(), _unquoted(match[2])))
        if found and found[-1][0] == stop_after:
            break
    return found


def split_list(text: str, *, limit: int) -> Iterator[str]:
    """The members of a comma-separated list, without the empty ones; commas in quoted strings do not separate (Section 5.6.1).

    limit: members to give before stopping; the rest of the text is not looked at.

    >>> list(split_list('a, "b, c",, d', limit=2))
    ['a', '"b, c"']
    """
    position, end = 0, len(text)
    while position < end and limit > 0:
        match = _MEMBER.match(text, position)
        if match is None:  # pragma: no cover: the pattern fits any text
            return
        if member := match[1].rstrip(" \t"):
            yield member
            limit -= 1
        position = match.end() + 1


def excerpt(text: str, length: int = 80) -> str:
    """The text as an error message quotes it: escaped, and cut where it becomes tedious.

    >>> excerpt("x" * 200, 10)
    "'xxxxxxxxxx…'"
    """
    return repr(text if len(text) <= length else text[:length] + "…")


def _unquoted(value: str) -> str:
    if value[0] != '"':
        return value
    inner = value[1:-1]
    return _QUOTED_PAIR.sub(r"\1", inner) if "\\" in inner else inner
