"""The shapes a response's body can have; every adapter ends in one exhaustive match over them.

`bytes` is a shape of its own: nearly every answer is bytes, and a wrapper would cost each of them an object.
Whether an empty body is announced (`Content-Length: 0`) or left out (204, 304) follows from the status alone.
"""

from __future__ import annotations

import stat
from collections.abc import AsyncIterable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

from martlet.http import ETag, Validators

Chunk: TypeAlias = bytes | str
Held: TypeAlias = AbstractContextManager[Any, Any] | AbstractAsyncContextManager[Any, Any]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class File:
    """A part of a file on disk, sent by the best call the server has; `start` and `stop` are offsets in bytes.

    Raises OSError where there is no such file, ValueError for what is no regular file and for offsets outside it.

    >>> File(__file__, start=0, stop=10).length
    10
    """

    path: str
    start: int = 0
    stop: int = -1  # exclusive; -1 is the file's end when this object was made
    is_whole: bool = field(init=False)
    changed_ns: int = field(init=False)  # nanoseconds since the epoch, when this object was made

    def __post_init__(self) -> None:
        """Fix the end now, so that Content-Length and the bytes sent agree even if the file grows."""
        status = Path(self.path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{self.path!r} is no regular file, so it cannot be sent as one.")
        size = status.st_size
        object.__setattr__(self, "stop", size if self.stop < 0 else self.stop)
        if not 0 <= self.start <= self.stop <= size:
            raise ValueError(f"{self.path!r} has {size} bytes; {self.start} to {self.stop} is no part of it.")
        object.__setattr__(self, "is_whole", self.start == 0 and self.stop == size)
        object.__setattr__(self, "changed_ns", status.st_mtime_ns)

    def part(self, start: int, stop: int) -> File:
        """A part of this part, by offsets in it; the file is not looked at again, so `length` and validators stay true."""
        cut = object.__new__(File)
        known = (self.path, self.start + start, self.start + stop, self.is_whole and stop - start == self.length, self.changed_ns)
        for name, value in zip(("path", "start", "stop", "is_whole", "changed_ns"), known, strict=True):
            object.__setattr__(cut, name, value)
        return cut

    @property
    def validators(self) -> Validators:
        """What tells this state of the part from another: its size and the time of its last change."""
        value = f"{self.changed_ns:x}-{self.length:x}" if self.is_whole else f"{self.changed_ns:x}-{self.start:x}-{self.stop:x}"
        # Whole seconds by integers: a float of so many nanoseconds is rounded, and may name the second after.
        return Validators(ETag(value), EPOCH + timedelta(seconds=self.changed_ns // 1_000_000_000))

    @property
    def length(self) -> int:
        """How many bytes will be sent."""
        return max(self.stop - self.start, 0)


@dataclass(slots=True)
class Stream:
    """Chunks that are pulled one by one while they are sent; text is sent as UTF-8.

    The adapter owns the iterator: it pulls a chunk, awaits the write, and always closes it.
    A synchronous iterator is pulled in a thread.
    length: bytes in all, when known.
    held: what must stay open until the last chunk, such as a request's providers; left after the iterator is closed.

    >>> Stream([b"a", b"b"], length=2).length
    2
    """

    chunks: AsyncIterable[Chunk] | Iterable[Chunk]
    length: int | None = None
    held: Held | None = None


Body: TypeAlias = bytes | File | Stream


def encode_chunk(chunk: object) -> bytes:
    r"""Give a stream's chunk as bytes; text is UTF-8. Raises TypeError for what is neither.

    >>> encode_chunk("é")
    b'\xc3\xa9'
    """
    if type(chunk) is bytes:
        return chunk
    if isinstance(chunk, str):
        return chunk.encode()
    if isinstance(chunk, bytes | bytearray):
        return bytes(chunk)
    raise TypeError(f"A stream gives bytes or str; this one gave {type(chunk).__name__}.")
