"""Compare what two segments accept: whether a text is in both, whether one includes the other, how many texts are in one.

The sets of states of their automata are walked as they are met, side by side. Where one is inexact, it holds too much: so
"disjoint" and "included" still hold where they are said of it, and all else counts as an overlap.
"""

import re
from collections import deque
from functools import lru_cache
from typing import NamedTuple

from martlet.routing.automata import MAX_STATES, Automaton, AutomatonBuilder, Hole, States, Text

MEASURED_LENGTH = 128  # characters; languages are measured by how many texts of up to this length they hold
SAMPLES = "a1-.A_~"  # the first of them within a range stands for it in examples

Language = tuple[Text | Hole, ...]
"""Texts and expressions one after another: all their concatenations."""


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


@lru_cache(maxsize=4_096)
def automaton(language: Language) -> Automaton:
    """The automaton of a language."""
    return AutomatonBuilder().build(language)


@lru_cache(maxsize=4_096)
def expression(language: Language) -> re.Pattern[str]:
    """One compiled expression for the whole language, to be used with `fullmatch`."""
    pieces = [re.escape(piece.text) if isinstance(piece, Text) else f"(?:{piece.regex})" for piece in language]
    return re.compile("".join(pieces), re.ASCII)


@lru_cache(maxsize=16_384)
def compare(first: Language, second: Language) -> Comparison:
    """How the two lie to each other; where that takes too many states, as an overlap of which nothing is known.

    >>> compare((Hole("[0-9]+"),), (Hole("[a-z0-9]+"),))
    Comparison(disjoint=False, included=True, including=False, example='1')
    """
    left, right = automaton(first), automaton(second)
    both = left.beside(right)
    right_end = len(left.moves) + right.end
    start = both.closure((0, len(left.moves)))
    waiting = deque([(start, "")])
    seen = {start}
    disjoint, included, including, example = True, right.exact, left.exact, None
    while waiting and (included or including or example is None):
        states, text = waiting.popleft()
        in_left, in_right = left.end in states, right_end in states
        included = included and (in_right or not in_left)
        including = including and (in_left or not in_right)
        if in_left and in_right:
            disjoint = False
            if example is None and (both.exact or (expression(first).fullmatch(text) and expression(second).fullmatch(text))):
                example = text
        for char, targets in samples(both, states):
            if targets not in seen:
                seen.add(targets)
                waiting.append((targets, text + char))
        if len(seen) > MAX_STATES:
            return Comparison(disjoint=False, included=False, including=False, example=example)
    return Comparison(disjoint, included, including, example)


def samples(machine: Automaton, states: States) -> list[tuple[str, States]]:
    """A character for each way on, and where it leads; what reads well in an example goes first."""
    ways = [(sample(low, high), targets) for low, high, targets in machine.steps(states)]
    return sorted(ways, key=lambda way: SAMPLES.find(way[0]) % (len(SAMPLES) + 1))


def sample(low: int, high: int) -> str:
    """A character of a range, one that reads well if there is one."""
    return next((char for char in SAMPLES if low <= ord(char) <= high), chr(low))


@lru_cache(maxsize=4_096)
def measure(language: Language, length: int = MEASURED_LENGTH) -> int:
    """How many texts of up to `length` characters it holds; never more than a language that includes it.

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
            return measure((Hole("(?s:.)+", spans=any(isinstance(piece, Hole) and piece.spans for piece in language)),), length)
        steps[states] = [(high - low + 1, targets) for low, high, targets in machine.steps(states)]
        waiting += [targets for _, targets in steps[states]]
    ends = {states: int(machine.end in states) for states in steps}
    counts = ends
    for _ in range(length):
        counts = {states: ends[states] + sum(width * counts[target] for width, target in ways) for states, ways in steps.items()}
    return counts[start]
