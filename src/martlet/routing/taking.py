"""Take the values of a segment's parameters out of its text.

Where several parameters stand in one segment, the first takes as much as it can, then the next, as an expression would. The text
between them is found by searching from that end where it cannot be mistaken, so that the work is linear; only two neighbours that
could both hold it are left to one expression, and then only for short texts.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from martlet.routing.automata import Hole, Text
from martlet.routing.converters import BUILT_IN, Converter, StrConverter, spans_segments
from martlet.routing.languages import compare

MAX_AMBIGUOUS_LENGTH = 255  # characters; with such neighbours a longer text fits nothing, since it may take quadratic time

Take = Callable[[str], tuple[Any, ...] | None]
"""From a text to the values of all its parameters, or None where it does not fit."""
Split = Callable[[str], list[str] | None]
"""From a text to the texts of its parameters, or None where it cannot be split."""

_BUILT_IN_TYPES = frozenset(type(converter) for converter in BUILT_IN.values())


@dataclass(frozen=True, slots=True)
class Parameter:
    """One hole of a segment."""

    name: str
    converter_name: str
    converter: Converter[Any]

    @property
    def hole(self) -> Hole:
        """What it accepts, as a language."""
        return Hole(self.converter.regex, spans_segments(self.converter))


class AmbiguousSegmentError(ValueError):
    """More than two neighbours that could hold the text between them."""


def taker(pieces: Sequence[str | Parameter]) -> Take:
    """What takes the values out of a text for pieces that begin and end with a parameter; raises AmbiguousSegmentError.

    >>> from martlet.routing.converters import IntConverter
    >>> date = Parameter("year", "int", IntConverter()), "-", Parameter("month", "int", IntConverter())
    >>> taker(date)("2024-02")
    (2024, 2)
    """
    parsers = [parser(piece) for piece in pieces if isinstance(piece, Parameter)]
    split = splitter(tuple(pieces))

    def take(text: str) -> tuple[Any, ...] | None:
        texts = split(text)
        if texts is None:
            return None
        try:
            return tuple([parse(part) for parse, part in zip(parsers, texts, strict=True)])
        except (ValueError, ArithmeticError):  # Decimal raises the latter
            return None

    return take


def parser(parameter: Parameter) -> Callable[[str], Any]:
    """The converter's `parse`, with its expression asked first; those of this package ask it themselves."""
    parse = parameter.converter.parse
    if type(parameter.converter) in _BUILT_IN_TYPES:
        return parse
    fullmatch = re.compile(parameter.converter.regex, re.ASCII).fullmatch

    def checked(text: str) -> Any:
        if fullmatch(text) is None:
            raise ValueError(text)
        return parse(text)

    return checked


def splitter(pieces: tuple[str | Parameter, ...]) -> Split:
    """What splits a text between the parameters of some pieces."""
    first, last = pieces[0], pieces[-1]
    if isinstance(first, str) or isinstance(last, str):
        raise TypeError("the pieces begin and end with a parameter")
    if len(pieces) == 1:
        return lambda text: [text]
    separator, final = str(pieces[1]), str(pieces[-2])
    if not may_hold(first, separator[0]):
        return partial(split_first, separator, splitter(pieces[2:]))
    if not may_hold(last, final[-1]):
        return partial(split_last, final, splitter(pieces[:-2]))
    if all(isinstance(piece, str) or type(piece.converter) is StrConverter for piece in pieces):
        return partial(split_rightmost, final, splitter(pieces[:-2]))
    if len(pieces) > 3:
        raise AmbiguousSegmentError(f"{separator!r} and {final!r} could also stand inside their neighbours")
    between = f"(?P<FIRST>{first.converter.regex}){re.escape(separator)}(?P<LAST>{last.converter.regex})"
    return partial(split_expression, re.compile(between, re.ASCII))


def may_hold(parameter: Parameter, char: str) -> bool:
    """Whether some text that the parameter accepts holds this character."""
    anything = Hole("(?s:.)*", spans=True)
    return not compare((parameter.hole,), (anything, Text(char), anything)).disjoint


def split_first(separator: str, split: Split, text: str) -> list[str] | None:
    """The first parameter ends where the separator stands first."""
    first, found, rest = text.partition(separator)
    texts = split(rest) if found else None
    return None if texts is None else [first, *texts]


def split_last(separator: str, split: Split, text: str) -> list[str] | None:
    """The last parameter begins after the place where the separator stands last."""
    rest, found, last = text.rpartition(separator)
    texts = split(rest) if found else None
    return None if texts is None else [*texts, last]


def split_rightmost(separator: str, split: Split, text: str) -> list[str] | None:
    """As `split_last`, but one character at least is left for the last parameter."""
    place = text.rfind(separator, 0, -1)
    texts = split(text[:place]) if place > 0 else None
    return None if texts is None else [*texts, text[place + len(separator) :]]


def split_expression(expression: re.Pattern[str], text: str) -> list[str] | None:
    """By an expression with one group for each of two parameters."""
    match = expression.fullmatch(text) if len(text) <= MAX_AMBIGUOUS_LENGTH else None
    return None if match is None else [match["FIRST"], match["LAST"]]
