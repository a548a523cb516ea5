"""`martlet run` with its workers on a host of its own; ended by pid."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.faults.connection import BrokenExchangeError, Connection
from tests.faults.hosts import Host
from tests.faults.servers import ROOT, children, until

PORT: int = 8000  # free on a host of its own
WORKERS = 2
TARGET = "tests.faults.streams_application:app"
ASKED = 200  # new connections until each worker has answered one


class HostedServer:
    """The server of one host. killed: the workers that were ended."""

    def __init__(self, host: Host, broker_url: str, window: int, folder: Path) -> None:
        self.host = host
        self.address: tuple[str, int] = (host.address, PORT)
        self.killed: list[int] = []
        self._log_file = folder / f"log-{host.name}"
        self._folder = folder
        self._environment = {
            **os.environ,
            "HOME": str(folder),
            "MARTLET_BROKER": broker_url,
            "MARTLET_WINDOW": str(window),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONUNBUFFERED": "1",
        }
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        options = f"-m martlet run --host {self.host.address} --port {PORT} --workers {WORKERS} {TARGET}"
        command = self.host.command(sys.executable, *options.split())
        with self._log_file.open("ab") as log:
            return subprocess.Popen(command, cwd=self._folder, env=self._environment, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        """What it has printed."""
        return self._log_file.read_text(encoding="utf-8", errors="replace")

    async def workers(self) -> set[int]:
        """The processes that answer."""
        found: set[int] = set()
        for _ in range(ASKED):
            connection = Connection(PORT, self.host.address, 2)
            with suppress(BrokenExchangeError):
                found.add(int((await connection.ask("GET", "/", None)).body))
            connection.close()
            if len(found - set(self.killed)) == WORKERS:
                break
            await asyncio.sleep(0.05)
        return found - set(self.killed)

    async def kill_worker(self, choices: random.Random) -> None:
        """End one of them as it stands, and wait until another is there for it; raises RuntimeError."""
        pid = choices.choice(sorted(await self.workers()))
        self.killed.append(pid)
        os.kill(pid, signal.SIGKILL)
        if len(await self.workers()) != WORKERS:
            raise RuntimeError(f"A worker did not come back on {self.host.name}:\n{self.log[-2_000:]}")

    async def restart(self) -> int | None:
        """End it in order, start it anew, and give the status of the former."""
        status = await self.stop()
        self._process = self._start()
        await self.wait()
        return status

    async def wait(self) -> None:
        """Wait until all its workers answer; raises RuntimeError with the log."""
        if len(await self.workers()) != WORKERS:
            raise RuntimeError(f"The server on {self.host.name} does not serve:\n{self.log[-2_000:]}")

    async def stop(self) -> int | None:
        """End it, by force if it takes too long, and give its status."""
        started = children(self._process.pid)
        self._process.terminate()
        if not await until(lambda: self._process.poll() is not None, 20):
            self._process.kill()
        self.kill(started)
        return self._process.wait()

    def kill(self, started: list[int] | None = None) -> None:
        """End what there still is."""
        started = children(self._process.pid) if started is None else started
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for pid in started:
            if self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)

    def _is_ours(self, pid: int) -> bool:
        with suppress(OSError):
            return b"MARTLET_BROKER=" in Path(f"/proc/{pid}/environ").read_bytes()
        return False
