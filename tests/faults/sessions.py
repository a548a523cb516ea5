"""Sessions while what keeps them is killed: `scripts/faults sessions`. Judged by what was acknowledged over real connections.

A seed fixes what each client does and when something is killed; how these meet is the machine's affair.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import random
import shlex
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.clients import Client, Trouble
from tests.faults.ledger import Ledger
from tests.faults.servers import WORKERS, Backend, WebServer

RUNS = ("redis-asgi", "sqlite-asgi", "redis-rsgi", "sqlite-rsgi")
CLIENTS_OF_ONE_USER = 2
BACK_SECONDS = 20.0  # for a worker to be there again
GRACE_SECONDS = 3.0  # after what was away is back: a request that begins later must not fail
COUNTED = ("writes", "logins", "rotations", "logouts", "revocations", "looks at old cookies")


@dataclass(frozen=True)
class Plan:
    """How long, with how many, and by which seed."""

    seconds: float
    sessions: int
    seed: int
    every_seconds: float  # between the end of one kill and the next


class Run:
    """One store behind one protocol."""

    def __init__(self, name: str, plan: Plan, folder: Path) -> None:
        self.name = name
        store, _, interface = name.partition("-")
        self._plan = plan
        self._choices = random.Random(f"{plan.seed} {name}")
        self._redis = Backend() if store == "redis" else None
        url = f"sqlite:///{folder}/sessions.db" if self._redis is None else self._redis.url
        self._server = WebServer(interface, url, folder)
        self._killed: set[int] = set()
        self.ledger = Ledger()
        self.trouble = Trouble(self.ledger, breaks=self._redis is None, grace_seconds=GRACE_SECONDS)
        users = [number // CLIENTS_OF_ONE_USER for number in range(plan.sessions)]
        self._clients = [
            Client(f"{plan.seed}-{number}", f"user-{user}", self._server.port, self.ledger, self.trouble)
            for number, user in enumerate(users)
        ]

        self._probe = Client("probe", "nobody", self._server.port, self.ledger, self.trouble)

    async def go(self) -> None:
        """Do all of it."""
        try:
            await self._server.wait()
            killing = asyncio.create_task(self._kill_again_and_again())
            await asyncio.gather(killing, *(client.run(killing.done) for client in self._clients))
            self._check_workers()
            await self._audit()
        finally:
            for client in (*self._clients, self._probe):
                client.close()
            self._server.stop()
            if self._redis is not None:
                self._redis.stop()

    @property
    def workers(self) -> set[int]:
        """The processes that have answered."""
        return {pid for client in (*self._clients, self._probe) for pid in client.workers}

    @property
    def log(self) -> str:
        """Of the web server."""
        return self._server.log

    async def _kill_again_and_again(self) -> None:
        clock = asyncio.get_running_loop().time
        until_then = clock() + self._plan.seconds
        while (left := until_then - clock()) > 0:
            await asyncio.sleep(min(left, self._plan.every_seconds * self._choices.uniform(0.9, 1.1)))
            if until_then - clock() < self._plan.every_seconds / 4:
                continue
            self.trouble.begin(clock())
            if self._redis is None:
                await self._kill_workers()
            else:
                await self._redis.crash(self._choices.uniform(0.1, 2.0))
            self.trouble.end(clock())

    async def _kill_workers(self) -> None:
        """One of them, or all at once."""
        living = sorted(self.workers - self._killed)
        number = min(self._choices.randint(1, WORKERS), len(living))
        meant = [pid for pid in self._choices.sample(living, number) if self._server.kill_worker(pid)]
        self._killed.update(meant)
        before, deadline = self.workers, time.monotonic() + BACK_SECONDS
        while len(self.workers - before) < len(meant):
            self._probe.close()  # a new connection may meet a worker that serves nobody else yet
            await self._probe.ask("GET", "/")
            if time.monotonic() > deadline:
                self.ledger.complain("a worker did not come back", self._server.log[-2_000:])
                return

    def _check_workers(self) -> None:
        """Nobody but us may have ended one."""
        if len(self.workers) > WORKERS + len(self._killed):
            self.ledger.complain("a worker ended by itself", self._server.log[-2_000:])

    async def _audit(self) -> None:
        """Look at everything once more, with nothing under way: every session, every cookie that ended, every user's list."""
        every, users = len(self._clients), self._clients[::CLIENTS_OF_ONE_USER]
        await asyncio.gather(*(client.look_at_all(number, every) for number, client in enumerate(self._clients)))
        await asyncio.gather(*(client.check_list() for client in users))
        await asyncio.gather(*(client.revoke() for client in users))
        await asyncio.gather(*(client.look_at_all(number, every) for number, client in enumerate(self._clients)))


async def run(name: str, plan: Plan) -> Run:
    """Put one store behind one protocol to the test."""
    with tempfile.TemporaryDirectory(prefix="martlet-faults-") as folder:
        one = Run(name, plan, Path(folder))
        await one.go()
        return one


def row(one: Run) -> str:
    """One line of the table."""
    counts, recoveries = one.ledger.counts, one.trouble.recoveries()
    failed = sum(number for name, number in counts.items() if name.startswith("failed: "))
    cells = [
        one.name.replace("-", ", "),
        str(len(one.trouble.outages)),
        *(f"{counts[name]:,}" for name in COUNTED),
        f"{failed:,}",
        f"{max(recoveries, default=0):.1f} s",
        str(one.ledger.wrong),
    ]
    return "| " + " | ".join(cells) + " |"


def heading() -> str:
    """Of the table."""
    names = ["store, protocol", "kills", *COUNTED, "failed", "last failure after it was back", "complaints"]
    return "| " + " | ".join(names) + " |\n" + "|---" * len(names) + "|"


def told(plan: Plan) -> str:
    """Where and how this was measured."""
    command = shlex.join(["scripts/faults", "sessions", *sys.argv[1:]])
    machine = f"CPython {platform.python_version()}, {platform.system()} {platform.machine()}"
    return (
        f"{datetime.now(UTC).date()}, {machine}: `{command}`, seed {plan.seed}, "
        f"{plan.seconds:g} s and {plan.sessions} sessions each"
    )


def main() -> int:
    """Run what was asked for; 0 if there is nothing to complain of."""
    parser = argparse.ArgumentParser(prog="scripts/faults sessions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="of each run (60)")
    parser.add_argument("--sessions", type=int, default=200, help="how many write at the same time (200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=7, help="seconds between two kills, on average (7)")
    parser.add_argument("--only", choices=RUNS, action="append", help="one run; all of them unless given")
    options = parser.parse_args()
    plan = Plan(options.seconds, options.sessions, options.seed, options.every)
    wrong = 0
    print(f"{told(plan)}\n\n{heading()}", flush=True)  # noqa: T201  a command prints
    for name in options.only or RUNS:
        one = asyncio.run(run(name, plan))
        wrong += one.ledger.wrong
        print("\n".join([row(one), *one.ledger.complaints]), flush=True)  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
