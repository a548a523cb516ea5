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
from functools import lru_cache
from pathlib import Path
from time import time_ns
from typing import Any, Final, TypeAlias

from martlet.http import ETag, Validators
from martlet.messages.streams.asides import Asides

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
        extent = (self.length,) if self.is_whole else (self.start, self.stop)
        # A time to come is not told (RFC 9110, Section 8.8.2.1).
        return _validators(self.changed_ns, extent, is_dated=self.changed_ns <= time_ns())

    @property
    def length(self) -> int:
        """How many bytes will be sent."""
        return max(self.stop - self.start, 0)


@lru_cache(maxsize=1_024)  # PERF: 0.3 µs against 8 µs; an application that sends files sends some of them often
def _validators(changed_ns: int, extent: tuple[int, ...], *, is_dated: bool) -> Validators:
    etag = ETag("-".join(f"{number:x}" for number in (changed_ns, *extent)))
    try:
        # Whole seconds by integers: a float of so many nanoseconds is rounded, and may name the second after.
        return Validators(etag, EPOCH + timedelta(seconds=changed_ns // 1_000_000_000) if is_dated else None)
    except OverflowError:  # before the year 1
        return Validators(etag)


@dataclass(slots=True)
class Stream:
    """Chunks that are pulled one by one while they are sent; text is sent as UTF-8.

    The adapter owns the iterator: it pulls a chunk, awaits the write, and always closes it.
    A synchronous iterator is pulled in a thread, some chunks at a time unless its client comes back for more, as for events.
    length: bytes in all, when known.
    held: what must stay open until the last chunk, such as a request's providers; left after the iterator is closed.
    asides: what can be said beside the chunks, of a stream that may wait long for its next one.

    >>> Stream([b"a", b"b"], length=2).length
    2
    """

    chunks: AsyncIterable[Chunk] | Iterable[Chunk]
    length: int | None = None
    held: Held | None = None
    asides: Asides | None = None


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
