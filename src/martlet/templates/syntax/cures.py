"""What is written instead of what other languages have: the end of an error message for who comes from one."""

from __future__ import annotations

from typing import Final

__all__ = ["cure_of_sign", "cure_of_tag"]

SIGNS: Final = {
    "&": "write `and`",
    "|": "write `or`; one '|' is a filter",
    "!": "write `not`",
    "?": "write `{{ a if test else b }}`",
    "=": "to compare, write `==`",
    "}": "an output ends with `}}`, a tag with `%}`",
}
TAGS: Final = {
    "comment": "write `{# … #}`",
    "csrf_token": "in an app, write `{{ csrf_field }}`",
    "elseif": "write `elif`",
    "elsif": "write `elif`",
    "empty": "write `else`",
    "foreach": "write `for`",
    "ifequal": "write `{% if a == b %}`",
    "ifnotequal": "write `{% if a != b %}`",
    "load": "filters and tags are given to the engine, and need no loading",
    "now": "pass the time, and write `{{ now | date }}`",
    "partialdef": "write `block`, and render it alone",
    "static": "in an app, write `{{ asset_url('style.css') }}`",
    "unless": "write `{% if not a %}`",
    "url": "in an app, write `{{ url_for('name', id=1) }}`",
    "verbatim": "write `raw`",
}


def cure_of_sign(sign: str) -> str:
    """The end of the message about a sign that cannot stand where it does.

    >>> cure_of_sign("&")
    '; write `and`'
    """
    return f"; {SIGNS[sign]}" if sign in SIGNS else ""


def cure_of_tag(name: str) -> str:
    """The same about a tag that there is not."""
    return f"; {TAGS[name]}" if name in TAGS else ""
