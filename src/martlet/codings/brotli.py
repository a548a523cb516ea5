"""The coding `br` (RFC 7932), by the packages brotli or brotlicffi."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any, Final

from martlet.codings.coding import BrokenContentError, Coding, Encoder
from martlet.optional_packages import MissingExtraError, require_extra

QUICK_LEVEL: Final = 4  # from 5 on it takes twice the time for 3 % fewer bytes
WINDOW: Final = 18  # of an encoder that works piece by piece, a power of two in bytes: 2 MB at most; the usual 22 takes 11


def brotli_coding() -> Coding:
    """Make the coding `br`; raises MissingExtraError where no package for it is installed."""
    try:
        brotli = require_extra("brotli", "brotli")
    except MissingExtraError as missing:
        try:
            brotli = require_extra("brotlicffi", "brotli")  # for PyPy and free-threaded Python
        except MissingExtraError:
            raise missing from None

    def compress(data: bytes, level: int | None) -> bytes:
        coded: bytes = brotli.compress(data, quality=_checked(level))
        return coded

    def make_encoder(level: int | None, for_events: bool) -> Encoder:  # noqa: FBT001, ARG001  one signature for all codings
        compressor = brotli.Compressor(quality=_checked(level), lgwin=WINDOW)
        return Encoder(compressor.process, compressor.flush, compressor.finish)

    return Coding(
        name="br",
        suffix=".br",
        best_level=11,
        bytes_per_millisecond=60_000,
        compress=compress,
        make_encoder=make_encoder,
        make_decoder=partial(BrotliDecoder, brotli),
    )


class BrotliDecoder:
    """Decodes one content."""

    __slots__ = ("_decompressor", "_error", "is_complete", "members", "needs_input")

    def __init__(self, brotli: ModuleType) -> None:
        """brotli: the package, whichever it is."""
        self._decompressor: Any = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self.needs_input = True
        self.is_complete = False
        self.members = 1

    def decode(self, data: bytes, room: int) -> bytes:
        """Give about `room` bytes at most; raises BrokenContentError."""
        if self.is_complete and data:
            raise BrokenContentError("There are bytes behind its end.")
        try:
            decoded: bytes = self._decompressor.process(data, output_buffer_limit=room)
        except self._error as error:
            raise BrokenContentError(str(error)) from None
        self.is_complete = self._decompressor.is_finished()
        # What it can take says nothing of what it still has to give.
        self.needs_input = self.is_complete or (not decoded and self._decompressor.can_accept_more_data())
        return decoded


def _checked(level: int | None) -> int:
    if level is None:
        return QUICK_LEVEL
    if not 0 <= level <= 11:
        raise ValueError(f"{level} is no level of brotli: use one from 0 to 11.")
    return level
