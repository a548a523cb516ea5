"""Other parts of a page and other templates: blocks, includes, imports."""

from __future__ import annotations

from contextlib import nullcontext

from martlet.templates.compiling.contexts import context_text
from martlet.templates.compiling.targets import assign
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["run_function", "write_extends", "write_from_import", "write_import", "write_include", "write_run_unit"]


def write_run_unit(unit: UnitWriter, node: nodes.RunUnit) -> None:
    """A block, an included template, what `super()` prints."""
    context = (context_text(unit, unit.asked_by[node.unit]) if node.sees_locals else "ctx") if node.sees_context else "{}"
    if not (unit.may_extend and node.is_block):
        run_function(unit, node.unit, context, node.at)
        return
    unit.line("if parent is None:", node.at)  # else the parent's layout runs it
    with unit.writer.indented():
        run_function(unit, node.unit, context, node.at)


def run_function(unit: UnitWriter, function: str, context: str, at: Span) -> None:
    """Run another function of the page, which writes where this one does; a stream hands on what that one hands over."""
    before = "with deeper(): " if unit.facts.sandboxed else ""
    if not unit.mode.streams:
        unit.line(f"{before}{unit.mode.wait}{function}({context}, {unit.write})", at)
        return
    if before:
        unit.line("with deeper():", at)
    with unit.writer.deeper() if before else nullcontext():
        _stream_function(unit, function, context, at)


def _stream_function(unit: UnitWriter, function: str, context: str, at: Span) -> None:
    each = "async for" if unit.mode.is_async else "for"
    if unit.captures:  # a list is never full, so that what is captured is not handed over
        unit.line(f"{each} piece in {function}({context}, {unit.write}, nothing): pass", at)
    elif unit.mode.is_async:
        unit.line(f"async for piece in {function}({context}, w, take): yield piece", at)
    else:
        unit.line(f"yield from {function}({context}, w, take)", at)


def write_extends(unit: UnitWriter, node: nodes.Extends) -> None:
    """A parent that is known only now: from here on, output is dropped; the function ends with the parent's layout."""
    name = unit.named(unit.expression(node.template), node.at)
    unit.line("if parent is not None: raise TemplateRuntimeError('the template extends two templates')", node.at)
    unit.line(f"parent, w = extended({name}), discard", node.at)


def write_include(unit: UnitWriter, node: nodes.Include) -> None:
    """A template whose name is known only now, or that may be missing."""
    name = unit.named(unit.expression(node.template), node.at)
    context = context_text(unit) if node.with_context else "{}"
    found = unit.value(f"included({name}, {node.ignore_missing})", node.at)
    unit.line(f"if {found} is not None:", node.at)
    with unit.writer.indented():
        run_function(unit, found, f"dict({context})", node.at)


def write_import(unit: UnitWriter, node: nodes.Import) -> None:
    """`{% import %}`."""
    assign(unit, nodes.Name(node.at, node.name), _module(unit, node), node.at)


def _module(unit: UnitWriter, node: nodes.Import | nodes.FromImport) -> str:
    name = unit.named(unit.expression(node.template), node.at)
    context = f"dict({context_text(unit)})" if node.with_context else "None"
    return unit.value(f"{unit.mode.wait}imported({name}, {context})", node.at)


def write_from_import(unit: UnitWriter, node: nodes.FromImport) -> None:
    """`{% from … import … %}`."""
    module = _module(unit, node)
    for name, alias in node.names:
        value = f"from_module({module}, {quoted(name)})"
        assign(unit, nodes.Name(node.at, alias), value, node.at)
