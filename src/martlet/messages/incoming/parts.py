"""The parts of a form one by one, while they arrive: nothing is kept of them that nobody asks for."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from typing import Final

from martlet.http import Headers, MultipartParser, PartEvent, PartHead, decode_text

PIECE_BYTES: Final = 256 * 1024  # looked at in one go, so that a loop gets its turn even if a server hands over more at once


class Part:
    """One part of a form: its name at once, its content as it arrives.

    name: of the form's field. filename, raw_filename: of a file, None for a field; see Upload. headers: of the part alone.
    content_type: with its parameters, as its sender claims it.
    """

    __slots__ = ("_events", "_head", "_is_read", "is_over")

    def __init__(self, head: PartHead, events: PartEvents) -> None:
        """Stand before the content."""
        self._head = head
        self._events = events
        self._is_read = False
        self.is_over = False

    @property
    def name(self) -> str:
        """The name of the form's field."""
        return self._head.name

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and no field."""
        return self._head.is_file

    @property
    def filename(self) -> str | None:
        """The file's name without folders, safe for any file system; None for a field."""
        return self._head.filename

    @property
    def raw_filename(self) -> str | None:
        """The file's name exactly as sent; None for a field."""
        return self._head.raw_filename

    @property
    def headers(self) -> Headers:
        """The fields of its header section."""
        return self._head.headers

    @property
    def content_type(self) -> str:
        """The media type that its sender claims, with its parameters."""
        return str(self._head.content_type)

    def chunks(self) -> AsyncGenerator[bytes]:
        """Give the content piece by piece, once, before the next part is asked for; raises RuntimeError after that."""
        if self._is_read or self.is_over:
            raise RuntimeError(f"The part {self.name!r} is over: read it once, and before the next one is asked for.")
        self._is_read = True
        return self.rest()

    async def read(self) -> bytes:
        """The whole content, in memory; it is at most `limits.field_bytes` or `file_bytes`."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def text(self) -> str:
        """The content as text, in the charset of the part, else UTF-8; raises BadRequestError for a charset nobody knows."""
        codec = self._head.codec()
        return decode_text(await self.read(), codec)

    async def rest(self) -> AsyncGenerator[bytes]:
        """Give what nobody has read yet."""
        waiting = self._events.waiting
        while not self.is_over:
            if not waiting:
                await self._events.pull()
                continue
            event = waiting.popleft()
            if isinstance(event, bytes):
                yield event
            else:
                self.is_over = True

    def __repr__(self) -> str:
        """Show the name, and the file's."""
        return f"<Part {self.name!r}{f' {self.filename!r}' if self.is_file else ''}>"


class PartEvents:
    """What a parser makes of a body that is pulled as far as it is asked for."""

    __slots__ = ("_chunks", "_parser", "_pieces", "waiting")

    def __init__(self, chunks: AsyncGenerator[bytes], parser: MultipartParser) -> None:
        """Pull from `chunks`."""
        self._chunks = chunks
        self._parser = parser
        self._pieces: Iterator[bytes] = iter(())
        self.waiting: deque[PartEvent] = deque()

    async def pull(self) -> None:
        """Have the next piece looked at; behind the last one None waits, and the form has been checked to its end."""
        piece = next(self._pieces, None)
        if piece is None:
            chunk = await anext(self._chunks, None)
            if chunk is None:
                self._parser.finish()
                self.waiting.append(None)
                return
            self._pieces = iter(pieces(chunk))
            piece = next(self._pieces)
        self.waiting.extend(self._parser.feed(piece))

    async def next(self) -> PartEvent:
        """Give the next event."""
        while not self.waiting:
            await self.pull()
        return self.waiting.popleft()


async def read_parts(chunks: AsyncGenerator[bytes], parser: MultipartParser) -> AsyncGenerator[Part]:
    """Give the parts of a body; what is left unread of one is passed over."""
    async with aclosing(chunks):
        events = PartEvents(chunks, parser)
        while isinstance(head := await events.next(), PartHead):
            part = Part(head, events)
            yield part
            async for _ in part.rest():
                pass


def pieces(chunk: bytes) -> Iterable[bytes]:
    """Cut a chunk that is too large to be looked at in one go.

    >>> [len(piece) for piece in pieces(b"a" * 600_000)]
    [262144, 262144, 75712]
    """
    if len(chunk) <= PIECE_BYTES:
        return (chunk,)
    return (chunk[place : place + PIECE_BYTES] for place in range(0, len(chunk), PIECE_BYTES))
