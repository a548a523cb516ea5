"""Attributes and items: the likely one is tried where it stands; `get_attribute` and `get_item` are asked when that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from martlet.templates.compiling.contexts import await_lines
from martlet.templates.compiling.naming import is_python_name
from martlet.templates.compiling.scopes import COUNTED_LOOP
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes

__all__ = ["COUNTED", "counted_text", "variable_read", "write_attribute", "write_item", "write_together"]

# Names that a dict has as attributes: `rows.items` is the method, whatever the keys are.
DICT_NAMES: Final = frozenset(dir(dict))
COUNTED: Final = {
    "index": "{counter} + 1",
    "index0": "{counter}",
    "first": "{counter} == 0",
    "last": "{counter} + 1 == {length}",
    "length": "{length}",
    "revindex": "{length} - {counter}",
    "revindex0": "{length} - {counter} - 1",
}


def write_attribute(unit: UnitWriter, node: nodes.Attribute) -> str:
    """`a.b`."""
    counted = counted_text(unit, node)
    if counted:
        return counted
    target, name = unit.expression(node.target), node.name
    if name.startswith("_") and not unit.facts.reads_private:
        unit.refuse(f"the attribute {name!r} begins with an underscore, so that it is nothing for templates", node.at)
    if unit.facts.sandboxed:
        return unit.value(f"get_attribute({target}, {quoted(name)})", node.at)
    target = unit.named(target, node.at)
    plain = f"{target}.{name}" if is_python_name(name) else f"getattr({target}, {quoted(name)})"
    found = unit.scope.function.value()
    quick = plain if name in DICT_NAMES else f"{target}[{quoted(name)}] if type({target}) is dict else {plain}"
    _write_attempt(unit, f"{found} = {quick}", f"{found} = get_attribute({target}, {quoted(name)}, True)", node.at)
    if isinstance(node.target, nodes.Name) and node.target.name == "loop":  # what is not yet known of a loop is awaited
        await_lines(unit, found, node.at)
    return found


def variable_read(unit: UnitWriter, node: nodes.Expression) -> str:
    """The variable of which this reads an attribute in the usual way, so that others may be read with it; "" if it does not."""
    if unit.facts.sandboxed or not isinstance(node, nodes.Attribute) or not isinstance(node.target, nodes.Name):
        return ""
    is_usual = is_python_name(node.name) and node.name not in DICT_NAMES and not node.name.startswith("_")
    return node.target.name if is_usual and node.target.name != "loop" else ""


def write_together(unit: UnitWriter, read: Sequence[nodes.Attribute]) -> list[str]:
    """Several attributes of one variable, see `variable_read`; gives the variables that hold them.

    PERF: with one test for all of a row of two columns, a table takes 2 % less time on CPython 3.11 than with one for each, and
    4 % less on 3.13. What is written twice is a line for each attribute.
    """
    target = unit.expression(read[0].target)
    found = [unit.scope.function.value() for _ in read]
    for test, quick in ((f"if type({target}) is dict:", '{0}["{1}"]'), ("else:", "{0}.{1}")):
        unit.line(test, read[0].at)
        with unit.writer.indented():
            for variable, node in zip(found, read, strict=True):
                slow = f"get_attribute({target}, {quoted(node.name)}, True)"
                _write_attempt(unit, f"{variable} = {quick.format(target, node.name)}", f"{variable} = {slow}", node.at)
    return found


def _write_attempt(unit: UnitWriter, quick: str, slow: str, at: nodes.Span) -> None:
    unit.line(f"try: {quick}", at)
    unit.line(f"except Exception: {slow}", at)


def counted_text(unit: UnitWriter, node: nodes.Expression) -> str | None:
    """`loop.index` and its like as arithmetic on the loop's own variables."""
    state = unit.loop_state
    if state is None or not isinstance(node, nodes.Attribute) or not isinstance(node.target, nodes.Name):
        return None
    if unit.scope.find(node.target.name) != COUNTED_LOOP:
        return None
    return f"({COUNTED[node.name].format(counter=state.counter, length=state.length)})"


def write_item(unit: UnitWriter, node: nodes.Item) -> str:
    """`a[b]`."""
    target = unit.expression(node.target)
    key = unit.expression(node.key)
    if unit.facts.sandboxed:
        return unit.value(f"get_item({target}, {key})", node.at)
    target, key = unit.named(target, node.at), key if isinstance(node.key, nodes.Literal) else unit.named(key, node.at)
    if isinstance(node.key, nodes.Slice):  # of what has no items it is an error, as in Python
        return unit.value(f"{target}[{key}]", node.at)
    found = unit.scope.function.value()
    _write_attempt(unit, f"{found} = {target}[{key}]", f"{found} = get_item({target}, {key}, True)", node.at)
    return found
