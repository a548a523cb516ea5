"""Start the servers, each by its own plain command, and end them by their process ids."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
READY_SECONDS = 120  # a machine under load imports slowly, and none of this is waited for where all is well
STOP_SECONDS = 60

# gunicorn's default is one thread, so that a slow request would hold up all others.
COMMANDS = {
    "granian-asgi": "granian --interface asgi --port PORT",
    "granian-wsgi": "granian --interface wsgi --port PORT",
    "granian-rsgi": "granian --interface rsgi --port PORT",
    "uvicorn": "uvicorn --port PORT",
    "hypercorn": "hypercorn --bind 127.0.0.1:PORT",
    "h2corn": "h2corn --port PORT",
    "gunicorn": "gunicorn --bind 127.0.0.1:PORT --threads 32",
}


class Server:
    """One server in a process of its own; its log and the application's journal are files in `folder`."""

    def __init__(self, name: str, folder: Path, target: str = "application:app", options: str = "", source: Path = HERE) -> None:
        """Start, without waiting; `wait` does. options: beside those of COMMANDS. source: where the application's module lies."""
        folder.mkdir()
        self.name = name
        self.port = free_port()
        self.log_file, self._journal = folder / "log", folder / "journal"
        self._journal.touch()
        environment = {
            **os.environ,
            "HOME": str(folder),  # gunicorn keeps a control socket there
            "MARTLET_JOURNAL": str(self._journal),
            "PYTHONPATH": str(source),
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", *f"{COMMANDS[name]} {options}".replace("PORT", str(self.port)).split(), target]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=source, env=environment, stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until connections are accepted; raises RuntimeError with the log if that does not come."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"{self.name} does not serve:\n{self.log}")

    def stop(self) -> None:
        """Send SIGTERM and wait; raises subprocess.TimeoutExpired if the server does not end."""
        self.process.terminate()
        self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """End the process and those it started, whatever they are doing."""
        for process_id in _descendants(self.process.pid):
            # The tracker of multiprocessing ends by itself, once it has removed what the others leave in /dev/shm.
            with suppress(OSError):
                if b"multiprocessing.resource_tracker" not in Path(f"/proc/{process_id}/cmdline").read_bytes():
                    os.kill(process_id, 9)
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def open_gate(self) -> None:
        """Let the handlers of `/blocks` go on."""
        self._journal.with_name("gate").touch()

    @property
    def log(self) -> str:
        """What the server has printed."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def journal(self) -> list[str]:
        """What the application has written."""
        return self._journal.read_text(encoding="utf-8").splitlines()


def start_all(names: Iterable[str], folder: Path, target: str = "application:app") -> dict[str, Server]:
    """Start these servers at once, and wait for all of them."""
    servers = {name: Server(name, folder / name, target) for name in names}
    try:
        for server in servers.values():
            server.wait()
    except RuntimeError:
        for server in servers.values():
            server.kill()
        raise
    return servers


def start_below(options: Mapping[str, str], folder: Path) -> Iterator[dict[str, Server]]:
    """Serve the application with others below it by these servers, each with options of its own."""
    servers = {name: Server(name, folder / name, "below:app", added) for name, added in options.items()}
    try:
        for server in servers.values():
            server.wait()
        yield servers
    finally:
        for server in servers.values():
            server.kill()


def free_port() -> int:
    """Ask the system for a port that nobody uses just now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def eventually(found: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Ask again and again until the answer is true; gives the last one."""
    deadline = time.monotonic() + seconds
    while not (answer := found()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


def _descendants(process_id: int) -> list[int]:
    children = Path(f"/proc/{process_id}/task/{process_id}/children")
    if not children.exists():
        return []
    found = [int(child) for child in children.read_text(encoding="ascii").split()]
    return [descendant for child in found for descendant in (*_descendants(child), child)]
