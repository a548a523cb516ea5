"""Compiled pages on the disk, so that a new process does not compile.

An entry is found by a key that the engine makes: of the page, of its own version and options, and of Python's version. Its
header says of which versions of which sources it was made; whether these are still current is for the engine to see. What is read
is run, so an entry counts only if this user or root wrote it and nobody else may. What goes wrong costs a compilation, no more.
"""

from __future__ import annotations

import marshal
import os
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType
from typing import Any, Final, NamedTuple, cast

__all__ = ["CachedCode", "CodeCache"]

_FORMAT: Final = b"martlet1" + MAGIC_NUMBER  # another Python's code is another format
_DIGEST_BYTES: Final = 16
_SUFFIX: Final = ".page"
_LOOK_EVERY: Final = 64  # entries that are stored before the folder is looked through again


class CachedCode(NamedTuple):
    """A compiled page, and what the engine noted with it."""

    header: Mapping[str, Any]
    codes: tuple[CodeType, ...]


class CodeCache:
    """Stores compiled pages in a folder, which is made when the first is stored.

    directory: private to the user who runs the application; not a place where others write, such as a bare /tmp.
    max_entries: beyond it the oldest are dropped.
    """

    def __init__(self, directory: str | os.PathLike[str], *, max_entries: int = 10_000) -> None:
        if max_entries < 1:
            raise ValueError(f"A code cache keeps at least one entry; max_entries is {max_entries}.")
        self.directory = os.fspath(directory)
        self.max_entries = max_entries
        self._stored = 0

    def load(self, key: str) -> CachedCode | None:
        """The entry of this key; None if there is none, or none that can be trusted and read."""
        data = _read_own(self._path(key))
        if data is None or not data.startswith(_FORMAT):
            return None
        digest, content = data[len(_FORMAT) : len(_FORMAT) + _DIGEST_BYTES], data[len(_FORMAT) + _DIGEST_BYTES :]
        if _digest(content) != digest:
            return None
        try:
            stored_key, header, codes = marshal.loads(content)  # noqa: S302  written by this user, and whole
        except (EOFError, TypeError, ValueError):
            return None
        if stored_key != key or not isinstance(codes, tuple):
            return None
        found = cast("tuple[object, ...]", codes)
        whole = tuple(code for code in found if isinstance(code, CodeType))
        return CachedCode(header, whole) if len(whole) == len(found) else None

    def store(self, key: str, header: Mapping[str, Any], codes: tuple[CodeType, ...]) -> bool:
        """Keep an entry in place of an older one of this key; False if the folder cannot be written.

        header: of texts, numbers, True, False, None, and lists and dicts of these.
        """
        content = marshal.dumps((key, dict(header), codes))
        path = self._path(key)
        # Each process writes a file of its own, and a finished one takes the other's place: nobody reads half of one.
        draft = f"{path}.{secrets.token_hex(8)}"
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)  # noqa: PTH103  beside the calls that need its string
            try:
                _write_own(draft, _FORMAT + _digest(content) + content)
                os.replace(draft, path)  # noqa: PTH105  the same
            except OSError:
                _remove(draft)
                raise
        except OSError:
            return False
        self._stored += 1
        if self._stored % _LOOK_EVERY == 1:
            self._drop_oldest()
        return True

    def clear(self) -> None:
        """Remove all entries, and what a process that died while it wrote has left."""
        for path in self._files():
            _remove(path)

    def _path(self, key: str) -> str:
        return os.path.join(self.directory, blake2b(key.encode(), digest_size=20).hexdigest() + _SUFFIX)  # noqa: PTH118  a Path would be made for nothing

    def _files(self) -> list[Path]:
        try:
            return [path for path in Path(self.directory).iterdir() if _SUFFIX in path.suffixes]
        except OSError:
            return []

    def _drop_oldest(self) -> None:
        files = self._files()
        for path in sorted(files, key=_written)[: max(0, len(files) - self.max_entries)]:
            _remove(path)


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _read_own(path: str) -> bytes | None:
    """What is in a file that only this user and root could write."""
    try:
        opened = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except OSError:
        return None
    with open(opened, "rb", buffering=0) as file:  # noqa: PTH123  it is opened already
        try:
            return file.read() if _is_own(os.fstat(file.fileno())) else None
        except OSError:
            return None


def _is_own(status: os.stat_result) -> bool:
    if not stat.S_ISREG(status.st_mode):
        return False
    if not hasattr(os, "geteuid"):
        return True  # Windows: who may write there is the folder's business
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write_own(path: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o600), "wb") as file:  # noqa: PTH123  only os.open takes the mode
        file.write(data)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _remove(path: str | Path) -> None:
    with suppress(OSError):
        Path(path).unlink()
