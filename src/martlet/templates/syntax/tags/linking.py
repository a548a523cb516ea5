"""Tags that name other templates, and the blocks that these fill: extends, block, include, import, from."""

from __future__ import annotations

from martlet.templates.syntax.nodes import Block, Body, Extends, FromImport, Import, Include, Span, Statement, Text
from martlet.templates.syntax.tag_parser import TagParser
from martlet.templates.syntax.tokens import NAME

__all__ = ["parse_block", "parse_extends", "parse_from", "parse_import", "parse_include"]


def parse_extends(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`extends template`: this template fills the blocks of that one."""
    around = [tag for tag in parser.open[:-1] if tag.name != "if"]
    if around:
        parser.fail(
            f"'extends' cannot stand inside of the {around[0].name!r} of line {around[0].at.line}; only 'if' may be around", at
        )
    return (Extends(at, parser.parse_expression()),)


def parse_block(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`block name scoped required`, the two words in either order, `endblock name`."""
    place = parser.here()
    name = parser.expect_name("the block's name")
    if parser.at("-"):
        parser.fail("a block's name cannot contain '-'; write '_' instead")
    if name in parser.blocks:
        parser.fail(f"the block {name!r} is there twice, first on line {parser.blocks[name].line}", place)
    parser.blocks[name] = place
    required = parser.skip("required")
    scoped = parser.skip("scoped")
    required = required or parser.skip("required")
    body, _ = parser.parse_body(until=("endblock",))
    if required and not _is_blank(body):
        parser.fail(f"the block {name!r} is required, so that it may contain only comments and white space here")
    if parser.kind == NAME and not parser.skip(name):
        parser.fail(f"'endblock {parser.value}' closes the block {name!r} of line {at.line}")
    return (Block(at, name, body, scoped, required),)


def _is_blank(body: Body) -> bool:
    return all(isinstance(node, Text) and node.text.isspace() for node in body)


def parse_include(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`include template ignore missing without context`."""
    template = parser.parse_expression()
    ignore_missing = parser.at("ignore") and parser.following()[:2] == (NAME, "missing")
    if ignore_missing:
        parser.advance()
        parser.advance()
    with_context = _parse_context(parser)
    return (Include(at, template, ignore_missing, with_context is not False),)


def parse_import(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`import template as name with context`."""
    template = parser.parse_expression()
    parser.expect("as")
    name = parser.parse_assigned_name()
    return (Import(at, template, name, _parse_context(parser) or False),)


def parse_from(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`from template import name as alias, name with context`; a comma may stand before `with`."""
    template = parser.parse_expression()
    parser.expect("import")
    names: list[tuple[str, str]] = []
    with_context = None
    while True:
        if names:
            parser.expect(",")
        with_context = _parse_context(parser)
        if with_context is not None:
            break
        names.append(_parse_imported(parser))
        with_context = _parse_context(parser)
        if with_context is not None or not parser.at(","):
            break
    return (FromImport(at, template, tuple(names), with_context or False),)


def _parse_imported(parser: TagParser) -> tuple[str, str]:
    """Parse `name` or `name as alias`: the name there and the name here."""
    place = parser.here()
    name = parser.parse_assigned_name()
    if name.startswith("_"):
        parser.fail(f"{name!r} cannot be imported: names that begin with '_' are a template's own", place)
    return name, parser.parse_assigned_name() if parser.skip("as") else name


def _parse_context(parser: TagParser) -> bool | None:
    """Parse `with context` or `without context`; None if neither is there."""
    for word in ("with", "without"):
        if parser.at(word) and parser.following()[:2] == (NAME, "context"):
            parser.advance()
            parser.advance()
            return word == "with"
    return None
