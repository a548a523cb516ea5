"""A noticeboard as people have it: a real server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.servers.running import STOP_SECONDS, eventually, free_port

EXAMPLES = Path(__file__).parents[2] / "examples"
READY_SECONDS = 60


class Board:
    """A server of the noticeboard, which can be ended and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, and wait until it accepts connections."""
        martlet = str(Path(sys.executable).with_name("martlet"))
        command = [martlet, "run", "noticeboard:app", "--app-dir", str(EXAMPLES), "--port", str(self._port)]
        environment = {**os.environ, "NOTICEBOARD_FOLDER": str(self._folder / "data")}
        with (self._folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        eventually(lambda: self._server.poll() is not None or accepts(self._port), READY_SECONDS)
        assert accepts(self._port), self.log

    def stop(self) -> None:
        """End it as a supervisor does, and wait until it is gone."""
        self._server.terminate()
        self._server.wait(STOP_SECONDS)

    @property
    def log(self) -> str:
        """What it has printed."""
        return (self._folder / "log").read_text(encoding="utf-8")


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
