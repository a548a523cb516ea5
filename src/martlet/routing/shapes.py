"""The code that tests one segment of a path and takes its values: inline where that is cheap, else by a call.

Variables: `p1` is the first segment of the path, `v1` what was taken from it.
"""

from dataclasses import dataclass

from martlet.routing.converters import MAX_INTEGER, MAX_INTEGER_DIGITS, IntConverter, PathConverter, StrConverter
from martlet.routing.emitter import Emitter
from martlet.routing.patterns import Segment
from martlet.routing.taking import Parameter


@dataclass(frozen=True, slots=True)
class ShapeCode:
    """Expressions for one segment of a pattern."""

    tests: tuple[str, ...]
    """Cheap conditions that its head and tail do not decide."""
    takes: tuple[str, ...]
    """Conditions that take its values on the way; written last."""
    values: tuple[str, ...]
    """One for each parameter."""


def shape_code(segment: Segment, place: int, emitter: Emitter, *, more: bool) -> ShapeCode:
    """The code for a shape that stands at a place (from 1 on); more: it spans, and the path goes on after this segment."""
    head, tail = len(segment.head), len(segment.tail)
    name = f"p{place}"
    whole = f"path.split('/', {place})[{place}]" if more else name
    text = f"{whole}[{head or ''}:{-tail or ''}]" if head or tail else whole
    lengths = (f"len({name}) >= {head + tail}",) if tail else ()
    only = segment.core[0] if len(segment.core) == 1 else None
    kind = type(only.converter) if isinstance(only, Parameter) else None
    if kind in {StrConverter, PathConverter}:
        filled = f"len({name}) > {head + tail}" if head or tail else name
        return ShapeCode(() if more else (filled,), (), (text,))
    if kind is IntConverter:
        digits = f"len({text}) <= {MAX_INTEGER_DIGITS}", f"{text}.isascii()", f"{text}.isdigit()"
        return ShapeCode((*lengths, *digits), (f"(v{place} := int({text})) <= {MAX_INTEGER}",), (f"v{place}",))
    take = emitter.shared(f"take {segment.shape}", "take", segment.take)
    count = len(segment.names)
    return ShapeCode(
        lengths, (f"(v{place} := {take}({text})) is not None",), tuple(f"v{place}[{index}]" for index in range(count))
    )
