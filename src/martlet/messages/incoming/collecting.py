"""From the body of a request to its form: texts in memory, small files too, large ones on disk.

What is in memory is at most `limits.form_memory_bytes` of texts, as much of files, and what waits for the disk. The disk is only
touched in a thread where a loop would wait for it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final

from martlet.http import (
    BadRequestError,
    ContentTooLargeError,
    Limits,
    MediaType,
    MultipartParser,
    PartEvent,
    PartHead,
    UnsupportedMediaTypeError,
    decode_text,
    find_codec,
)
from martlet.http.grammar import excerpt
from martlet.messages.incoming.blocking import Blocking
from martlet.messages.incoming.forms import Form, FormValue
from martlet.messages.incoming.gathering import Piece, gather
from martlet.messages.incoming.parts import pieces
from martlet.messages.incoming.spools import Spool
from martlet.messages.incoming.uploads import Upload

WRITE_BYTES: Final = 2 * 1024 * 1024  # that wait before they are written in one go: a hop to a thread costs as much as 200 KiB


def form_type(content_type: str | None, *taken: str) -> MediaType:
    """Read the Content-Type of a form; raises UnsupportedMediaTypeError unless it is one of those taken."""
    media_type = MediaType.parse_or_none(content_type)
    if media_type is None or media_type.essence not in taken:
        what = f"A body of the type {media_type.essence}" if media_type else "A body without a media type"
        raise UnsupportedMediaTypeError(f"{what} is no form that can be read here.", headers={"accept": ", ".join(taken)})
    return media_type


async def collect_form(chunks: AsyncGenerator[bytes], parser: MultipartParser, limits: Limits, blocking: Blocking) -> Form:
    """Read a form with parts to its end.

    blocking: how the disk is written. Raises as the parser does, ContentTooLargeError beyond `limits.form_memory_bytes` of texts,
    InsufficientStorageError where the disk is full. Nothing stays on disk of a form that was not read to its end.
    """
    spool = Spool()
    collector = Collector(spool, limits, blocking)
    try:
        async with aclosing(chunks):
            await collector.take_all(chunks, parser)
        return collector.form()
    except BaseException:
        await close_spool(spool, blocking)
        raise


async def close_spool(spool: Spool | Form, blocking: Blocking) -> None:
    """Close what may lie on disk, where freeing much of it takes a while."""
    if spool.is_on_disk:
        await blocking(spool.close)
    else:
        spool.close()


class Collector:
    """Puts together what a parser gives."""

    __slots__ = ("_blocking", "_chunks", "_found", "_head", "_kept_bytes", "_limit", "_spool", "_start", "_text_bytes")

    def __init__(self, spool: Spool, limits: Limits, blocking: Blocking) -> None:
        """Begin without a field."""
        self._spool = spool
        self._blocking = blocking
        self._limit = limits.form_memory_bytes
        self._found: list[tuple[PartHead, bytes | Upload]] = []
        self._head: PartHead | None = None
        self._chunks: list[Piece] = []  # of the part that is being read, as far as it is in memory
        self._start: int | None = None  # of the part in the spool; None while it is in memory
        self._text_bytes = 0  # of all fields, and all header sections
        self._kept_bytes = 0  # of the files that ended in memory

    async def take_all(self, chunks: AsyncGenerator[bytes], parser: MultipartParser) -> None:
        """Take a body to its end, and write what does not stay in memory."""
        spool = self._spool
        async for chunk in chunks:
            for piece in pieces(chunk):
                self._take(parser.feed(piece))
                if spool.waiting_bytes >= WRITE_BYTES:
                    await self._blocking(spool.write, is_last=False)
        parser.finish()
        if spool.waiting_bytes:
            await self._blocking(spool.write)

    def _take(self, events: Iterable[PartEvent]) -> None:
        for event in events:
            if isinstance(event, bytes):
                self._add(event)
            elif event is None:
                self._end()
            else:
                self._begin(event)

    def form(self) -> Form:
        """Give the form, its texts decoded: the charset of a field without one is that which `_charset_` tells, else UTF-8.

        Source: RFC 7578 section 4.6. Raises BadRequestError for a charset nobody knows.
        """
        told = next((value for head, value in self._found if head.name == "_charset_" and isinstance(value, bytes)), b"")
        codec = find_codec(told.decode("latin-1")) if told else "utf-8"
        if codec is None:
            raise BadRequestError(f"The field '_charset_' tells {excerpt(told.decode('latin-1'))}, a charset nobody knows.")
        pairs: list[tuple[str, FormValue]] = [
            (head.name_in(codec), decode_text(value, head.codec(codec)) if isinstance(value, bytes) else value)
            for head, value in self._found
        ]
        return Form(pairs, self._spool)

    def _begin(self, head: PartHead) -> None:
        self._head = head
        self._chunks, self._start = [], None
        self._count_text(head.size)

    def _add(self, data: bytes) -> None:
        head = self._head
        if self._start is not None:
            self._spool.add(data)
            return
        gather(self._chunks, data)
        if head is not None and not head.is_file:
            self._count_text(len(data))
        elif head is not None and self._text_bytes + self._kept_bytes + head.bytes_received > self._limit:
            self._start = self._spool.size
            for chunk in self._chunks:
                self._spool.add(chunk)
            self._chunks = []

    def _end(self) -> None:
        head = self._head
        if head is None:
            return
        content = b"".join(self._chunks)
        if not head.is_file or (
            not head.raw_filename and not head.bytes_received
        ):  # the latter is what an empty file field sends
            self._found.append((head, content))
            return
        if self._start is None:
            self._kept_bytes += len(content)
        place = content if self._start is None else (self._start, head.bytes_received)
        self._found.append((head, Upload.of_part(head, place, self._spool, self._blocking)))

    def _count_text(self, size: int) -> None:
        self._text_bytes += size
        if self._text_bytes > self._limit:
            raise ContentTooLargeError(f"The fields of the form are larger than {self._limit:,} bytes together.")
