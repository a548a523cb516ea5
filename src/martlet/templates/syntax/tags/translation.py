"""The tag `trans`: a message for translators, with its variables, plural and context."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from martlet.templates.syntax.nodes import Expression, Name, Span, Statement, Translation
from martlet.templates.syntax.tag_parser import TagParser
from martlet.templates.syntax.tokens import COLON, EOF, ERROR, NAME, OUTPUT, STRING, TEXT

__all__ = ["parse_trans"]


@dataclass(slots=True)
class _Heading:
    """What stands in the tag itself. trimmed: None if nothing is said about it."""

    context: str | None
    variables: dict[str, Expression] = field(default_factory=dict[str, Expression])
    trimmed: bool | None = None


def parse_trans(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`trans "context" trimmed count=users|length, name`, `pluralize count`, `endtrans`."""
    heading = _parse_heading(parser)
    variables = heading.variables
    tag = parser.open[-1]
    tag.until = ("pluralize", "endtrans")
    singular, ended_by = _parse_message(parser, variables)
    plural = count = None
    if ended_by == "pluralize":
        count = _parse_count(parser, variables, at)
        tag.until = ("endtrans",)
        plural, _ = _parse_message(parser, variables)
    trimmed = parser.syntax.trim_translations if heading.trimmed is None else heading.trimmed
    if trimmed:
        singular = _join_lines(singular)
        plural = None if plural is None else _join_lines(plural)
    return (Translation(at, singular, plural, tuple(variables.items()), count, heading.context),)


def _parse_heading(parser: TagParser) -> _Heading:
    heading = _Heading(parser.value if parser.kind == STRING else None)
    if heading.context is not None:
        parser.advance()
    while not parser.at_end():
        if heading.variables:
            parser.expect(",")
        if parser.kind == COLON:
            parser.advance()
            break
        place, name = parser.here(), parser.expect_name("a variable's name")
        if name in heading.variables:
            parser.fail(f"the variable {name!r} is there twice", place)
        if parser.skip("="):
            heading.variables[name] = parser.parse_expression()
        elif heading.trimmed is None and name in ("trimmed", "notrimmed"):
            heading.trimmed = name == "trimmed"
        else:
            heading.variables[name] = Name(place, name)
    return heading


def _parse_message(parser: TagParser, variables: dict[str, Expression]) -> tuple[str, str]:
    """Parse up to `pluralize` or `endtrans`: the message as catalogues have it, and the name of the tag that ends it."""
    parser.expect_end()
    parts: list[str] = []
    while True:
        if parser.kind == TEXT:
            parts.append(parser.value.replace("%", "%%"))
            parser.advance()
        elif parser.kind == OUTPUT:
            parser.advance()
            place, name = parser.here(), parser.expect_name("a variable's name")
            if not parser.at_end():
                parser.fail(f"only a name may stand between these marks in 'trans'; write {{% trans {name} = … %}} for a value")
            parser.expect_end()
            variables.setdefault(name, Name(place, name))
            parts.append(f"%({name})s")
        elif parser.kind in (EOF, ERROR):
            tag = parser.open[-1]
            parser.fail(f"the template ends, but 'trans', opened on line {tag.at.line}, is still open and waits for 'endtrans'")
        else:
            parser.advance()
            name = parser.value
            if parser.kind != NAME or name not in parser.open[-1].until:
                _fail_inside(parser, name)
            parser.advance()
            return "".join(parts), name


def _fail_inside(parser: TagParser, name: str) -> NoReturn:
    if name == "pluralize":
        parser.fail("'pluralize' is there twice; a message has one plural")
    if name == "trans":
        parser.fail("'trans' cannot stand inside of 'trans'; was 'endtrans' meant?")
    parser.fail(f"{parser.described()} cannot stand inside of 'trans': a message has only text and variables")


def _parse_count(parser: TagParser, variables: dict[str, Expression], at: Span) -> str:
    """Parse what follows `pluralize`: the variable that chooses the plural, the first one if none is named."""
    if parser.kind != NAME:
        if not variables:
            parser.fail("'pluralize' needs a variable that counts: {% trans count=… %}", at)
        return next(iter(variables))
    if parser.value not in variables:
        parser.fail(f"'trans' has no variable {parser.value!r} to choose the plural by")
    return parser.expect_name()


def _join_lines(message: str) -> str:
    lines = (line.strip() for line in message.strip().split("\n"))
    return " ".join(line for line in lines if line)
