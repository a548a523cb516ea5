"""Values in scripts: JSON that is safe in a page, and what stands in strings, template literals and regular expressions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from json.encoder import encode_basestring
from typing import Any, cast

from martlet.templates.escaping.json_kinds import json_kind
from martlet.templates.escaping.page_values import plain
from martlet.templates.escaping.safe import SafeJS, SafeJSString

__all__ = ["json_value", "script_regexp", "script_string", "script_template", "script_value", "to_json"]

_CLEAN_STRING = re.compile(r"[ !#$%'()*,\-./0-9:;=?@A-Z\[\]^_`a-z{|}~]*+").fullmatch
_IN_PAGE = re.compile("[<>&\u2028\u2029\ud800-\udfff\x7f]")


def _unicode(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _is_missing(value: object) -> bool:
    """Whether it is an undefined value, or a number that is none."""
    return hasattr(type(value), "_fail_with_undefined_error") or value != value  # noqa: PLR0124


def _plain_value(value: Any) -> Any:
    """What a value that JSON does not know stands for."""
    if _is_missing(value):
        str(value)  # a strict undefined value says so here
        return None
    return json_kind(value, _as_text)


def _as_text(value: Any) -> Any:
    """What anything else shows, such as a duration; bytes are numbers."""
    return list(cast("Iterable[Any]", value)) if isinstance(value, Iterable) else str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain_value, allow_nan=False)


def to_json(value: Any) -> str:
    r"""A value as JSON in which nothing ends a script, a comment or an attribute in single quotes but for the apostrophe itself.

    >>> to_json({"a": "</script>"})
    '{"a":"\\u003c/script\\u003e"}'
    """
    if isinstance(value, str):
        text = encode_basestring(plain(value))
    else:
        try:
            text = _encoder.encode(value)
        except (ValueError, TypeError, RecursionError):
            return "null"
    return _IN_PAGE.sub(_unicode, text)


def script_value(value: Any) -> str:
    r"""A value as an expression of JavaScript; a number or a word has blanks around it, so that it joins with no neighbour.

    >>> script_value("it's </b>"), script_value(42), script_value(None), script_value(SafeJS("f(x)"))
    ('"it\'s \\u003c/b\\u003e"', ' 42 ', ' null ', 'f(x)')
    """
    if type(value) is str:
        return f'"{value}"' if _CLEAN_STRING(value) else to_json(value)
    if isinstance(value, SafeJS):
        return plain(value)
    if isinstance(value, SafeJSString):
        return f'"{plain(value)}"'
    text = to_json(value)
    return f" {text} " if text[-1] not in '"]}' else text


def json_value(value: Any) -> str:
    """A value in JSON: as in a script, but that a program is no JSON and becomes a string."""
    if type(value) is SafeJS:
        return to_json(plain(value))
    return script_value(value)


_STRING = {
    **{code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F, *map(ord, "\"'`&+<>\u2028\u2029"))},
    **{ord(key): text for key, text in {"\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "/": "\\/"}.items()},
}
_STRING_ALL = {**_STRING, ord("\\"): "\\\\"}
_TEMPLATE = {**_STRING, **{ord(character): f"\\u{ord(character):04x}" for character in "${}"}}
_TEMPLATE_ALL = {**_TEMPLATE, ord("\\"): "\\\\"}
_REGEXP = {**_STRING_ALL, **{ord(character): f"\\{character}" for character in "$()*-.?[]^{|}"}}
_CLEAN = re.compile(r"[ !#$%()*,\-.0-9:;=?@A-Z\[\]^_a-z{|}~]*+").fullmatch
_CLEAN_TEMPLATE = re.compile(r"[ !#%()*,\-.0-9:;=?@A-Z\[\]^_a-z|~]*+").fullmatch
_CLEAN_REGEXP = re.compile(r"[ !#%,0-9:;=@A-Z_a-z~]+").fullmatch


def script_string(value: Any) -> str:
    r"""A value in a string of JavaScript or JSON, without its quotes; it needs no further escaping in an attribute.

    >>> script_string("it's\n</b>"), script_string(SafeJSString("a\\u0022'"))
    ('it\\u0027s\\n\\u003c\\/b\\u003e', 'a\\u0022\\u0027')
    """
    text = plain(value)
    if _CLEAN(text):
        return text
    return text.translate(_STRING if isinstance(value, SafeJSString) else _STRING_ALL)


def script_template(value: Any) -> str:
    """A value in a template literal, of which it can begin no substitution."""
    text = plain(value)
    if _CLEAN_TEMPLATE(text):
        return text
    return text.translate(_TEMPLATE if isinstance(value, SafeJSString) else _TEMPLATE_ALL)


def script_regexp(value: Any) -> str:
    r"""A value in a regular expression, which matches it literally; an empty one is an empty group, as `//` is a comment.

    >>> script_regexp("a.b*"), script_regexp("")
    ('a\\.b\\*', '(?:)')
    """
    text = plain(value)
    return text if _CLEAN_REGEXP(text) else text.translate(_REGEXP) or "(?:)"
