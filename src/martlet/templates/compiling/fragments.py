"""Blocks by themselves: each with a function that sets what it reads of the tops of its page, and writes nothing.

    def before_block_list(ctx, w):    imports, macros and variables that the block `list` reads, by way of others too

A block sees what stands before it at the top of its template and of those that it extends: of these statements, the ones that set
a name that it reads are run, in their order; what they print is not made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from martlet.templates.compiling.asking import names_asked_for
from martlet.templates.compiling.linking import Linked, LinkedUnit
from martlet.templates.compiling.scopes import assigned_names, names_in, stored_names
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Statement

__all__ = ["before_block", "fragments_of"]

Asked: TypeAlias = frozenset[str] | None  # names; None if any may be asked for


def before_block(function: str, number: int = 0) -> str:
    """The function to be run before that of a block, if the page has it; it runs those of the layouts, by their numbers."""
    return f"before{number or ''}_{function}"


def fragments_of(page: Linked) -> Linked:
    """The functions of all blocks, and those to be run before them; nothing of the page around."""
    asked = names_asked_for(page)
    units = {"root": replace(page.units["root"], body=(), may_extend=False)}
    for function in page.blocks.values():
        for unit in _reached(page, [function]):
            units.setdefault(unit.name, unit)
        layers = _Before(page, asked, function).layers()
        for number, unit in enumerate(layers):
            name, body = before_block(function, number), unit.body
            for other in _reached(page, _run_in(body)):
                units.setdefault(other.name, other)
            if number + 1 < len(layers):
                body = (*body, nodes.RunUnit(body[-1].at, before_block(function, number + 1), sees_locals=False))
            units[name] = LinkedUnit(name, "root", unit.source, body)
    return replace(page, units=units)


def _layers(page: Linked) -> Iterator[LinkedUnit]:
    """The template's own text, and the layouts above it."""
    unit = page.units["root"]
    yield unit
    while unit.body and isinstance(last := unit.body[-1], nodes.RunUnit) and page.units[last.unit].kind == "root":
        unit = page.units[last.unit]
        yield unit


def _run_in(body: Body) -> list[str]:
    return [node.unit for node in nodes.walk(body) if isinstance(node, nodes.RunUnit)]


def _reached(page: Linked, names: Iterable[str]) -> list[LinkedUnit]:
    """These functions and all that they run."""
    found: dict[str, LinkedUnit] = {}
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        unit = found[name] = page.units[name]
        ahead += [*_run_in(unit.body), *unit.above]
        if "self" in set(names_in(unit.body)):
            ahead += page.blocks.values()
    return list(found.values())


class _Before:
    """What is to be set before one block; from its place backwards, for what is set there may read what was set earlier."""

    def __init__(self, page: Linked, asked: dict[str, Asked], function: str) -> None:
        self._page = page
        self._asked = asked
        self._function = function
        self._needs: Asked = frozenset()
        self._in_macros: Asked = frozenset()  # what macros read, which may be set behind them too
        for unit in _reached(page, [function]):
            self._add(asked[unit.name])

    def _add(self, names: Asked) -> None:
        self._needs = _together(self._needs, names)

    def layers(self) -> list[LinkedUnit]:
        """The tops of the template and of what it extends, with nothing but what is needed; those with nothing are left out."""
        tops: list[tuple[LinkedUnit, Body]] = []
        for unit in _layers(self._page):
            index = next((index for index, node in enumerate(unit.body) if self._leads_here(node)), None)
            tops.append((unit, unit.body if index is None else unit.body[: index + 1]))
            if index is not None:
                self._leave_out_own(unit.body[index])
                break
        wanted = self._needs
        while True:
            before = self._in_macros
            self._needs = _together(wanted, before)
            kept = [(unit, self._needed(body)) for unit, body in reversed(tops)]
            if self._in_macros == before:
                return [replace(unit, body=body) for unit, body in reversed(kept) if body]

    def _leads_here(self, node: Statement) -> bool:
        is_layout = isinstance(node, nodes.RunUnit) and self._page.units[node.unit].kind == "root"
        return not is_layout and any(unit.name == self._function for unit in _reached(self._page, _run_in((node,))))

    def _leave_out_own(self, around: Statement) -> None:
        """What a loop or a `with` around a scoped block hands on to it, whoever renders the block gives it."""
        runs = [node for node in nodes.walk(around) if isinstance(node, nodes.RunUnit) and node.unit == self._function]
        if self._needs is None or not any(node.sees_locals for node in runs):
            return
        own = set[str]()
        for node in nodes.walk(around):
            if isinstance(node, nodes.For):
                own |= set(assigned_names(node.target))
            elif isinstance(node, nodes.With):
                own |= {name for target in node.targets for name in assigned_names(target)}
        self._needs -= own

    def _needed(self, body: Sequence[Statement]) -> Body:
        kept: list[Statement] = []
        for node in reversed(body):
            part = self._part(node)
            if part is None:
                continue
            kept.append(part)
            asked = self._asked_by(part)
            self._add(asked)
            if isinstance(part, nodes.Macro):
                self._in_macros = _together(self._in_macros, asked)
        return tuple(reversed(kept))

    def _asked_by(self, part: Statement) -> Asked:
        if any(isinstance(below, nodes.Debug) or getattr(below, "with_context", False) for below in nodes.walk(part)):
            return None
        asked: Asked = frozenset(names_in(part))
        for unit in _run_in((part,)):
            asked = _together(asked, self._asked[unit])
        return asked

    def _part(self, node: Statement) -> Statement | None:
        """What of a statement sets something that is needed."""
        match node:
            case nodes.If():
                branches = tuple((test, self._branch(body)) for test, body in node.branches)
                otherwise = self._branch(node.otherwise)
                return replace(node, branches=branches, otherwise=otherwise) if otherwise or any(map(_body, branches)) else None
            case nodes.For():
                return replace(node, body=_silent(node.body), otherwise=_silent(node.otherwise)) if self._changes(node) else None
            case nodes.With() | nodes.AutoEscape():
                return replace(node, body=_silent(node.body)) if self._changes(node) else None
            case nodes.ContextDeclaration():
                return node if self._wants(name for name, _, _ in node.names) else None
            case _:
                return node if self._wants(stored_names((node,))) or self._changes(node) else None

    def _branch(self, body: Body) -> Body:
        before = self._needs
        part = self._needed(body)
        inside, self._needs = self._needs, before
        self._add(inside)
        return part

    def _wants(self, names: Iterable[str]) -> bool:
        found = set(names)
        return bool(found if self._needs is None else found & self._needs)

    def _changes(self, node: Statement) -> bool:
        """Whether this may change a needed value in place: by `set a.b = …`, or by `do`."""
        for below in nodes.walk(_silent((node,))):
            match below:
                case nodes.Set(target=nodes.Attribute() as target) | nodes.SetBlock(target=nodes.Attribute() as target):
                    changed = set(names_in(target))
                case nodes.Do():
                    changed = set(names_in(below))
                case _:
                    continue
            if self._wants(changed):
                return True
        return False


def _together(some: Asked, others: Asked) -> Asked:
    return None if some is None or others is None else some | others


def _body(branch: tuple[nodes.Expression, Body]) -> Body:
    return branch[1]


_OUTPUT = (
    nodes.Text, nodes.Print, nodes.Hole, nodes.RunUnit, nodes.Include, nodes.FilterBlock, nodes.CallBlock, nodes.Translation,
    nodes.Debug, nodes.Flush, nodes.Extends, nodes.Block,
)  # fmt: skip


def _silent(body: Body) -> Body:
    """A body without what it writes; macros and captured texts keep theirs."""
    kept: list[Statement] = []
    for node in body:
        match node:
            case nodes.If():
                branches = tuple((test, _silent(branch)) for test, branch in node.branches)
                kept.append(replace(node, branches=branches, otherwise=_silent(node.otherwise)))
            case nodes.For():
                kept.append(replace(node, body=_silent(node.body), otherwise=_silent(node.otherwise)))
            case nodes.With() | nodes.AutoEscape():
                kept.append(replace(node, body=_silent(node.body)))
            case _:
                kept += () if isinstance(node, _OUTPUT) else (node,)
    return tuple(kept)
