"""The pass on nodes: every `Print` becomes a `Hole` with the escaper that its place needs, and every `Text` is scanned.

Branches that end in different places take what follows with them, each its own copy, until they meet again (leaves.py). A loop is
placed again until it ends where it begins. The bodies of macros, calls, filters and captures are texts of HTML by themselves.
Not here: blocks, includes and `super()`, which lead into other units; `Units` places those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Final

from martlet.templates.errors import EscapingError, SourceLike, TemplateRuntimeError
from martlet.templates.escaping.choices import unescaped
from martlet.templates.escaping.flow import Flow, Handler, Loop
from martlet.templates.escaping.joining import join
from martlet.templates.escaping.leaves import Leaf
from martlet.templates.escaping.places import Place, State, describe, value_place
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules
from martlet.templates.escaping.units import Units, may_end
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Statement

__all__ = ["Units", "check_end", "place_body"]

_UNPLACED: Final = frozenset({State.PLAIN, State.ALIKE})
_TEXTUAL: Final = frozenset({"html", "plain", "volatile"})


def place_body(
    body: Body, start: Place, units: Units, rules: EscapingRules | None = None, source: SourceLike | None = None
) -> tuple[Body, Place]:
    """A body whose values have escapers, and the place where it ends. Raises EscapingError."""
    return Flow(units, rules or DEFAULT_RULES, source, _HANDLERS).settled(body, start)


def check_end(start: Place, end: Place, at: nodes.Span, source: SourceLike | None = None) -> None:
    """Raise EscapingError if a template ends inside of something: a tag, an attribute, a script."""
    if not may_end(start, end):
        raise EscapingError.placed(f"the template ends in {describe(end)}: it must be closed before the end", at, source)


def _print(flow: Flow, node: nodes.Print, leaf: Leaf, upcoming: str) -> None:
    known = flow.units.printed_call(node, leaf.place)
    if known is not None:
        statement, leaf.place = known
        leaf.out.append(statement)
        return
    value = node.value
    is_attributes = isinstance(value, nodes.Filter) and value.name in ("xmlattr", "safe_attributes")
    was_placed = leaf.place.state not in _UNPLACED
    escaper = flow.hole(node, leaf, upcoming, attributes=is_attributes)
    if was_placed and isinstance(value, nodes.Literal) and isinstance(value.value, str) and escaper != "volatile":
        leaf.out.append(nodes.Text(node.at, _escaped(flow, escaper, value)))
    else:
        leaf.out.append(nodes.Hole(node.at, value if escaper in _TEXTUAL else unescaped(value), escaper))


def _escaped(flow: Flow, escaper: str, value: nodes.Literal) -> str:
    try:
        return flow.escapers[escaper](value.value)
    except TemplateRuntimeError as error:
        raise EscapingError.placed(error.message, value.at, flow.source) from None


def _for(flow: Flow, node: nodes.For, leaf: Leaf, upcoming: str) -> None:
    outer, start = flow.loop, leaf.place
    for _ in range(4):
        flow.loop = loop = Loop()
        body, end = flow.settled(node.body, start)
        again = _together(flow, [start, *loop.continues, *([] if end.state is State.DEAD else [end])], node, "begins again")
        if again == start:
            break
        start = again
    else:
        raise EscapingError.placed("the loop does not come back to where it begins", node.at, flow.source)
    flow.loop = outer
    otherwise, other_end = flow.settled(node.otherwise, leaf.place, upcoming)
    leaf.place = _together(flow, [end, *loop.continues, *loop.breaks, other_end], node, "ends")
    leaf.out.append(replace(node, body=body, otherwise=otherwise))


def _together(flow: Flow, places: Iterable[Place], node: nodes.Node, verb: str) -> Place:
    def joined(first: Place, second: Place) -> Place:
        found = join(first, second)
        if found is None:
            raise EscapingError.placed(
                f"the loop {verb} in different places: in {describe(first)}, and in {describe(second)}; "
                "close in its body what is opened there",
                node.at,
                flow.source,
            )
        return found

    return reduce(joined, places)


def _leave(flow: Flow, node: nodes.Break | nodes.Continue, leaf: Leaf, _upcoming: str) -> None:
    if flow.loop is not None:
        (flow.loop.breaks if isinstance(node, nodes.Break) else flow.loop.continues).append(leaf.place)
    leaf.place = replace(value_place(Place()), state=State.DEAD)
    leaf.out.append(node)


def _with(flow: Flow, node: nodes.With, leaf: Leaf, upcoming: str) -> None:
    body, leaf.place = flow.settled(node.body, leaf.place, upcoming)
    leaf.out.append(replace(node, body=body))


def _autoescape(flow: Flow, node: nodes.AutoEscape, leaf: Leaf, upcoming: str) -> None:
    before = flow.switch
    value = node.value
    flow.switch = ("on" if value.value else "off") if isinstance(value, nodes.Literal) else "volatile"
    body, leaf.place = flow.settled(node.body, leaf.place, upcoming)
    flow.switch = before
    leaf.out.append(replace(node, body=body))


def _apart(flow: Flow, node: nodes.Node, body: Body, place: Place, what: str) -> Body:
    """A body whose text becomes a value: it is placed by itself, and must end where it began."""
    start = value_place(place)
    loop, flow.loop = flow.loop, None
    placed, end = flow.settled(body, start)
    flow.loop = loop
    if not may_end(start, end):
        raise EscapingError.placed(f"{what} ends in {describe(end)}: it must be closed in it", node.at, flow.source)
    return placed


def _macro(flow: Flow, node: nodes.Macro, leaf: Leaf, _upcoming: str) -> None:
    leaf.out.append(replace(node, body=_apart(flow, node, node.body, leaf.place, f"the macro {node.name!r}")))


def _set_block(flow: Flow, node: nodes.SetBlock, leaf: Leaf, _upcoming: str) -> None:
    leaf.out.append(replace(node, body=_apart(flow, node, node.body, leaf.place, "the text of this `set`")))


def _handed_on(flow: Flow, node: nodes.CallBlock | nodes.FilterBlock, leaf: Leaf, upcoming: str) -> None:
    tag = "call" if isinstance(node, nodes.CallBlock) else "filter"
    body = _apart(flow, node, node.body, leaf.place, f"the text of this `{tag}`")
    leaf.out.append(replace(node, body=body, escaper=_output(flow, node, leaf, upcoming)))


def _translation(flow: Flow, node: nodes.Translation, leaf: Leaf, upcoming: str) -> None:
    leaf.out.append(replace(node, escaper=_output(flow, node, leaf, upcoming)))


def _output(flow: Flow, node: nodes.Node, leaf: Leaf, upcoming: str) -> str | None:
    """The escaper of a whole text that is HTML already: None where that may stand as it is."""
    escaper = flow.hole(node, leaf, upcoming)
    return None if escaper in ("html", "plain", "volatile") else escaper


def _block(flow: Flow, node: nodes.Block, leaf: Leaf, _upcoming: str) -> None:
    statement, leaf.place = flow.units.block(node, leaf.place)
    leaf.out.append(statement)


def _include(flow: Flow, node: nodes.Include, leaf: Leaf, _upcoming: str) -> None:
    place = leaf.place
    statement, leaf.place = flow.units.include(node, place)
    names = nodes.included_names(statement) if isinstance(statement, nodes.Include) else ()
    is_open = not all(isinstance(name, nodes.Literal) for name in names)
    if is_open and place.state not in (State.TEXT, *_UNPLACED):
        raise EscapingError.placed(
            f"a template whose name is known only while rendering cannot be included in {describe(place)}: write its name, "
            "or include it in the text of the page",
            node.at,
            flow.source,
        )
    leaf.out.append(statement)


_HANDLERS: Final[Mapping[type[Statement], Handler]] = {
    nodes.Print: _print,
    nodes.For: _for,
    nodes.Break: _leave,
    nodes.Continue: _leave,
    nodes.With: _with,
    nodes.AutoEscape: _autoescape,
    nodes.Macro: _macro,
    nodes.SetBlock: _set_block,
    nodes.CallBlock: _handed_on,
    nodes.FilterBlock: _handed_on,
    nodes.Translation: _translation,
    nodes.Block: _block,
    nodes.Include: _include,
}
