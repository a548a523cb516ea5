"""`{{ … }}` and the text around it. A macro's call writes where it stands, without a string in between."""

from __future__ import annotations

from collections.abc import Sequence

from martlet.templates.compiling.calls import arguments_text, call_lines
from martlet.templates.compiling.output import Printed, write_output, write_value
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.runtime.parameters import parameter_name
from martlet.templates.syntax import nodes

__all__ = ["write_printed"]


def write_printed(unit: UnitWriter, run: Sequence[Printed]) -> None:
    """Write a run of texts and values; what may be a macro's call stands between two runs of output."""
    together: list[Printed] = []
    for node in run:
        if not isinstance(node, nodes.Text) and isinstance(node.value, nodes.Call) and _may_write(unit, node):
            if together:
                write_output(unit, together)
                together = []
            _write_call(unit, node.value)
        else:
            together.append(node)
    if together:
        write_output(unit, together)


def _may_write(unit: UnitWriter, node: nodes.Print | nodes.Hole) -> bool:
    """Whether a macro's output is what is to stand here as it is."""
    facts = unit.facts
    if facts.native or facts.finalizes or facts.sandboxed or unit.escapes != "True":
        return False
    return not isinstance(node, nodes.Hole) or node.escaper == "html"


def _write_call(unit: UnitWriter, node: nodes.Call) -> None:
    target = unit.named(unit.expression(node.target), node.at)
    given = node.arguments
    unpacks = given.star is not None or given.double_star is not None  # what these hold is checked by the macro itself
    if unpacks or (unit.mode.streams and not unit.captures):
        write_value(unit, call_lines(unit, target, arguments_text(unit, node.arguments), node.at), node.at)
        return
    count = len(given.positional)
    named = "".join(f" and {quoted(name)} in {target}.arguments[{count}:]" for name, _ in given.keywords)
    unit.line(f"if type({target}) is Macro and {target}.escapes and {target}.most >= {count}{named}:", node.at)
    with unit.writer.indented():
        arguments = arguments_text(unit, node.arguments, named=parameter_name)
        separator = ", " if arguments else ""
        unit.line(f"{unit.mode.wait}{target}._function({arguments}{separator}w={unit.write})", node.at)
    unit.line("else:", node.at)
    with unit.writer.indented():
        write_value(unit, call_lines(unit, target, arguments_text(unit, node.arguments), node.at), node.at)
