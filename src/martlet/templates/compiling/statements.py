"""Statements: what each tag writes. Loops stand in loops.py, macros in macros.py, output in output.py."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

from martlet.templates.compiling.calls import filter_value
from martlet.templates.compiling.contexts import await_lines, context_text
from martlet.templates.compiling.loops import write_for
from martlet.templates.compiling.macros import write_call_block, write_macro
from martlet.templates.compiling.others import write_extends, write_from_import, write_import, write_include, write_run_unit
from martlet.templates.compiling.output import escaper_name, write_text, write_value
from martlet.templates.compiling.printing import write_printed
from martlet.templates.compiling.targets import assign
from martlet.templates.compiling.unit import StatementWriters, UnitWriter
from martlet.templates.compiling.writer import Writer, quoted
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Span

__all__ = ["STATEMENTS"]

MANY_BRANCHES = 50  # `elif`s nest for Python's compiler, which goes only so deep


def _if(unit: UnitWriter, node: nodes.If) -> None:
    guarded, unit.guarded = unit.guarded, True
    (test, body), *others = node.branches
    tests = [_test(unit, test) for test, _ in others]
    if len(tests) > MANY_BRANCHES or any(lines.lines for lines, _ in tests):
        _if_by_flag(unit, node)
    else:
        unit.line(f"if {unit.expression(test)}:", test.at)
        _branch(unit, body)
        for (other, branch), (_, text) in zip(others, tests, strict=True):
            unit.line(f"elif {text}:", other.at)
            _branch(unit, branch)
        if node.otherwise:
            unit.line("else:", node.at)
            _branch(unit, node.otherwise)
    unit.guarded = guarded


def _test(unit: UnitWriter, test: nodes.Expression) -> tuple[Writer, str]:
    """What a test needs before it, and its text."""
    with unit.aside() as lines:
        text = unit.expression(test)
    return lines, text


def _branch(unit: UnitWriter, body: Body) -> None:
    with unit.writer.indented():
        unit.body(body)


def _if_by_flag(unit: UnitWriter, node: nodes.If) -> None:
    """Branches whose tests need lines of their own: each is asked if none before it was taken; never deeper than two."""
    taken = unit.value("False", node.at)
    for number, (test, body) in enumerate(node.branches):
        if number:
            unit.line(f"if not {taken}:", test.at)
        with unit.writer.deeper() if number else nullcontext():
            unit.line(f"if {unit.expression(test)}:", test.at)
            with unit.writer.indented():
                unit.line(f"{taken} = True", test.at)
                unit.body(body)
    if node.otherwise:
        unit.line(f"if not {taken}:", node.at)
        _branch(unit, node.otherwise)


def _set(unit: UnitWriter, node: nodes.Set) -> None:
    assign(unit, node.target, unit.expression(node.value), node.at)


def _set_block(unit: UnitWriter, node: nodes.SetBlock) -> None:
    value = _captured_body(unit, node.body, node.at)
    if node.filter is not None:
        value = _chained(unit, node.filter, value)
        if unit.escapes == "True":
            value = f"Markup({value}) if type({value}) is str else {value}"
    assign(unit, node.target, value, node.at)


def _captured_body(unit: UnitWriter, body: Body, at: Span) -> str:
    with unit.captured(at) as pieces, unit.inner_scope(body, at):
        unit.body(body)
    return unit.value(unit.joined(pieces), at)


def _chained(unit: UnitWriter, node: nodes.Filter, value: str) -> str:
    """Filters of a block, the innermost first, whose target is the block's output."""
    if isinstance(node.target, nodes.Filter):
        value = _chained(unit, node.target, value)
    return filter_value(unit, node, value)


def _filter_block(unit: UnitWriter, node: nodes.FilterBlock) -> None:
    value = _chained(unit, node.filter, _captured_body(unit, node.body, node.at))
    write_value(unit, value, node.at, node.escaper)


def _with(unit: UnitWriter, node: nodes.With) -> None:
    values = [unit.named(unit.expression(value), value.at) for value in node.values]
    with unit.inner_scope(node.body, node.at):
        for target, value in zip(node.targets, values, strict=True):
            assign(unit, target, value, node.at)
        unit.body(node.body)


def _do(unit: UnitWriter, node: nodes.Do) -> None:
    value = unit.expression(node.value)
    if not value.isidentifier():
        unit.line(value, node.at)


def _break(unit: UnitWriter, node: nodes.Break) -> None:
    if unit.loop_state is None or not unit.loop_state.may_leave:
        unit.refuse("`break` stands outside of a loop", node.at)
    unit.line("break", node.at)


def _continue(unit: UnitWriter, node: nodes.Continue) -> None:
    if unit.loop_state is None or not unit.loop_state.may_leave:
        unit.refuse("`continue` stands outside of a loop", node.at)
    unit.line("continue", node.at)


def _autoescape(unit: UnitWriter, node: nodes.AutoEscape) -> None:
    before = unit.escapes
    if isinstance(node.value, nodes.Literal):
        unit.escapes = str(bool(node.value.value))
    else:
        unit.escapes = unit.value(f"bool({unit.expression(node.value)})", node.at)
    with unit.inner_scope(node.body, node.at):
        unit.body(node.body)
    unit.escapes = before


def _translation(unit: UnitWriter, node: nodes.Translation) -> None:
    values = {name: unit.named(unit.expression(value), value.at) for name, value in node.variables}
    given = "{" + ", ".join(f"{quoted(name)}: {value}" for name, value in values.items()) + "}"
    plural = "None" if node.plural is None else quoted(node.plural)
    count = "None" if node.count is None else values[node.count]
    context = "None" if node.context is None else quoted(node.context)
    function = f"translate({context_text(unit)}, {unit.escapes}, {quoted(node.singular)}, {plural}, {count}, {context}, {given})"
    value = unit.value(function, node.at)
    await_lines(unit, value, node.at)
    write_text(unit, value if node.escaper is None else f"{escaper_name(unit, node.escaper)}({value})", node.at)


def _debug(unit: UnitWriter, node: nodes.Debug) -> None:
    if unit.facts.sandboxed:
        unit.refuse("`debug` prints all that the page is given, which a sandboxed template may not see", node.at)
    write_value(unit, f"describe_context({context_text(unit)})", node.at)


def _flush(unit: UnitWriter, node: nodes.Flush) -> None:
    if unit.mode.streams and not unit.captures:
        unit.line("yield take()", node.at)


def _declaration(unit: UnitWriter, node: nodes.ContextDeclaration) -> None:
    for name, _, default in node.names:
        if default is None:
            continue
        variable = unit.scope.declare(name)
        unit.line(f"{variable} = ctx.get({quoted(name)}, MISSING)", node.at)
        unit.line(f"if {variable} is MISSING:", node.at)
        with unit.writer.indented():
            assign(unit, nodes.Name(node.at, name), unit.expression(default), default.at)


STATEMENTS: Final[StatementWriters] = {
    nodes.Text: write_printed,
    nodes.If: _if,
    nodes.For: write_for,
    nodes.Set: _set,
    nodes.SetBlock: _set_block,
    nodes.With: _with,
    nodes.Macro: write_macro,
    nodes.CallBlock: write_call_block,
    nodes.FilterBlock: _filter_block,
    nodes.Do: _do,
    nodes.Break: _break,
    nodes.Continue: _continue,
    nodes.AutoEscape: _autoescape,
    nodes.Translation: _translation,
    nodes.Debug: _debug,
    nodes.Flush: _flush,
    nodes.ContextDeclaration: _declaration,
    nodes.Extends: write_extends,
    nodes.RunUnit: write_run_unit,
    nodes.Include: write_include,
    nodes.Import: write_import,
    nodes.FromImport: write_from_import,
}
