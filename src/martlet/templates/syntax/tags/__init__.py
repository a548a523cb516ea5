"""The language's own tags, by their names."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from martlet.templates.syntax.tag_parser import Tag
from martlet.templates.syntax.tags.control import (
    parse_autoescape,
    parse_break,
    parse_continue,
    parse_debug,
    parse_do,
    parse_filter_block,
    parse_flush,
    parse_for,
    parse_if,
    parse_print,
)
from martlet.templates.syntax.tags.linking import parse_block, parse_extends, parse_from, parse_import, parse_include
from martlet.templates.syntax.tags.names import parse_call, parse_context, parse_macro, parse_set, parse_with
from martlet.templates.syntax.tags.translation import parse_trans

__all__ = ["TAGS"]

TAGS: Final[MappingProxyType[str, Tag]] = MappingProxyType(
    {
        "autoescape": parse_autoescape,
        "block": parse_block,
        "break": parse_break,
        "call": parse_call,
        "context": parse_context,
        "continue": parse_continue,
        "debug": parse_debug,
        "do": parse_do,
        "extends": parse_extends,
        "filter": parse_filter_block,
        "flush": parse_flush,
        "for": parse_for,
        "from": parse_from,
        "if": parse_if,
        "import": parse_import,
        "include": parse_include,
        "macro": parse_macro,
        "print": parse_print,
        "set": parse_set,
        "trans": parse_trans,
        "with": parse_with,
    }
)
