"""What would make a long text, a long list or a large number of little, refused before it is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, Protocol, cast

from martlet.templates.errors import BudgetError

__all__ = [
    "LONG_NUMBER",
    "TEXTS",
    "Bounds",
    "check_bits",
    "check_items",
    "check_joined",
    "check_length",
    "check_operands",
    "check_printable",
    "check_printf",
    "check_replacement",
]

LONG_NUMBER: Final = re.compile(r"\d{4,}")  # of which a shorter one is no danger
STRETCHES: Final = re.compile(r"%[^a-zA-Z%]*\*")  # a printf field whose width is one of the values
TEXTS: Final = (str, bytes, bytearray)
LISTS: Final = (list, tuple)
CONTAINERS: Final = (list, tuple, dict, set, frozenset)


class Bounds(Protocol):
    """How long and how large."""

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


def check_length(bounds: Bounds, characters: int) -> None:
    """Raise BudgetError for a text that would be too long."""
    if characters > bounds.output_characters:
        raise BudgetError(
            f"a text may have {bounds.output_characters} characters at most in a sandboxed template, not {characters}"
        )


def check_operands(bounds: Bounds, symbol: str, left: Any, right: Any) -> None:
    """Raise BudgetError if the result of an operator would be too long or too large."""
    if symbol == "*":
        _check_product(bounds, left, right)
    elif symbol == "+":
        _check_sum(bounds, left, right)
    elif symbol == "**":
        if isinstance(left, int) and isinstance(right, int):
            check_bits(bounds, left.bit_length() * right)
    elif symbol == "%" and isinstance(left, TEXTS):
        check_printf(bounds, left if isinstance(left, str) else left.decode("latin-1"), right)


def check_bits(bounds: Bounds, bits: int) -> None:
    """Raise BudgetError for a number that would be too large."""
    if bits > bounds.integer_bits:
        raise BudgetError(f"a number may have {bounds.integer_bits} bits at most in a sandboxed template")


def check_items(bounds: Bounds, items: int) -> None:
    """Raise BudgetError for a list that would be too long."""
    if items > bounds.range_items:
        raise BudgetError(f"a list may have {bounds.range_items} items at most in a sandboxed template, not {items}")


def check_printable(bounds: Bounds, value: Any) -> Any:
    """The value. Raises BudgetError if its text would be too long, as that of a small list of lists of lists can be."""
    if not isinstance(value, CONTAINERS):
        return value
    characters = 0
    around: list[Iterable[Any]] = [_held(value)]
    while around:
        for item in around.pop():
            characters += 1
            if isinstance(item, TEXTS):
                characters += len(item)
            elif isinstance(item, CONTAINERS):
                around.append(_held(item))
        check_length(bounds, characters)
    return cast("Any", value)


def _held(container: Any) -> Iterable[Any]:
    if isinstance(container, dict):
        pairs = cast("dict[Any, Any]", container)
        return chain(pairs, pairs.values())
    return cast("Iterable[Any]", container)


def _check_product(bounds: Bounds, left: Any, right: Any) -> None:
    if isinstance(left, int) and isinstance(right, int):
        check_bits(bounds, left.bit_length() + right.bit_length())
        return
    for value, times in ((left, right), (right, left)):
        if not isinstance(times, int):
            continue
        if isinstance(value, TEXTS):
            check_length(bounds, len(value) * times)
        elif isinstance(value, LISTS):
            check_items(bounds, len(cast("Sequence[Any]", value)) * times)


def _check_sum(bounds: Bounds, left: Any, right: Any) -> None:
    if isinstance(left, TEXTS) and isinstance(right, TEXTS):
        check_length(bounds, len(left) + len(right))
    elif isinstance(left, LISTS) and isinstance(right, LISTS):
        check_items(bounds, len(cast("Sequence[Any]", left)) + len(cast("Sequence[Any]", right)))


def check_printf(bounds: Bounds, written: str, values: Any) -> None:
    """Raise BudgetError if a field of a printf-style text is too wide, or one of its values too much."""
    check_printable(bounds, values)
    for number in LONG_NUMBER.findall(written):
        check_length(bounds, int(number[:20]))
    if STRETCHES.search(written):
        for value in cast("Iterable[Any]", values) if isinstance(values, tuple) else (values,):
            if isinstance(value, int):
                check_length(bounds, abs(value))


def check_replacement(bounds: Bounds, text: Any, old: Any, new: Any, count: int = -1) -> None:
    """Raise BudgetError if a text would become too long with `new` where `old` stood."""
    times = text.count(old) if count < 0 else min(count, text.count(old))
    check_length(bounds, len(text) + times * max(0, len(new) - len(old)))


def check_joined(bounds: Bounds, separator: Any, items: Iterable[Any]) -> list[Any]:
    """The items as a list. Raises BudgetError if they are too long together, with the separator between."""
    found: list[Any] = []
    total = 0
    for item in items:
        total += len(separator) + (len(item) if isinstance(item, TEXTS) else 1)
        check_length(bounds, total)
        found.append(item)
    return found
