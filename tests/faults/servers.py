"""What is killed: redis-server, nats-server, or the workers of a web server that hold SQLite's file; all is ended by its pid."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.servers.running import free_port
from tests.services import Service

WORKERS = 2
READY_SECONDS = 60
ROOT = Path(__file__).parents[2]
DURABLE: dict[str, tuple[str, ...]] = {
    "redis": ("--appendonly", "yes", "--appendfsync", "always"),
    "nats": (),
}  # it always writes
BOUND: dict[str, Callable[[str], tuple[str, ...]]] = {
    "redis": lambda address: ("--bind", "127.0.0.1", address, "--protected-mode", "no"),
    "nats": lambda address: ("--addr", address),
}


class WebServer:
    """granian with two workers, which it starts anew when they die."""

    def __init__(self, interface: str, store: str, folder: Path) -> None:
        self.port = free_port()
        self.log_file = folder / "log"
        options = (
            f"--interface {interface} --port {self.port} --workers {WORKERS} --respawn-failed-workers --respawn-interval 0.2"
        )
        command = [sys.executable, "-m", "granian", *options.split(), "tests.faults.application:app"]
        environment = {
            **os.environ,
            "MARTLET_STORE": store,
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONUNBUFFERED": "1",
        }
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    async def wait(self) -> None:
        """Wait until it takes connections; raises RuntimeError with the log if that does not come."""
        if not await until(self._takes_connections):
            self.stop()
            raise RuntimeError(f"The server does not serve:\n{self.log}")

    def _takes_connections(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False

    def kill_worker(self, pid: int) -> bool:
        """End a worker as it stands; False if it is none of ours, or no more."""
        with suppress(OSError, ValueError):
            parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
            if parent == self.process.pid:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def stop(self) -> None:
        """End it, and its workers if it does not."""
        started = children(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @property
    def log(self) -> str:
        """What it has printed."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")


class Backend:
    """A redis-server that has each write on the disk before it answers, or a nats-server; on a port of the loopback interface."""

    def __init__(self, name: str = "redis", address: str | None = None) -> None:
        """name: of a service. address: of this machine, where it is to be reached as well; nats-server is reached there only."""
        bound = () if address is None else BOUND[name](address)
        self._service = Service.start(name, *DURABLE[name], *bound, tcp=True)
        self.url = self._service.url if address is None else self._service.url.replace("127.0.0.1", address)

    async def crash(self, away_seconds: float) -> None:
        """Kill it, leave it away, and start it anew with what it has on the disk; returns when it answers."""
        await asyncio.to_thread(self._service.kill)
        await asyncio.sleep(away_seconds)
        await asyncio.to_thread(self._service.start_again)

    def stop(self) -> None:
        """End it, and remove its folder."""
        self._service.stop()


async def until(found: Callable[[], bool], seconds: float = READY_SECONDS) -> bool:
    """Wait until something holds; False if it does not come."""
    deadline = time.monotonic() + seconds
    while not found():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.01)
    return True


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    return []
