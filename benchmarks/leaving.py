"""What it costs that a client who leaves ends its handler: each handler twice in one application, watched and not.

Both in every round, in a new order; only the ratios inside a round count, in CPU time. In memory, where the framework is all
there is, and behind a server, whose own share is most of a request.
"""

import argparse
import asyncio
import gc
import random
import shlex
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cases import Event
from benchmarks.exchange import Exchange
from benchmarks.report import Verdict, processor, record
from martlet import App

BATCH = 100
AIM = 1.05  # at most so many times as long, for what never suspends
PLAIN, WATCHED = "finishes", "watched"
Costs = dict[str, list[float]]  # nanoseconds a request, one number a round


@dataclass(frozen=True)
class Kind:
    """What a handler does."""

    path: str
    title: str
    suspends: bool
    together: bool = False  # a whole batch at once, since each takes long


KINDS = [
    Kind("/text", "text, no `await` in its code", suspends=False),
    Kind("/item", "item as JSON, no `await` in its code", suspends=False),
    Kind("/known", "item as JSON, an `await` that does not suspend", suspends=False),
    Kind("/turn", "text after `asyncio.sleep(0)`", suspends=True),
    Kind("/future", "text after a future of the next turn", suspends=True),
    Kind("/long", "text after 40 ms, a hundred at once", suspends=True, together=True),
]
app = App(checks_host=False, security_headers=None)


async def text() -> str:
    return "Hello, world!"


async def item() -> dict[str, object]:
    return {"id": 42, "name": "Widget", "price": 9.5, "tags": ["a", "b"]}


async def known() -> dict[str, object]:
    return await item()


async def turn() -> str:
    await asyncio.sleep(0)
    return "Hello, world!"


async def future() -> str:
    loop = asyncio.get_running_loop()
    coming: asyncio.Future[str] = loop.create_future()
    loop.call_soon(coming.set_result, "Hello, world!")
    return await coming


async def long() -> str:
    await asyncio.sleep(0.04)
    return "Hello, world!"


async def spent() -> int:
    return time.process_time_ns()


for handler in (text, item, known, turn, future, long):
    app.get(f"/{WATCHED}/{handler.__name__}", name=f"{WATCHED}-{handler.__name__}")(handler)
    app.get(f"/{PLAIN}/{handler.__name__}", name=f"{PLAIN}-{handler.__name__}", finishes=True)(handler)
app.get("/spent")(spent)
app.freeze()


def scope(path: str) -> Event:
    """A request as a server describes it."""
    fields = [(b"host", b"example.org"), (b"accept", b"*/*"), (b"user-agent", b"bench")]
    return {"type": "http", "method": "GET", "path": path, "headers": fields, "query_string": b"", "http_version": "1.1"}


async def time_in_memory(kind: Kind, way: str, calls: int) -> float:
    """CPU nanoseconds of a call."""
    total = 0
    for _ in range(max(1, calls // BATCH)):
        exchanges = [Exchange(b"") for _ in range(BATCH)]
        waiting = [(scope(f"/{way}{kind.path}"), exchange.receive, exchange.send) for exchange in exchanges]
        gc.collect()
        began = time.process_time_ns()
        if kind.together:
            await asyncio.gather(*(asyncio.ensure_future(_run(app(*each))) for each in waiting))
        else:
            for each in waiting:
                await app(*each)
        total += time.process_time_ns() - began
        if not all(exchange.last.get("body") for exchange in exchanges):
            raise ValueError(f"{kind.path} was not answered.")
    return total / (max(1, calls // BATCH) * BATCH)


async def _run(answering: Awaitable[None]) -> None:
    await answering


class Behind:
    """uvicorn in a process of its own, asked over one connection; it tells its CPU time."""

    def __init__(self) -> None:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            port = listening.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "--no-access-log",
            "--log-level",
            "error",
            "--timeout-keep-alive",
            "600",
            "--port",
            str(port),
        ]
        self._process = subprocess.Popen([*command, "benchmarks.leaving:app"])  # noqa: S603  our own command
        self._connection = _connected(port)

    def ask(self, path: str) -> bytes:
        """Give the body of an answer."""
        self._connection.sendall(f"GET {path} HTTP/1.1\r\nhost: example.org\r\naccept: */*\r\n\r\n".encode())
        head, _, body = self._connection.recv(65_536).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(head)
        return body or self._connection.recv(65_536)

    async def time(self, kind: Kind, way: str, calls: int) -> float:
        """CPU nanoseconds of a request in the server's process."""
        before = int(self.ask("/spent"))
        for _ in range(calls):
            self.ask(f"/{way}{kind.path}")
        return (int(self.ask("/spent")) - before) / calls

    def stop(self) -> None:
        """End it."""
        self._connection.close()
        self._process.terminate()
        self._process.wait()


def _connected(port: int) -> socket.socket:
    deadline = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


Timing = Callable[[Kind, str, int], Awaitable[float]]


async def compare(kind: Kind, timing: Timing, rounds: int, calls: int) -> Costs:
    """Time both ways in every round."""
    costs: Costs = {WATCHED: [], PLAIN: []}
    order = list(costs)
    for way in order:
        await timing(kind, way, calls)  # to warm up
    for _ in range(rounds):
        random.shuffle(order)
        for way in order:
            costs[way].append(await timing(kind, way, calls))
    return costs


def ratio(costs: Costs) -> float:
    """How many times as long the watched one takes."""
    return statistics.median(watched / plain for watched, plain in zip(costs[WATCHED], costs[PLAIN], strict=True))


def added(costs: Costs) -> float:
    """The microseconds that it takes longer."""
    return statistics.median(watched - plain for watched, plain in zip(costs[WATCHED], costs[PLAIN], strict=True)) / 1000


async def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Time everything; gives the report's parts and the verdicts."""
    rows: list[str] = []
    verdicts: list[Verdict] = []
    behind = Behind()
    try:
        for kind in KINDS:
            alone = await compare(kind, time_in_memory, options.rounds, options.calls)
            took = statistics.median(alone[PLAIN]) / 1000
            row = f"| {kind.title:<48} | {took:6.2f} | {added(alone):+6.2f} | {ratio(alone):5.3f} x "
            if kind.together:
                row += "|        |         "
            else:
                served = await compare(kind, behind.time, options.rounds, options.calls // 5)
                row += f"| {statistics.median(served[PLAIN]) / 1000:6.1f} | {ratio(served):5.3f} x "
                if not kind.suspends:
                    words = f"{kind.title}: {ratio(served):.3f} x behind a server, at most {AIM}"
                    verdicts.append(Verdict(reached=ratio(served) <= AIM, words=words))
            rows.append(f"{row}|")
            print(rows[-1], flush=True)
    finally:
        behind.stop()
    head = [
        f"Python {sys.version.split()[0]}, {processor()}; `scripts/bench leaving {shlex.join(sys.argv[1:])}`",
        "",
        "| handler | µs in memory | watched, µs more | watched | µs behind uvicorn | watched |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    return ["\n".join([*head, *rows]), "\n".join(map(str, verdicts))], verdicts


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/bench leaving", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=31, help="rounds a handler, each with both ways (31)")
    parser.add_argument("--calls", type=int, default=1000, help=f"calls of each in a round, a multiple of {BATCH} (1000)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1 or options.calls < BATCH or options.calls % BATCH:
        parser.error(f"--rounds must be at least 1, --calls a multiple of {BATCH}.")
    parts, verdicts = asyncio.run(measure(options))
    print("\n" + "\n\n".join(parts))
    if options.record is not None:
        record(options.record, parts, "What it costs that a client who leaves ends its handler")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
