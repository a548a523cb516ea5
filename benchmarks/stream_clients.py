"""Thousands of clients of one event stream, in a process of their own: they only count what comes.

Clients of another kind are a class below `Clients`, as those of WebSockets are.
"""

import asyncio
import multiprocessing
import resource
import socket
import time
from multiprocessing.connection import Connection
from typing import Any

MARK = b"~"  # once in each event: one byte is never cut in two
AT_ONCE = 100  # connections being opened
PATIENCE = 60.0  # seconds
READING = 3.0  # seconds that those who never read have at last
RESET = b"event: reset"
END = b"\r\n0\r\n\r\n"  # of a chunked answer


class Crowd:
    """The clients, as the benchmark sees them."""

    def __init__(self, port: int, path: str, kind: "type[Clients] | None" = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_live, args=(theirs, kind or Clients, port, path), daemon=True)
        self._process.start()

    def open(self, count: int) -> None:
        """Open so many more, and wait until each has its first bytes."""
        self._ask("open", count)

    def open_stalled(self, count: int) -> None:
        """Open so many that never read."""
        self._ask("open_stalled", count)

    def publish(self, text: str) -> float:
        """Publish an event, wait until all who read have it, and give the seconds that took."""
        seconds: float = self._ask("publish", text)
        return seconds

    def publish_unread(self, text: str) -> None:
        """Publish an event, whoever gets it."""
        self._ask("publish_unread", text)

    def read_at_last(self) -> tuple[int, int, int]:
        """Let those who never read do so: the events they got, how many were told that they missed some, how many were ended."""
        found: tuple[int, int, int] = self._ask("read_at_last")
        return found

    def stop(self) -> None:
        """End them."""
        self._process.kill()
        self._process.join()

    def _ask(self, *words: Any) -> Any:
        self._pipe.send(words)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


class Reader(asyncio.Protocol):
    """One client."""

    __slots__ = ("_crowd", "_has_begun")

    def __init__(self, crowd: "Clients") -> None:
        self._crowd = crowd
        self._has_begun = False

    def connection_made(self, transport: Any) -> None:
        """Ask."""
        transport.write(self._crowd.request)

    def data_received(self, data: bytes) -> None:
        """Count."""
        if not self._has_begun:
            self._has_begun = True
            self._crowd.begin(data)
        self._crowd.count(data.count(MARK))

    def connection_lost(self, error: Exception | None) -> None:
        """Nobody leaves by itself."""
        self._crowd.lost += 1


class Clients:
    """The clients where they live.

    fields: of the request of each. answer: what the server begins with.
    """

    fields = "accept: text/event-stream"
    answer = b"HTTP/1.1 200"

    def __init__(self, port: int, path: str) -> None:
        self.request = f"GET {path} HTTP/1.1\r\nhost: example.org\r\n{self.fields}\r\n\r\n".encode()
        self.lost = 0
        self._port = port
        self._opened = self._begun = self._events = self._expected = 0
        self._done = asyncio.Event()
        self._stalled: list[socket.socket] = []

    def make(self) -> Reader:
        """Make one."""
        return Reader(self)

    def begin(self, data: bytes) -> None:
        """One more has its answer."""
        if not data.startswith(self.answer):
            raise ValueError(data[:200])
        self._begun += 1
        self._look()

    def count(self, events: int) -> None:
        """So many more came."""
        self._events += events
        if events:
            self._look()

    def _look(self) -> None:
        if self._begun >= self._opened and self._events >= self._expected:
            self._done.set()

    async def _wait(self) -> None:
        self._done.clear()
        self._look()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._done.wait()
        except TimeoutError:
            words = f"{self._begun} of {self._opened} clients, {self._events} of {self._expected} events, {self.lost} lost"
            raise TimeoutError(words) from None

    async def open(self, count: int) -> None:
        """See Crowd."""
        loop = asyncio.get_running_loop()
        for first in range(0, count, AT_ONCE):
            some = min(AT_ONCE, count - first)
            self._opened += some
            await asyncio.gather(*(loop.create_connection(self.make, "127.0.0.1", self._port) for _ in range(some)))
            await self._wait()

    async def open_stalled(self, count: int) -> None:
        """See Crowd."""
        for _ in range(count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self._port))
            client.setblocking(False)  # noqa: FBT003  so it is named there
            client.send(self.request)
            self._stalled.append(client)
        await asyncio.sleep(1)

    async def publish(self, text: str) -> float:
        """See Crowd."""
        self._expected += self._opened
        began = time.perf_counter()
        await self.publish_unread(text)
        await self._wait()
        return time.perf_counter() - began

    async def publish_unread(self, text: str) -> None:
        """See Crowd."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = f'{{"text":"{text}{MARK.decode()}"}}'
        head = f"POST /publish HTTP/1.1\r\nhost: example.org\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
        writer.write(f"{head}\r\nconnection: close\r\n\r\n{body}".encode())
        answer = await reader.readline()
        if b" 20" not in answer:
            raise ValueError(answer)
        writer.close()

    async def read_at_last(self) -> tuple[int, int, int]:
        """See Crowd."""
        found = await asyncio.gather(*map(_read, self._stalled))
        return sum(data.count(MARK) for data, _ in found), sum(RESET in data for data, _ in found), sum(over for _, over in found)


async def _read(client: socket.socket) -> tuple[bytes, bool]:
    """Read what there is, and tell whether that is the end."""
    loop = asyncio.get_running_loop()
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(READING):
            while part := await loop.sock_recv(client, 1 << 16):
                parts.append(part)
                if END in part:
                    break
    except TimeoutError:
        return b"".join(parts), False
    except OSError:
        pass
    return b"".join(parts), True


async def _serve(pipe: Connection, kind: type[Clients], port: int, path: str) -> None:
    crowd = kind(port, path)
    loop = asyncio.get_running_loop()
    while True:
        name, *arguments = await loop.run_in_executor(None, pipe.recv)
        try:
            pipe.send(await getattr(crowd, name)(*arguments))
        except Exception as error:  # noqa: BLE001  the benchmark's to judge
            pipe.send(RuntimeError(repr(error)))


def _live(pipe: Connection, kind: type[Clients], port: int, path: str) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_serve(pipe, kind, port, path))
