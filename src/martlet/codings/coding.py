"""A content coding: what it is called, and how bytes go in and come out (RFC 9110, Section 8.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class BrokenContentError(ValueError):
    """Bytes that are not in the coding they claim to be in."""


class UnknownCodingError(ValueError):
    """A name that no content coding has here."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """Encodes piece by piece; what it gives, joined, is the coded content.

    encode: takes a piece and gives what is ready, often nothing yet.
    flush: gives what is needed to decode all that was taken so far.
    finish: gives the end; nothing may follow.
    """

    encode: Callable[[bytes], bytes]
    flush: Callable[[], bytes]
    finish: Callable[[], bytes]


class Decoder(Protocol):
    """Decodes piece by piece, never giving much more at a time than there is room for.

    needs_input: nothing more comes without further data.
    is_complete: the content may end here.
    members: how many coded contents were begun; some codings allow several behind each other (RFC 1952, Section 2.2).
    """

    needs_input: bool
    is_complete: bool
    members: int

    def decode(self, data: bytes, room: int) -> bytes:
        """Give about `room` bytes at most; to be called with empty data until `needs_input`.

        Raises BrokenContentError.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """One content coding.

    name: as in Content-Encoding. suffix: of a file that holds a coded copy of another.
    best_level: what makes the smallest content, for work that is done once and ahead.
    bytes_per_millisecond: encoded by one core at the usual level, roughly; tells what is too much for an event loop.
    compress: from content and level to coded content; the level None is the usual one, for answers that are made now.
    make_encoder: from level, and whether it is for events, to an encoder; one for events takes little memory, since
    thousands of them may be open.

    >>> from martlet.codings import find_coding
    >>> gzip = find_coding("gzip")
    >>> len(gzip.encode(b"swift " * 1_000)) < 100
    True
    """

    name: str
    suffix: str
    best_level: int
    bytes_per_millisecond: int
    compress: Callable[[bytes, int | None], bytes]
    make_encoder: Callable[[int | None, bool], Encoder]
    make_decoder: Callable[[], Decoder]

    def encode(self, data: bytes, level: int | None = None) -> bytes:
        """Encode at once; the usual level is the one at which a server is quicker than the line."""
        return self.compress(data, level)

    def encode_best(self, data: bytes) -> bytes:
        """Encode as small as this coding can, however long it takes; the same data always gives the same bytes."""
        return self.compress(data, self.best_level)

    def encoder(self, level: int | None = None, *, for_events: bool = False) -> Encoder:
        """Begin to encode piece by piece."""
        return self.make_encoder(level, for_events)

    def decoder(self) -> Decoder:
        """Begin to decode piece by piece."""
        return self.make_decoder()
