"""A server in a process of its own, and what the system tells about it: CPU time and memory, its children's too."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

UVICORN = {"uvicorn": "auto", "uvicorn-wsproto": "wsproto"}  # what reads WebSockets
SERVERS = [*UVICORN, "granian", "granian-rsgi"]
NO_PINGS = ["--ws-ping-interval", "3600"]  # they would be counted among the messages
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """One worker that serves an application; ends with `stop`."""

    def __init__(self, kind: str, peer: str, **environment: str) -> None:
        """kind: of SERVERS. peer: the module below `benchmarks`, such as `stream_peers.martlet`."""
        self.port = free_port()
        target = f"benchmarks.{peer}:app"
        place = ["--host", "127.0.0.1", "--port", str(self.port)]
        if kind in UVICORN:
            command = ["uvicorn", *place, "--no-access-log", "--log-level", "error", "--ws", UVICORN[kind], *NO_PINGS]
        else:
            interface = "rsgi" if kind == "granian-rsgi" else "asgi"
            command = ["granian", *place, "--interface", interface, "--workers", "1", "--no-access-log", "--log-level", "error"]
            command += ["--backlog", "16384", "--backpressure", "16384"]  # else it takes no more than about a thousand
        self._process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", *command, target], env={**os.environ, **environment}
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def cpu_seconds(self) -> float:
        """CPU time so far, of all its threads."""
        return sum(_cpu_seconds(process) for process in family(self._process.pid))

    def resident_bytes(self) -> int:
        """Memory of its own at this moment; what the kernel holds for its sockets is not counted."""
        return sum(int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE for process in family(self._process.pid))

    def stop(self) -> None:
        """End it, streams and all."""
        for process in reversed(list(family(self._process.pid))):
            with suppress(ProcessLookupError):
                os.kill(process, 9)
        self._process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def family(process: int) -> Iterator[int]:
    """A process and its descendants."""
    yield process
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def _cpu_seconds(process: int) -> float:
    """In nanoseconds where the kernel counts them, else in ticks."""
    try:
        tasks = Path(f"/proc/{process}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except OSError:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
