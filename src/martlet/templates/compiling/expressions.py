"""Expressions: each becomes lines that compute it and a text that stands for its value.

What can fail or has an effect stands in a line of its own, in the order of the source, so that a traceback's caret is narrow, and
an attribute can be tried the quick way first. What a short circuit may skip is written aside and put behind an `if`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from martlet.templates.compiling.attributes import write_attribute, write_item
from martlet.templates.compiling.calls import write_call, write_filter, write_test
from martlet.templates.compiling.costs import made_text, printable_text
from martlet.templates.compiling.unit import ExpressionWriters, UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes

__all__ = ["EXPRESSIONS"]


def _literal(_unit: UnitWriter, node: nodes.Literal) -> str:
    if isinstance(node.value, str):
        return quoted(node.value)
    written = repr(node.value)
    return {"inf": 'float("inf")', "nan": 'float("nan")'}.get(written, written)


def _name(unit: UnitWriter, node: nodes.Name) -> str:
    return unit.scope.read(node.name)


def _sequence(unit: UnitWriter, items: Iterable[nodes.Expression]) -> str:
    return ", ".join([unit.expression(item) for item in items])


def _tuple(unit: UnitWriter, node: nodes.TupleDisplay) -> str:
    written = f"({_sequence(unit, node.items)}{',' if len(node.items) == 1 else ''})"
    return written if all(isinstance(item, nodes.Literal) for item in node.items) else made_text(unit, written)


def _list(unit: UnitWriter, node: nodes.ListDisplay) -> str:
    return made_text(unit, f"[{_sequence(unit, node.items)}]")


def _dict(unit: UnitWriter, node: nodes.DictDisplay) -> str:
    pairs = [f"{_bounded(unit, key)}: {unit.expression(value)}" for key, value in node.pairs]
    return made_text(unit, "{" + ", ".join(pairs) + "}")


def _slice(unit: UnitWriter, node: nodes.Slice) -> str:
    parts = [unit.expression(part) if part is not None else "None" for part in (node.start, node.stop, node.step)]
    return f"slice({', '.join(parts)})"


def _unary(unit: UnitWriter, node: nodes.Unary) -> str:
    operand = unit.expression(node.operand)
    if unit.facts.sandboxed and node.operator != "not":
        return unit.value(f"guarded_unary({quoted(node.operator)}, {operand})", node.at)
    return f"(not {operand})" if node.operator == "not" else f"({node.operator}{operand})"


def _binary(unit: UnitWriter, node: nodes.Binary) -> str:
    left = unit.expression(node.left)
    right = unit.expression(node.right)
    if unit.facts.sandboxed:
        return unit.value(f"guarded_binary({quoted(node.operator)}, {left}, {right})", node.at)
    return unit.value(f"{left} {node.operator} {right}", node.at)


def _concatenation(unit: UnitWriter, node: nodes.Concatenation) -> str:
    parts = _sequence(unit, node.parts)
    if unit.escapes == "False" and not unit.facts.sandboxed:
        return unit.value(f'"".join(map(str, ({parts})))', node.at)
    return unit.value(f"joined_texts({unit.escapes}, ({parts}))", node.at)


def _boolean(unit: UnitWriter, node: nodes.Boolean) -> str:
    left = unit.expression(node.left)
    with unit.aside() as aside:
        right = unit.expression(node.right)
    if not aside.lines:
        return f"({left} {node.operator} {right})"
    found = unit.value(left, node.at)
    unit.line(f"if {found}:" if node.operator == "and" else f"if not {found}:", node.at)
    aside.line(f"{found} = {right}", node.right.at)
    unit.writer.take_over(aside)
    return found


def _bounded(unit: UnitWriter, node: nodes.Expression) -> str:
    return printable_text(unit, unit.expression(node), node)


def _compare(unit: UnitWriter, node: nodes.Compare) -> str:
    parts = [_bounded(unit, node.first)]
    for operator, operand in node.rest:
        parts += operator, _bounded(unit, operand)
    return f"({' '.join(parts)})"


def _conditional(unit: UnitWriter, node: nodes.Conditional) -> str:
    test = unit.expression(node.test)
    guarded, unit.guarded = unit.guarded, True
    with unit.aside() as then:
        chosen = unit.expression(node.then)
    with unit.aside() as otherwise:
        other = (
            unit.expression(node.otherwise) if node.otherwise is not None else 'Undefined("the inline if-expression has no else")'
        )
    unit.guarded = guarded
    if not then.lines and not otherwise.lines:
        return f"({chosen} if {test} else {other})"
    found = unit.scope.function.value()
    unit.line(f"if {test}:", node.test.at)
    then.line(f"{found} = {chosen}", node.then.at)
    unit.writer.take_over(then)
    unit.line("else:", node.at)
    otherwise.line(f"{found} = {other}", node.at)
    unit.writer.take_over(otherwise)
    return found


EXPRESSIONS: Final[ExpressionWriters] = {
    nodes.Literal: _literal,
    nodes.Name: _name,
    nodes.TupleDisplay: _tuple,
    nodes.ListDisplay: _list,
    nodes.DictDisplay: _dict,
    nodes.Attribute: write_attribute,
    nodes.Item: write_item,
    nodes.Slice: _slice,
    nodes.Call: write_call,
    nodes.Filter: write_filter,
    nodes.Test: write_test,
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Concatenation: _concatenation,
    nodes.Boolean: _boolean,
    nodes.Compare: _compare,
    nodes.Conditional: _conditional,
}
