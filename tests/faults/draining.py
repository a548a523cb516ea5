"""SIGTERM while streams and WebSockets are open: `scripts/faults drain`. Judged by what clients got over real connections.

Every server is started, as many clients open a stream of events that never ends, others a WebSocket where the server
carries them, and the server's process gets one SIGTERM. Judged by the clock, too.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.draining_sockets import GOING_AWAY, NO_CODE, Socket
from tests.servers.running import free_port

ROOT = Path(__file__).parents[2]
TARGET = "tests.faults.draining_application:app"
READY_SECONDS = 60.0
STOP_SECONDS = 60.0  # then it counts as one that never ends
AT_ONCE = 50  # connections that are opened together; servers queue no more than 100
FIRST = b"event 0\n"
END = b"\r\n0\r\n\r\n"  # of a chunked body: nothing is missing behind it
BOUND_SECONDS = 2.0
SLOW_SECONDS = 5.0  # of gunicorn, whose processes look for each other's end once a second, streams or not
HEADING = (
    "| server | streams | sockets | from the signal to the end | last events | closed with 1001 | handlers ended | status "
    "| complaints |\n"
    "|---|---|---|---|---|---|---|---|---|"
)

RUN = "martlet run --port PORT --server"
# By the name of a run: the command, and the most streams if threads bound them.
COMMANDS: dict[str, tuple[str, int | None]] = {
    "granian": (f"{RUN} granian", None),
    "granian, 2 workers": (f"{RUN} granian --workers 2", None),
    "granian over RSGI": (f"{RUN} granian --interface rsgi", None),
    "granian over WSGI": (f"{RUN} granian --interface wsgi", 4),
    "uvicorn": (f"{RUN} uvicorn", None),
    "uvicorn, 2 workers": (f"{RUN} uvicorn --workers 2", None),
    "hypercorn": (f"{RUN} hypercorn", None),
    "hypercorn, 2 workers": (f"{RUN} hypercorn --workers 2", None),
    "h2corn": (f"{RUN} h2corn", None),
    "h2corn, 2 workers": (f"{RUN} h2corn --workers 2", None),
    "gunicorn": (f"{RUN} gunicorn", 4),
    "plain granian over ASGI": ("granian --interface asgi --port PORT", None),
    "plain granian over RSGI": ("granian --interface rsgi --port PORT", None),
    "plain uvicorn, 2 workers": ("uvicorn --workers 2 --port PORT", None),
    "plain h2corn": ("h2corn --port PORT", None),
    "plain gunicorn": ("gunicorn --bind 127.0.0.1:PORT --threads 16", 4),
}


@dataclass
class Outcome:
    """What came of one run."""

    name: str
    streams: int
    seconds: float = 0.0
    status: int | None = None
    last_events: int = 0
    opened: int = 0
    closed: int = 0
    sockets: int = 0
    told: int = 0  # sockets that were closed with 1001; over RSGI without a code
    left: int = 0  # handlers that came to their clean-up
    finished: int = 0  # handlers that came behind their loop, of half of them
    trouble: list[str] = field(default_factory=list[str])

    @property
    def complaints(self) -> list[str]:
        """What is not as it must be."""
        wrong = list(self.trouble)
        if self.status != 0:
            wrong.append("it did not end" if self.status is None else f"status {self.status}")
        if self.seconds > (SLOW_SECONDS if "gunicorn" in self.name else BOUND_SECONDS):
            wrong.append(f"it took {self.seconds:.2f} s")
        if self.last_events != self.streams:
            wrong.append(f"{self.streams - self.last_events} streams without their last event")
        if self.told != self.sockets and "RSGI" not in self.name:  # whose server may end before it has sent the closing
            wrong.append(f"{self.sockets - self.told} sockets were not told")
        if self.left != self.sockets or self.finished != self.sockets // 2:
            wrong.append(f"{self.left} handlers left, {self.finished} finished")
        if self.opened != self.closed or not self.opened:
            wrong.append(f"opened {self.opened} times, closed {self.closed} times")
        return wrong

    @property
    def row(self) -> str:
        """A row of the table under HEADING."""
        told = "; ".join(self.complaints) or "0"
        counts = (
            f"{self.streams:,} | {self.sockets:,} | {self.seconds:.2f} s | {self.last_events:,} | {self.told:,} | {self.left:,}"
        )
        return f"| {self.name} | {counts} | {self.status} | {told} |"


class Stream:
    """One client of the stream; it reads to the end."""

    def __init__(self) -> None:
        self.got = bytearray()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, port: int) -> None:
        """Ask, and read up to the first event."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(f"GET /events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: text/event-stream\r\n\r\n".encode())
        async with asyncio.timeout(READY_SECONDS):
            while FIRST not in self.got:
                chunk = await self._reader.read(65_536)
                if not chunk:
                    raise EOFError(bytes(self.got))
                self.got += chunk
        self.got.clear()

    async def rest(self) -> None:
        """Read until the server closes the connection."""
        if self._reader is None or self._writer is None:
            raise RuntimeError("open() comes first")
        with suppress(OSError):
            while chunk := await self._reader.read(65_536):
                self.got += chunk
        self._writer.close()

    @property
    def has_last_event(self) -> bool:
        """Whether it was told when to come back, behind which nothing is missing."""
        return b"retry: " in self.got and self.got.endswith(END)


async def run(name: str, streams: int, sockets: int = 0) -> Outcome:
    """Do one of COMMANDS."""
    command, most = COMMANDS[name]
    outcome, port = Outcome(name, min(streams, most or streams), sockets=0 if most else sockets // 2 * 2), free_port()
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        journal = folder / "journal"
        journal.touch()
        environment = {
            **os.environ,
            "HOME": kept,
            "MARTLET_JOURNAL": str(journal),
            "MARTLET_SOCKETS": "" if most else "1",  # which `martlet run` does not begin to serve over WSGI
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        arguments = [sys.executable, "-m", *command.replace("PORT", str(port)).split(), TARGET]
        process = _start(arguments, environment, folder)
        try:
            await _wait(port, process)
            await _stop(process, port, outcome)
        except (OSError, EOFError, RuntimeError, TimeoutError) as error:
            outcome.trouble.append(f"{type(error).__name__} {error!s:.200}")
        finally:
            kill(process)
        if outcome.complaints:
            sys.stderr.write((folder / "log").read_text(errors="replace")[-3_000:])
        lines = journal.read_text(encoding="utf-8").split()
        outcome.opened, outcome.closed = lines.count("opened"), lines.count("closed")
        outcome.left, outcome.finished = lines.count("left"), lines.count("finished")
    return outcome


def _start(arguments: list[str], environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(arguments, cwd=folder, env=environment, stdout=log, stderr=log)


async def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, EOFError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.read(65_536), READY_SECONDS)
            writer.close()
            if b" 200" in answer[:20]:
                return
        await asyncio.sleep(0.05)
    raise RuntimeError("The server does not serve.")


async def _stop(process: subprocess.Popen[bytes], port: int, outcome: Outcome) -> None:
    streams = [Stream() for _ in range(outcome.streams)]
    sockets = [Socket(kind) for kind in ("receiving", "sending") for _ in range(outcome.sockets // 2)]
    clients: list[Stream | Socket] = [*streams, *sockets]
    for place in range(0, len(clients), AT_ONCE):
        await asyncio.gather(*(client.open(port) for client in clients[place : place + AT_ONCE]))
    reading = [asyncio.create_task(client.rest()) for client in clients]
    began = time.monotonic()
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        outcome.status = await asyncio.to_thread(process.wait, STOP_SECONDS)
    outcome.seconds = time.monotonic() - began
    await asyncio.wait(reading, timeout=5)
    outcome.last_events = sum(client.has_last_event for client in streams)
    code = NO_CODE if "RSGI" in outcome.name else GOING_AWAY
    outcome.told = sum(client.code == code for client in sockets)
    for task in reading:
        task.cancel()


def kill(process: subprocess.Popen[Any]) -> None:
    """End it and what it started, where it has not ended."""
    if process.poll() is None:
        with suppress(OSError):
            for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split():
                os.kill(int(child), 9)
        process.kill()
        process.wait()


def main() -> None:
    """Run what the arguments name, and tell it as a table; ends with 1 where there is something to complain of."""
    parser = argparse.ArgumentParser(prog="scripts/faults drain")
    parser.add_argument("--streams", type=int, default=500, help="open when the signal comes")
    parser.add_argument("--sockets", type=int, default=500, help="the same, where the server carries them")
    parser.add_argument("--only", choices=COMMANDS, action="append", help="one of the runs; may stand several times")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    machine = f"CPython {platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}\nscripts/faults drain {shlex.join(sys.argv[1:])}\n")  # noqa: T201  a command prints
    print(HEADING)  # noqa: T201
    wrong = 0
    for name in options.only or COMMANDS:
        outcome = asyncio.run(run(name, options.streams, options.sockets))
        wrong += bool(outcome.complaints)
        print(outcome.row, flush=True)  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
