"""How long a file may be kept by those who fetched it: for ever where its name tells its content, else as its owner says."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FINGERPRINT", "Freshness"]

ONE_YEAR: Final = 31_536_000  # seconds; caches keep nothing longer
# As bundlers write it: eight digits or more of a hash before the ending. One digit and one letter at least, so that neither a
# date nor a word is taken for one.
FINGERPRINT: Final = r"[.-](?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,64}\.[^/]+\Z"


@dataclass(frozen=True, slots=True)
class Freshness:
    """The Cache-Control of each file (RFC 9111, Section 5.2.2; RFC 8246 for `immutable`).

    max_age: seconds for which a file is used unasked; None makes caches ask each time (`no-cache`), which costs a 304.
    fingerprint: an expression found in paths that change with their content; None where there are none but `known`.
    private: no cache that several people share may keep anything.

    >>> freshness = Freshness()
    >>> freshness.cache_control("css/app.css"), freshness.cache_control("css/app.3f2a9c1b.css")
    ('no-cache', 'max-age=31536000, immutable')
    """

    max_age: int | None = None
    fingerprint: str | None = FINGERPRINT
    private: bool = False
    known: AbstractSet[str] = frozenset()
    _found: re.Pattern[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compile the expression; raises ValueError for what is none, and for a negative age."""
        if self.max_age is not None and self.max_age < 0:
            raise ValueError(f"max_age is a number of seconds from 0 on, not {self.max_age}.")
        try:
            found = None if self.fingerprint is None else re.compile(self.fingerprint)
        except re.error as error:
            raise ValueError(f"fingerprint={self.fingerprint!r} is no regular expression: {error}.") from error
        object.__setattr__(self, "_found", found)

    def is_immutable(self, path: str) -> bool:
        """Whether the file at this path can never change without its name."""
        return path in self.known or (self._found is not None and self._found.search(path) is not None)

    def cache_control(self, path: str) -> str:
        """The value of Cache-Control for the file at this path."""
        if self.is_immutable(path):
            value = f"max-age={ONE_YEAR}, immutable"
        else:
            value = "no-cache" if self.max_age is None else f"max-age={self.max_age}"
        return f"private, {value}" if self.private else value
