"""An expression as a nondeterministic automaton over ranges of characters.

The expression is read by the parser of `re` itself, so that nothing is compared in another way than it is matched. What is no
regular language (look-around, back-references), depends on flags or is too large stands for every text its place could hold.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

MAX_STATES = 2_000  # of one automaton; a larger one is taken as inexact

Ranges = tuple[tuple[int, int], ...]
"""Code points from the first to the last, both included."""
States = frozenset[int]

LAST = 0x10FFFF
ANY: Ranges = ((0, LAST),)
SLASH: Ranges = ((ord("/"), ord("/")),)
NEWLINE: Ranges = ((ord("\n"), ord("\n")),)


class Text(NamedTuple):
    """A piece of a language that is one text."""

    text: str


class Hole(NamedTuple):
    """A piece of a language that is an expression; "/" is taken out of it unless it spans segments."""

    regex: str
    spans: bool = False


class NotRegularError(ValueError):
    """The expression is no regular language, or too large a one."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """States from 0 (the start) on; a character within a range leads from one to the next, and so do empty steps, freely."""

    moves: Sequence[Sequence[tuple[Ranges, int]]]
    empty: Sequence[Sequence[int]]
    end: int
    exact: bool
    """False where something stands in it for all that its place could hold."""

    def closure(self, states: Iterable[int]) -> States:
        """These states, and all that empty steps lead to."""
        found = set(states)
        waiting = list(found)
        while waiting:
            for state in self.empty[waiting.pop()]:
                if state not in found:
                    found.add(state)
                    waiting.append(state)
        return frozenset(found)

    def steps(self, states: States) -> Iterator[tuple[int, int, States]]:
        """Ranges that do not overlap, and the states that a character of each leads to."""
        edges = [(low, high, target) for state in states for ranges, target in self.moves[state] for low, high in ranges]
        cuts = sorted({low for low, _, _ in edges} | {high + 1 for _, high, _ in edges})
        for low, beyond in pairwise(cuts):
            targets = [target for first, last, target in edges if first <= low <= last]
            if targets:
                yield low, beyond - 1, self.closure(targets)

    def beside(self, other: "Automaton") -> "Automaton":
        """Both as one, to be walked side by side; the other's states are counted on from this one's."""
        offset = len(self.moves)
        moves = [[(ranges, target + offset) for ranges, target in moves] for moves in other.moves]
        empty = [[target + offset for target in targets] for targets in other.empty]
        return Automaton([*self.moves, *moves], [*self.empty, *empty], self.end, self.exact and other.exact)


class AutomatonBuilder:
    """Reads the pieces of a language into one automaton."""

    def __init__(self) -> None:
        self._moves: list[list[tuple[Ranges, int]]] = [[]]
        self._empty: list[list[int]] = [[]]
        self._exact = True
        self._removed: Ranges = ()
        self._dot: Ranges = ANY
        self._readers: dict[str, Callable[[int, Any], int]] = {
            "LITERAL": lambda start, char: self._step(start, ((char, char),)),
            "NOT_LITERAL": lambda start, char: self._step(start, complement(((char, char),))),
            "ANY": lambda start, _: self._step(start, self._dot),
            "IN": lambda start, items: self._step(start, read_set(items)),
            "BRANCH": lambda start, branches: self._join([self._sequence(start, branch) for branch in branches[1]]),
            "SUBPATTERN": self._group,
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
        }

    def build(self, pieces: Iterable[Text | Hole]) -> Automaton:
        """The automaton of the pieces one after another."""
        end = 0
        for piece in pieces:
            end = self._text(end, piece.text) if isinstance(piece, Text) else self._hole(end, piece)
        return Automaton(self._moves, self._empty, end, self._exact)

    def _text(self, start: int, text: str) -> int:
        self._removed = ()
        for char in text:
            start = self._step(start, ((ord(char), ord(char)),))
        return start

    def _hole(self, start: int, hole: Hole) -> int:
        self._removed = () if hole.spans else SLASH
        sizes = [(len(moves), len(empty)) for moves, empty in zip(self._moves, self._empty, strict=True)]
        try:
            return self._regex(start, hole.regex)
        except NotRegularError:
            self._go_back(sizes)
            self._exact = False
            return self._regex(start, "(?s:.)+")

    def _go_back(self, sizes: Sequence[tuple[int, int]]) -> None:
        del self._moves[len(sizes) :], self._empty[len(sizes) :]
        for state, (moves, empty) in enumerate(sizes):
            del self._moves[state][moves:], self._empty[state][empty:]

    def _state(self) -> int:
        if len(self._moves) >= MAX_STATES:
            raise NotRegularError("too many states")
        self._moves.append([])
        self._empty.append([])
        return len(self._moves) - 1

    def _step(self, start: int, ranges: Ranges) -> int:
        end = self._state()
        self._moves[start].append((complement((*complement(ranges), *self._removed)) if self._removed else ranges, end))
        return end

    def _join(self, ends: Iterable[int]) -> int:
        end = self._state()
        for state in ends:
            self._empty[state].append(end)
        return end

    def _regex(self, start: int, regex: str) -> int:
        self._dot = complement(NEWLINE)
        return self._sequence(start, importlib.import_module("re._parser").parse(regex, re.ASCII))

    def _sequence(self, start: int, nodes: Iterable[tuple[Any, Any]]) -> int:
        for kind, argument in nodes:
            reader = self._readers.get(str(kind))
            if reader is None:
                raise NotRegularError(str(kind))
            start = reader(start, argument)
        return start

    def _group(self, start: int, argument: tuple[Any, int, int, Any]) -> int:
        _, added, removed, nodes = argument
        if (added & ~re.DOTALL) or removed:
            raise NotRegularError("flags")
        outside = self._dot
        self._dot = ANY if added else outside
        end = self._sequence(start, nodes)
        self._dot = outside
        return end

    def _repeat(self, start: int, argument: tuple[int, Any, Any]) -> int:
        least, most, nodes = argument
        for _ in range(least):
            start = self._sequence(start, nodes)
        if str(most) == "MAXREPEAT":
            loop = self._join([start])
            self._empty[self._sequence(loop, nodes)].append(loop)
            return self._join([loop])
        ends = [start]
        for _ in range(most - least):
            ends.append(self._sequence(ends[-1], nodes))
        return self._join(ends)


def complement(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All characters outside these ranges.

    >>> complement([(10, 20)])
    ((0, 9), (21, 1114111))
    """
    outside: list[tuple[int, int]] = []
    free = 0
    for low, high in sorted(ranges):
        if low > free:
            outside.append((free, low - 1))
        free = max(free, high + 1)
    return (*outside, (free, LAST)) if free <= LAST else tuple(outside)


_DIGIT: Ranges = ((48, 57),)
_SPACE: Ranges = ((9, 13), (32, 32))
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_CATEGORIES: dict[str, Ranges] = {
    "CATEGORY_DIGIT": _DIGIT,
    "CATEGORY_NOT_DIGIT": complement(_DIGIT),
    "CATEGORY_SPACE": _SPACE,
    "CATEGORY_NOT_SPACE": complement(_SPACE),
    "CATEGORY_WORD": _WORD,
    "CATEGORY_NOT_WORD": complement(_WORD),
}


def read_set(items: Iterable[tuple[Any, Any]]) -> Ranges:
    """The characters of a set in brackets."""
    ranges: list[tuple[int, int]] = []
    negated = False
    for kind, argument in items:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                ranges.append((argument, argument))
            case "RANGE":
                ranges.append(argument)
            case _:
                ranges.extend(_CATEGORIES[str(argument)])
    outside = complement(ranges)
    return outside if negated else complement(outside)
