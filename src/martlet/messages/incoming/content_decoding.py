"""The codings of a request's body undone as it arrives, in bounded memory and work (RFC 9110, Section 8.4).

Every stage of a chain gives at most `limits.body_bytes`, so that a bomb is told after as much of it as a whole body may have.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from typing import Final

from martlet.codings import BrokenContentError, Coding, Decoder, installed_coding, installed_codings
from martlet.http import BadRequestError, ContentTooLargeError, Limits, UnsupportedMediaTypeError

PIECE_BYTES: Final = 64 * 1024  # decoded at a time
# Given to a decoder at a time: some copy what they leave over with every piece they give.
SLICE_BYTES: Final = 16 * 1024
# Begun contents cost time without giving anything: a frame of zstd as much as decoding this many bytes.
MEMBER_BYTES: Final = 32 * 1024
UNSUSPECTED_BYTES: Final = 1024 * 1024  # decoded, whatever the ratio: small bodies of one letter are no bombs
PIECES_AT_ONCE: Final = 16  # then the loop gets its turn, for a millisecond's work is done


def content_decoding(field: str, limits: Limits) -> ContentDecoding | None:
    """Make what undoes the codings of a Content-Encoding field; None where it names none but `identity`.

    Raises UnsupportedMediaTypeError (415) for a coding that is not understood here, and for too many of them; its
    Accept-Encoding field tells those that are (Sections 12.5.3 and 15.5.16).

    >>> content_decoding("identity", Limits()) is None
    True
    """
    names = [name for part in field.split(",") if (name := part.strip().lower()) not in {"", "identity"}]
    if not names:
        return None
    takes = {"accept-encoding": ", ".join(installed_codings())}
    if len(names) > limits.body_codings:
        raise UnsupportedMediaTypeError(
            f"The body has {len(names)} content codings, and at most {limits.body_codings} are undone here.", headers=takes
        )
    found = [coding for coding in map(installed_coding, names) if coding is not None]
    if len(found) < len(names):
        raise UnsupportedMediaTypeError("The body is in a content coding that is not understood here.", headers=takes)
    return ContentDecoding(found[::-1], limits)


class ContentDecoding:
    """Undoes the codings of one body, the last applied first."""

    __slots__ = ("_limits", "_received", "_stages")

    def __init__(self, codings: Sequence[Coding], limits: Limits) -> None:
        """Begin with nothing received."""
        self._limits = limits
        self._received = 0
        self._stages = [Stage(coding.name, coding.decoder()) for coding in codings]

    async def decode(self, arriving: AsyncGenerator[bytes], *, is_on_loop: bool) -> AsyncGenerator[bytes]:
        """Give the decoded pieces of the chunks that arrive.

        Raises ContentTooLargeError beyond the limits, BadRequestError for what is broken or ends too early, and as `arriving`
        does. Nothing at all is taken for an empty body.
        """
        async with aclosing(arriving):
            async for chunk in arriving:
                for number, piece in enumerate(self._decoded(chunk), start=1):
                    yield piece
                    await self._breathe(number, is_on_loop=is_on_loop)
        unfinished = [stage.name for stage in self._stages if not stage.decoder.is_complete]
        if unfinished and self._received:
            raise BadRequestError(f"The request body ends before its content coding {unfinished[0]} does.")

    @staticmethod
    async def _breathe(number: int, *, is_on_loop: bool) -> None:
        """Give the loop its turn now and then; a large chunk may hold much."""
        if is_on_loop and number % PIECES_AT_ONCE == 0:
            await asyncio.sleep(0)

    def _decoded(self, chunk: bytes) -> Iterator[bytes]:
        self._received += len(chunk)
        return self._through(0, chunk)

    def _through(self, number: int, data: bytes) -> Iterator[bytes]:
        """Give what comes out of this stage and all behind it."""
        if number == len(self._stages):
            yield data
            return
        stage = self._stages[number]
        for start in range(0, len(data), SLICE_BYTES):
            for piece in stage.decode(data[start : start + SLICE_BYTES]):
                self._check(stage)
                if piece:
                    yield from self._through(number + 1, piece)

    def _check(self, stage: Stage) -> None:
        """Raise ContentTooLargeError if this is more than a body may have, or grows as only a bomb does."""
        limits = self._limits
        if stage.given > limits.body_bytes:
            raise ContentTooLargeError(f"The request body is larger than {limits.body_bytes:,} bytes when it is decoded.")
        work = stage.given + stage.decoder.members * MEMBER_BYTES
        if work > UNSUSPECTED_BYTES and work > self._received * limits.body_ratio:
            raise ContentTooLargeError(f"The request body grows to more than {limits.body_ratio:,} times its size when decoded.")


class Stage:
    """One coding of a body on its way to being undone."""

    __slots__ = ("decoder", "given", "name")

    def __init__(self, name: str, decoder: Decoder) -> None:
        """name: of the coding."""
        self.name = name
        self.decoder = decoder
        self.given = 0  # bytes

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Give the pieces that this makes, empty ones too; raises BadRequestError for what is not in this coding."""
        decoder = self.decoder
        is_first = True
        while is_first or not decoder.needs_input:
            try:
                piece = decoder.decode(data if is_first else b"", PIECE_BYTES)
            except BrokenContentError:
                raise BadRequestError(f"The request body is not in the content coding {self.name}, as it claims.") from None
            is_first = False
            self.given += len(piece)
            yield piece
