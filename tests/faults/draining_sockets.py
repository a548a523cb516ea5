"""The WebSockets of `scripts/faults drain`: raw clients that read to the end, and tell what code they were closed with."""

from __future__ import annotations

import asyncio
from contextlib import suppress

READY_SECONDS = 60.0
GOING_AWAY = 1001
NO_CODE = 1005
CLOSE = 8
FRAME = b"\x81\x05hello"
HANDSHAKE = (
    "GET /{kind} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: bWFydGxldCB0ZXN0cyBpdA==\r\n\r\n"
)
EMPTY_CLOSE = b"\x88\x80\x00\x00\x00\x00"  # masked, as a client's frames are


class Socket:
    """One client; it reads to the end, and answers the closing as a browser does."""

    def __init__(self, kind: str) -> None:
        """kind: `receiving` or `sending`, whichever the handler does."""
        self.code: int | None = None  # 1005 for a closing without one, None where the connection just ended
        self._kind = kind
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, port: int) -> None:
        """Ask, and read the first message."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(HANDSHAKE.format(kind=self._kind, port=port).encode())
        async with asyncio.timeout(READY_SECONDS):
            head = await self._reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in head[:20] or await self._reader.readexactly(len(FRAME)) != FRAME:
                raise EOFError(head)

    async def rest(self) -> None:
        """Read until the server closes."""
        if self._reader is None or self._writer is None:
            raise RuntimeError("open() comes first")
        with suppress(OSError, asyncio.IncompleteReadError):
            while self.code is None:
                first, length = await self._reader.readexactly(2)
                payload = await self._reader.readexactly(length)  # of control frames, which alone may come
                if first & 15 == CLOSE:
                    self.code = int.from_bytes(payload[:2]) if payload else NO_CODE
            self._writer.write(EMPTY_CLOSE)
            await self._reader.read()
        self._writer.close()
