"""The pass on nodes: every `Print` becomes a `Hole` with the escaper that its place needs, and every `Text` is scanned.

Branches that end in different places take what follows with them, each its own copy, until they meet again (leaves.py). A loop is
placed again until it ends where it begins. The bodies of macros, calls, filters and captures are texts of HTML by themselves.
Not here: blocks, includes and `super()`, which lead into other units; `Units` places those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Final, Protocol

from martlet.templates.errors import EscapingError
from martlet.templates.escaping.escapers import Escapers
from martlet.templates.escaping.holes import place_hole
from martlet.templates.escaping.html import advance
from martlet.templates.escaping.joining import join
from martlet.templates.escaping.leaves import Fork, Leaf, freeze, merge
from martlet.templates.escaping.places import Place, State, describe, value_place
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules, attribute_kind
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Statement

__all__ = ["SourceLike", "Units", "check_end", "place_body"]

_LEAVES: Final = 64
_NAMES: Final = frozenset({State.TAG, State.TAG_NAME, State.AFTER_NAME, State.ATTRIBUTE_NAME})
_UNPLACED: Final = frozenset({State.PLAIN, State.ALIKE})
_PIECE = re.compile(r"[^\"'>;\n]*+[\"'>;\n]?")


class SourceLike(Protocol):
    """Where a body was read, for errors."""

    @property
    def text(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def filename(self) -> str | None: ...


class Units(Protocol):
    """Places what leads into other parts of a page: gives what stands for it, and the place behind it."""

    def block(self, node: nodes.Block, place: Place) -> tuple[Statement, Place]: ...

    def include(self, node: nodes.Include, place: Place) -> tuple[Statement, Place]: ...

    def printed_call(self, node: nodes.Print, place: Place) -> tuple[Statement, Place] | None:
        """None if what is called is not known: its result is a value like any other."""
        ...


def place_body(
    body: Body, start: Place, units: Units, rules: EscapingRules | None = None, source: SourceLike | None = None
) -> tuple[Body, Place]:
    """A body whose values have escapers, and the place where it ends. Raises EscapingError."""
    return _Placing(units, rules or DEFAULT_RULES, source).settled(body, start)


def check_end(start: Place, end: Place, at: nodes.Span, source: SourceLike | None = None) -> None:
    """Raise EscapingError if a template ends inside of something: a tag, an attribute, a script."""
    if not _is_same_ground(start, end):
        raise _error(f"the template ends in {describe(end)}: it must be closed before the end", at, source)


def _is_same_ground(start: Place, end: Place) -> bool:
    """Whether a text of its own that began at `start` may end here."""
    states = {start.state} | ({State.SCRIPT_LINE} if start.state is State.SCRIPT else set())
    return end.state in states or end.state is State.DEAD


def _error(message: str, at: nodes.Span, source: SourceLike | None) -> EscapingError:
    end = at.end_column if at.end_line == at.line else None
    found = (None, None, None) if source is None else (source.text, source.name, source.filename)
    return EscapingError(message, at.line, column=at.column, end_column=end, source=found[0], name=found[1], filename=found[2])


@dataclass(slots=True)
class _Loop:
    """Where the ways lead that leave a loop's body early."""

    breaks: list[Place] = field(default_factory=list[Place])
    continues: list[Place] = field(default_factory=list[Place])


@dataclass(slots=True)
class _Placing:
    """One pass over a body and all that is nested in it."""

    units: Units
    rules: EscapingRules
    source: SourceLike | None
    loop: _Loop | None = None
    switch: str = ""  # inside of `autoescape`: "on", "off", or "volatile" where only rendering knows
    copies: int = 0

    def settled(self, body: Body, start: Place, upcoming: str = "") -> tuple[Body, Place]:
        """A body that is left at one place, whatever way leads through it."""
        leaf = Leaf([], start)
        out = leaf.out
        leaves = self._flow(body, [leaf], upcoming)
        if len(leaves) > 1:
            leaves = merge(leaves, join)
        if len(leaves) > 1:
            self._refuse_branches(leaves)
        return freeze(out), leaves[0].place

    def _flow(self, body: Body, leaves: list[Leaf], upcoming: str) -> list[Leaf]:
        for index, node in enumerate(body):
            if isinstance(node, nodes.Text):
                leaves = self._text(node, leaves)
                continue
            after = body[index + 1] if index + 1 < len(body) else None
            text = upcoming if after is None else after.text if isinstance(after, nodes.Text) else ""
            if len(leaves) > 1 and isinstance(node, nodes.Print):
                self._check_names(leaves)
            leaves = merge([new for leaf in leaves for new in self._node(node, leaf, text)])
            self._count(leaves)
        return leaves

    def _count(self, leaves: list[Leaf]) -> None:
        self.copies += len(leaves) - 1
        if len(leaves) > _LEAVES or self.copies > self.rules.duplicates:
            self._refuse_branches(leaves)

    def _check_names(self, leaves: list[Leaf]) -> None:
        """A value that is a name by one branch, and something else by another, is meant for one of the two only."""
        kinds = {attribute_kind("", leaf.place.name, rules=self.rules) if leaf.place.state in _NAMES else None for leaf in leaves}
        if len(kinds) > 1 and kinds != {None}:
            self._refuse_branches(leaves)

    def _refuse_branches(self, leaves: list[Leaf]) -> None:
        first = leaves[0]
        other = next(leaf for leaf in leaves if leaf.place != first.place)
        fork = other.parent or first.parent
        at = nodes.Span(other.line, 0, other.line, 0) if fork is None else fork.at
        raise _error(
            f"the branches end in different places: at line {first.line} in {describe(first.place)}, "
            f"at line {other.line} in {describe(other.place)}; close what they open in each of them",
            at,
            self.source,
        )

    # Texts

    def _text(self, node: nodes.Text, leaves: list[Leaf]) -> list[Leaf]:
        text, begin = node.text, 0
        while len(leaves) > 1 and begin < len(text):
            begin = self._piece(node, begin, leaves)
            leaves = merge(leaves)
            self._count(leaves)
        if begin < len(text) or not text:
            for leaf in leaves:
                leaf.place, written = self._advance(node, leaf.place, text[begin:], begin)
                leaf.out.append(nodes.Text(node.at, written))
        return leaves

    def _piece(self, node: nodes.Text, begin: int, leaves: list[Leaf]) -> int:
        """A piece of a text, for all leaves; gives where it ends."""
        end = begin
        while True:
            found = _PIECE.match(node.text, end)
            end = len(node.text) if found is None or found.end() == end else found.end()
            try:
                moved = [self._advance(node, leaf.place, node.text[begin:end], begin) for leaf in leaves]
            except EscapingError:
                if end == len(node.text):
                    raise
                continue
            for leaf, (place, written) in zip(leaves, moved, strict=True):
                leaf.place = place
                leaf.out.append(nodes.Text(node.at, written))
            return end

    def _advance(self, node: nodes.Text, place: Place, text: str, begin: int) -> tuple[Place, str]:
        try:
            return advance(place, text, self.rules)
        except RefusalError as error:
            before = node.text[: begin + error.offset]
            line = node.at.line + before.count("\n")
            column = len(before) - before.rfind("\n") - 1 + (0 if "\n" in before else node.at.column)
            raise _error(error.message, nodes.Span(line, column, line, column + 1), self.source) from None

    # Nodes

    def _node(self, node: Statement, leaf: Leaf, upcoming: str) -> list[Leaf]:
        if isinstance(node, nodes.If):
            return self._if(node, leaf, upcoming)
        handler = _HANDLERS.get(type(node))
        if handler is None:
            leaf.out.append(node)
        else:
            handler(self, node, leaf, upcoming)
        return [leaf]

    def _if(self, node: nodes.If, leaf: Leaf, upcoming: str) -> list[Leaf]:
        fork = Fork(node.at, [], leaf.out, leaf.parent)
        leaf.out.append(fork)
        found: list[Leaf] = []
        for test, body in (*node.branches, (None, node.otherwise)):
            out: list[Statement | Fork] = []
            fork.branches.append((test, out))
            ends = self._flow(body, [Leaf(out, leaf.place, fork)], upcoming)
            line = body[-1].at.end_line if body else node.at.line
            for end in ends:
                end.line = end.line or line
            fork.lengths.append(len(out))
            found.extend(ends)
        fork.is_whole = True
        return found

    def print(self, node: nodes.Print, leaf: Leaf, upcoming: str) -> None:
        known = self.units.printed_call(node, leaf.place)
        if known is not None:
            statement, leaf.place = known
            leaf.out.append(statement)
            return
        value = node.value
        is_attributes = isinstance(value, nodes.Filter) and value.name == "xmlattr"
        was_placed = leaf.place.state not in _UNPLACED
        escaper = self._hole(node, leaf, upcoming, attributes=is_attributes)
        if was_placed and isinstance(value, nodes.Literal) and isinstance(value.value, str) and escaper != "volatile":
            leaf.out.append(nodes.Text(node.at, Escapers(self.rules)[escaper](value.value)))
        else:
            leaf.out.append(nodes.Hole(node.at, value, escaper))

    def _hole(self, node: nodes.Node, leaf: Leaf, upcoming: str, *, attributes: bool = False) -> str:
        """The escaper of what is written here; the leaf moves behind it."""
        try:
            escaper, leaf.place = place_hole(leaf.place, upcoming, self.rules, attributes=attributes)
        except RefusalError as error:
            raise _error(error.message, node.at, self.source) from None
        if self.switch == "off":
            return "plain"
        if self.switch == "volatile" and escaper in ("html", "plain"):
            return "volatile"
        return "html" if self.switch == "on" and escaper == "plain" else escaper

    def for_(self, node: nodes.For, leaf: Leaf, upcoming: str) -> None:
        outer, start = self.loop, leaf.place
        for _ in range(4):
            self.loop = loop = _Loop()
            body, end = self.settled(node.body, start)
            again = self._together([start, *loop.continues, *([] if end.state is State.DEAD else [end])], node, "begins again")
            if again == start:
                break
            start = again
        else:
            raise _error("the loop does not come back to where it begins", node.at, self.source)
        self.loop = outer
        otherwise, other_end = self.settled(node.otherwise, leaf.place, upcoming)
        leaf.place = self._together([end, *loop.continues, *loop.breaks, other_end], node, "ends")
        leaf.out.append(replace(node, body=body, otherwise=otherwise))

    def _together(self, places: Iterable[Place], node: nodes.Node, verb: str) -> Place:
        def joined(first: Place, second: Place) -> Place:
            found = join(first, second)
            if found is None:
                raise _error(
                    f"the loop {verb} in different places: in {describe(first)}, and in {describe(second)}; "
                    "close in its body what is opened there",
                    node.at,
                    self.source,
                )
            return found

        return reduce(joined, places)

    def leave(self, node: nodes.Break | nodes.Continue, leaf: Leaf, _upcoming: str) -> None:
        if self.loop is not None:
            (self.loop.breaks if isinstance(node, nodes.Break) else self.loop.continues).append(leaf.place)
        leaf.place = replace(value_place(Place()), state=State.DEAD)
        leaf.out.append(node)

    def within(self, node: nodes.With, leaf: Leaf, upcoming: str) -> None:
        body, leaf.place = self.settled(node.body, leaf.place, upcoming)
        leaf.out.append(replace(node, body=body))

    def autoescape(self, node: nodes.AutoEscape, leaf: Leaf, upcoming: str) -> None:
        before = self.switch
        value = node.value
        self.switch = ("on" if value.value else "off") if isinstance(value, nodes.Literal) else "volatile"
        body, leaf.place = self.settled(node.body, leaf.place, upcoming)
        self.switch = before
        leaf.out.append(replace(node, body=body))

    def _apart(self, node: nodes.Node, body: Body, place: Place, what: str) -> Body:
        """A body whose text becomes a value: it is placed by itself, and must end where it began."""
        start = value_place(place)
        loop, self.loop = self.loop, None
        placed, end = self.settled(body, start)
        self.loop = loop
        if not _is_same_ground(start, end):
            raise _error(f"{what} ends in {describe(end)}: it must be closed in it", node.at, self.source)
        return placed

    def macro(self, node: nodes.Macro, leaf: Leaf, _upcoming: str) -> None:
        leaf.out.append(replace(node, body=self._apart(node, node.body, leaf.place, f"the macro {node.name!r}")))

    def set_block(self, node: nodes.SetBlock, leaf: Leaf, _upcoming: str) -> None:
        leaf.out.append(replace(node, body=self._apart(node, node.body, leaf.place, "the text of this `set`")))

    def call_block(self, node: nodes.CallBlock, leaf: Leaf, upcoming: str) -> None:
        body = self._apart(node, node.body, leaf.place, "the text of this `call`")
        leaf.out.append(replace(node, body=body, escaper=self._output(node, leaf, upcoming)))

    def filter_block(self, node: nodes.FilterBlock, leaf: Leaf, upcoming: str) -> None:
        body = self._apart(node, node.body, leaf.place, "the text of this `filter`")
        leaf.out.append(replace(node, body=body, escaper=self._output(node, leaf, upcoming)))

    def translation(self, node: nodes.Translation, leaf: Leaf, upcoming: str) -> None:
        leaf.out.append(replace(node, escaper=self._output(node, leaf, upcoming)))

    def _output(self, node: nodes.Node, leaf: Leaf, upcoming: str) -> str | None:
        """The escaper of a whole text that is HTML already: None where that may stand as it is."""
        escaper = self._hole(node, leaf, upcoming)
        return None if escaper in ("html", "plain", "volatile") else escaper

    def block(self, node: nodes.Block, leaf: Leaf, _upcoming: str) -> None:
        statement, leaf.place = self.units.block(node, leaf.place)
        leaf.out.append(statement)

    def include(self, node: nodes.Include, leaf: Leaf, _upcoming: str) -> None:
        place = leaf.place
        statement, leaf.place = self.units.include(node, place)
        is_open = isinstance(statement, nodes.Include) and not _is_written(statement.template)
        if is_open and place.state not in (State.TEXT, *_UNPLACED):
            raise _error(
                f"a template whose name is known only while rendering cannot be included in {describe(place)}: write its name, "
                "or include it in the text of the page",
                node.at,
                self.source,
            )
        leaf.out.append(statement)


def _is_written(name: nodes.Expression) -> bool:
    parts = name.items if isinstance(name, (nodes.ListDisplay, nodes.TupleDisplay)) else (name,)
    return all(isinstance(part, nodes.Literal) for part in parts)


_HANDLERS: Final[dict[type[Statement], Callable[[_Placing, object, Leaf, str], None]]] = {
    nodes.Print: _Placing.print,
    nodes.For: _Placing.for_,
    nodes.Break: _Placing.leave,
    nodes.Continue: _Placing.leave,
    nodes.With: _Placing.within,
    nodes.AutoEscape: _Placing.autoescape,
    nodes.Macro: _Placing.macro,
    nodes.SetBlock: _Placing.set_block,
    nodes.CallBlock: _Placing.call_block,
    nodes.FilterBlock: _Placing.filter_block,
    nodes.Translation: _Placing.translation,
    nodes.Block: _Placing.block,
    nodes.Include: _Placing.include,
}
