"""Precompressed files: `app.css.br` beside `app.css`, and which of them a client gets (RFC 9110, Section 12.5.3)."""

from __future__ import annotations

from typing import Final

from martlet.http import AcceptEncoding

__all__ = ["CODINGS", "IDENTITY", "CodingChoice"]

IDENTITY: Final = "identity"
CODINGS: Final = (("zstd", ".zst"), ("br", ".br"), ("gzip", ".gz"))

MAX_REMEMBERED: Final = 512  # choices; browsers send a handful of fields
MAX_FIELD: Final = 256  # characters of a field whose choice is remembered


class CodingChoice:
    """Chooses among the codings of a file, and remembers what was chosen; bounded, whatever clients send.

    >>> choice = CodingChoice()
    >>> choice("gzip, br;q=0.5", ("br", "gzip", "identity")), choice(None, ("br", "identity"))
    ('gzip', 'identity')
    """

    __slots__ = ("remembered",)

    def __init__(self) -> None:
        self.remembered: dict[tuple[str, tuple[str, ...]], str] = {}

    def __call__(self, field: str | None, codings: tuple[str, ...]) -> str:
        """The best of these codings for an Accept-Encoding field, of equals the first.

        A client that takes none of them, not even the plain file, gets that: it is free to disregard it (Section 12.4.1).
        """
        if field is None:
            return IDENTITY
        key = (field, codings)
        chosen = self.remembered.get(key)
        if chosen is None:
            chosen = AcceptEncoding.parse(field).choose(codings) or IDENTITY
            if len(field) <= MAX_FIELD:
                if len(self.remembered) >= MAX_REMEMBERED:
                    self.remembered.clear()
                self.remembered[key] = chosen
        return chosen
