"""Real services for tests, through scripts/services; a test that needs one is skipped, with the cure, where it is absent."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "services"
COMMANDS = {"redis": "redis-server", "sentinel": "redis-server", "nats": "nats-server"}
SECONDS = 60


def call_services(*words: str) -> str:
    """Run the script, and give what it prints."""
    finished = subprocess.run([SCRIPT, *words], capture_output=True, text=True, check=False, timeout=SECONDS)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


@dataclass(frozen=True)
class Service:
    """One that was started."""

    url: str

    @classmethod
    def start(cls, name: str, *options: str, tcp: bool = False) -> Self:
        """Start it with options of its own; on a Unix socket, or on a port of 127.0.0.1."""
        command = COMMANDS[name]
        if shutil.which(command) is None:
            pytest.skip(f"{command} is absent: scripts/services install {command.partition('-')[0]}")
        return cls(call_services("start", name, *(["--tcp"] if tcp else []), "--", *options))

    @property
    def port(self) -> int:
        """Of its URL, where it has one."""
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End it as a power cut would."""
        call_services("kill", self.url)

    def start_again(self) -> None:
        """Start it anew, with what it has on the disk."""
        call_services("again", self.url)

    def stop(self) -> None:
        """End it, and remove its folder."""
        call_services("stop", self.url)
