"""Which of two patterns goes first where both fit a path, whatever the order of registration.

Segment by segment from the left: a plain text goes before a segment with parameters, and of two such segments that which holds
fewer texts (of up to 128 characters; languages.py counts them). A narrower segment holds fewer texts than one that includes it,
so it goes first; and where neither includes the other there still is an order, which `overlaps=True` relies on.
"""

from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

from martlet.routing.automata import Hole, Text
from martlet.routing.converters import PathConverter, StrConverter
from martlet.routing.languages import MEASURED_LENGTH, Comparison, Language, compare, expression, measure
from martlet.routing.patterns import Part, Segment

Measure = tuple[int, bool]
"""How many texts a segment holds, and whether it spans segments."""
Precedence = tuple[tuple[Measure, ...], tuple[str, ...]]
"""A key to sort patterns by; where all measures are equal, the expressions decide."""
Parts = Sequence[Part]

PLAIN: Measure = (0, False)
ALL_THE_REST: Language = (Hole(PathConverter.regex, spans=True),)
WHOLE_SEGMENT: Language = (Hole(StrConverter.regex),)


class Order(Enum):
    """How one pattern lies to another."""

    APART = auto()  # no path fits both
    FIRST = auto()  # the first is narrower
    SECOND = auto()  # the second is narrower
    TIED = auto()  # some path fits both, and neither is narrower


class Overlap(NamedTuple):
    """How the paths of one pattern lie to those of another."""

    order: Order
    example: str | None
    """A path that both fit, where there is one and it could be found."""


def segment_measure(part: Part) -> Measure:
    """The measure of one segment, which depends on its shape alone."""
    if isinstance(part, str):
        return PLAIN
    return 1 + measure(part.core_language, max(MEASURED_LENGTH - len(part.head) - len(part.tail), 0)), part.spans


def precedence(parts: Parts) -> Precedence:
    """The key of a pattern, which depends on the shapes of its segments alone."""
    texts = ["" if isinstance(part, str) else f"{len(part.head)}{part.core_language}{len(part.tail)}" for part in parts]
    return tuple([segment_measure(part) for part in parts]), tuple(texts)


def overlap(first: Parts, second: Parts) -> Overlap:
    """Compare two patterns of one method.

    >>> from martlet.routing.converters import BUILT_IN
    >>> from martlet.routing.patterns import PatternReader
    >>> read = PatternReader(BUILT_IN).read
    >>> overlap(read("/a/{x}/y", "", {}), read("/a/b/{z}", "", {}))
    Overlap(order=<Order.TIED: 4>, example='/a/b/y')
    """
    examples: list[str | None] = []
    included = including = True
    for one, other in facing(first, second):
        compared = compare_parts(joined(one), joined(other))
        if compared.disjoint:
            return Overlap(Order.APART, None)
        included, including = included and compared.included, including and compared.including
        examples.append(compared.example)
    if not examples:
        return Overlap(Order.APART, None)
    found = [f"/{example}" for example in examples if example is not None]
    return Overlap(narrower(first, second, (included, including)), "".join(found) if len(found) == len(examples) else None)


def may_tie(first: Parts, second: Parts) -> bool:
    """Whether patterns whose segments have these shapes can be tied, whatever their texts are."""
    included = including = True
    pairs = facing(first, second)
    for one, other in pairs:
        compared = compare_shapes(one, other)
        if compared is None:
            return False
        included, including = included and compared[0], including and compared[1]
    return bool(pairs) and narrower(first, second, (included, including)) is Order.TIED


def narrower(first: Parts, second: Parts, included: tuple[bool, bool]) -> Order:
    """The order of patterns that overlap, given whether the first is included in the second, and the second in the first.

    The narrower must also be the one that is tried first. Only odd converters can part the two, as one that spans segments and
    accepts a single slash: then the patterns count as tied.
    """
    match included:
        case True, False if precedence(first) < precedence(second):
            return Order.FIRST
        case False, True if precedence(second) < precedence(first):
            return Order.SECOND
        case _:
            return Order.TIED


def facing(first: Parts, second: Parts) -> list[tuple[Parts, Parts]]:
    """The segments that face each other; one that spans faces all the rest. Empty where the lengths keep the patterns apart."""
    ends = [len(parts) - 1 for parts in (first, second) if spans_at_end(parts)]
    end = min(ends, default=len(first))
    if min(len(first), len(second)) <= end and len(first) != len(second):
        return []
    pairs: list[tuple[Parts, Parts]] = [((first[place],), (second[place],)) for place in range(min(end, len(first)))]
    return [*pairs, (first[end:], second[end:])] if end < len(first) else pairs


def spans_at_end(parts: Parts) -> bool:
    """True for a pattern that takes in all the rest of a path."""
    last = parts[-1]
    return isinstance(last, Segment) and last.spans


def joined(parts: Parts) -> str | Language:
    """Some segments with their slashes, as one text where all are plain, else as one language."""
    if len(parts) == 1:
        part = parts[0]
        return part if isinstance(part, str) else part.language
    pieces: list[Text | Hole] = []
    for index, part in enumerate(parts):
        pieces += [Text("/")] if index else []
        pieces += [Text(part)] if isinstance(part, str) else part.language
    return tuple(pieces)


def compare_parts(one: str | Language, other: str | Language) -> Comparison:
    """Compare what two sides hold; a text is narrower than any language that holds it."""
    if isinstance(one, str) and isinstance(other, str):
        same = one == other
        return Comparison(not same, same, same, one if same else None)
    if isinstance(one, str):
        fits = not isinstance(other, str) and expression(other).fullmatch(one) is not None
        return Comparison(not fits, included=fits, including=False, example=one if fits else None)
    if isinstance(other, str):
        fits = expression(one).fullmatch(other) is not None
        return Comparison(not fits, included=False, including=fits, example=other if fits else None)
    return compare(one, other)


def compare_shapes(one: Parts, other: Parts) -> tuple[bool, bool] | None:
    """Whether each side is included in the other, if the texts in them let them overlap at all; None if none do."""
    if len(one) > 1 or len(other) > 1:
        return joined(other) == ALL_THE_REST, joined(one) == ALL_THE_REST
    left, right = one[0], other[0]
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str), isinstance(right, str)
    if left.shape == right.shape:
        return True, True
    if not (left.head or left.tail or right.head or right.tail):
        compared = compare(left.language, right.language)
        return None if compared.disjoint else (compared.included, compared.including)
    return takes_any(right, left), takes_any(left, right)


def takes_any(wide: Segment, other: Segment) -> bool:
    """True for `{rest:path}`, which includes whatever faces it, and for `{name}`, unless that spans."""
    return wide.language == ALL_THE_REST or (wide.language == WHOLE_SEGMENT and not other.spans)
