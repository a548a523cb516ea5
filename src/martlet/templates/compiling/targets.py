"""What is assigned to: a name, several, an attribute of a namespace."""

from __future__ import annotations

from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["assign", "publish", "target_text"]


def assign(unit: UnitWriter, target: nodes.Target, value: str, at: Span) -> None:
    """Set a name, several, or an attribute of a namespace."""
    match target:
        case nodes.Name(name=name):
            variable = unit.scope.declare(name)
            unit.line(f"{variable} = {value}", at)
            publish(unit, name, variable, at)
        case nodes.Attribute():
            holder = unit.expression(target.target)
            unit.line(f"set_attribute({holder}, {quoted(target.name)}, {value})", at)
        case nodes.TupleDisplay(items=items):
            values = [unit.scope.function.value() for _ in items]
            unit.line(f"{', '.join(values)}, = {value}", at)
            for item, part in zip(items, values, strict=True):
                if isinstance(item, (nodes.Name, nodes.Attribute, nodes.TupleDisplay)):
                    assign(unit, item, part, at)


def publish(unit: UnitWriter, name: str, variable: str, at: Span) -> None:
    """Put what is set at the top of a template into the context, where blocks and other templates find it."""
    if unit.at_top:
        unit.line(f"ctx[{quoted(name)}] = {variable}", at)
        if not name.startswith("_"):
            unit.exports.add(name)


def target_text(unit: UnitWriter, target: nodes.Target, given: dict[str, str]) -> str:
    """What Python's `for` assigns to; given: takes the variable of each name."""
    if isinstance(target, nodes.Name):
        return given.setdefault(target.name, unit.scope.function.variable(target.name))
    if isinstance(target, nodes.TupleDisplay):
        parts = [target_text(unit, item, given) for item in target.items if isinstance(item, (nodes.Name, nodes.TupleDisplay))]
        if len(parts) == len(target.items):
            return f"({', '.join(parts)},)"
    return unit.refuse("a loop sets names only", target.at)
