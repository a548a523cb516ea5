"""Values in the text, the attributes, the names and the comments of a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from martlet.templates.escaping.attribute_kinds import is_special_name
from martlet.templates.escaping.blocked import BLOCKED, blocked
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.safe import SafeAttributes, SafeHTML

__all__ = [
    "attribute_flags",
    "attribute_names",
    "escape_attribute",
    "escape_cdata",
    "escape_comment",
    "escape_html",
    "escape_rcdata",
    "escape_unquoted",
    "escape_unquoted_start",
    "escape_unquoted_whole",
    "html_text",
    "name_part",
    "plain",
    "strip_tags",
    "tag_digits",
    "tag_name_parts",
    "trigger",
]


def escape_in_python(text: str) -> str:
    """The five characters that mean something in a page's text or in an attribute, as entities."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    if '"' in text:
        text = text.replace('"', "&#34;")
    return text.replace("'", "&#39;") if "'" in text else text


def _find_escape() -> Callable[[str], str]:
    # MarkupSafe's scan in C has no public name; test_escape_html.py fails when it moves.
    try:
        from markupsafe._speedups import _escape_inner  # noqa: PLC0415  # pyright: ignore[reportPrivateUsage]
    except ImportError:  # pragma: no cover -- MarkupSafe was built without its C part
        return escape_in_python
    found: Callable[[str], str] = _escape_inner
    return found


# Of a `str`, and not of its subclasses: the scan in C takes nothing else.
escape_html: Final[Callable[[str], str]] = _find_escape()


def html_text(value: Any) -> str:
    """A value in the text of a page: what is HTML stays, all else is escaped.

    >>> html_text("<b>"), html_text(SafeHTML("<b>")), html_text(3)
    ('&lt;b&gt;', '<b>', '3')
    """
    if type(value) is str:
        return escape_html(value)
    if type(value) is int:
        return str(value)
    own = getattr(value, "__html__", None)
    return escape_html(plain(value)) if own is None else plain(own())


_TAGS = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style)(?![\w-])(?:.*?</(?P=raw)(?![\w-])[^>]*>|.*)|</?[a-z](?:[^\"'>]|\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z))*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_NORMAL = str.maketrans({"<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "\x00": "�"})


def strip_tags(html: str) -> str:
    """The text of a piece of HTML; its entities stay, so that the result may be written as HTML again.

    >>> strip_tags("Foo<script>alert(1)</script>&amp;<b class='>'>Bar</b>")
    'Foo&amp;Bar'
    """
    return _TAGS.sub("", html) if "<" in html else html


def _html_of(value: Any) -> str | None:
    if isinstance(value, SafeAttributes):
        return None
    if isinstance(value, SafeHTML):
        return str.__str__(value)
    own = None if isinstance(value, (str, int, float)) else getattr(value, "__html__", None)
    return None if own is None else str(own())


def escape_attribute(value: Any) -> str:
    """A value in a quoted attribute: of HTML only the text is written.

    >>> escape_attribute(SafeHTML('a "<b>b</b>" &amp; c')), escape_attribute("<'>")
    ('a &#34;b&#34; &amp; c', '&lt;&#39;&gt;')
    """
    if type(value) is str:
        return escape_html(value)
    html = _html_of(value)
    return escape_html(plain(value)) if html is None else strip_tags(html).translate(_NORMAL)


def escape_rcdata(value: Any) -> str:
    """A value in `<textarea>` or `<title>`, which have no elements: HTML is shown as it was written."""
    if type(value) is str:
        return escape_html(value)
    html = _html_of(value)
    return escape_html(plain(value)) if html is None else html.translate(_NORMAL)


def plain(value: Any) -> str:
    """Any value as a plain `str`.

    >>> type(plain(SafeHTML("<b>"))) is str
    True
    """
    text = str(value)
    return text if type(text) is str else str.__str__(text)


_UNQUOTED_CLEAN = re.compile(r"[^\x00\t\n\x0b\f\r \"&'+<=>`]+").fullmatch
_UNQUOTED = {ord(character): f"&#{ord(character)};" for character in "\t\n\x0b\f\r \"'+=`"} | {
    0: "&#xfffd;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}
_UNQUOTED_ALL = str.maketrans({**{chr(key): text for key, text in _UNQUOTED.items()}, "&": "&amp;"})


def _unquoted(value: Any, empty: str) -> str:
    html = None if type(value) is str else _html_of(value)
    if html is not None:
        return strip_tags(html).translate(_UNQUOTED) or empty
    text = plain(value)
    return text if _UNQUOTED_CLEAN(text) else text.translate(_UNQUOTED_ALL) or empty


def escape_unquoted(value: Any) -> str:
    """A value in an attribute without quotes that may be empty, as something stands beside it."""
    return _unquoted(value, "")


def escape_unquoted_start(value: Any) -> str:
    """A value that begins an attribute without quotes: an empty one would let the next attribute become the value."""
    return _unquoted(value, BLOCKED)


def escape_unquoted_whole(value: Any) -> str:
    """A value that is all of an attribute without quotes.

    >>> escape_unquoted_whole("a b"), escape_unquoted_whole("")
    ('a&#32;b', '""')
    """
    return _unquoted(value, '""')


def escape_comment(value: Any) -> str:
    """A value in `<!-- … -->`, which it cannot end."""
    return escape_html(plain(value)).replace("-", "&#45;")


def escape_cdata(value: Any) -> str:
    """A value in `<![CDATA[ … ]]>`: behind each bracket the section ends and another begins, so that no value can end it.

    >>> escape_cdata("a]]>b") == "a" + 2 * "]]]><![CDATA[" + ">b"
    True
    """
    text = plain(value).replace("]", "]]]><![CDATA[")
    return "]]><![CDATA[" + text if text.startswith(">") else text


# `aria-` makes no other kind of attribute of any name; `data-` and the like do.
_NAME = re.compile(r"(?:aria-)?[A-Za-z0-9]+").fullmatch
_PART = re.compile(r"[A-Za-z0-9]+").fullmatch
Write = Callable[[SafeAttributes], str]
_A_NAME = "the name of an attribute, or between two"
_A_NAMES_CURE = "write the name out, or make attributes by `| xmlattr`"
_FLAG = re.compile(r"[A-Za-z0-9]*").fullmatch


def attribute_names(
    rules: EscapingRules = DEFAULT_RULES, beginning: str = "", write: Write = str.__str__
) -> Callable[[Any], str]:
    """For a value that is the name of an attribute: letters and digits, and no name that does more than hold a text.

    beginning: what of the name stands before the value. write: for a value that is attributes.

    >>> name = attribute_names()
    >>> name("title"), name("onclick"), name("")
    ('title', 'zBlocked', 'zBlocked')
    """

    def attribute_name(value: Any) -> str:
        if isinstance(value, SafeAttributes) and not beginning:
            return write(value)
        text = plain(value)
        # Special together with what is before it, or by itself: `data-href` and the like are read by other programs.
        is_special = is_special_name(text, rules=rules) or is_special_name(beginning + text, rules=rules)
        return text if (_PART if beginning else _NAME)(text) and not is_special else blocked(value, _A_NAME, _A_NAMES_CURE)

    return attribute_name


def attribute_flags(rules: EscapingRules = DEFAULT_RULES, write: Write = str.__str__) -> Callable[[Any], str]:
    """For a value that is an attribute without a value, such as `checked`, or nothing."""
    name = attribute_names(rules, write=write)

    def attribute_flag(value: Any) -> str:
        return name(value) if isinstance(value, SafeAttributes) or plain(value) else ""

    return attribute_flag


def name_part(value: Any) -> str:
    """A value in the name of an attribute that cannot become a special one: letters and digits."""
    text = plain(value)
    return text if _PART(text) else blocked(value, _A_NAME, _A_NAMES_CURE)


def tag_name_parts(write: Write = str.__str__) -> Callable[[Any], str]:
    """For a value in the name of a tag, as in `<h{{ level }}>`; attributes may stand there too, if they begin with a blank."""

    def tag_name_part(value: Any) -> str:
        if isinstance(value, SafeAttributes) and (not value or value[0].isspace()):
            return write(value)
        return name_part(value)

    return tag_name_part


def tag_digits(write: Write = str.__str__) -> Callable[[Any], str]:
    """For a value in the name of a tag that letters could turn into a special one: digits only."""
    part = tag_name_parts(write)

    def tag_digit(value: Any) -> str:
        text = part(value)
        return (
            text if text[:1].isspace() or not text or (text.isascii() and text.isdigit()) else blocked(value, "the name of a tag")
        )

    return tag_digit


_TRIGGER = re.compile(r"[\w\s\-.:,;#*>+~=@()%!&|]*").fullmatch


def trigger(value: Any) -> str:
    """A value in an attribute whose brackets hold a program: none with brackets, nor with quotes, between which these are a text.

    >>> trigger("keyup changed delay:500ms"), trigger("click[f()]")
    ('keyup changed delay:500ms', 'zBlocked')
    """
    text = plain(value)
    return text if _TRIGGER(text) else blocked(value, "a trigger of htmx")
