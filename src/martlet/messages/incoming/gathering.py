"""Pieces of bytes that belong together, kept apart as long as joining them would only copy; a million tiny ones become a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

Piece: TypeAlias = bytes | bytearray
SMALL_BYTES: Final = 4 * 1024  # a smaller piece joins the one before, or its object would weigh more than its bytes
JOINED_BYTES: Final = 64 * 1024  # that a piece may grow to by others joining it


def gather(pieces: list[Piece], data: Piece) -> None:
    """Put a piece at the end.

    >>> pieces = []
    >>> for letter in (b"a", b"b", b"c" * 10_000, b"d"):
    ...     gather(pieces, letter)
    >>> [len(piece) for piece in pieces]
    [2, 10000, 1]
    """
    if len(data) >= SMALL_BYTES:
        pieces.append(data)
        return
    last = pieces[-1] if pieces else None
    if isinstance(last, bytearray) and len(last) < JOINED_BYTES:
        last += data
    else:
        pieces.append(bytearray(data))


def split_off(pieces: Sequence[Piece], size: int) -> tuple[list[Piece], list[Piece]]:
    """The first so many bytes, and the rest.

    >>> split_off([b"abc", b"def"], 4)
    ([b'abc', b'd'], [b'ef'])
    """
    first: list[Piece] = []
    for number, piece in enumerate(pieces):
        if len(piece) > size:
            return [*first, piece[:size]] if size else first, [piece[size:], *pieces[number + 1 :]]
        first.append(piece)
        size -= len(piece)
    return first, []
