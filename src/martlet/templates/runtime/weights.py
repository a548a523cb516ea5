"""How much a value is: the bytes that it takes, the characters that it prints, and the work to go through it.

What is walked through is paid for by the page that runs, so that looking whether something is too much never takes long itself.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Collection, Iterable
from itertools import chain
from types import NoneType
from typing import Any, Final, Protocol, cast

from martlet.templates.errors import BudgetError
from martlet.templates.runtime.budgets import hold, spend
from martlet.templates.runtime.values import Namespace

__all__ = [
    "CONTAINERS",
    "PER_ITERATION",
    "TEXTS",
    "Bounds",
    "bytes_of",
    "characters_of",
    "check_bits",
    "check_items",
    "check_length",
    "check_printable",
    "held_by",
    "items_in",
    "made",
    "square_work",
]

TEXTS: Final = (str, bytes, bytearray)
_EMPTY: dict[Any, Any] = {}
PAIRS: Final[Any] = type(_EMPTY.items())
VIEWS: Final[tuple[Any, ...]] = (type(_EMPTY.keys()), type(_EMPTY.values()), PAIRS)
CONTAINERS: Final[tuple[Any, ...]] = (list, tuple, dict, set, frozenset, deque, *VIEWS, Namespace)
PLAIN: Final = frozenset((str, int, float, bool, NoneType))
PER_ITERATION: Final = 32  # characters, or items that only C goes through, that are one iteration
SHORT: Final = 64  # bytes of a text for which nothing is counted; where it is kept, its slot is
SLOT: Final = 48  # bytes that an item of a list may take beside its place in the list
OBJECT: Final = 400  # bytes of an object of which nothing is known, such as a generator
WIDE: Final = 64  # bits of a number beyond which others with the same hash are easily found
COLLIDING: Final = 1_000  # iterations that such a number costs, so that a page cannot make many of them
DIGIT: Final = 512  # bits of a number that count as one digit


class Bounds(Protocol):
    """How long, how large, and how deep."""

    @property
    def output_characters(self) -> int:
        """Of a text."""
        ...

    @property
    def range_items(self) -> int:
        """Of a list."""
        ...

    @property
    def integer_bits(self) -> int:
        """Of a number."""
        ...

    @property
    def recursion(self) -> int:
        """Lists within one another."""
        ...


def check_length(bounds: Bounds, characters: int) -> None:
    """Raise BudgetError for a text that would be too long."""
    if characters > bounds.output_characters:
        raise BudgetError(
            f"a text may have {bounds.output_characters} characters at most in a sandboxed template, not {characters}"
        )


def check_items(bounds: Bounds, items: int) -> None:
    """Raise BudgetError for a list that would be too long."""
    if items > bounds.range_items:
        raise BudgetError(f"a list may have {bounds.range_items} items at most in a sandboxed template, not {items}")


def check_bits(bounds: Bounds, bits: int) -> None:
    """Raise BudgetError for a number that would be too large."""
    if bits > bounds.integer_bits:
        raise BudgetError(f"a number may have {bounds.integer_bits} bits at most in a sandboxed template")


def square_work(left: int, right: int) -> int:
    """The iterations that it is worth to multiply or divide numbers of so many bits."""
    return (left // DIGIT) * (right // DIGIT)


def bytes_of(value: Any) -> int:
    """What a value takes in memory, with what is likely to be made for its items, and without what these hold."""
    if isinstance(value, TEXTS):
        return max(0, sys.getsizeof(value) - SHORT)
    if isinstance(value, Namespace):
        return OBJECT + sys.getsizeof(vars(value))
    if isinstance(value, CONTAINERS):
        return sys.getsizeof(value) + SLOT * items_in(value)
    return 0 if type(value) in PLAIN else OBJECT


def items_in(value: Any) -> int:
    """How many items a list or its like has; none if it is something else, be that a text."""
    if isinstance(value, Namespace):
        return len(vars(value))
    return len(cast("Collection[Any]", value)) if isinstance(value, (range, *CONTAINERS)) else 0


def made(bounds: Bounds, value: Any) -> Any:
    """The value, which an operation has made, counted. Raises BudgetError if it is more than one value may be."""
    if isinstance(value, int):
        bits = value.bit_length()
        if bits > WIDE:
            check_bits(bounds, bits)
            spend(COLLIDING)
        return value
    if isinstance(value, TEXTS):
        check_length(bounds, len(value))
    hold(bytes_of(value))
    return value


def check_printable(bounds: Bounds, value: Any) -> Any:
    """The value. Raises BudgetError if its text would be too long, as that of a small list of lists of lists can be.

    Then it also takes too long to compare or to hash. What it takes to find out is counted.
    """
    if not isinstance(value, (int, *TEXTS)):
        if isinstance(value, CONTAINERS):
            characters_of(bounds, value)
    elif isinstance(value, int):
        if value.bit_length() > DIGIT:
            _check_number(value)
    elif len(value) >= PER_ITERATION:
        spend(len(value) // PER_ITERATION)
    return cast("Any", value)


def characters_of(bounds: Bounds, value: Any) -> int:
    """About how many characters a value prints; an object of which nothing is known is one. Raises BudgetError for too many."""
    if isinstance(value, TEXTS):
        spend(len(value) // PER_ITERATION)
        return len(value)
    if not isinstance(value, CONTAINERS):
        check_printable(bounds, value)
        return 1
    characters = 0
    around: list[tuple[Any, int]] = [(value, 1)]
    while around:
        container, depth = around.pop()
        if depth > bounds.recursion:
            raise BudgetError(f"lists may stand {bounds.recursion} deep within one another at most in a sandboxed template")
        held = held_by(container)
        kinds = set(map(type, held))
        if kinds <= PLAIN:
            spend(1 + len(held) // PER_ITERATION)
        else:
            spend(1 + len(held))
            around.extend((item, depth + 1) for item in held if isinstance(item, CONTAINERS))
        characters += len(held) + _of_plain_items(held, kinds)
        check_length(bounds, characters)
    return characters


def held_by(container: Any) -> Collection[Any]:
    """What stands in a list or its like, keys and values alike."""
    if isinstance(container, Namespace):
        container = vars(container)
    if isinstance(container, dict):
        pairs = cast("dict[Any, Any]", container)
        return [*pairs, *pairs.values()]
    if isinstance(container, PAIRS):
        return list(chain.from_iterable(cast("Iterable[Any]", container)))
    return cast("Collection[Any]", container)


def _of_plain_items(held: Collection[Any], kinds: set[type]) -> int:
    if int in kinds:
        largest = max((item for item in held if type(item) is int), key=abs)
        if largest.bit_length() > DIGIT:
            _check_number(largest, len(held))
    if kinds == {str}:
        return sum(map(len, held))
    return sum(len(item) for item in held if isinstance(item, TEXTS)) if not kinds <= PLAIN - {str} else 0


def _check_number(value: int, times: int = 1) -> None:
    """A long number takes the square of its length to print, and Python prints none beyond a limit."""
    bits, limit = value.bit_length(), sys.get_int_max_str_digits()
    if limit and bits > limit * 3.3:
        raise BudgetError(f"a number of {bits} bits is too long to be printed or compared in a sandboxed template")
    spend(times * (1 + square_work(bits, bits)))
