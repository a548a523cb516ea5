"""From a source to its tree."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax.lexer import lexer_for
from martlet.templates.syntax.nodes import Span, Template
from martlet.templates.syntax.options import Syntax
from martlet.templates.syntax.tag_parser import Tag, TagParser
from martlet.templates.syntax.tags import TAGS

__all__ = ["parse"]

_SYNTAX: Final = Syntax()
_NO_TAGS: Final[Mapping[str, Tag]] = MappingProxyType({})


def parse(
    source: str,
    *,
    name: str | None = None,
    syntax: Syntax = _SYNTAX,
    tags: Mapping[str, Tag] = _NO_TAGS,
    filename: str | None = None,
) -> Template:
    """Read a template.

    name, filename: what errors call it. tags: tags besides the language's own, or in their place.
    Raises TemplateSyntaxError for a source that is no template, and for one that is nested too deeply.

    >>> parse("Hello {{ user.name }}!").body[0].text
    'Hello '
    """
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    if not syntax.keep_trailing_newline:
        source = source.removesuffix("\n")
    parser = TagParser(
        source, lexer_for(syntax).tokens(source), {**TAGS, **tags} if tags else TAGS, syntax, name=name, filename=filename
    )
    try:
        body = parser.parse_template()
    except RecursionError:
        message = "this is nested too deeply for the calls that Python still allows here"
        raise TemplateSyntaxError(message, parser.here().line, source=source, name=name, filename=filename) from None
    lines = source.split("\n")
    return Template(Span(1, 0, len(lines), len(lines[-1])), body, name)
