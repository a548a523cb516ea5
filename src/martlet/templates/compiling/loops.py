"""`for`: a plain Python loop; `loop` is arithmetic on a counter where that is all that is asked of it.

Where more is asked (`loop.cycle`, `loop.previtem`, a recursive call, `loop` as a value) a LoopContext is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

from martlet.templates.compiling.attributes import COUNTED
from martlet.templates.compiling.costs import counted_items
from martlet.templates.compiling.output import write_value
from martlet.templates.compiling.scopes import COUNTED_LOOP, assigned_names
from martlet.templates.compiling.targets import target_text
from martlet.templates.compiling.unit import LoopState, UnitWriter
from martlet.templates.syntax import nodes

__all__ = ["write_for"]


def write_for(unit: UnitWriter, node: nodes.For) -> None:
    """Write a loop, its condition, and what stands there if it has no items."""
    if "loop" in assigned_names(node.target):
        unit.refuse("a loop cannot set `loop`, which is its own: choose another name", node.target.at)
    iterable = unit.named(unit.expression(node.iterable), node.iterable.at)
    if node.recursive:
        _write_recursive(unit, node, iterable)
    else:
        _write_loop(unit, node, iterable)


def _write_loop(unit: UnitWriter, node: nodes.For, iterable: str, recursion: str = "") -> None:
    """recursion: the variables with the function that the loop is in and with its depth, for a loop that may call itself."""
    asked = None if recursion else _asked_of_loop(unit, node)
    if node.condition is not None and asked != set():
        iterable = _filtered(unit, node, node.condition, iterable)
    is_empty = unit.value("True", node.at) if node.otherwise else None
    if asked is None or (asked and unit.mode.is_async):
        given = {"loop": unit.scope.function.variable("loop")}
        kind = "AsyncLoopContext" if unit.mode.is_async else "LoopContext"
        targets = f"{target_text(unit, node.target, given)}, {given['loop']}"
        taken = f"sized({iterable})" if unit.facts.sandboxed else iterable
        items = counted_items(unit, f"{kind}({taken}, undefined{recursion})", node.body)
        head, state = f"{targets} in {items}:", LoopState()
    else:
        given = {"loop": COUNTED_LOOP} if asked else {}
        state = LoopState()
        if asked:
            iterable, state = _counted(unit, node, iterable, asked)
        head = f"{target_text(unit, node.target, given)} in {_iterated(unit, iterable, node.body)}:"
    _write_items(unit, node, head, state, given, is_empty, filtered=asked != set())
    if is_empty is not None:
        unit.line(f"if {is_empty}:", node.at)
        with unit.writer.indented(), unit.inner_scope(node.otherwise, node.at):
            unit.body(node.otherwise)


def _write_items(
    unit: UnitWriter, node: nodes.For, head: str, state: LoopState, given: dict[str, str], is_empty: str | None, *, filtered: bool
) -> None:
    unit.line(f"{'async for' if unit.mode.is_async else 'for'} {head}", node.at)
    with unit.loop(state), unit.writer.indented(), unit.inner_scope(node.body, node.at, given):
        if node.condition is not None and not filtered:
            unit.line(f"if not ({unit.expression(node.condition)}): continue", node.condition.at)
        if is_empty is not None:
            unit.line(f"{is_empty} = False", node.at)
        if state.counter is not None:
            unit.line(f"{state.counter} += 1", node.at)
        unit.body(node.body)


def _counted(unit: UnitWriter, node: nodes.For, iterable: str, asked: set[str]) -> tuple[str, LoopState]:
    state = LoopState(counter=unit.value("-1", node.at))
    if asked & {"last", "length", "revindex", "revindex0"}:
        taken = counted_items(unit, iterable)
        iterable = unit.value(f'{iterable} if hasattr({iterable}, "__len__") else list({taken})', node.iterable.at)
        state.length = unit.value(f"len({iterable})", node.iterable.at)
    return iterable, state


def _filtered(unit: UnitWriter, node: nodes.For, condition: nodes.Expression, iterable: str) -> str:
    """The items for which the condition holds, as a list, since `loop` counts only these."""
    chosen, item = unit.value("[]", node.at), unit.scope.function.value()
    given: dict[str, str] = {}
    unit.line(f"{'async for' if unit.mode.is_async else 'for'} {item} in {_iterated(unit, iterable)}:", node.at)
    targets = target_text(unit, node.target, given)
    with unit.writer.indented(), unit.inner_scope((), node.at, given):
        unit.line(f"{targets} = {item}", node.at)
        unit.line(f"if {unit.expression(condition)}: {chosen}.append({item})", condition.at)
    return chosen


def _iterated(unit: UnitWriter, iterable: str, body: object = ()) -> str:
    return counted_items(unit, f"auto_aiter({iterable})" if unit.mode.is_async else iterable, body)


def _asked_of_loop(unit: UnitWriter, node: nodes.For) -> set[str] | None:
    """The attributes of `loop` that the body reads; None if it asks for more than a counter can tell."""
    found: set[str] = set()
    names = counted = 0
    for below in _of_this_loop(node.body):
        match below:
            case nodes.Name(name="loop"):
                names += 1
            case nodes.Attribute(target=nodes.Name(name="loop"), name=name):
                found.add(name)
                counted += name in COUNTED
            case nodes.RunUnit(sees_locals=True):
                wanted = unit.asked_by[below.unit]
                if wanted is None or "loop" in wanted:
                    return None
            case nodes.Include(with_context=True) | nodes.Debug():
                return None
            case nodes.Import(with_context=True) | nodes.FromImport(with_context=True):
                return None
            case _:
                pass
    return found if names == counted else None


def _of_this_loop(node: object) -> Iterator[nodes.Node]:
    """The nodes for which `loop` means this loop: not those of a loop inside, save for what it goes through."""
    if isinstance(node, nodes.Node):
        yield node
    # What is handed on in a loop inside is handed on with all that it sees; there `loop` is its own.
    for part in (node.iterable, node.otherwise) if isinstance(node, nodes.For) else nodes.children(node):
        yield from _of_this_loop(part)


def _write_recursive(unit: UnitWriter, node: nodes.For, iterable: str) -> None:
    """A loop that may call itself is a function, which gives what it wrote."""
    names = unit.scope.function
    function, items, recurse, depth = names.value(), names.value(), names.value(), names.value()
    unit.line(f"{unit.mode.define} {function}({items}, {recurse}, {depth}=0):", node.at)
    with unit.writer.indented():
        with unit.captured(node.at) as pieces:
            if unit.facts.sandboxed:
                unit.line("with deeper():", node.at)
            with unit.writer.deeper() if unit.facts.sandboxed else nullcontext():
                _write_loop(unit, node, items, f", {recurse}, {depth}")
        unit.line(f"return {unit.joined(pieces)}", node.at)
    write_value(unit, unit.value(f"{unit.mode.wait}{function}({iterable}, {function})", node.at), node.at)
