"""Half an hour of clients that come, stay, stall, leave and come back: `scripts/faults soak`. Judged by the server's memory.

Resident memory (RSS), its part that is no file's and that nobody else has (own), tasks and file descriptors are looked at every
few seconds. Memory is flat if the line through what was measured behind the beginning rises, until the end, by less than 2 % of
what it is, or less than 1.5 MiB. Tasks and descriptors must be at the end what they were before the first client. PSS counts a
page that others share by its part, so that it moves when another process begins or ends: it is told, and not judged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.leaving import IDLE_SECONDS, Visitors
from tests.faults.soak_clients import Visit, Visitor
from tests.faults.soak_plot import Sample, drawn
from tests.servers.running import free_port

ROOT = Path(__file__).parents[2]
SERVERS = ("uvicorn", "granian")
BEGINNING_SECONDS = 300.0  # in which memory may grow: pools, caches, windows and threads
SAMPLE_SECONDS = 5.0
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
FLAT_SHARE = 0.02
FLAT_BYTES = 1.5 * 1024 * 1024
MIB = 1024 * 1024
# how many clients there are of each kind, and how long each pauses between two visits, on average
CROWD: dict[str, tuple[Visit, int, float]] = {
    "listen": (Visitor.listen, 50, 0.5),
    "chat": (Visitor.chat, 12, 0.5),
    "publish": (Visitor.publish, 4, 0.8),
    "ask": (Visitor.ask, 8, 0.5),
    "upload": (Visitor.upload, 3, 1.5),
    "download": (Visitor.download, 3, 1.5),
}
HEADING = (
    "| server | minutes | connections | events | requests | RSS, own, PSS after the beginning | at the end | line to the end "
    "| tasks before, after | descriptors | complaints |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass
class Outcome:
    """What came of one server."""

    name: str
    minutes: float
    before: dict[str, Any] = field(default_factory=dict[str, Any])
    after: dict[str, Any] = field(default_factory=dict[str, Any])
    samples: list[Sample] = field(default_factory=list[Sample])
    done: Counter[str] = field(default_factory=Counter[str])
    cpu_seconds: float = 0.0  # of the server
    trouble: list[str] = field(default_factory=list[str])

    @property
    def flat_part(self) -> list[Sample]:
        """What was measured behind the beginning, which is at most a third of the whole."""
        begin = min(BEGINNING_SECONDS, self.minutes * 20)
        return [sample for sample in self.samples if sample.seconds >= begin]

    def rise(self, what: str) -> float:
        """By how many bytes the line through the flat part rises, until the end. what: `rss`, `own` or `pss`."""
        part = self.flat_part
        times, held = [sample.seconds for sample in part], [float(getattr(sample, what)) for sample in part]
        return statistics.linear_regression(times, held).slope * (times[-1] - times[0])

    @property
    def complaints(self) -> list[str]:
        """What is not as it must be."""
        wrong = list(self.trouble)
        if len(self.flat_part) < 3:
            return [*wrong, "too few samples"]
        for what in ("rss", "own"):
            bound = max(FLAT_BYTES, FLAT_SHARE * statistics.fmean(getattr(sample, what) for sample in self.flat_part))
            if (rise := self.rise(what)) > bound:
                wrong.append(f"{what} rises by {rise / MIB:.1f} MiB")
        wrong += [
            f"{self.after[what] - self.before[what]} {what} more"
            for what in ("tasks", "descriptors", "open")
            if self.after and self.after[what] > self.before[what]
        ]
        wrong += [f"{count} × {what}" for what, count in self.done.items() if what.startswith("answered 5")]
        return wrong

    @property
    def row(self) -> str:
        """A row of the table under HEADING."""
        told = "; ".join(self.complaints) or "0"
        counts = " | ".join(f"{self.done[what]:,}" for what in ("connections", "events", "requests"))
        start = f"| {self.name} | {self.minutes:g} | {counts} |"
        if not self.after or len(self.flat_part) < 3:
            return f"{start}  |  |  |  |  | {told} |"
        first, last = self.flat_part[0], self.flat_part[-1]
        held = " | ".join(
            f"{sample.rss / MIB:.1f}, {sample.own / MIB:.1f}, {sample.pss / MIB:.1f} MiB" for sample in (first, last)
        )
        line = ", ".join(f"{self.rise(what) / MIB:+.2f}" for what in ("rss", "own", "pss"))
        pairs = " | ".join(f"{self.before[what]}, {self.after[what]}" for what in ("tasks", "descriptors"))
        return f"{start} {held} | {line} MiB | {pairs} | {told} |"


async def run(name: str, minutes: float, seed: int) -> Outcome:
    """Have the clients visit one server for so long."""
    outcome = Outcome(name, minutes)
    with tempfile.TemporaryDirectory() as kept:
        port, log = free_port(), Path(kept) / "log"
        process = _start(name, port, log)
        try:
            await _soak(port, outcome, seed)
            process.terminate()
            status = await asyncio.to_thread(process.wait, STOP_SECONDS)
            if status:
                outcome.trouble.append(f"status {status}")
        except Exception as error:  # noqa: BLE001  whatever it is, it is told in the table
            outcome.trouble.append(f"{type(error).__name__} {error!s:.200}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        text = log.read_text(encoding="utf-8", errors="replace")
        if "Traceback" in text or "ERROR" in text:
            outcome.trouble.append(f"logged: {text[-3_000:]}")
    return outcome


def _start(name: str, port: int, log: Path) -> subprocess.Popen[bytes]:
    arguments = [
        sys.executable,
        "-m",
        "martlet",
        "run",
        "--server",
        name,
        "--port",
        str(port),
        "tests.faults.soak_application:app",
    ]
    environment = {**os.environ, "HOME": str(log.parent), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    with log.open("wb") as written:
        return subprocess.Popen(arguments, cwd=log.parent, env=environment, stdout=written, stderr=written)


async def _soak(port: int, outcome: Outcome, seed: int) -> None:
    asking = Visitors(port, random.Random(seed))
    await _wait(asking)
    visitors = {
        f"{kind} {place}": (Visitor(port, random.Random(f"{seed} {kind} {place}"), outcome.done), visit, pause)
        for kind, (visit, count, pause) in CROWD.items()
        for place in range(count)
    }
    warm = [asyncio.create_task(visitor.run(visit, 0.2)) for visitor, visit, _ in visitors.values()]
    await asyncio.sleep(2)
    await _end(warm)
    await asyncio.sleep(IDLE_SECONDS)
    outcome.before = await asking.settled()
    outcome.done.clear()
    ticks = _cpu_seconds(outcome.before["process"])
    clients = [asyncio.create_task(visitor.run(visit, pause)) for visitor, visit, pause in visitors.values()]
    began = time.monotonic()
    while (passed := time.monotonic() - began) < outcome.minutes * 60:
        outcome.samples.append(await _sample(asking, passed))
        if failed := next((task for task in clients if task.done()), None):
            failed.result()
        await asyncio.sleep(SAMPLE_SECONDS)
    outcome.cpu_seconds = _cpu_seconds(outcome.before["process"]) - ticks
    await _end(clients)
    await asyncio.sleep(IDLE_SECONDS)
    outcome.after = await asking.settled(outcome.before)


async def _wait(asking: Visitors) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            await asking.counts()
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            return


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result


async def _sample(asking: Visitors, seconds: float) -> Sample:
    held = await asking.counts()
    sizes = _memory(held["process"])
    return Sample(round(seconds, 1), sizes["Rss"], sizes["Pss_Anon"], sizes["Pss"], held["tasks"], held["descriptors"])


def _memory(process: int) -> dict[str, int]:
    rolled = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return {line.split(":")[0]: int(line.split()[1]) * 1024 for line in rolled.splitlines()[1:]}


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _run_all(names: list[str], minutes: float, seed: int) -> list[Outcome]:
    return await asyncio.gather(*(run(name, minutes, seed) for name in names))


def main() -> None:
    """Run what the arguments name, all at once, and tell it as a table; ends with 1 where there is something to complain of."""
    parser = argparse.ArgumentParser(prog="scripts/faults soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=SERVERS, action="append", help="one of the servers; may stand several times")
    parser.add_argument("--samples", type=Path, help="a file for what was measured, as JSON")
    parser.add_argument("--plot", type=Path, help="a file for a plot of it, as SVG")
    options = parser.parse_args()
    machine = f"CPython {platform.python_version()}, {platform.platform()}, {os.cpu_count()} cores"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}\nscripts/faults soak {shlex.join(sys.argv[1:])}\n")  # noqa: T201  a command prints
    outcomes = asyncio.run(_run_all(options.only or list(SERVERS), options.minutes, options.seed))
    print(HEADING)  # noqa: T201
    for outcome in outcomes:
        print(outcome.row)  # noqa: T201
    clients = resource.getrusage(resource.RUSAGE_SELF)
    spent = {outcome.name: outcome.cpu_seconds for outcome in outcomes}
    print(f"\nCPU: {spent}, the clients {clients.ru_utime + clients.ru_stime:.1f} s")  # noqa: T201
    for outcome in outcomes:
        print(outcome.name, dict(sorted(outcome.done.items())))  # noqa: T201
    measured = {outcome.name: outcome.samples for outcome in outcomes}
    if options.samples:
        options.samples.write_bytes(msgspec.json.encode(measured))
    if options.plot:
        options.plot.write_text(drawn(measured, min(BEGINNING_SECONDS, options.minutes * 20)), encoding="utf-8")
    sys.exit(any(outcome.complaints for outcome in outcomes))


if __name__ == "__main__":
    main()
