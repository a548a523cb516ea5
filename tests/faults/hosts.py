"""Hosts of their own on one machine: a network namespace each, on a switch that the judge is on, too. Needs root and `ip`.

A host is cut off at the switch, as if its cable were pulled there: both sides go on sending, and nothing comes back.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

MISSING = "scripts/faults streams needs root and the command `ip` (Debian's package iproute2)."


class NoNetworkError(Exception):
    """Namespaces cannot be made here."""


@dataclass(frozen=True)
class Host:
    """One of them. namespace: what `ip netns exec` takes. port: its place at the switch."""

    name: str
    address: str
    namespace: str
    port: str

    def command(self, *words: str) -> list[str]:
        """Have it run there."""
        return ["ip", "netns", "exec", self.namespace, *words]


class Network:
    """A switch with hosts, from `with` to its end, whatever happens in between.

    address: of the judge, and of what is to be reached from all hosts.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        """Raises NoNetworkError where this cannot be had."""
        if os.geteuid() or shutil.which("ip") is None:
            raise NoNetworkError(MISSING)
        tag, third = f"mf{os.getpid():x}", os.getpid() % 250
        self._switch = f"{tag}-s"  # the name of a link has 15 characters at most
        self.address = f"10.213.{third}.1"
        self.hosts = tuple(
            Host(name, f"10.213.{third}.{11 + number}", f"{tag}-{name}", f"{tag}-{number}") for number, name in enumerate(names)
        )

    def __enter__(self) -> Self:
        try:
            _ip("link", "add", self._switch, "type", "bridge")
            _ip("address", "add", f"{self.address}/24", "dev", self._switch)
            _ip("link", "set", self._switch, "up")
            for host in self.hosts:
                self._add(host)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove everything; its processes are somebody else's to end."""
        for host in self.hosts:
            with suppress(NoNetworkError):
                _ip("link", "delete", host.port)  # its other end goes with it
            with suppress(NoNetworkError):
                _ip("netns", "delete", host.namespace)
        with suppress(NoNetworkError):
            _ip("link", "delete", self._switch)

    def cut(self, host: Host) -> None:
        """Let nothing through to it, nor from it."""
        _ip("link", "set", host.port, "down")

    def mend(self, host: Host) -> None:
        """Let everything through again."""
        _ip("link", "set", host.port, "up")

    def _add(self, host: Host) -> None:
        _ip("netns", "add", host.namespace)
        _ip("link", "add", host.port, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
        _ip("link", "set", host.port, "master", self._switch, "up")
        _ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
        _ip("-n", host.namespace, "link", "set", "eth0", "up")
        _ip("-n", host.namespace, "link", "set", "lo", "up")


def _ip(*words: str) -> None:
    finished = subprocess.run(["ip", *words], capture_output=True, text=True, check=False, timeout=20)  # noqa: S607  ip is where the PATH says
    if finished.returncode:
        raise NoNetworkError(f"ip {' '.join(words)}: {finished.stderr.strip()}")
