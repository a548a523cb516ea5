"""A directory whose files may be read, and nothing beside it: where a path below it really leads.

The check is made on the file that was found, links followed, and never on the text of a path: `assets-private` is not inside
`assets`, and a link out of it leads nowhere. What is found is named as it really is, so a link cannot lend a hidden file a name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from martlet.files.names import may_be_served

__all__ = ["Content", "FoundDirectory", "FoundFile", "MissingDirectoryError", "Root", "State", "read"]

# A file system's clock may stand still for some milliseconds, some have one of two seconds; a file changed just now may change
# again without a trace.
SETTLING_NS: Final = 2_000_000_000
_OPENING: Final = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class MissingDirectoryError(ValueError):
    """What was named as a directory of files is none, or cannot be read."""

    def __init__(self, directory: str, reason: str) -> None:
        """Say which, and why."""
        super().__init__(f"{directory!r} is no directory whose files can be served: {reason}.")
        self.directory = directory


class State(NamedTuple):
    """What changes whenever a file's content does."""

    mtime_ns: int
    ctime_ns: int  # cannot be set back, as the time of change can
    size: int
    inode: int
    device: int


def state_of(status: os.stat_result) -> State:
    """The part of a status that tells one content from another."""
    return State(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


class FoundFile(NamedTuple):
    """A regular file inside a root."""

    asked: str  # the path by which it was found, absolute; a look at it tells whether it leads elsewhere by now
    real: str  # the same without links
    state: State


class FoundDirectory(NamedTuple):
    """A directory inside a root."""

    real: str


class Root:
    """One directory, its own links resolved when it is opened.

    follow_links: let symbolic links lead out of it.
    hidden: give files whose names begin with a dot too.
    Raises MissingDirectoryError.

    >>> root = Root(os.path.dirname(__file__))
    >>> root.find("roots.py").state.size == os.stat(__file__).st_size
    True
    >>> root.find("../http/dates.py"), root.find("/etc/passwd"), root.find("nothing.py")
    (None, None, None)
    """

    def __init__(self, directory: str | os.PathLike[str], *, follow_links: bool = False, hidden: bool = False) -> None:
        given = os.fspath(directory)
        try:
            self.path = os.path.realpath(given, strict=True)
            with os.scandir(self.path):
                pass
        except (OSError, ValueError) as error:
            reason = error.strerror or "it cannot be read" if isinstance(error, OSError) else str(error)
            raise MissingDirectoryError(given, reason) from error
        self._prefix = self.path.rstrip(os.sep) + os.sep
        self._follow_links = follow_links
        self._hidden = hidden

    def find(self, path: str) -> FoundFile | FoundDirectory | None:
        """The file or directory at a path below the root, `/` between its names; None where nothing may be given.

        Whatever a client may have sent is a path here; no exception comes of it.
        """
        if not may_be_served(path, hidden=self._hidden):
            return None
        asked = self._prefix + path
        try:
            real = os.path.realpath(asked, strict=True)
            if not self._holds(real):
                return None
            status = Path(real).stat()
        except (OSError, ValueError):  # no such file, a loop of links, a name too long, no permission
            return None
        if stat.S_ISDIR(status.st_mode):
            return FoundDirectory(real)
        return FoundFile(asked, real, state_of(status)) if stat.S_ISREG(status.st_mode) else None

    def walk(self, directory: str = "") -> Iterator[str]:
        """The paths of all files that may be served, sorted within each directory; links to directories are not followed."""
        try:
            with os.scandir(self._prefix + directory) as scan:
                found = sorted(scan, key=lambda each: each.name)
        except OSError:
            return
        for each in found:
            path = f"{directory}{each.name}"
            if not may_be_served(path, hidden=self._hidden) and path != ".well-known":
                continue
            if each.is_dir(follow_symlinks=False):
                yield from self.walk(f"{path}/")
            elif each.is_file(follow_symlinks=False) or isinstance(self.find(path), FoundFile):
                yield path

    def _holds(self, real: str) -> bool:
        if self._follow_links:
            return True
        if not real.startswith(self._prefix):
            return real == self.path
        return may_be_served(real[len(self._prefix) :].replace(os.sep, "/"), hidden=self._hidden)


class Content(NamedTuple):
    """What a file held when it was opened; `data` is None where that is more than was wanted in memory."""

    data: bytes | None
    state: State

    def has_settled(self, now_ns: int) -> bool:
        """Whether a further change is sure to show in the state; `now_ns` as `time.time_ns` tells it."""
        return not any(0 <= now_ns - moment < SETTLING_NS for moment in (self.state.mtime_ns, self.state.ctime_ns))


def read(file: FoundFile, limit: int) -> Content | None:
    """Open a file and read it if it has at most `limit` bytes; None where it cannot be opened, or is no regular file any more.

    A link that took the place of what was found is not followed.
    """
    try:
        descriptor = os.open(file.real, _OPENING | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as opened:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            data = opened.read(status.st_size + 1) if status.st_size <= limit else None
    except OSError:
        return None
    return Content(data if data is None or len(data) <= limit else None, state_of(status))
