"""Where the decisions of a made-up request come from: a seeded generator, Hypothesis, or a fuzzer that watches coverage.

Whoever decides, the same decisions make the same request. The first of several things is always the plainest one, so that
an exhausted or shrinking source ends in something small.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Choices(ABC):
    """A source of decisions."""

    @abstractmethod
    def below(self, bound: int) -> int:
        """A number from 0 up to, but not, `bound`."""

    def data(self, size: int) -> bytes:
        """Any bytes."""
        return bytes(self.below(256) for _ in range(size))

    def one_of(self, things: Sequence[T]) -> T:
        """One of them."""
        return things[self.below(len(things))]

    def made(self, makers: Sequence[Callable[[Choices], T]]) -> T:
        """What one of them makes."""
        return self.one_of(makers)(self)

    def rarely(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.below(one_in) == one_in - 1

    def many(self, make: Callable[[Choices], T], at_most: int) -> list[T]:
        """Some of what is made, often few."""
        count = self.below(at_most + 1) if self.below(3) else self.below(2)
        return [make(self) for _ in range(count)]


class SeededChoices(Choices):
    """Decisions that a seed and a number determine: input 17 of seed 3 is the same on every machine."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = Random(seed * 1_000_000_007 + number)

    def below(self, bound: int) -> int:
        return int(self.random.random() * bound)

    def data(self, size: int) -> bytes:
        return self.random.randbytes(size)


class DecidedChoices(Choices):
    """Decisions taken by somebody else, one call each."""

    def __init__(self, decide: Callable[[int], int]) -> None:
        """decide: from a bound to a number below it."""
        self._decide = decide

    def below(self, bound: int) -> int:
        return self._decide(bound) if bound > 1 else 0


# Text that parsers trip over, in whatever field.
AWKWARD = (
    "",
    " ",
    ",",
    ";",
    "=",
    '"',
    '"\\',
    "\\",
    "'",
    "*",
    "%",
    "%00",
    "%ff",
    "%zz",
    "\t",
    "\x00",
    "\r\n",
    "\r\nx: y",
    "\n",
    "\x7f",
    "\x80",
    "é",
    "\xff",
    "..",
    "/",
    "//",
    "?",
    "#",
    ":",
    "@",
    "[",
    "]",
    "{",
    "<script>",
    "-1",
    "0",
    "00",
    "1e400",
    "9" * 25,
    "1" * 5_000,
    "٣",
    "NaN",
    "None",
    "true",
    "a" * 300,
    "," * 400,
    ";" * 400,
    "q=0",
    "q=1.0001",
    "utf-16",
    "\ud800",
    "\u202e",
    "İ",
)


def any_text(choices: Choices) -> str:
    """Text of a few characters, plain or not."""
    return choices.made((_word, _awkward, _characters))


def damaged(choices: Choices, text: str) -> str:
    """The text with a few changes: cut, doubled, swapped, something awkward put in."""
    for _ in range(1 + choices.below(3)):
        place = choices.below(len(text) + 1)
        end = place + choices.below(8)
        kind = choices.below(6)
        if kind == 0:
            text = text[:place] + text[end:]
        elif kind == 1:
            text = text[:place] + _awkward(choices) + text[place:]
        elif kind == 2:
            text = text[:place] + _awkward(choices) + text[end:]
        elif kind == 3:
            text = text[:place] + text[place:end] * (1 + choices.below(4)) + text[end:]
        elif kind == 4:
            text = text[:place]
        else:
            text = text.swapcase()
        text = text[:20_000]
    return text


def damaged_data(choices: Choices, data: bytes) -> bytes:
    """The bytes with a few changes."""
    for _ in range(1 + choices.below(3)):
        place = choices.below(len(data) + 1)
        end = place + choices.below(8)
        kind = choices.below(4)
        if kind == 0:
            data = data[:place] + data[end:]
        elif kind == 1:
            data = data[:place] + choices.data(1 + choices.below(4)) + data[place + 1 :]
        elif kind == 2:
            data = data[:place] + data[place:end] * (1 + choices.below(5)) + data[end:]
        else:
            data = data[:place]
    return data


def _word(choices: Choices) -> str:
    return choices.one_of(("a", "swift", "ada", "1", "x-y", "2026-11-22", "text/html", "7.5", "red", "é"))


def _awkward(choices: Choices) -> str:
    return choices.one_of(AWKWARD)


def _characters(choices: Choices) -> str:
    bound = choices.one_of((128, 256, 0x3000))
    return "".join(chr(choices.below(bound)) for _ in range(choices.below(12)))
