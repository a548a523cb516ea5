"""What a message costs a server that sends it to a thousand WebSockets in one channel.

Every framework behind the same server, one worker, in every round in a new order: CPU time of the server's process for each
message that a client got. Beneath all stands the floor: no framework, the same message to each WebSocket.
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
from benchmarks.socket_clients import Sockets
from benchmarks.stream_clients import Crowd
from benchmarks.stream_servers import Server

OURS, FLOOR = "martlet", "floor"
LITESTAR = ["litestar", "litestar_iterated"]
DJANGO = "django_channels"
NAMES = [FLOOR, OURS, *LITESTAR, DJANGO]
PATHS = {
    OURS: (OURS, "/generated"),
    "litestar_iterated": ("litestar", "/iterated"),
}
MESSAGES = 3  # in a round
AIM = 1 / 2  # of the CPU time of each of the others
TEXT = "x" * 100
READERS = {
    "uvicorn": "uvicorn with websockets",
    "uvicorn-wsproto": "uvicorn with wsproto",
    "granian": "Granian, ASGI",
}


@dataclass
class Subject:
    """One framework with its clients."""

    name: str
    server: Server
    crowd: Crowd
    costs: list[float] = field(default_factory=list)  # CPU microseconds for each message that a client got
    delays: list[float] = field(default_factory=list)  # seconds from publishing to the last client

    @property
    def cost(self) -> float:
        """The median of its costs."""
        return statistics.median(self.costs)


def opened(kind: str, name: str, clients: int) -> Subject:
    """Start a server and open its WebSockets."""
    peer, path = PATHS.get(name, (name, "/news"))
    server = Server(kind, f"channel_peers.{peer}")
    subject = Subject(name, server, Crowd(server.port, path, Sockets))
    subject.crowd.open(clients)
    return subject


def compare(kind: str, options: argparse.Namespace) -> dict[str, Subject]:
    """Measure every framework behind one kind of server."""
    subjects: list[Subject] = []
    try:
        for name in NAMES:
            subjects.append(opened(kind, name, options.clients))  # noqa: PERF401  each is stopped, if the next cannot start
        for subject in subjects:
            subject.crowd.publish(TEXT)
        order = list(subjects)
        for _ in range(options.rounds):
            random.shuffle(order)
            for subject in order:
                before = subject.server.cpu_seconds()
                subject.delays += [subject.crowd.publish(f"{number}{TEXT}") for number in range(MESSAGES)]
                took = subject.server.cpu_seconds() - before
                subject.costs.append(took * 1e6 / MESSAGES / options.clients)
    finally:
        for subject in subjects:
            subject.crowd.stop()
            subject.server.stop()
    return {subject.name: subject for subject in subjects}


def named_as(name: str) -> str:
    """What it is called, with its version."""
    titles = {
        FLOOR: "no framework (floor)",
        "litestar_iterated": f"{label('litestar')}, `iter_events`",
        DJANGO: f"Django {label('channels')}",
    }
    return titles.get(name) or label(name)


def ratio(one: Subject, other: Subject) -> float:
    """How many times as much CPU time the one takes."""
    return statistics.median(mine / theirs for mine, theirs in zip(one.costs, other.costs, strict=True))


def shown(kind: str, subjects: dict[str, Subject], clients: int) -> tuple[str, list[Verdict]]:
    """The table of one server, and the aims."""
    floor, ours = subjects[FLOOR], subjects[OURS]
    rows = [
        f"| {READERS[kind]}, {clients:,} WebSockets | CPU µs a message | above the floor | ms to the last client |",
        "|---|---:|---:|---:|",
    ]
    for subject in sorted(subjects.values(), key=lambda subject: subject.cost):
        above = statistics.median(mine - least for mine, least in zip(subject.costs, floor.costs, strict=True))
        delay = statistics.median(subject.delays) * 1000
        rows.append(f"| {named_as(subject.name)} | {subject.cost:.1f} | {above:.1f} | {delay:.0f} |")
    verdicts = []
    for rival in (min((subjects[name] for name in LITESTAR), key=lambda subject: subject.cost), subjects[DJANGO]):
        measured = ratio(ours, rival)
        own = (ours.cost - floor.cost) / (rival.cost - floor.cost)
        words = (
            f"{READERS[kind]}: {measured:.2f} x the CPU time of {named_as(rival.name)}, at most {AIM}; "
            f"the floor is {ratio(floor, rival):.2f}, and of what is above it {own:.2f}"
        )
        verdicts.append(Verdict(measured <= AIM, words))
    return "\n".join(rows), verdicts


def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Measure everything; gives the report's parts and the verdicts."""
    libraries = [OURS, "litestar", "channels", "django", "uvicorn", "websockets", "wsproto", "granian"]
    head = [
        f"- {processor()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load at the start {os.getloadavg()[0]:.1f}",
        f"- {', '.join(map(label, libraries))}",
        f"- `{shlex.join(['scripts/bench', 'channels', *sys.argv[1:]])}`",
    ]
    parts, verdicts = ["\n".join(head)], list[Verdict]()
    for kind in options.servers:
        table, more = shown(kind, compare(kind, options), options.clients)
        parts.append(table)
        verdicts += more
        print(f"{table}\n", flush=True)
    parts.append("\n".join(map(str, verdicts)))
    return parts, verdicts


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/bench channels", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, default=1_000, help="WebSockets of each framework (1000)")
    parser.add_argument("--rounds", type=int, default=9, help=f"rounds of {MESSAGES} messages (9)")
    parser.add_argument("--servers", nargs="+", choices=READERS, default=list(READERS), help="all of these, if none is named")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1 or options.clients < 1:
        parser.error("--rounds and --clients must be at least 1.")
    parts, verdicts = measure(options)
    print(parts[-1])
    if options.record is not None:
        record(options.record, parts, "Channels and WebSockets")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
