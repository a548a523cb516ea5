"""The bytes of a file's part, chunk by chunk, where no server has a call of its own for it."""

from __future__ import annotations

from collections.abc import Generator
from typing import BinaryIO, Final

from martlet.messages.body import File

CHUNK_BYTES: Final = 64 * 1024  # at a time; larger reads gain nothing measurable on loopback


def file_chunks(source: BinaryIO, part: File, size: int = CHUNK_BYTES) -> Generator[bytes]:
    """Read a part of a file that is open; size: bytes at a time.

    Raises OSError where it cannot be read, and midway if it became shorter: the announced length cannot be kept then.
    """
    source.seek(part.start)
    left = part.length
    while left > 0:
        chunk = source.read(min(size, left))
        if not chunk:
            raise OSError(f"{part.path} became shorter while it was sent.")
        left -= len(chunk)
        yield chunk
