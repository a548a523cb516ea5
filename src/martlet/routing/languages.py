"""Compare what two segments accept, exactly: is there a text in both, does one include the other, how many texts are in one?

An expression becomes a nondeterministic automaton over ranges of characters; its sets of states are walked as they are met, two
automata side by side. What is no regular language (look-around, back-references), or is too large, stands for every text its place
could hold, and is marked as inexact: then "disjoint" and "included in" still hold where they are said, and all else counts as an overlap.
"""

import importlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

MAX_STATES = 2_000  # of one automaton, and of one walk; beyond it an expression is taken as inexact
MEASURED_LENGTH = 128  # characters; languages are measured by how many texts of up to this length they hold

Ranges = tuple[tuple[int, int], ...]
States = frozenset[int]

ANY: Ranges = ((0, 0x10FFFF),)
SLASH = ord("/")
SAMPLES = "a1-.A_~"  # the first that fits stands for a range of characters in examples


class Text(NamedTuple):
    """A piece of a language that is one text."""

    text: str


class Hole(NamedTuple):
    """A piece of a language that is an expression; "/" is taken out of it unless it spans segments."""

    regex: str
    spans: bool = False


Language = tuple[Text | Hole, ...]
"""Texts and expressions one after another; the language is all their concatenations."""


class Comparison(NamedTuple):
    """How two languages lie to each other."""

    disjoint: bool
    """No text is in both."""
    included: bool
    """Each text of the first is in the second."""
    including: bool
    """Each text of the second is in the first."""
    example: str | None
    """A shortest text in both; None where there is none, or none could be found."""


class NotRegularError(ValueError):
    """The expression is no regular language, or too large a one."""


@dataclass(slots=True)
class Automaton:
    """States from 0 (the start) on; reading a character in a range leads on, and so do empty steps, freely."""

    moves: list[list[tuple[Ranges, int]]]
    empty: list[list[int]]
    end: int
    exact: bool

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


class AutomatonBuilder:
    """Reads pieces of a language into one automaton; each `add` returns the state in which what it added ends."""

    def __init__(self) -> None:
        self.moves: list[list[tuple[Ranges, int]]] = [[]]
        self.empty: list[list[int]] = [[]]
        self.exact = True
        self._removed: Ranges = ()
        self._dot: Ranges = ANY
        self._readers: dict[str, Callable[[int, Any], int]] = {
            "LITERAL": lambda start, char: self.add_ranges(start, ((char, char),)),
            "NOT_LITERAL": lambda start, char: self.add_ranges(start, complement(((char, char),))),
            "ANY": lambda start, _: self.add_ranges(start, self._dot),
            "IN": lambda start, items: self.add_ranges(start, read_set(items)),
            "BRANCH": lambda start, branches: self._join([self._sequence(start, branch) for branch in branches[1]]),
            "SUBPATTERN": self._group,
            "MAX_REPEAT": self._repeat,
            "MIN_REPEAT": self._repeat,
        }

    def add(self, start: int, piece: Text | Hole) -> int:
        """One piece of a language; an expression that is not regular is read as all its place could hold."""
        if isinstance(piece, Text):
            for char in piece.text:
                start = self.add_ranges(start, ((ord(char), ord(char)),), kept=True)
            return start
        self._removed = () if piece.spans else ((SLASH, SLASH),)
        kept = len(self.moves), [len(moves) for moves in self.moves], [len(empty) for empty in self.empty]
        try:
            return self._regex(start, piece.regex)
        except NotRegularError:
            self._forget(*kept)
            self.exact = False
            return self._regex(start, "(?s:.)+")

    def add_ranges(self, start: int, ranges: Ranges, *, kept: bool = False) -> int:
        """One character of these ranges; "/" is taken out unless kept."""
        end = self._state()
        self.moves[start].append((ranges if kept or not self._removed else complement((*complement(ranges), *self._removed)), end))
        return end

    def _state(self) -> int:
        if len(self.moves) >= MAX_STATES:
            raise NotRegularError("too many states")
        self.moves.append([])
        self.empty.append([])
        return len(self.moves) - 1

    def _forget(self, states: int, moves: list[int], empty: list[int]) -> None:
        del self.moves[states:], self.empty[states:]
        for state in range(states):
            del self.moves[state][moves[state] :], self.empty[state][empty[state] :]

    def _regex(self, start: int, regex: str) -> int:
        # The parser of `re` itself, so that nothing is read in another way than it will be matched.
        tree = importlib.import_module("re._parser").parse(regex, re.ASCII)
        if tree.state.flags & (re.IGNORECASE | re.MULTILINE | re.LOCALE):
            raise NotRegularError("flags")
        self._dot = ANY if tree.state.flags & re.DOTALL else complement(((10, 10),))
        return self._sequence(start, tree)

    def _sequence(self, start: int, nodes: Iterable[tuple[Any, Any]]) -> int:
        for kind, argument in nodes:
            reader = self._readers.get(str(kind))
            if reader is None:
                raise NotRegularError(str(kind))
            start = reader(start, argument)
        return start

    def _join(self, ends: Sequence[int]) -> int:
        end = self._state()
        for state in ends:
            self.empty[state].append(end)
        return end

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
            self.empty[self._sequence(loop, nodes)].append(loop)
            return self._join([loop])
        ends = [start]
        for _ in range(most - least):
            ends.append(self._sequence(ends[-1], nodes))
        return self._join(ends)


def complement(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All characters outside these ranges."""
    outside: list[tuple[int, int]] = []
    free = 0
    for low, high in sorted(ranges):
        if low > free:
            outside.append((free, low - 1))
        free = max(free, high + 1)
    return (*outside, (free, ANY[0][1])) if free <= ANY[0][1] else tuple(outside)


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


@lru_cache(maxsize=4_096)
def automaton(language: Language) -> Automaton:
    """The automaton of one language."""
    builder = AutomatonBuilder()
    end = 0
    for piece in language:
        end = builder.add(end, piece)
    return Automaton(builder.moves, builder.empty, end, builder.exact)


@lru_cache(maxsize=4_096)
def expression(language: Language) -> re.Pattern[str]:
    """One compiled expression for the whole language, to be used with `fullmatch`."""
    pieces = [re.escape(piece.text) if isinstance(piece, Text) else f"(?:{piece.regex})" for piece in language]
    return re.compile("".join(pieces), re.ASCII)


def sample(low: int, high: int) -> str:
    """A character that shows well, out of a range."""
    return next((char for char in SAMPLES if low <= ord(char) <= high), chr(low))


@lru_cache(maxsize=16_384)
def compare(first: Language, second: Language) -> Comparison:
    """How the two lie to each other.

    >>> compare((Hole("[0-9]+"),), (Hole("[a-z0-9]+"),))
    Comparison(disjoint=False, included=True, including=False, example='1')
    """
    left, right = automaton(first), automaton(second)
    offset = len(left.moves)
    both = Automaton(
        left.moves + [[(ranges, target + offset) for ranges, target in moves] for moves in right.moves],
        left.empty + [[target + offset for target in empty] for empty in right.empty],
        left.end,
        left.exact and right.exact,
    )
    start = both.closure((0, offset))
    waiting = deque([(start, "")])
    seen = {start}
    disjoint, included, including, example = True, right.exact, left.exact, None
    while waiting:
        states, text = waiting.popleft()
        in_left, in_right = left.end in states, right.end + offset in states
        included = included and (in_right or not in_left)
        including = including and (in_left or not in_right)
        if in_left and in_right:
            disjoint = False
            if example is None and (both.exact or (expression(first).fullmatch(text) and expression(second).fullmatch(text))):
                example = text
        if example is not None and not included and not including:
            break
        steps = [(sample(low, high), targets) for low, high, targets in both.steps(states)]
        for char, targets in sorted(steps, key=lambda step: SAMPLES.find(step[0]) % (len(SAMPLES) + 1)):
            if targets not in seen:
                seen.add(targets)
                waiting.append((targets, text + char))
        if len(seen) > MAX_STATES:
            return Comparison(disjoint=False, included=False, including=False, example=example)
    return Comparison(disjoint, included, including, example)


@lru_cache(maxsize=4_096)
def measure(language: Language, length: int = MEASURED_LENGTH) -> int:
    """How many texts of up to `length` characters it holds; a language never holds more than one that includes it.

    >>> measure((Hole("[0-9]+"),), length=2)
    110
    """
    machine = automaton(language)
    start = machine.closure((0,))
    steps: dict[States, list[tuple[int, States]]] = {}
    waiting = [start]
    while waiting:
        states = waiting.pop()
        if states in steps:
            continue
        if len(steps) > MAX_STATES:
            return measure((Hole("(?s:.)+", spans=True),), length)
        steps[states] = [(high - low + 1, targets) for low, high, targets in machine.steps(states)]
        waiting.extend(targets for _, targets in steps[states])
    counts = {states: int(machine.end in states) for states in steps}
    ends = dict(counts)
    for _ in range(length):
        counts = {states: ends[states] + sum(width * counts[target] for width, target in steps[states]) for states in steps}
    return counts[start]
