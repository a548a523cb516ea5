"""Two hosts, one broker, and clients that come back anywhere, while each of these fails: `scripts/faults streams`.

Judged by what was acknowledged to publishers and by what listeners heard. A seed fixes what fails when, and where each client
goes; how these meet is the machine's affair.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import resource
import shlex
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.deliveries import Deliveries, place
from tests.faults.hosted import WORKERS, HostedServer
from tests.faults.hosts import Network
from tests.faults.listeners import Listener, SocketListener, StreamListener, stop
from tests.faults.publishers import Publisher
from tests.faults.servers import BOUND, Backend, until

HOSTS = ("one", "two")
PUBLISHERS = 4
CUT_SECONDS = 10.0
AWAY_SECONDS = 2.0  # at most, of the broker
CALM_SECONDS = 6.0  # before a fault; a worker that ends sooner after its start ends the server
CAUGHT_UP_SECONDS = 60.0  # then something is lost
FAULTS = ("worker killed", "host cut off", "broker killed", "server restarted")


@dataclass(frozen=True)
class Plan:
    """With how many, how often each fault comes, and by which seed. rate: events in a second. broker: redis or nats."""

    streams: int
    sockets: int
    rounds: int
    rate: float
    seed: int
    window: int = 1_000  # events that are kept
    broker: str = "redis"


@dataclass
class Faults:
    """What failed, and how long it was, once that was over, until every listener had what was published from then on."""

    counts: Counter[str] = field(default_factory=Counter[str])
    caught_up: dict[str, list[float]] = field(default_factory=dict[str, list[float]])


class Run:
    """One run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._choices = random.Random(f"{plan.seed} faults")
        self.deliveries = Deliveries()
        self.faults = Faults()
        self.ends: Counter[str] = Counter()
        self.listeners: list[Listener] = []
        self.publishers: list[Publisher] = []
        self._servers: list[HostedServer] = []
        self._is_over = False

    async def go(self) -> None:
        """Do all of it, and leave nothing behind."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="martlet-faults-")))
            network = stack.enter_context(Network(HOSTS))
            broker = Backend(self._plan.broker, network.address)
            stack.callback(broker.stop)
            for host in network.hosts:
                server = HostedServer(host, broker.url, self._plan.window, folder)
                self._servers.append(server)
                stack.callback(server.kill)
            for server in self._servers:
                await server.wait()
            await self._listen_and_publish(network, broker)
            self._end(await asyncio.gather(*(server.stop() for server in self._servers)))
        self.deliveries.judge([listener.heard for listener in self.listeners])

    async def _listen_and_publish(self, network: Network, broker: Backend) -> None:
        plan, seed = self._plan, str(self._plan.seed)
        addresses = [server.address for server in self._servers]
        kinds = [("stream", StreamListener)] * plan.streams + [("socket", SocketListener)] * plan.sockets
        for number, (name, kind) in enumerate(kinds):
            self.listeners.append(kind(f"{name} {number}", addresses, seed, self.deliveries, self.ends))
        self.publishers += [Publisher(f"p{number}", addresses, seed, self.deliveries) for number in range(PUBLISHERS)]
        listening = [asyncio.create_task(listener.run()) for listener in self.listeners]
        try:
            every = PUBLISHERS / plan.rate
            publishing = [asyncio.create_task(each.run(every, lambda: self._is_over)) for each in self.publishers]
            await self._fail_again_and_again(network, broker)
            self._is_over = True
            await asyncio.gather(*publishing)
            await self._catch_up("the end")
        finally:
            await stop(listening)

    async def _fail_again_and_again(self, network: Network, broker: Backend) -> None:
        faults: dict[str, Callable[[], Awaitable[None]]] = {
            "worker killed": lambda: self._chosen().kill_worker(self._choices),
            "host cut off": lambda: self._cut(network),
            "server restarted": self._restart,
            "broker killed": lambda: broker.crash(self._choices.uniform(0.1, AWAY_SECONDS)),
        }
        await self._catch_up("the beginning")
        for _ in range(self._plan.rounds):
            for name in self._choices.sample(FAULTS, len(FAULTS)):
                await asyncio.sleep(CALM_SECONDS)
                await faults[name]()
                self.faults.counts[name] += 1
                await self._catch_up(name)

    def _chosen(self) -> HostedServer:
        """One by which many are met: after a restart the others have them all, until something happens there."""
        listeners = Counter(listener.at for listener in self.listeners)
        return self._choices.choices(self._servers, [listeners[server.address] ** 2 + 1 for server in self._servers])[0]

    async def _cut(self, network: Network) -> None:
        host = self._chosen().host
        network.cut(host)
        await asyncio.sleep(CUT_SECONDS)
        network.mend(host)

    async def _restart(self) -> None:
        server = self._chosen()
        self._check_end(server, await server.restart())

    async def _catch_up(self, after: str) -> None:
        """Wait until every listener has an event that was published from now on; whether it got all is judged at the end."""
        clock, known = asyncio.get_running_loop().time, len(self.deliveries.acknowledged)
        began = clock()
        await until(lambda: self._is_over or len(self.deliveries.acknowledged) > known + PUBLISHERS, CAUGHT_UP_SECONDS)
        newest = max(map(place, self.deliveries.acknowledged), default=0)
        all_heard = [listener.heard for listener in self.listeners]
        if await until(lambda: all(each.last_id and place(each.last_id) >= newest for each in all_heard), CAUGHT_UP_SECONDS):
            self.faults.caught_up.setdefault(after, []).append(clock() - began)
        else:
            behind = [each.name for each in all_heard if not each.last_id or place(each.last_id) < newest]
            self.deliveries.complain("did not catch up", f"after {after}: {len(behind)} listeners, such as {behind[0]}")

    def _end(self, statuses: list[int | None]) -> None:
        for server, status in zip(self._servers, statuses, strict=True):
            self._check_end(server, status)
            if "Traceback" in server.log:
                self.deliveries.complain("an error in a log", server.log.partition("Traceback")[2][:1_000])

    def _check_end(self, server: HostedServer, status: int | None) -> None:
        if status:
            self.deliveries.complain("a server's status", f"{status} on {server.host.name}")


def report(run: Run, plan: Plan) -> str:
    """What came of it, as a table."""
    counts = run.deliveries.counts
    published: Counter[str] = sum((each.counts for each in run.publishers), Counter[str]())
    connections = sum(listener.heard.connections for listener in run.listeners)
    told = ", ".join(f"{number:,} ({name.removeprefix('told: ')})" for name, number in counts.items() if name.startswith("told"))
    rows = {
        "listeners": f"{plan.streams:,} event streams, {plan.sockets:,} WebSockets",
        "faults": ", ".join(f"{number} × {name}" for name, number in run.faults.counts.items()),
        "events acknowledged": f"{len(run.deliveries.acknowledged):,}",
        "tries, repeats": f"{published['tries']:,}, {published['repeats']:,}",
        "deliveries": f"{counts['deliveries']:,}",
        "connections": f"{connections:,}",
        "told of a gap": told or "0",
        **{
            f"all have what is new, after {name}": " · ".join(f"{each:.1f} s" for each in times)
            for name, times in run.faults.caught_up.items()
        },
        "complaints": str(run.deliveries.wrong),
    }
    return "\n".join(["| what | how much |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def main() -> int:
    """Run it; 0 if there is nothing to complain of."""
    parser = argparse.ArgumentParser(prog="scripts/faults streams", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--streams", type=int, default=2_000, help="clients with an event stream (2,000)")
    parser.add_argument("--sockets", type=int, default=200, help="clients with a WebSocket (200)")
    parser.add_argument("--rounds", type=int, default=3, help="of all faults (3)")
    parser.add_argument("--rate", type=float, default=4, help="events in a second (4)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--window", type=int, default=1_000, help="events that are kept; with few, gaps must come (1,000)")
    parser.add_argument("--broker", choices=sorted(BOUND), default="redis", help="redis or nats (redis)")
    parser.add_argument("--short", action="store_true", help="100 streams, 10 sockets, one round; about a minute")
    options = parser.parse_args()
    plan = Plan(options.streams, options.sockets, options.rounds, options.rate, options.seed, options.window, options.broker)
    if options.short:
        plan = Plan(100, 10, 1, 20, options.seed, options.window, options.broker)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    machine = f"CPython {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    command = shlex.join(["scripts/faults", "streams", *sys.argv[1:]])
    print(f"{datetime.now(UTC).date()}, {machine}: `{command}`, seed {plan.seed}, {len(HOSTS)} hosts of {WORKERS} workers\n")  # noqa: T201  a command prints
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which removes the hosts
    run = Run(plan)
    asyncio.run(run.go())
    print(report(run, plan))  # noqa: T201
    print("\n".join(run.deliveries.complaints))  # noqa: T201
    sys.stderr.write(f"Ends of connections: {dict(run.ends)}\n")
    return 1 if run.deliveries.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
