"""Read a file's part in chunks, for servers that have no call of their own for it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from martlet.messages import File, file_chunks


class FileChunks:
    """The bytes of a file's part; opened at once, so that a file that is gone is noticed before the answer begins.

    Raises OSError where it cannot be read, and midway if it became shorter: the announced length cannot be kept then.
    """

    __slots__ = ("_chunks", "_source")

    def __init__(self, file: File) -> None:
        """Open the file."""
        self._source = Path(file.path).open("rb")  # noqa: SIM115  `close` closes it
        self._chunks = file_chunks(self._source, file)

    def __iter__(self) -> Self:
        """Iterate once."""
        return self

    def __next__(self) -> bytes:
        """Give the next chunk."""
        return next(self._chunks)

    def close(self) -> None:
        """Close the file."""
        self._source.close()
