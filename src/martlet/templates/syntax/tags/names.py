"""Tags that give names to values and to templates' parts: set, with, context, macro, call."""

from __future__ import annotations

from martlet.templates.syntax.nodes import (
    Body,
    Call,
    CallBlock,
    ContextDeclaration,
    Expression,
    Macro,
    Name,
    Parameter,
    Set,
    SetBlock,
    Span,
    Statement,
    Target,
    With,
    walk,
)
from martlet.templates.syntax.tag_parser import TagParser
from martlet.templates.syntax.tokens import COLON

__all__ = ["parse_call", "parse_context", "parse_macro", "parse_set", "parse_with"]


def parse_set(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`set target = value`, or `set target|filter` up to `endset`."""
    target = parser.parse_target(namespaced=True)
    if parser.skip("="):
        return (Set(at, target, parser.parse_tuple()),)
    applied = None
    if parser.skip("|"):
        applied = parser.parse_filters()
    if not parser.at_end() and parser.kind != COLON:
        parser.fail(
            f"'=' or the end of the tag was expected, not {parser.described()}; only names and namespace.attribute can be set"
        )
    body, _ = parser.parse_body(until=("endset",))
    return (SetBlock(at, target, applied, body),)


def parse_with(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`with a = 1, b = 2`, `endwith`."""
    targets: list[Target] = []
    values: list[Expression] = []
    while not parser.at_end():
        if targets:
            parser.expect(",")
        targets.append(parser.parse_target())
        parser.expect("=")
        values.append(parser.parse_expression())
    body, _ = parser.parse_body(until=("endwith",))
    return (With(at, tuple(targets), tuple(values), body),)


def parse_context(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`context user: User, items: list[str] = []`: what the template is rendered with."""
    declared: dict[str, tuple[str, str | None, Expression | None]] = {}
    while not parser.at_end():
        if declared:
            parser.expect(",")
        place = parser.here()
        name = parser.parse_assigned_name()
        if name in declared:
            parser.fail(f"{name!r} is declared twice", place)
        written = None
        if parser.kind == COLON:
            parser.advance()
            written = _read_type(parser)
        declared[name] = (name, written, parser.parse_expression() if parser.skip("=") else None)
    return (ContextDeclaration(at, tuple(declared.values())),)


def _read_type(parser: TagParser) -> str:
    """The text up to `,`, `=` or the end of the tag, outside of all brackets."""
    start, brackets = parser.start, 0
    while not parser.at_end() and (brackets or parser.kind not in (",", "=")):
        brackets += (parser.kind in ("[", "(", "{")) - (parser.kind in ("]", ")", "}"))
        parser.advance()
    if parser.start == start:
        parser.fail(f"a type was expected, not {parser.described()}")
    return parser.source[start : parser.passed]


def parse_macro(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`macro name(parameters)`, `endmacro`."""
    name = parser.parse_assigned_name()
    parameters = _parse_parameters(parser)
    body, _ = parser.parse_body(until=("endmacro",))
    _check_caller(parser, at, parameters, body)
    return (Macro(at, name, parameters, body),)


def parse_call(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`call(parameters) macro(arguments)`, `endcall`."""
    parameters = _parse_parameters(parser) if parser.at("(") else ()
    call = parser.parse_expression()
    if not isinstance(call, Call):
        parser.fail("a call of a macro was expected behind 'call', such as {% call dialog() %}", at)
    body, _ = parser.parse_body(until=("endcall",))
    _check_caller(parser, at, parameters, body)
    return (CallBlock(at, call, parameters, body),)


def _parse_parameters(parser: TagParser) -> tuple[Parameter, ...]:
    parser.expect("(")
    parameters: dict[str, Parameter] = {}
    with_defaults = False
    while not parser.at(")"):
        if parameters:
            parser.expect_in("(", ",", ")")
        start = parser.start
        place = parser.here()
        name = parser.parse_assigned_name()
        if name in parameters:
            parser.fail(f"there are two parameters {name!r}", place)
        default = parser.parse_expression() if parser.skip("=") else None
        if default is None and with_defaults:
            parser.fail(f"the parameter {name!r} has no default, but one before it has")
        with_defaults = default is not None
        parameters[name] = Parameter(parser.since(start), name, default)
    parser.advance()
    return tuple(parameters.values())


def _check_caller(parser: TagParser, at: Span, parameters: tuple[Parameter, ...], body: Body) -> None:
    """A macro that uses `caller` may be called without one: a parameter of this name needs a default."""
    for parameter in parameters:
        if parameter.name == "caller" and parameter.default is None:
            used = any(isinstance(node, Name) and node.name == "caller" for statement in body for node in walk(statement))
            if used:
                parser.fail("the parameter 'caller' needs a default, or may be left out: a call block fills it", at)
