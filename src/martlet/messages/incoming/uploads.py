"""A file that came with a form: in memory while it is small, else on disk, and gone when its request has been answered."""

from __future__ import annotations

import io
import secrets
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Self, cast

from martlet.http import BadRequestError, Headers, PartHead, safe_filename
from martlet.http.grammar import excerpt
from martlet.messages.incoming.blocking import Blocking, in_thread
from martlet.messages.incoming.spools import Spool, SpooledFile, refusals

CHUNK_BYTES: Final = 256 * 1024  # read at a time from disk
COPY_BYTES: Final = 1024 * 1024  # the same, where a thread does nothing else
NEVER_CLOSED: Final = Spool()  # for files that came with no form
MAX_NAME_BYTES: Final = 255  # of a file, in the file systems in use


class BadFilenameError(BadRequestError, ValueError):
    """A name that no file may be stored under: it is empty, or it leads out of its directory."""


class Upload:
    """One uploaded file, whole: `filename`, `content_type`, `size`; `await read()`, `chunks()` and `save(directory)`.

    size: in bytes. In a plain function use `file`, an ordinary binary file, and `save_now`.

    >>> upload = Upload("../a.txt", b"swift", content_type="text/plain")
    >>> upload.filename, upload.raw_filename, upload.size, upload.file.read()
    ('a.txt', '../a.txt', 5, b'swift')
    """

    __slots__ = ("_blocking", "_content", "_content_type", "_file", "_head", "_headers", "_raw_name", "_spool", "_start", "size")

    def __init__(
        self,
        filename: str,
        content: bytes = b"",
        *,
        content_type: str = "application/octet-stream",
        headers: Headers | None = None,
    ) -> None:
        """Make one of bytes, as for a test."""
        self._raw_name = filename
        self._content_type = content_type
        self._headers = headers
        self._head: PartHead | None = None  # of the part it came as; the fields above are without meaning then
        self.size = len(content)
        self._content: bytes | None = content  # None where it lies in the spool
        self._start = 0
        self._spool = NEVER_CLOSED
        self._blocking: Blocking = in_thread
        self._file: BinaryIO | None = None

    @classmethod
    def of_part(cls, head: PartHead, content: bytes | tuple[int, int], spool: Spool, blocking: Blocking) -> Self:
        """Make one of a form's part; content: its bytes, or where they begin in the spool and how many there are."""
        upload = cls("", content if isinstance(content, bytes) else b"")
        upload._head, upload._spool, upload._blocking = head, spool, blocking
        if not isinstance(content, bytes):
            upload._content, (upload._start, upload.size) = None, content
        return upload

    @property
    def raw_filename(self) -> str:
        """The name exactly as its sender gave it; it may be a path, to anywhere."""
        return self._raw_name if self._head is None else self._head.raw_filename or ""

    @property
    def filename(self) -> str:
        """The name without folders, and safe for any file system; "" where nothing safe is left of it."""
        return safe_filename(self.raw_filename)

    @property
    def content_type(self) -> str:
        """The media type its sender claims, with its parameters; nothing was checked."""
        return self._content_type if self._head is None else str(self._head.content_type)

    @property
    def headers(self) -> Headers:
        """The fields of its part's header section."""
        if self._headers is None:
            self._headers = Headers() if self._head is None else self._head.headers
        return self._headers

    @property
    def is_in_memory(self) -> bool:
        """Whether reading it waits for no disk."""
        return self._content is not None

    @property
    def file(self) -> BinaryIO:
        """The content as a binary file to read, at its beginning when it is first asked for; reading it blocks."""
        self._check_open()
        if self._file is None:
            self._file = self._opened()
        return self._file

    async def read(self) -> bytes:
        """The whole content; raises ValueError once the request has been answered."""
        self._check_open()
        if self._content is not None:
            return self._content
        return cast("bytes", await self._blocking(self._spool.read_at, self._start, self.size))

    async def chunks(self, size: int = CHUNK_BYTES) -> AsyncGenerator[bytes]:
        """Give the content in pieces of at most `size` bytes."""
        for place in range(0, self.size, size):
            self._check_open()
            if self._content is not None:
                yield self._content[place : place + size]
            else:
                yield await self._blocking(self._spool.read_at, self._start + place, min(size, self.size - place))

    async def save(self, directory: str | Path, name: str | None = None, *, replace: bool = False) -> Path:
        """Store it in a directory; see `save_now`."""
        return cast("Path", await self._blocking(self.save_now, directory, name, replace=replace))

    def save_now(self, directory: str | Path, name: str | None = None, *, replace: bool = False) -> Path:
        """Store it in a directory, and give the path; blocks until it is there, whole or not at all.

        name: without folders. By default `filename`; if something has that name already, random letters are put before it.
        replace: put it in the place of what has that name.
        Raises BadFilenameError for a name that is empty or leads anywhere else, FileExistsError where a `name` that was asked for
        is taken, InsufficientStorageError where the disk is full.
        """
        self._check_open()
        folder = Path(directory)
        target = _inside(folder, self.filename if name is None else name)
        if replace:
            return self._stored(folder / f".{secrets.token_hex(8)}.part").replace(target)
        try:
            return self._stored(target)
        except FileExistsError:
            if name is not None:
                raise
        return self._stored(folder / safe_filename(f"{secrets.token_hex(4)}-{self.filename}"))

    def _stored(self, path: Path) -> Path:
        with refusals(), path.open("xb") as stored:  # never through a link that lies there
            try:
                shutil.copyfileobj(self._opened(), cast("IO[bytes]", stored), COPY_BYTES)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        return path

    def _opened(self) -> BinaryIO:
        if self._content is not None:
            return io.BytesIO(self._content)
        return io.BufferedReader(SpooledFile(self._spool, self._start, self.size), CHUNK_BYTES)

    def _check_open(self) -> None:
        if self._spool.is_closed:
            raise ValueError("The uploaded file is closed: it is there until its request has been answered. Save it before.")

    def __repr__(self) -> str:
        """Show its name, type and size."""
        return f"<Upload {self.filename!r} {self.content_type} {self.size:,} bytes>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> dict[str, Any]:
        """Let a model of pydantic have it as a field, as it is."""
        return {"type": "is-instance", "cls": cls}


def _inside(folder: Path, name: str) -> Path:
    target = folder / name
    # A name with a drive's letter would replace the folder.
    if (
        target.parent != folder
        or name in {"", ".", ".."}
        or len(name.encode()) > MAX_NAME_BYTES
        or any(letter in name for letter in "/\\\0")
    ):
        raise BadFilenameError(
            f"{excerpt(name)} is no name for a file in a directory: take one without folders, of at most {MAX_NAME_BYTES} bytes."
        )
    return target
