"""Where a message stands in its topic: the id that the brokers in memory and in Redis give it.

An id is its milliseconds since 1970 and its number, as in `1763871893000-1763871880123456`. Numbers of one topic follow each
other without a hole, so that whoever has read one knows which comes next, and sees by the next whether something is missing. A
topic begins at the microseconds since 1970: one that lost all it had never gives a number again.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Self

NAMED: Final = re.compile(
    r"(0|[1-9][0-9]{0,18})-(0|[1-9][0-9]{0,18})", re.ASCII
)  # numbers that fit in 63 bits, as all of ours do


class Place(NamedTuple):
    """The place of one message; later ones are greater."""

    milliseconds: int
    number: int

    @classmethod
    def parse(cls, text: bytes | str) -> Self:
        """Read an id that a broker gave.

        >>> Place.parse(b"12-34")
        Place(milliseconds=12, number=34)
        """
        milliseconds, _, number = (text.decode() if isinstance(text, bytes) else text).partition("-")
        return cls(int(milliseconds), int(number))

    @classmethod
    def named(cls, text: str) -> Self | None:
        """Read an id that a client names; None for what no broker ever gave.

        >>> Place.named("12-34"), Place.named("012-34"), Place.named("garbage")
        (Place(milliseconds=12, number=34), None, None)
        """
        found = NAMED.fullmatch(text)
        return None if found is None else cls(int(found[1]), int(found[2]))

    @classmethod
    def first(cls, seconds: float) -> Self:
        """Give the place before the first message of a topic that begins now."""
        return cls(int(seconds * 1_000), int(seconds * 1_000_000))

    def following(self, seconds: float) -> Self:
        """Give the next place; a clock that goes back does not change the order."""
        return type(self)(max(self.milliseconds, int(seconds * 1_000)), self.number + 1)

    def __str__(self) -> str:
        return f"{self.milliseconds}-{self.number}"
