"""What is printed: texts and values that follow one another become one f-string, and one call.

A text or an int of the usual type, which most values are, is escaped without a call of ours. PERF: against `escape_any` for each
value, 1.3 times the speed on a table of texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, TypeAlias

from martlet.templates.compiling.attributes import counted_text, variable_read, write_together
from martlet.templates.compiling.costs import printable_text
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import format_literal, quoted
from martlet.templates.escaping import HTML_LIKE
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["Printed", "write_output", "write_text", "write_value"]

Printed: TypeAlias = nodes.Text | nodes.Print | nodes.Hole

ESCAPED: Final = "{{escape({0}) if type({0}) is str else {0} if type({0}) is int else {1}({0})}}"


def write_output(unit: UnitWriter, run: Sequence[Printed]) -> None:
    """Write a run of texts and values."""
    if unit.facts.native:
        _write_native(unit, run)
        return
    pieces = list(_pieces(unit, run))
    if all(isinstance(node, nodes.Text) for node in run):
        write_text(unit, quoted("".join(node.text for node in run if isinstance(node, nodes.Text))), run[0].at)
    elif pieces:
        write_text(unit, 'f"' + "".join(pieces) + '"', run[0].at.to(run[-1].at))


def write_text(unit: UnitWriter, text: str, at: Span) -> None:
    """Hand over a text; a stream may be full then."""
    if unit.mode.streams and not unit.captures:
        unit.line(f"if {unit.write}({text}): yield take()", at)
    else:
        unit.line(f"{unit.write}({text})", at)


def _pieces(unit: UnitWriter, run: Sequence[Printed]) -> Iterator[str]:
    """The run as parts of an f-string; attributes of one variable that follow one another are read together."""
    variables = iter(_variables_read(unit, run))
    for variable, stretch in groupby(run, lambda _: next(variables)):
        printed = list(stretch)
        read = [node.value for node in printed if not isinstance(node, nodes.Text) and isinstance(node.value, nodes.Attribute)]
        found = iter(write_together(unit, read) if variable and len(read) > 1 else ())
        for node in printed:
            yield format_literal(node.text) if isinstance(node, nodes.Text) else _piece(unit, node, next(found, None))


def _variables_read(unit: UnitWriter, run: Sequence[Printed]) -> list[str]:
    """For each part of a run the variable whose attribute it prints, or ""; a text belongs to what stands before it."""
    found = [""]
    for node in run:
        if isinstance(node, nodes.Text):
            found.append(found[-1])
        else:
            found.append("" if unit.facts.finalizes else variable_read(unit, node.value))
    return found[1:]


def _piece(unit: UnitWriter, node: nodes.Print | nodes.Hole, read: str | None) -> str:
    """A value as a part of an f-string. read: the variable that has it already."""
    counted = counted_text(unit, node.value)
    if counted is not None and not unit.facts.finalizes:
        return f"{{{counted}}}"
    value = read or unit.expression(node.value)
    if unit.facts.finalizes and not (isinstance(node.value, nodes.Literal) and isinstance(node.value.value, str)):
        value = unit.value(f"finalize(render_context(ctx, {unit.escapes}), {value})", node.value.at)
    escaper = node.escaper if isinstance(node, nodes.Hole) else _usual_escaper(unit)
    value = unit.named(printable_text(unit, value, node.value), node.value.at)
    if escaper == "plain":
        return f"{{{value}!s}}"
    if escaper == "volatile":
        value = unit.value(f"escape_any({value}) if {unit.escapes} else str({value})", node.value.at)
        return f"{{{value}}}"
    function = escaper_name(unit, escaper)
    return ESCAPED.format(value, function) if escaper in HTML_LIKE else f"{{{function}({value})}}"


def escaper_name(unit: UnitWriter, escaper: str) -> str:
    """The name of an escaper's function in code."""
    if escaper == "html":
        return "escape_any"
    unit.needed.add(f"escaper {escaper}")
    return f"escape_{escaper}"


def _usual_escaper(unit: UnitWriter) -> str:
    return {"True": "html", "False": "plain"}.get(unit.escapes, "volatile")


def _write_native(unit: UnitWriter, run: Sequence[Printed]) -> None:
    """Values as they are; what they make together is decided when all are there."""
    for node in run:
        if isinstance(node, nodes.Text):
            text = quoted(node.text)
        else:
            text = unit.expression(node.value)
            if unit.facts.finalizes:
                text = f"finalize(render_context(ctx, {unit.escapes}), {text})"
            text = printable_text(unit, text, node.value)
        unit.line(f"{unit.write}({text})", node.at)


def write_value(unit: UnitWriter, value: str, at: Span, escaper: str | None = None) -> None:
    """Print what a filter or a call gave; it is escaped unless it says that it needs none.

    escaper: what its place needs, where markup cannot stand as it is.
    """
    if unit.facts.native:
        unit.line(f"{unit.write}({printable_text(unit, value)})", at)
        return
    value = unit.named(printable_text(unit, value), at)
    if escaper is not None:
        text = f"{escaper_name(unit, escaper)}({value})"
    else:
        text = {"True": f"escape_any({value})", "False": f"str({value})"}.get(
            unit.escapes, f"escape_any({value}) if {unit.escapes} else str({value})"
        )
    write_text(unit, text, at)
