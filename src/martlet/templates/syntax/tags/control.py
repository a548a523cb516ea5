"""Tags that decide what is written, and how often: if, for, break, continue, print, do, filter, autoescape, debug, flush."""

from __future__ import annotations

from typing import NoReturn

from martlet.templates.syntax.nodes import (
    AutoEscape,
    Body,
    Break,
    Continue,
    Debug,
    Do,
    Expression,
    FilterBlock,
    Flush,
    For,
    If,
    Print,
    Span,
    Statement,
)
from martlet.templates.syntax.tag_parser import TagParser

__all__ = [
    "parse_autoescape",
    "parse_break",
    "parse_continue",
    "parse_debug",
    "parse_do",
    "parse_filter_block",
    "parse_flush",
    "parse_for",
    "parse_if",
    "parse_print",
]

# A body that Python runs as a function of its own: no `break` reaches out of it.
_FUNCTIONS = frozenset({"macro", "call", "block"})


def parse_if(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`if test`, `elif test`, `else`, `endif`."""
    branches: list[tuple[Expression, Body]] = []
    otherwise: Body = ()
    ended_by = "elif"
    while ended_by == "elif":
        test = parser.parse_tuple(conditional=False)
        body, ended_by = parser.parse_body(until=("elif", "else", "endif"))
        branches.append((test, body))
    if ended_by == "else":
        if parser.at("if"):
            parser.fail("`else` takes no test; write `elif`")
        otherwise, _ = parser.parse_body(until=("endif",))
    return (If(at, tuple(branches), otherwise),)


def parse_for(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`for target in iterable if condition recursive`, `else`, `endfor`."""
    target = parser.parse_target(stop="in")
    parser.expect("in")
    iterable = parser.parse_tuple(conditional=False)
    condition = parser.parse_expression() if parser.skip("if") else None
    recursive = parser.skip("recursive")
    tag = parser.open[-1]
    tag.is_loop = True
    body, ended_by = parser.parse_body(until=("else", "endfor"))
    tag.is_loop = False
    otherwise: Body = ()
    if ended_by == "else":
        otherwise, _ = parser.parse_body(until=("endfor",))
    return (For(at, target, iterable, condition, body, otherwise, recursive),)


def _refuse_outside_of_loops(parser: TagParser, at: Span) -> None:
    for tag in reversed(parser.open):
        if tag.is_loop:
            return
        if tag.name in _FUNCTIONS:
            _fail_outside(parser, at, f", and none around the {tag.name!r} of line {tag.at.line} can be left from inside of it")
    _fail_outside(parser, at, "")


def _fail_outside(parser: TagParser, at: Span, reason: str) -> NoReturn:
    parser.fail(f"{parser.open[-1].name!r} stands outside of a loop{reason}", at)


def parse_break(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`break`: leave the loop."""
    _refuse_outside_of_loops(parser, at)
    return (Break(at),)


def parse_continue(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`continue`: go on with the next item."""
    _refuse_outside_of_loops(parser, at)
    return (Continue(at),)


def parse_print(parser: TagParser, _at: Span) -> tuple[Statement, ...]:
    """`print a, b`: the same as `{{ a }}{{ b }}`."""
    printed: list[Statement] = []
    while not parser.at_end():
        if printed:
            parser.expect(",")
        value = parser.parse_expression()
        printed.append(Print(value.at, value))
    return tuple(printed)


def parse_do(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`do expression`: its value is not written."""
    return (Do(at, parser.parse_tuple()),)


def parse_filter_block(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`filter upper|trim`, `endfilter`."""
    applied = parser.parse_filters()
    body, _ = parser.parse_body(until=("endfilter",))
    return (FilterBlock(at, applied, body),)


def parse_autoescape(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`autoescape condition`, `endautoescape`."""
    value = parser.parse_expression()
    body, _ = parser.parse_body(until=("endautoescape",))
    return (AutoEscape(at, value, body),)


def parse_debug(_parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`debug`: write what there is."""
    return (Debug(at),)


def parse_flush(_parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`flush`: a stream hands over what it has."""
    return (Flush(at),)
