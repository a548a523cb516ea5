"""Clients that leave at any moment: `scripts/faults leaving`. Judged by what the application still holds afterwards.

A seed fixes what each client asks for, and when and how it goes; how these meet is the machine's affair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import shlex
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.servers.running import Server

SERVERS = ("granian-asgi", "granian-rsgi", "uvicorn", "hypercorn", "h2corn")
DEAF = frozenset({"h2corn"})  # tells of a leaving only once its answer has begun
SOCKETS = ("echo", "news", "silent")
KINDS = ("slow", "blocking", "events", "items", "file", "stream", "upload", "form", *SOCKETS)
AT_ONCE = 16
SETTLE_SECONDS = 20.0
IDLE_SECONDS = 6.0  # after which no server holds a connection that is gone
BOUND_SECONDS = 0.1
STAYS_SECONDS = 0.25  # at most
TEXT = b"\x81\x85\x00\x00\x00\x00hello"  # frames with a mask of zeros
CLOSING = b"\x88\x82\x00\x00\x00\x00\x03\xe8"
UPLOAD_BYTES = 1_500_000  # more than a form's file may have in memory
HEADING = (
    "| server | aborts | tasks before, after | descriptors | opened and not closed | cancelled after: half, 95 % | complaints |\n"
    "|---|---|---|---|---|---|---|"
)


@dataclass
class Outcome:
    """What came of one server."""

    name: str
    aborts: int
    before: dict[str, Any] = field(default_factory=dict[str, Any])
    after: dict[str, Any] = field(default_factory=dict[str, Any])
    waits: list[float] = field(default_factory=list[float])  # from a leaving to the cancellation of its handler
    slow: int = 0  # handlers that were left while they waited
    trouble: list[str] = field(default_factory=list[str])

    @property
    def complaints(self) -> list[str]:
        """What is not as it must be; that a handler was cancelled in time is told by its median, as machines pause."""
        wrong = list(self.trouble)
        wrong += [
            f"{self.after[what] - self.before[what]} {what} more"
            for what in ("tasks", "descriptors", "open")
            if self.after and self.after[what] > self.before[what]
        ]
        if self.name not in DEAF and len(self.waits) < self.slow:
            wrong.append(f"{self.slow - len(self.waits)} of {self.slow} handlers went on")
        if self.waits and statistics.median(self.waits) > BOUND_SECONDS:
            wrong.append("cancelled too late")
        return wrong

    @property
    def row(self) -> str:
        """A row of the table under HEADING."""
        told = "; ".join(self.complaints) or "0"
        if not self.after:
            return f"| {self.name} | {self.aborts:,} |  |  |  |  | {told} |"
        pairs = [f"{self.before[what]}, {self.after[what]}" for what in ("tasks", "descriptors")]
        waits = sorted(self.waits)
        late = f"{statistics.median(waits) * 1e3:.0f} ms, {waits[len(waits) * 95 // 100] * 1e3:.0f} ms" if waits else "not told"
        return f"| {self.name} | {self.aborts:,} | {' | '.join(pairs)} | {self.after['open']} | {late} | {told} |"


class Visitors:
    """The clients of one server."""

    def __init__(self, port: int, choices: random.Random) -> None:
        self._port = port
        self._choices = choices
        self.left: dict[int, float] = {}  # by the number of a slow request: when its client went

    async def come_and_go(self, number: int, kind: str) -> None:
        """Ask for one thing, and leave at some moment, politely or by a reset."""
        whole, stays = self._choices.random() < 0.5, self._choices.uniform(0, STAYS_SECONDS)
        resets, reads = self._choices.random() < 0.5, self._choices.random() < 0.7
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        with suppress(OSError, asyncio.IncompleteReadError):  # a TimeoutError is an OSError
            for part in _request(kind, number, whole=whole):
                writer.write(part)
                await writer.drain()
                if kind in SOCKETS and part.startswith(b"GET"):
                    async with asyncio.timeout(stays):  # hypercorn forgets whoever speaks before the handshake is answered
                        await reader.readuntil(b"\r\n\r\n")
            deadline = time.monotonic() + stays
            with suppress(TimeoutError):
                async with asyncio.timeout(stays):
                    while reads and await reader.read(65_536):
                        pass
            await asyncio.sleep(max(0.0, deadline - time.monotonic()))
        if kind == "slow" and stays > 0.1:  # it had surely begun to wait
            self.left[number] = time.time()
        if resets:
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def counts(self) -> dict[str, Any]:
        """Ask what the application holds."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"GET /counts HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        answer = await asyncio.wait_for(reader.read(), SETTLE_SECONDS)
        writer.close()
        held: dict[str, Any] = msgspec.json.decode(answer.partition(b"\r\n\r\n")[2])
        return held

    async def settled(self, most: dict[str, Any] | None = None) -> dict[str, Any]:
        """Wait until no more is held than that, or nothing changes any more; gives what is held at last."""
        deadline, last = time.monotonic() + SETTLE_SECONDS, await self.counts()
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            now = await self.counts()
            kept = {what: now[what] for what in ("tasks", "descriptors", "open")}
            if all(kept[what] <= most[what] for what in kept) if most else now["open"] == 0 and now == last:
                return now
            last = now
        return last


def _request(kind: str, number: int, *, whole: bool) -> list[bytes]:
    """The bytes of one; of an upload that is not whole, the first half."""
    if kind in SOCKETS:
        key = "sec-websocket-version: 13\r\nsec-websocket-key: bWFydGxldCB0ZXN0cyBpdA=="
        upgrade = f"connection: upgrade\r\nupgrade: websocket\r\n{key}"
        asked = f"GET /{kind} HTTP/1.1\r\nhost: localhost\r\n{upgrade}\r\n\r\n".encode()
        if kind == "silent":  # nobody hears what is said, and for two minutes it might be meant for somebody
            return [asked, CLOSING] if whole else [asked]
        return [asked, TEXT, CLOSING] if whole else [asked, TEXT[:7]]  # in the middle of a frame
    if kind not in {"upload", "form"}:
        path = f"/slow/{number}" if kind == "slow" else f"/{kind}"
        return [f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()]
    body = bytes(UPLOAD_BYTES)
    media_type = "application/octet-stream"
    if kind == "form":
        media_type = "multipart/form-data; boundary=line"
        head = b'--line\r\ncontent-disposition: form-data; name="a"; filename="a.bin"\r\n\r\n'
        body = head + body + b"\r\n--line--\r\n"
    fields = f"host: localhost\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}"
    return [f"POST /{kind} HTTP/1.1\r\n{fields}\r\n\r\n".encode(), body if whole else body[: len(body) // 2]]


async def run(name: str, aborts: int, seed: int, kinds: Sequence[str] = KINDS) -> Outcome:
    """Have so many clients leave one server."""
    outcome, choices = Outcome(name, aborts), random.Random(f"{seed} {name}")
    with tempfile.TemporaryDirectory() as kept:
        server = Server(name, Path(kept) / "server", "leaving_application:app", source=Path(__file__).parent)
        try:
            server.wait()
            visitors = Visitors(server.port, choices)
            await asyncio.gather(*(visitors.come_and_go(-place, kind) for place, kind in enumerate(KINDS * 2)))
            await asyncio.sleep(IDLE_SECONDS)
            outcome.before = await visitors.settled()
            visitors.left.clear()
            await _leave(visitors, [choices.choice(kinds) for _ in range(aborts)])
            outcome.after = await visitors.settled(outcome.before)
            ended: dict[str, float] = outcome.after["ended"]
            outcome.slow = len(visitors.left)
            outcome.waits = [ended[str(number)] - when for number, when in visitors.left.items() if str(number) in ended]
            server.stop()
        except Exception as error:  # noqa: BLE001  whatever it is, it is told in the table
            outcome.trouble.append(f"{type(error).__name__} {error!s:.200}")
        finally:
            server.kill()
        if "Traceback" in server.log or "ERROR" in server.log:
            outcome.trouble.append(f"logged: {_told(server.log)}")
    return outcome


def _told(log: str) -> str:
    """The part of a log that tells of the first error, as far as it is of use."""
    place = min(place for word in ("Traceback", "ERROR") if (place := log.find(word)) >= 0)
    return log[max(0, place - 300) : place + 3_000]


async def _leave(visitors: Visitors, kinds: list[str]) -> None:
    waiting = iter(enumerate(kinds, start=1))

    async def visit() -> None:
        for number, kind in waiting:
            await visitors.come_and_go(number, kind)

    await asyncio.gather(*(visit() for _ in range(AT_ONCE)))


def main() -> None:
    """Run what the arguments name, and tell it as a table; ends with 1 where there is something to complain of."""
    parser = argparse.ArgumentParser(prog="scripts/faults leaving")
    parser.add_argument("--aborts", type=int, default=1_000, help="of each server")
    parser.add_argument("--kind", choices=KINDS, action="append", help="what they ask for; by default everything")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=SERVERS, action="append", help="one of the servers; may stand several times")
    options = parser.parse_args()
    machine = f"CPython {platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}\nscripts/faults leaving {shlex.join(sys.argv[1:])}\n")  # noqa: T201  a command prints
    print(HEADING)  # noqa: T201
    wrong = 0
    for name in options.only or SERVERS:
        outcome = asyncio.run(run(name, options.aborts, options.seed, options.kind or KINDS))
        wrong += bool(outcome.complaints)
        print(outcome.row, flush=True)  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
