"""What an event costs a server that sends it to thousands of clients, and what those cost who only wait, or take nothing.

Every framework behind the same server, one worker, in every round in a new order: CPU time of the server's process for each event
that a client got, and its memory for each client. Beneath all stands the floor: no framework, the same bytes to each client.
"""

import argparse
import os
import random
import shlex
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import Verdict, label, processor, record
from benchmarks.stream_clients import Crowd
from benchmarks.stream_servers import Server

OURS, FLOOR = "martlet", "floor"
RIVALS = ["litestar", "sse_starlette"]
TITLES = {FLOOR: "no framework (floor)", "generated": "martlet, through a generator"}
PATHS = {"generated": ("martlet", "/generated")}
EVENTS = 3  # in a round
FEW = 20  # clients that are there before the memory of the others is measured
CPU_AIM, MEMORY_AIM = 1 / 3, 1 / 2  # of the better of the others
TEXT = "x" * 100
# Clients that never read; events that go to them alone, more than the kernel holds for a connection (4 MiB, on Linux); events
# that others take beside them; bytes of each.
STALLED, MISSED, READ, BIG = 50, 700, 30, 10_000
POLICIES = {"oldest": "DropOldest", "reader": "DropReader", "key": "CoalesceBy, 5 keys"}
MOST_HELD = 1024 * 1024  # bytes for each client that takes nothing; over RSGI that is Limits.rsgi_stream_bytes too


@dataclass
class Subject:
    """One framework with its clients."""

    name: str
    server: Server
    crowd: Crowd
    idle_bytes: float
    costs: list[float] = field(default_factory=list)  # CPU microseconds for each event that a client got
    delays: list[float] = field(default_factory=list)  # seconds from publishing to the last client

    @property
    def cost(self) -> float:
        """The median of its costs."""
        return statistics.median(self.costs)


def opened(kind: str, name: str, clients: int) -> Subject:
    """Start a server, open its streams and measure what they take while nothing comes."""
    peer, path = PATHS.get(name, (name, "/feed"))
    server = Server(kind, f"stream_peers.{peer}")
    crowd = Crowd(server.port, path)
    crowd.open(FEW)
    for _ in range(EVENTS):
        crowd.publish(TEXT)
    before = server.resident_bytes()
    crowd.open(clients - FEW)
    return Subject(name, server, crowd, (server.resident_bytes() - before) / (clients - FEW))


def compare(kind: str, options: argparse.Namespace) -> list[Subject]:
    """Measure every framework behind one kind of server."""
    subjects: list[Subject] = []
    try:
        for name in (FLOOR, OURS, "generated", *RIVALS):
            subjects.append(opened(kind, name, options.clients))  # noqa: PERF401  each is stopped, if the next cannot start
        for subject in subjects:
            subject.crowd.publish(TEXT)
        order = list(subjects)
        for _ in range(options.rounds):
            random.shuffle(order)
            for subject in order:
                before = subject.server.cpu_seconds()
                subject.delays += [subject.crowd.publish(TEXT) for _ in range(EVENTS)]
                took = subject.server.cpu_seconds() - before
                subject.costs.append(took * 1e6 / EVENTS / options.clients)
    finally:
        for subject in subjects:
            subject.crowd.stop()
            subject.server.stop()
    return subjects


def named_as(name: str) -> str:
    """What it is called, with its version."""
    return TITLES.get(name) or label(name.replace("_", "-"))


def ratio(one: Subject, other: Subject) -> float:
    """How many times as much CPU time the one takes."""
    return statistics.median(mine / theirs for mine, theirs in zip(one.costs, other.costs, strict=True))


def shown(kind: str, subjects: list[Subject], clients: int) -> tuple[str, list[Verdict]]:
    """The table of one server, and the aims."""
    named = {subject.name: subject for subject in subjects}
    floor, ours = named[FLOOR], named[OURS]
    rows = [
        f"| {kind}, {clients:,} clients | CPU µs an event | above the floor | ms to the last client | KiB an idle client |",
        "|---|---:|---:|---:|---:|",
    ]
    for subject in sorted(subjects, key=lambda subject: subject.cost):
        above = statistics.median(mine - least for mine, least in zip(subject.costs, floor.costs, strict=True))
        rows.append(
            f"| {named_as(subject.name)} | {subject.cost:.1f} | {above:.1f} "
            f"| {statistics.median(subject.delays) * 1000:.0f} | {subject.idle_bytes / 1024:.1f} |"
        )
    rival = min((named[name] for name in RIVALS), key=lambda subject: subject.cost)
    least = min((named[name] for name in RIVALS), key=lambda subject: subject.idle_bytes)
    cost, memory = ratio(ours, rival), ours.idle_bytes / least.idle_bytes
    own = (ours.cost - floor.cost) / (rival.cost - floor.cost)
    own_memory = (ours.idle_bytes - floor.idle_bytes) / (least.idle_bytes - floor.idle_bytes)
    return "\n".join(rows), [
        Verdict(
            cost <= CPU_AIM,
            f"{kind}: {cost:.2f} x the CPU time of {named_as(rival.name)} for an event, at most {CPU_AIM:.2f}; "
            f"the floor is {ratio(floor, rival):.2f}, and of what is above it {own:.2f}",
        ),
        Verdict(
            memory <= MEMORY_AIM,
            f"{kind}: {memory:.2f} x the memory of {named_as(least.name)} for an idle client, at most {MEMORY_AIM}; "
            f"the floor is {floor.idle_bytes / least.idle_bytes:.2f}, and of what is above it {own_memory:.2f}",
        ),
    ]


def stall(kind: str, policy: str, healthy: int) -> tuple[str, list[Verdict]]:
    """Measure what clients cost that take nothing; gives a row, and whether they cost too much."""
    server = Server(kind, f"stream_peers.{OURS}", SLOW_READERS=policy)
    stalled = Crowd(server.port, "/feed")
    try:
        alone, before = _beside(server, healthy)
        stalled.open_stalled(STALLED)
        for number in range(MISSED):
            stalled.publish_unread(_text(number))
        beside, after = _beside(server, healthy)
        got, told, ended = stalled.read_at_last()
    finally:
        stalled.stop()
        server.stop()
    held = (after - before) / STALLED
    row = (
        f"| {kind} | {POLICIES[policy]} | {held / 1024:.0f} | {alone * 1000:.0f} | {beside * 1000:.0f} "
        f"| {got / STALLED:.0f} | {told} | {ended} |"
    )
    words = (
        f"{kind}, {POLICIES[policy]}: {held / 1024:.0f} KiB for each of {STALLED} stalled clients, at most {MOST_HELD // 1024}"
    )
    return row, [Verdict(held <= MOST_HELD, words)]


def _beside(server: Server, clients: int) -> tuple[float, int]:
    """Send long events to clients that read: the seconds that one takes, and the server's memory then."""
    crowd = Crowd(server.port, "/feed")
    try:
        crowd.open(clients)
        delays = [crowd.publish(_text(number)) for number in range(READ)]
        return statistics.median(delays), server.resident_bytes()
    finally:
        crowd.stop()


def _text(number: int) -> str:
    """A long text; five keys take turns."""
    return "abcde"[number % 5] + "x" * BIG


def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Measure everything; gives the report's parts and the verdicts."""
    names = ", ".join(named_as(name) for name in (OURS, *RIVALS, "starlette", *options.servers))
    head = [
        f"- {processor()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load at the start {os.getloadavg()[0]:.1f}",
        f"- {names}",
        f"- `{shlex.join(['scripts/bench', 'streams', *sys.argv[1:]])}`",
    ]
    parts = ["\n".join(head)]
    verdicts: list[Verdict] = []
    for kind in options.servers:
        table, more = shown(kind, compare(kind, options), options.clients)
        parts.append(table)
        verdicts += more
        print(f"{table}\n", flush=True)
    columns = ["slow readers", "KiB held for each", "ms to the others without", "ms with", "events read at last", "told", "ended"]
    rows = [
        f"| {STALLED} stalled beside {options.healthy:,} | {' | '.join(columns)} |",
        "|---|---" + "|---:" * 6 + "|",
    ]
    for kind, policy in [*(("uvicorn", policy) for policy in POLICIES), ("granian", "oldest"), ("granian-rsgi", "oldest")]:
        row, more = stall(kind, policy, options.healthy)
        rows.append(row)
        verdicts += more
        print(row, flush=True)
    parts += ["\n".join(rows), "\n".join(map(str, verdicts))]
    return parts, verdicts


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/bench streams", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=5_000, help="clients of each framework (5000)")
    parser.add_argument("--rounds", type=int, default=7, help=f"rounds of {EVENTS} events (7)")
    parser.add_argument("--healthy", type=int, default=1_000, help="clients beside those that take nothing (1000)")
    parser.add_argument("--servers", nargs="+", default=["uvicorn", "granian"], help="uvicorn, granian (both)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1 or options.clients <= FEW:
        parser.error(f"--rounds must be at least 1, --clients more than {FEW}.")
    parts, verdicts = measure(options)
    print("\n" + parts[-1])
    if options.record is not None:
        record(options.record, parts, "Streams of events")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
