"""One pass over a body: texts move the leaves, and an `if` may fork them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NoReturn

from martlet.templates.errors import EscapingError, SourceLike
from martlet.templates.escaping.attribute_kinds import attribute_kind
from martlet.templates.escaping.choices import begins_apart, between, written_choice
from martlet.templates.escaping.escapers import Escapers
from martlet.templates.escaping.holes import place_hole
from martlet.templates.escaping.html import advance
from martlet.templates.escaping.joining import join
from martlet.templates.escaping.leaves import Fork, Leaf, freeze, merge
from martlet.templates.escaping.places import Place, State, describe, tag_name_place
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.rules import EscapingRules
from martlet.templates.escaping.tag_names import opened_tag
from martlet.templates.escaping.units import Units
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Statement

__all__ = ["Flow", "Handler", "Loop"]

LEAVES: Final = 64
_NAMES: Final = frozenset({State.TAG, State.TAG_NAME, State.AFTER_NAME, State.ATTRIBUTE_NAME})
_PIECE = re.compile(r"[^\"'>;\n]*+[\"'>;\n]?")


# Writes one node behind a leaf, and moves the leaf; upcoming: the text behind the node, as far as it is known.
Handler = Callable[["Flow", Any, Leaf, str], None]


@dataclass(slots=True)
class Loop:
    """Where the ways lead that leave a loop's body early."""

    breaks: list[Place] = field(default_factory=list[Place])
    continues: list[Place] = field(default_factory=list[Place])


@dataclass(slots=True)
class Flow:
    """One pass over a body and all that is nested in it."""

    units: Units
    rules: EscapingRules
    source: SourceLike | None
    handlers: Mapping[type[Statement], Handler]
    loop: Loop | None = None
    switch: str = ""  # inside of `autoescape`: "on", "off", or "volatile" where only rendering knows
    copies: int = 0
    made_escapers: Escapers | None = None

    def settled(self, body: Body, start: Place, upcoming: str = "") -> tuple[Body, Place]:
        """A body that is left at one place, whatever way leads through it."""
        leaf = Leaf([], start)
        out = leaf.out
        leaves = self._flow(body, [leaf], upcoming)
        if len(leaves) > 1:
            leaves = merge(leaves, join)
        if len(leaves) > 1:
            _refuse_branches(leaves, self.source)
        return freeze(out), leaves[0].place

    def _flow(self, body: Body, leaves: list[Leaf], upcoming: str) -> list[Leaf]:
        for index, node in enumerate(body):
            if isinstance(node, nodes.Text):
                leaves = self._text(node, leaves, opened_tag(node.text, body[index + 1 :], upcoming))
                continue
            after = body[index + 1] if index + 1 < len(body) else None
            text = upcoming if after is None else after.text if isinstance(after, nodes.Text) else ""
            if len(leaves) > 1 and isinstance(node, nodes.Print):
                self._check_names(leaves)
            leaves = [new for leaf in leaves for new in self._node(node, leaf, text)]
            if len(leaves) > 1 and begins_apart(body[index + 1 :], upcoming):
                for leaf in leaves:
                    leaf.place = between(leaf.place)
            leaves = merge(leaves)
            self._count(leaves)
        return leaves

    @property
    def escapers(self) -> Escapers:
        """For values that are written out in the template."""
        if self.made_escapers is None:
            self.made_escapers = Escapers(self.rules)
        return self.made_escapers

    def _count(self, leaves: list[Leaf]) -> None:
        self.copies += len(leaves) - 1
        if len(leaves) > LEAVES or self.copies > self.rules.duplicates:
            _refuse_branches(leaves, self.source)

    def _check_names(self, leaves: list[Leaf]) -> None:
        """A value that is a name by one branch, and something else by another, is meant for one of the two only."""
        kinds = {attribute_kind("", leaf.place.name, rules=self.rules) if leaf.place.state in _NAMES else None for leaf in leaves}
        if len(kinds) > 1 and kinds != {None}:
            _refuse_branches(leaves, self.source)

    def _text(self, whole: nodes.Text, leaves: list[Leaf], opening: str) -> list[Leaf]:
        """opening: what at its end opens a tag whose name is a value, where a tag can be opened."""
        node = replace(whole, text=whole.text.removesuffix(opening)) if opening else whole
        text, begin = node.text, 0
        while len(leaves) > 1 and begin < len(text):
            begin = self._piece(node, begin, leaves)
            leaves = merge(leaves)
            self._count(leaves)
        if begin < len(text) or not text:
            for leaf in leaves:
                leaf.place, written = self._advance(node, leaf.place, text[begin:], begin)
                leaf.out.append(nodes.Text(node.at, written))
        for leaf in leaves if opening else ():
            if leaf.place.state is State.TEXT:
                leaf.place, written = tag_name_place(leaf.place, opening), opening
            else:
                leaf.place, written = self._advance(whole, leaf.place, opening, len(text))
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
            raise EscapingError.placed(error.message, nodes.Span(line, column, line, column + 1), self.source) from None

    def _node(self, node: Statement, leaf: Leaf, upcoming: str) -> list[Leaf]:
        choice = written_choice(node.value, leaf.place.state) if isinstance(node, nodes.Print) and not self.switch else None
        forking = choice or node
        if isinstance(forking, nodes.If):
            return self._if(forking, leaf, upcoming)
        handler = self.handlers.get(type(node))
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

    def hole(self, node: nodes.Node, leaf: Leaf, upcoming: str, *, attributes: bool = False) -> str:
        """The escaper of what is written here; the leaf moves behind it."""
        try:
            escaper, leaf.place = place_hole(leaf.place, upcoming, self.rules, attributes=attributes)
        except RefusalError as error:
            raise EscapingError.placed(error.message, node.at, self.source) from None
        if self.switch == "off":
            return "plain"
        if self.switch == "volatile" and escaper in ("html", "plain"):
            return "volatile"
        return "html" if self.switch == "on" and escaper == "plain" else escaper


def _refuse_branches(leaves: list[Leaf], source: SourceLike | None) -> NoReturn:
    first = leaves[0]
    other = next(leaf for leaf in leaves if leaf.place != first.place)
    fork = other.parent or first.parent
    at = nodes.Span(other.line, 0, other.line, 0) if fork is None else fork.at
    raise EscapingError.placed(
        f"the branches end in different places: at line {first.line} in {describe(first.place)}, "
        f"at line {other.line} in {describe(other.place)}; close what they open in each of them",
        at,
        source,
    )
