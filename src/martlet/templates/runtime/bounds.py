"""What would make a long text, a long list or a large number of little, refused before it is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from martlet.templates.runtime.budgets import spend
from martlet.templates.runtime.weights import (
    TEXTS,
    Bounds,
    characters_of,
    check_bits,
    check_items,
    check_length,
    check_printable,
    square_work,
)

__all__ = ["NUMBERS", "check_joined", "check_operands", "check_printf", "check_replacement"]

NUMBERS: Final = re.compile(r"\d+")
STRETCHES: Final = re.compile(r"%[^a-zA-Z%]*\*")  # a printf field whose width is one of the values
NAMED: Final = re.compile(r"%\(([^)]*)\)")
LISTS: Final = (list, tuple)


def check_operands(bounds: Bounds, symbol: str, left: Any, right: Any) -> None:
    """Raise BudgetError if the result of an operator would be too long or too large; counts the work that it takes."""
    if isinstance(left, int) and isinstance(right, int):
        _check_numbers(bounds, symbol, left.bit_length(), right)
    elif symbol == "*":
        _check_product(bounds, left, right)
    elif symbol == "+":
        _check_sum(bounds, left, right)
    elif symbol == "%" and isinstance(left, TEXTS):
        check_printf(bounds, left if isinstance(left, str) else left.decode("latin-1"), right)


def _check_numbers(bounds: Bounds, symbol: str, bits: int, right: int) -> None:
    """Each is as small as a number may be, wherever it is from, and so is what becomes of them."""
    check_bits(bounds, max(bits, right.bit_length()))
    if symbol == "**":
        check_bits(bounds, bits * right)
        spend(square_work(bits * right, bits * right))
    elif symbol in "*//%":
        check_bits(bounds, bits + right.bit_length() if symbol == "*" else 0)
        spend(square_work(bits, right.bit_length()))


def _check_product(bounds: Bounds, left: Any, right: Any) -> None:
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
    """Raise BudgetError if a printf-style text would become too long: by widths, by its values, by one value many times."""
    characters = len(written) + characters_of(bounds, values)
    for number in NUMBERS.findall(written):
        characters += int(number[:20])
    if isinstance(values, Mapping):
        sizes = {name: characters_of(bounds, value) for name, value in cast("Mapping[Any, Any]", values).items()}
        characters += sum(sizes.get(name, 0) for name in NAMED.findall(written))
    elif STRETCHES.search(written):
        for value in cast("Iterable[Any]", values) if isinstance(values, tuple) else (values,):
            if isinstance(value, int):
                characters += abs(value)
    check_length(bounds, characters)


def check_replacement(bounds: Bounds, text: Any, old: Any, new: Any, count: int = -1) -> None:
    """Raise BudgetError if a text would become too long with `new` where `old` stood."""
    times = text.count(old) if count < 0 else min(count, text.count(old))
    check_length(bounds, len(text) + times * max(0, len(new) - len(old)))


def check_joined(bounds: Bounds, separator: Any, items: Iterable[Any]) -> list[Any]:
    """The items as a list. Raises BudgetError if they are too long together, with the separator between."""
    found: list[Any] = []
    total = 0
    for item in items:
        check_printable(bounds, item)
        total += len(separator) + characters_of(bounds, item)
        check_length(bounds, total)
        found.append(item)
    return found
