"""Content-Disposition: whether an answer is shown or saved, and under which name.

Source: RFC 6266, and RFC 8187 for names beyond ASCII. Not here: the field of the same name inside multipart forms (RFC 7578).
"""

from __future__ import annotations

import re
from typing import Final, Literal
from urllib.parse import quote

from martlet.http.grammar import quote_if_needed

__all__ = ["format_disposition"]

# What could end the quoted name or the field, leave the folder that a browser saves to, or be decoded once more (RFC 6266,
# Appendix D). Letters that turn the writing's direction hide an ending: "exe.txt" may be "txt.exe".
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f/\\\\\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_UNQUOTED: Final = re.compile(r'[^ -~]|["%]')
_ATTR_CHARS: Final = "!#$&+-.^_`|~"  # RFC 8187, Section 3.2.1, beside letters and digits


def format_disposition(kind: Literal["attachment", "inline"], filename: str | None = None) -> str:
    r"""The value of Content-Disposition: `attachment` makes a browser save the answer, `inline` show it.

    filename: what the saved file is called. Whatever is in it, the value is one line of ASCII: separators, control characters and
    turns of direction become `_`, and a name beyond ASCII is told in `filename*` too.

    >>> format_disposition("attachment", "plans.pdf"), format_disposition("inline")
    ('attachment; filename=plans.pdf', 'inline')
    >>> format_disposition("attachment", 'naïve "plans".pdf')
    'attachment; filename="na_ve _plans_.pdf"; filename*=UTF-8\'\'na%C3%AFve%20%22plans%22.pdf'
    >>> format_disposition("attachment", "a\r\nSet-Cookie: b=c")
    'attachment; filename="a__Set-Cookie: b=c"'
    """
    if filename is None:
        return kind
    safe = _UNSAFE.sub("_", filename)
    plain = _UNQUOTED.sub("_", safe)
    value = f"{kind}; filename={quote_if_needed(plain)}"
    return value if plain == safe else f"{value}; filename*=UTF-8''{quote(safe, safe=_ATTR_CHARS)}"
