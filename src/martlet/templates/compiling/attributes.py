"""Attributes and items: the likely one is tried where it stands; `get_attribute` and `get_item` are asked when that failed."""

from __future__ import annotations

from typing import Final

from martlet.templates.compiling.contexts import await_lines
from martlet.templates.compiling.naming import is_python_name
from martlet.templates.compiling.scopes import COUNTED_LOOP
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes

__all__ = ["COUNTED", "counted_text", "write_attribute", "write_item"]

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
    is_dict = unit.dict_tests.get(target) or f"type({target}) is dict"
    quick = plain if name in DICT_NAMES else f"{target}[{quoted(name)}] if {is_dict} else {plain}"
    unit.line(f"try: {found} = {quick}", node.at)
    unit.line(f"except Exception as error: {found} = get_attribute({target}, {quoted(name)}, error)", node.at)
    if isinstance(node.target, nodes.Name) and node.target.name == "loop":  # what is not yet known of a loop is awaited
        await_lines(unit, found, node.at)
    return found


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
    unit.line(f"try: {found} = {target}[{key}]", node.at)
    unit.line(f"except Exception as error: {found} = get_item({target}, {key}, error)", node.at)
    return found
