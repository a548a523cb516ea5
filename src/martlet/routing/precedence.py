"""Which of two patterns goes first where both fit a path, whatever the order of registration.

Segment by segment from the left: a plain text goes before a segment with parameters, and of two such segments that which holds fewer
texts (of up to 128 characters; languages.py counts them). A narrower segment holds fewer texts than the one that includes it, so it
goes first; and where neither includes the other there still is an order, which `overlaps=True` relies on.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from martlet.routing.converters import PathConverter, StrConverter
from martlet.routing.languages import MEASURED_LENGTH, Comparison, Hole, Language, Text, compare, expression, measure
from martlet.routing.patterns import Part, Segment

Precedence = tuple[tuple[tuple[int, bool], ...], tuple[str, ...]]
"""A key to sort signatures by: the measure of each segment and whether it spans; where all are equal, their texts."""

LITERAL = (0, False)


class Order(Enum):
    """How one pattern lies to another."""

    APART = auto()  # no path fits both
    FIRST = auto()  # each path of the first fits the second, or all but
    SECOND = auto()
    TIED = auto()  # some path fits both, and neither is narrower


class Overlap(NamedTuple):
    """How the paths of one pattern lie to those of another."""

    order: Order
    example: str | None
    """A path that both fit, where there is one and it could be found."""


def segment_measure(part: Part) -> tuple[int, bool]:
    """How many texts a segment holds, as far as its shape tells; and whether it spans."""
    if isinstance(part, str):
        return LITERAL
    return 1 + measure(part.core_language, max(MEASURED_LENGTH - len(part.head) - len(part.tail), 0)), part.spans


def precedence(parts: Sequence[Part]) -> Precedence:
    """The key of a pattern, which depends on the shapes of its segments alone."""
    measures = tuple([segment_measure(part) for part in parts])
    texts = tuple(["" if isinstance(part, str) else f"{len(part.head)}{part.core_language}{len(part.tail)}" for part in parts])
    return measures, texts


def overlap(first: Sequence[Part], second: Sequence[Part]) -> Overlap:
    """Compare two patterns of one method.

    >>> from martlet.routing.converters import BUILT_IN
    >>> from martlet.routing.patterns import PatternReader
    >>> read = PatternReader(BUILT_IN).read
    >>> overlap(read("/a/{x}/y", "", {}), read("/a/b/{z}", "", {}))
    Overlap(order=<Order.TIED: 4>, example='/a/b/y')
    """
    example = ""
    included = including = True
    pairs = facing(first, second)
    for one, other in pairs:
        compared = compare_parts(joined(one), joined(other))
        if compared.disjoint:
            return Overlap(Order.APART, None)
        included, including = included and compared.included, including and compared.including
        example = f"{example}/{compared.example}" if compared.example is not None and example is not None else None
    return Overlap(ordered(first, second, included, including), example) if pairs else Overlap(Order.APART, None)


def ordered(first: Sequence[Part], second: Sequence[Part], included: bool, including: bool) -> Order:
    """The order of two patterns that overlap; the narrower must also be the one that matching tries first, else they are tied."""
    if included and not including and precedence(first) < precedence(second):
        return Order.FIRST
    if including and not included and precedence(second) < precedence(first):
        return Order.SECOND
    return Order.TIED


def facing(first: Sequence[Part], second: Sequence[Part]) -> list[tuple[Sequence[Part], Sequence[Part]]]:
    """The segments that face each other; one that spans faces all the rest. Empty where the lengths forbid that a path fits both."""
    ends = [len(parts) - 1 for parts in (first, second) if spans_at_end(parts)]
    if not ends:
        return [((one,), (other,)) for one, other in zip(first, second, strict=True)] if len(first) == len(second) else []
    end = min(ends)
    if min(len(first), len(second)) <= end:
        return []
    pairs: list[tuple[Sequence[Part], Sequence[Part]]] = [((one,), (other,)) for one, other in zip(first[:end], second[:end], strict=True)]
    return [*pairs, (first[end:], second[end:])]


def may_tie(first: Sequence[Part], second: Sequence[Part]) -> bool:
    """Whether two patterns can be tied whose segments have these shapes, whatever their texts are."""
    included = including = True
    pairs = facing(first, second)
    for one, other in pairs:
        compared = compare_shapes(one, other)
        if compared is None:
            return False
        included, including = included and compared[0], including and compared[1]
    return bool(pairs) and ordered(first, second, included, including) is Order.TIED


def compare_shapes(one: Sequence[Part], other: Sequence[Part]) -> tuple[bool, bool] | None:
    """Whether the first is included in the second and the other way round, if their texts let them overlap; None if nothing does."""
    if len(one) > 1 or len(other) > 1:
        return takes_all(other), takes_all(one)
    left, right = one[0], other[0]
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str), isinstance(right, str)
    if left.shape == right.shape:
        return True, True
    if not (left.head or left.tail or right.head or right.tail):
        compared = compare(left.language, right.language)
        return None if compared.disjoint else (compared.included, compared.including)
    included = takes_all(other) or (takes_segment(right) and not left.spans)
    return included, takes_all(one) or (takes_segment(left) and not right.spans)


def takes_all(parts: Sequence[Part]) -> bool:
    """True for `{rest:path}`, which includes whatever faces it."""
    return len(parts) == 1 and isinstance(parts[0], Segment) and parts[0].language == (Hole(PathConverter.regex, spans=True),)


def takes_segment(part: Segment) -> bool:
    """True for `{name}`, which includes every other segment that does not span."""
    return part.language == (Hole(StrConverter.regex),)


def spans_at_end(parts: Sequence[Part]) -> bool:
    """True for a pattern that takes in all the rest of a path."""
    last = parts[-1]
    return isinstance(last, Segment) and last.spans


def joined(parts: Sequence[Part]) -> str | Language:
    """Some segments with their slashes, as one text where all are plain, else as one language."""
    if all(isinstance(part, str) for part in parts):
        return "/".join(str(part) for part in parts)
    pieces: list[Text | Hole] = []
    for index, part in enumerate(parts):
        pieces += [Text("/")] if index else []
        pieces += [Text(part)] if isinstance(part, str) else part.language
    return tuple(pieces)


def compare_parts(one: str | Language, other: str | Language) -> Comparison:
    """Compare what two sides hold; a text is narrower than any language that holds it."""
    if isinstance(one, str) and isinstance(other, str):
        return Comparison(one != other, one == other, one == other, one if one == other else None)
    if isinstance(one, str):
        fits = not isinstance(other, str) and expression(other).fullmatch(one) is not None
        return Comparison(not fits, included=fits, including=False, example=one if fits else None)
    if isinstance(other, str):
        fits = expression(one).fullmatch(other) is not None
        return Comparison(not fits, included=False, including=fits, example=other if fits else None)
    return compare(one, other)
