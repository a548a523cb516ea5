"""The coding `zstd` (RFC 8878; windows of 8 MiB at most, RFC 9659), by the standard library from 3.14 on."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import Any, Final

from martlet.codings.coding import BrokenContentError, Coding, Encoder
from martlet.optional_packages import require_extra

MODULE: Final = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
QUICK_LEVEL: Final = 3
BEST_LEVEL: Final = 19  # beyond it only the window grows, which no browser would take
MAX_WINDOW: Final = 23  # as a power of two, in bytes; what a browser must take, and the most that a client gets us to hold
WINDOW: Final = 18  # of an encoder that works piece by piece: 1.5 MB at most; the usual 21 takes 3
EVENT_LEVEL: Final = 1  # with a small window 115 KiB for each encoder; level 3 takes 820
EVENT_WINDOW: Final = 17


def zstd_coding() -> Coding:
    """Make the coding `zstd`; raises MissingExtraError where no module for it is installed."""
    zstd = require_extra(MODULE, "zstd")
    parameter = zstd.CompressionParameter

    def options(level: int | None) -> dict[Any, int]:
        return {parameter.compression_level: _checked(level)}

    def compress(data: bytes, level: int | None) -> bytes:
        coded: bytes = zstd.compress(data, options=options(level))
        return coded

    def make_encoder(level: int | None, for_events: bool) -> Encoder:  # noqa: FBT001  one signature for all codings
        chosen = {**options(level), parameter.window_log: WINDOW}
        if for_events:
            chosen = {**options(EVENT_LEVEL if level is None else level), parameter.window_log: EVENT_WINDOW}
        compressor = zstd.ZstdCompressor(options=chosen)
        return Encoder(compressor.compress, partial(compressor.flush, compressor.FLUSH_BLOCK), compressor.flush)

    return Coding(
        name="zstd",
        suffix=".zst",
        best_level=BEST_LEVEL,
        bytes_per_millisecond=200_000,
        compress=compress,
        make_encoder=make_encoder,
        make_decoder=partial(ZstdDecoder, zstd),
    )


class ZstdDecoder:
    """Decodes frames behind each other."""

    __slots__ = ("_begin", "_decompressor", "_error", "_rest", "is_complete", "members", "needs_input")

    def __init__(self, zstd: ModuleType) -> None:
        """zstd: the module, whichever it is."""
        options = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW}
        self._begin = partial(zstd.ZstdDecompressor, options=options)
        self._error: type[Exception] = zstd.ZstdError
        self._decompressor: Any = None
        self._rest = b""
        self.needs_input = True
        self.is_complete = False
        self.members = 0

    def decode(self, data: bytes, room: int) -> bytes:
        """Give about `room` bytes at most; raises BrokenContentError."""
        if self._decompressor is None:
            data = self._rest or data
            if not data:
                return b""
            self._decompressor = self._begin()
            self._rest = b""
            self.members += 1
        try:
            decoded: bytes = self._decompressor.decompress(data, room)
        except self._error as error:
            raise BrokenContentError(str(error)) from None
        self.is_complete = self._decompressor.eof
        self.needs_input = self._decompressor.needs_input
        if self.is_complete:
            self._rest = self._decompressor.unused_data
            self._decompressor = None
            self.needs_input = not self._rest
        return decoded


def _checked(level: int | None) -> int:
    if level is None:
        return QUICK_LEVEL
    if not 1 <= level <= BEST_LEVEL:
        raise ValueError(f"{level} is no level of zstd on the web: use one from 1 to {BEST_LEVEL}.")
    return level
