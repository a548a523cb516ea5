"""Writes the functions of a linked page, and compiles them: each source is a Python text of its own, so that it has its own file.

    def block_title(ctx, w):          renders
    def block_title(ctx, w, take):    streams: a generator; `w` tells when what is held is enough, `take` hands it over

`ctx` is a dict of the variables and belongs to the page; what a template sets at its top is put into it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType

from martlet.templates.compiling.asking import names_asked_for
from martlet.templates.compiling.costs import CALL, spend_line
from martlet.templates.compiling.expressions import EXPRESSIONS
from martlet.templates.compiling.fragments import fragments_of
from martlet.templates.compiling.linking import Linked, LinkedUnit
from martlet.templates.compiling.others import run_function
from martlet.templates.compiling.scopes import Scope, names_in
from martlet.templates.compiling.statements import STATEMENTS
from martlet.templates.compiling.unit import Facts, Mode, Source, UnitWriter
from martlet.templates.compiling.writer import Writer, compile_text, quoted
from martlet.templates.errors import TemplateError, TemplateSyntaxError
from martlet.templates.syntax import nodes

__all__ = ["PageCode", "compile_page"]


@dataclass(slots=True)
class PageCode:
    """A compiled page for one mode. codes: to be run in one namespace, which must have what `needed` names."""

    codes: list[CodeType] = field(default_factory=list[CodeType])
    texts: list[str] = field(default_factory=list[str])
    needed: set[str] = field(default_factory=set[str])
    exports: set[str] = field(default_factory=set[str])  # what the template sets at its top
    blocks: dict[str, str] = field(default_factory=dict[str, str])  # the function of each block
    versions: dict[str, str] = field(default_factory=dict[str, str])  # of all sources with a name
    absent: list[str] = field(default_factory=list[str])  # names that would be taken before one of these, if they were there
    checks: list[Callable[[], bool]] = field(default_factory=list[Callable[[], bool]])  # whether each source is what it was


def compile_page(page: Linked, facts: Facts, mode: Mode, escapes: Mapping[str, str]) -> PageCode:
    """Write and compile all functions of a page. escapes: "True" or "False" by a source's name, where it is not "True"."""
    page = fragments_of(page) if mode.fragments else page
    asked = names_asked_for(page)
    compiled = PageCode(blocks=page.blocks, versions=page.versions, absent=page.absent, checks=page.checks)
    by_source: dict[str, list[LinkedUnit]] = {}
    for linked in page.units.values():
        by_source.setdefault(linked.source.filename, []).append(linked)
    for units in by_source.values():
        source, writer, shown = units[0].source, Writer(), dict[str, str]()
        for linked in units:
            unit = UnitWriter.begin(facts, source, mode, STATEMENTS, EXPRESSIONS)
            unit.asked_by = asked
            unit.escapes = escapes.get(source.name or "", "True")
            _write_unit(unit, linked, writer)
            compiled.needed |= unit.needed
            shown |= unit.shown | {linked.name: f"block {linked.block[0]!r}" if linked.block else "<module>"}
            if linked.name == "root":
                compiled.exports |= unit.exports
        compiled.texts.append(f"# {source.name or source.filename}\n{writer.text}")
        compiled.codes.append(_compiled(writer, source, shown))
    return compiled


def _compiled(writer: Writer, source: Source, shown: Mapping[str, str]) -> CodeType:
    """Python's compiler goes only so deep; a template that goes deeper is refused as a template.

    Whatever else Python says of the code is a mistake of ours.
    """
    try:
        return compile_text(writer.text, writer.spans, source.text, source.filename, shown)
    except (SyntaxError, RecursionError, MemoryError) as error:
        if isinstance(error, SyntaxError) and not error.msg.startswith("too many"):
            raise TemplateError(
                f"the code made of the template {source.name or source.filename!r} is no Python: {error.msg}. This is a mistake "
                "of martlet.templates, and none of the template: please report it with the template"
            ) from error
        line = getattr(error, "lineno", None) or 1
        reason = "loops, blocks and expressions stand too deep within one another here for Python, which goes 20 loops deep"
        raise TemplateSyntaxError(reason, line, source=source.text, name=source.name, filename=source.filename) from error


def _write_unit(unit: UnitWriter, linked: LinkedUnit, writer: Writer) -> None:
    """Write one function; what it takes from its context stands first, and is known when the rest is written."""
    at = linked.body[0].at if linked.body else nodes.NOWHERE
    parameters = "ctx, w, take" if unit.mode.streams else "ctx, w"
    unit.at_top, unit.may_extend = linked.kind != "block", linked.may_extend
    spend_line(unit, linked.body, at, call=0 if linked.kind == "root" else CALL)
    _begin_special(unit, linked, at)
    if linked.kind == "block":  # what a block sets is not in the context: it is handed on like the names of any inner scope
        unit.scope = Scope(unit.scope.function, unit.scope)
    unit.begin_names(linked.body, unit.scope, at)
    unit.body(linked.body)
    if linked.may_extend:
        unit.line("if parent is not None:", at)
        with unit.writer.indented():
            unit.line("w = output", at)
            run_function(unit, "parent", "ctx", at)
    if unit.mode.streams:
        unit.line("if False: yield ''", at)
    writer.line(f"{unit.mode.define} {linked.name}({parameters}):", at)
    if not unit.writer.lines:
        unit.line("pass", at)
    _write_head(unit, linked, writer, at)
    writer.take_over(unit.writer)


def _begin_special(unit: UnitWriter, linked: LinkedUnit, at: nodes.Span) -> None:
    """`super` and `self`, where they are used as values."""
    if linked.missing:
        unit.line(f"required_block({quoted(linked.block[0] if linked.block else '')})", at)
    if linked.may_extend:
        unit.line("parent, output = None, w", at)
    if linked.block is None:
        names = set(names_in(linked.body))
    else:
        names = set(names_in(linked.body))
        if "super" in names:
            above = ", ".join(linked.above)
            variable = unit.scope.declare("super")
            unit.line(f"{variable} = block_above({quoted(linked.block[0])}, ctx, {unit.escapes}, [{above}])", at)
    if "self" in names:
        variable = unit.scope.declare("self")
        unit.line(f"{variable} = blocks_of_page(ctx, {unit.escapes})", at)


def _write_head(unit: UnitWriter, linked: LinkedUnit, writer: Writer, at: nodes.Span) -> None:
    """The variables that come from the context."""
    with writer.deeper():
        if linked.kind == "include" and any(line.lstrip().startswith("ctx[") for line in unit.writer.lines):
            writer.line("ctx = dict(ctx)  # what is set here is not seen by those who include it", at)
        for name, variable in unit.scope.function.from_context.items():
            writer.line(f"{variable} = ctx.get({quoted(name)}, MISSING)", at)
            writer.line(f"if {variable} is MISSING: {variable} = lookup({quoted(name)})", at)
