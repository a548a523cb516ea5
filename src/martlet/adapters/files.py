"""Read a file's part in chunks, for servers that have no call of their own for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from martlet.messages import File

CHUNK_BYTES: Final = 64 * 1024  # at a time; larger reads gain nothing measurable on loopback


class FileChunks:
    """The bytes of a file's part; opened at once, so that a file that is gone is noticed before the answer begins.

    Raises OSError where it cannot be read, and midway if it became shorter: the announced length cannot be kept then.
    """

    __slots__ = ("_left", "_path", "_source")

    def __init__(self, file: File) -> None:
        """Open the file and go to the part's start."""
        self._path = file.path
        self._left = file.length
        self._source = Path(file.path).open("rb")  # noqa: SIM115  `close` closes it
        self._source.seek(file.start)

    def __iter__(self) -> Self:
        """Iterate once."""
        return self

    def __next__(self) -> bytes:
        """Give the next chunk."""
        if self._left <= 0:
            raise StopIteration
        chunk = self._source.read(min(CHUNK_BYTES, self._left))
        if not chunk:
            raise OSError(f"{self._path} became shorter while it was sent.")
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        """Close the file."""
        self._source.close()
