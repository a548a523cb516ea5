"""The clients of `scripts/faults soak`: they come, stay, stall, leave by FIN or reset, and come back, at a bounded rate."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.faults.listeners import take_chunks

HOST = "host: localhost\r\n"
EVENT_STAY_SECONDS = 12.0  # on average
CHAT_STAY_SECONDS = 8.0
STALLS = 0.15  # of the visits to a stream stop reading for a while
STALL_SECONDS = 3.0
LEAVES = 0.4  # of the uploads and downloads end before they are whole
ANSWER_SECONDS = 30.0
RECEIVED_BYTES = 16_384  # that the system may keep for a client, so that one who stalls is noticed
HANDSHAKE = (
    f"GET /chat HTTP/1.1\r\n{HOST}connection: upgrade\r\nupgrade: websocket\r\n"
    "sec-websocket-version: 13\r\nsec-websocket-key: bWFydGxldCB0ZXN0cyBpdA==\r\n\r\n"
).encode()
CLOSING = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
Visit = Callable[["Visitor"], Awaitable[None]]


class Visitor:
    """One client, with choices of its own; done: what the visits of all of them came to, counted."""

    def __init__(self, port: int, choices: random.Random, done: Counter[str]) -> None:
        self.choices = choices
        self.last_id: str | None = None
        self._port = port
        self._done = done

    async def run(self, visit: Visit, pause_seconds: float) -> None:
        """Visit again and again, with such a pause on average, until it is cancelled."""
        while True:
            await asyncio.sleep(self.choices.expovariate(1 / pause_seconds))
            try:
                await visit(self)
            except (OSError, EOFError) as error:  # a TimeoutError is an OSError, an IncompleteReadError an EOFError
                self._done[f"{visit.__name__}: {type(error).__name__}"] += 1

    async def listen(self) -> None:
        """Take events for a while, from the last that it has; stall now and then."""
        path = self.choices.choice(("given", "pulled"))
        last = "" if self.last_id is None else f"last-event-id: {self.last_id}\r\n"
        reader, writer = await self._open()
        try:
            writer.write(f"GET /events/{path} HTTP/1.1\r\n{HOST}accept: text/event-stream\r\n{last}\r\n".encode())
            await self._head(reader, b"200")
            with suppress(TimeoutError):
                async with asyncio.timeout(self.choices.expovariate(1 / EVENT_STAY_SECONDS)):
                    await self._take(reader, stalls=self.choices.random() < STALLS)
        finally:
            self._leave(writer)

    async def _take(self, reader: asyncio.StreamReader, *, stalls: bool) -> None:
        chunked, events = bytearray(), bytearray()
        while got := await reader.read(65_536):
            chunked += got
            if take_chunks(chunked, events):
                return
            *whole, rest = events.split(b"\n\n")
            events = bytearray(rest)
            self._done["events"] += len(whole)
            for line in (line for block in reversed(whole) for line in block.split(b"\n") if line.startswith(b"id: ")):
                self.last_id = line[4:].decode()
                break
            if stalls and self.choices.random() < 0.05:
                await asyncio.sleep(self.choices.expovariate(1 / STALL_SECONDS))

    async def chat(self) -> None:
        """Say something now and then, and hear what others say."""
        reader, writer = await self._open()
        try:
            writer.write(HANDSHAKE)
            await self._head(reader, b"101")
            hearing = asyncio.create_task(self._hear(reader))
            with suppress(TimeoutError):
                async with asyncio.timeout(self.choices.expovariate(1 / CHAT_STAY_SECONDS)):
                    while not hearing.done():
                        await asyncio.sleep(self.choices.expovariate(1 / 2.0))
                        text = b"x" * self.choices.randrange(1, 126)
                        writer.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)
                        self._done["said"] += 1
            hearing.cancel()
            match self.choices.randrange(3):
                case 0:
                    writer.write(CLOSING)
                    await writer.drain()
                case 1:
                    writer.write(b"\x81\xfd\x00\x00")  # in the middle of a frame
                case _:
                    pass
        finally:
            self._leave(writer)

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        while got := await reader.read(65_536):
            self._done["bytes heard"] += len(got)

    async def publish(self) -> None:
        """Publish a note of 20 to 4,000 characters."""
        await self._post("/notes", {"text": "n" * int(20 * 200 ** self.choices.random())})

    async def ask(self) -> None:
        """Some requests over one connection."""
        reader, writer = await self._open()
        try:
            for _ in range(self.choices.randrange(1, 12)):
                number = self.choices.randrange(1_000_000)
                if self.choices.random() < 0.5:
                    body = json.dumps({"title": f"book {number}", "count": number, "notes": ["n"] * (number % 20)}).encode()
                    if number % 20 == 0:
                        body = body[:-1]  # no JSON
                    head = f"POST /orders HTTP/1.1\r\n{HOST}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
                    writer.write(head.encode() + body)
                else:
                    writer.write(f"GET /orders/{number} HTTP/1.1\r\n{HOST}\r\n".encode())
                await self._answer(reader)
                self._done["requests"] += 1
                await asyncio.sleep(self.choices.expovariate(1 / 0.1))
        finally:
            self._leave(writer)

    async def upload(self) -> None:
        """Send a file of up to 2 MB, or a part of it."""
        size = int(2_000 * 1_000 ** self.choices.random())
        head = b'--line\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        body = head + bytes(size) + b"\r\n--line--\r\n"
        reader, writer = await self._open()
        try:
            fields = f"content-type: multipart/form-data; boundary=line\r\ncontent-length: {len(body)}"
            writer.write(f"POST /uploads HTTP/1.1\r\n{HOST}{fields}\r\n\r\n".encode())
            if self.choices.random() < LEAVES:
                writer.write(body[: self.choices.randrange(len(body))])
                with suppress(TimeoutError):
                    await asyncio.wait_for(writer.drain(), 0.5)
            else:
                writer.write(body)
                await writer.drain()
                await self._answer(reader)
            self._done["uploads"] += 1
        finally:
            self._leave(writer)

    async def download(self) -> None:
        """Take a stream of a megabyte, or a part of it."""
        path = self.choices.choice(("async", "plain"))
        left = self.choices.randrange(1_000_000) if self.choices.random() < LEAVES else None
        reader, writer = await self._open()
        try:
            writer.write(f"GET /downloads/{path} HTTP/1.1\r\n{HOST}connection: close\r\n\r\n".encode())
            async with asyncio.timeout(ANSWER_SECONDS):
                taken = 0
                while (left is None or taken < left) and (got := await reader.read(65_536)):
                    taken += len(got)
            self._done["downloads"] += 1
        finally:
            self._leave(writer)

    async def _post(self, path: str, value: object) -> None:
        body = json.dumps(value).encode()
        reader, writer = await self._open()
        try:
            head = f"POST {path} HTTP/1.1\r\n{HOST}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await self._answer(reader)
            self._done["published"] += 1
        finally:
            self._leave(writer)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_BYTES)
        connection.setblocking(False)
        try:
            await asyncio.wait_for(asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self._port)), ANSWER_SECONDS)
        except BaseException:
            connection.close()
            raise
        self._done["connections"] += 1
        return await asyncio.open_connection(sock=connection)

    async def _head(self, reader: asyncio.StreamReader, status: bytes) -> bytes:
        async with asyncio.timeout(ANSWER_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        if head[9:12] != status:
            self._done[f"answered {head[9:12].decode()}"] += 1
            raise EOFError
        return head

    async def _answer(self, reader: asyncio.StreamReader) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(size)
        self._done[f"answered {head[9:12].decode()}"] += 1

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        """Go, by FIN or by a reset."""
        if self.choices.random() < 0.5:
            with suppress(OSError):
                connection: socket.socket = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()
