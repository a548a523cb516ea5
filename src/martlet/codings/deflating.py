"""The codings `gzip` and `deflate` (RFC 9110, Sections 8.4.1.2 and 8.4.1.3; RFC 1950 to 1952).

Without a stated level gzip is made by isal where it is installed: 3 to 8 times less CPU than zlib for 5 % more bytes.
What clients send is decoded by zlib alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, Final

from martlet.codings.coding import BrokenContentError, Coding, Encoder
from martlet.optional_packages import MissingExtraError, require_extra

GZIP_WINDOW: Final = 31  # zlib's way to say: 32 KiB, inside a gzip member
ZLIB_WINDOW: Final = 15
RAW_WINDOW: Final = -15
QUICK_LEVEL: Final = 4  # a third less CPU than 6, zlib's own choice, for 2 % more bytes
QUICK_ISAL_LEVEL: Final = 2


def gzip_coding() -> Coding:
    """Make the coding `gzip`."""
    isal = _isal()

    def compress(data: bytes, level: int | None) -> bytes:
        if level is None and isal is not None:
            coded: bytes = isal.compress(data, QUICK_ISAL_LEVEL, wbits=GZIP_WINDOW)
            return coded
        return zlib.compress(data, _checked(level), wbits=GZIP_WINDOW)

    def make_encoder(level: int | None, for_events: bool) -> Encoder:  # noqa: FBT001, ARG001  one signature for all codings
        if level is None and isal is not None:
            return _encoder(isal.compressobj(QUICK_ISAL_LEVEL, wbits=GZIP_WINDOW), isal.Z_SYNC_FLUSH)
        return _encoder(zlib.compressobj(_checked(level), wbits=GZIP_WINDOW), zlib.Z_SYNC_FLUSH)

    return Coding(
        name="gzip",
        suffix=".gz",
        best_level=9,
        bytes_per_millisecond=50_000 if isal is None else 400_000,
        compress=compress,
        make_encoder=make_encoder,
        make_decoder=partial(ZlibDecoder, _gzip_member, may_repeat=True),
    )


def deflate_coding() -> Coding:
    """Make the coding `deflate`, which is deflated data in the zlib format; some clients leave that format out."""
    return Coding(
        name="deflate",
        suffix=".zz",
        best_level=9,
        bytes_per_millisecond=50_000,
        compress=lambda data, level: zlib.compress(data, _checked(level)),
        make_encoder=lambda level, _: _encoder(zlib.compressobj(_checked(level)), zlib.Z_SYNC_FLUSH),
        make_decoder=partial(ZlibDecoder, _zlib_or_raw, may_repeat=False),
    )


class ZlibDecoder:
    """Decodes what zlib can: gzip members behind each other, or one deflated content."""

    __slots__ = ("_begin", "_decompress", "_may_repeat", "_pending", "is_complete", "members", "needs_input")

    def __init__(self, begin: Callable[[bytes], Any], *, may_repeat: bool) -> None:
        """begin: makes the decompressor for a content that starts with these bytes; None where they are too few to tell."""
        self._begin = begin
        self._may_repeat = may_repeat
        self._decompress: Any = None
        self._pending = b""
        self.needs_input = True
        self.is_complete = False
        self.members = 0

    def decode(self, data: bytes, room: int) -> bytes:
        """Give about `room` bytes at most; raises BrokenContentError."""
        pending = self._pending + data if self._pending else data
        if self._decompress is None and pending:
            self._next_member(pending)
        if self._decompress is None:
            self._pending, self.needs_input = pending, True
            return b""
        try:
            decoded: bytes = self._decompress.decompress(pending, room)
        except zlib.error as error:
            raise BrokenContentError(str(error)) from None
        self.is_complete = self._decompress.eof
        self._pending = self._decompress.unused_data if self.is_complete else self._decompress.unconsumed_tail
        self.needs_input = not self._pending
        if self.is_complete:
            self._decompress = None
        return decoded

    def _next_member(self, start: bytes) -> None:
        if self.members and not self._may_repeat:
            raise BrokenContentError("There are bytes behind its end.")
        self.is_complete = False
        self._decompress = self._begin(start)
        self.members += self._decompress is not None


def _gzip_member(_: bytes) -> Any:
    return zlib.decompressobj(GZIP_WINDOW)


def _zlib_or_raw(start: bytes) -> Any:
    """Tell the zlib format by its two first bytes (RFC 1950, Section 2.2)."""
    if len(start) < 2:
        return None
    is_zlib = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
    return zlib.decompressobj(ZLIB_WINDOW if is_zlib else RAW_WINDOW)


def _encoder(compressor: Any, sync_flush: int) -> Encoder:
    return Encoder(compressor.compress, partial(compressor.flush, sync_flush), compressor.flush)


def _checked(level: int | None) -> int:
    if level is None:
        return QUICK_LEVEL
    if not 1 <= level <= 9:
        raise ValueError(f"{level} is no level of gzip or deflate: use one from 1 to 9.")
    return level


def _isal() -> ModuleType | None:
    try:
        return require_extra("isal.isal_zlib", "gzip")
    except MissingExtraError:
        return None
