"""hypercorn's own command, so that each worker hears the signals: the first argument is how many, the others are the command's.

One worker serves in this process (`--workers 0`). For several, this process binds the address, starts the command once for each
with that socket, passes signals on, and waits; one that dies ends them all, as it does with hypercorn's own workers.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Final

BACKLOG: Final = 100  # hypercorn's own


def main() -> None:
    """Serve; ends with the workers' status."""
    workers, arguments = int(sys.argv[1]), sys.argv[2:]
    command = [sys.executable, "-m", "hypercorn"]
    if workers == 1 or "--reload" in arguments:
        os.execv(sys.executable, [*command, *arguments])  # noqa: S606
    place = arguments.index("--bind") + 1
    with _listening(arguments[place]) as listening:
        arguments[place] = f"fd://{listening.fileno()}"
        sys.exit(_serve([*command, *arguments], workers, listening.fileno()))


def _listening(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    family, kind, _, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(place)
    listening.listen(BACKLOG)
    return listening


def _serve(command: Sequence[str], workers: int, descriptor: int) -> int:
    """Start so many processes with the descriptor, and wait until they have ended; give the first status that is not 0."""
    started: list[subprocess.Popen[bytes]] = []
    passed_on: set[int] = set()

    def pass_on(number: int, _frame: FrameType | None) -> None:
        passed_on.add(-number)
        for process in started:
            process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    # A group of their own: Ctrl-C reaches every process of a terminal's, and would count as a second signal.
    for _ in range(workers):
        started.append(subprocess.Popen(command, pass_fds=[descriptor], process_group=0))  # noqa: S603, PERF401  they are told of a signal meanwhile
    waiting, status = set(started), 0
    while waiting:
        ended, code = os.wait()
        process = next(each for each in waiting if each.pid == ended)
        process.returncode = os.waitstatus_to_exitcode(code)
        waiting.discard(process)
        # One that has not come to handle signals yet is ended by ours, which is as well.
        if process.returncode and process.returncode not in passed_on and not status:
            status = process.returncode
            pass_on(signal.SIGTERM, None)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    main()
