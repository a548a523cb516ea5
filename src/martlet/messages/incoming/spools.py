"""One file on disk for all large files of a form: so many of them cost one descriptor, and closing it leaves nothing behind.

It has no name, or loses it at once, and lies where `tempfile` puts such files (TMPDIR). Nothing here waits for a loop: whatever
touches the disk is called in a thread.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from martlet.http import InsufficientStorageError, ServiceUnavailableError
from martlet.messages.incoming.gathering import Piece, gather, split_off

log: Final = logging.getLogger("martlet.uploads")
BLOCK_BYTES: Final = 64 * 1024
CAN_GATHER: Final = hasattr(os, "writev")
MANY: Final = 256  # pieces in one call; systems take 1,024 at least
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
TOO_MUCH_AT_ONCE: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})


class Spool:
    """Bytes put one behind the other, first aside and then on disk, and read from any place.

    size: bytes in all; waiting_bytes: those of them that `write` has yet to write.

    >>> spool = Spool()
    >>> spool.add(b"swift")
    >>> spool.write()
    >>> spool.size, spool.waiting_bytes, spool.read_at(1, 4)
    (5, 0, b'wift')
    >>> spool.close()
    """

    __slots__ = ("_file", "_lock", "_waiting", "is_closed", "size", "waiting_bytes")

    def __init__(self) -> None:
        """Begin empty; the file is made when there is something to write."""
        self._file: io.FileIO | None = None
        self._lock = threading.Lock()  # a request that is given up closes it while a thread may be in it
        self._waiting: list[Piece] = []
        self.is_closed = False
        self.size = 0
        self.waiting_bytes = 0

    def add(self, data: Piece) -> None:
        """Put bytes at the end, to be written later."""
        gather(self._waiting, data)
        self.waiting_bytes += len(data)
        self.size += len(data)

    def write(self, *, is_last: bool = True) -> None:
        """Write what waits; raises InsufficientStorageError and ServiceUnavailableError where the disk or the system is full.

        is_last: nothing will follow, so that all of it has to be written.
        """
        # PERF: a write that ends inside a block makes the next one begin there, and that costs twice the time.
        keep = 0 if is_last else self.waiting_bytes % BLOCK_BYTES
        waiting, self._waiting = split_off(self._waiting, self.waiting_bytes - keep)
        self.waiting_bytes = keep
        with self._lock, refusals():
            if self.is_closed:
                return
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="martlet-", buffering=0)  # noqa: SIM115  open for the request
            write_all(self._file, waiting)

    def read_at(self, start: int, size: int) -> bytes:
        """Read so many bytes from a place on; raises ValueError once it is closed."""
        pieces: list[bytes] = []
        with self._lock:
            file = self._at(start)
            while size > 0 and (piece := file.read(size)):  # systems give at most 2 GiB in one go
                pieces.append(piece)
                size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_into(self, start: int, buffer: memoryview) -> int:
        """Fill a buffer from a place on, and give the number of bytes; raises ValueError once it is closed."""
        with self._lock:
            return self._at(start).readinto(buffer) or 0

    def _at(self, start: int) -> io.FileIO:
        if self._file is None or self.is_closed:
            raise ValueError("The uploaded file is closed: it is there until its request has been answered.")
        self._file.seek(start)
        return self._file

    @property
    def is_on_disk(self) -> bool:
        """Whether closing may have to wait for a disk."""
        return not self.is_closed and (self._file is not None or self._lock.locked())

    def close(self) -> None:
        """Let go of the file, and of what waits; a second call does nothing."""
        with self._lock:
            self.is_closed = True
            self._waiting.clear()
            if self._file is not None:
                self._file.close()

    def __del__(self) -> None:
        """Close what nobody closed: a server can drop a request without another word."""
        if self._file is not None:
            self._file.close()


class SpooledFile(io.RawIOBase):
    """One part of a spool as a file to read; wrap it in an `io.BufferedReader`."""

    def __init__(self, spool: Spool, start: int, size: int) -> None:
        """Show `size` bytes from `start` on."""
        super().__init__()
        self._spool = spool
        self._start = start
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read from any place."""
        return True

    def tell(self) -> int:
        """Give the place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Fill a buffer as far as there are bytes."""
        view = memoryview(buffer).cast("B")
        size = min(len(view), max(0, self._size - self._place))
        count = self._spool.read_into(self._start + self._place, view[:size]) if size else 0
        self._place += count
        return count


def write_all(file: io.FileIO, pieces: list[Piece]) -> None:
    """Write pieces at the place of the file, in as few calls as the system allows."""
    while pieces:
        batch, pieces = pieces[:MANY], pieces[MANY:]
        written = os.writev(file.fileno(), batch) if CAN_GATHER else file.write(b"".join(batch))
        _, rest = split_off(batch, written or 0)
        pieces = rest + pieces


@contextmanager
def refusals() -> Generator[None]:
    """Turn a full disk into a 507 and a lack of descriptors into a 503, each logged: whoever runs the server must hear of it."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            log.exception("There is no room for an uploaded file.")
            raise InsufficientStorageError("There is no room to store the file.") from error
        if error.errno in TOO_MUCH_AT_ONCE:
            log.exception("The system has no more open files or memory for an uploaded file.")
            raise ServiceUnavailableError("There are too many uploads at once.", retry_after=5) from error
        raise
