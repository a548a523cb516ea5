"""What a framework costs on each request: in-process ASGI calls, every framework in every round, compared as ratios.

The machine's speed cancels out: each round times all of them one after the other, in a new order, and only
the ratios inside a round count. Times are CPU time. Not here: servers, sockets, the router alone (router.py).
"""

import argparse
import asyncio
import gc
import importlib
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cases import CASES, Case, Event
from benchmarks.exchange import BATCH, Application, Lifespan, Receive, Send, time_calls, verify
from benchmarks.report import FLOOR, FRAMEWORKS, Times, Verdict, beside, judge, machine, record, table

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
BODY = {"type": "http.response.body", "body": b""}


async def floor(scope: Event, receive: Receive, send: Send) -> None:
    """Await what any application must, with constant events: nobody can be quicker in this loop."""
    if scope["method"] == "POST":
        await receive()
    await send(START)
    await send(BODY)


def load(names: Sequence[str]) -> dict[str, Application]:
    """The applications by name; one that cannot be imported is named and left out."""
    applications: dict[str, Application] = {}
    for name in names:
        try:
            applications[name] = importlib.import_module(f"benchmarks.peers.{name}").app
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return applications


async def time_case(applications: dict[str, Application], case: Case, rounds: int, calls: int) -> Times:
    """Time the case in so many rounds, each application once a round in a new order."""
    times: Times = {name: [] for name in applications}
    order = list(applications)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(await time_calls(applications[name], case, calls))
    return times


async def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Check, warm up and time everything; gives the report's parts, printed as they come, and the verdicts."""
    applications = load(options.framework or FRAMEWORKS)
    lives = [Lifespan(app) for app in applications.values()]
    for life in lives:
        await life.start()
    for name, app in applications.items():
        await verify(name, app)
    # What was made until now is not looked at again; collection stays on.
    gc.collect()
    gc.freeze()
    for app in applications.values():
        for key in options.case:
            await time_calls(app, CASES[key], options.calls)  # to warm up
    parts = [machine(applications, options.rounds, options.calls)]
    print(parts[0])
    verdicts: list[Verdict] = []
    remarks: list[str] = []
    for key in options.case:
        times = await time_case({FLOOR: floor, **applications}, CASES[key], options.rounds, options.calls)
        parts.append(table(CASES[key], times))
        print(f"\n{parts[-1]}")
        verdicts += judge(key, CASES[key].title, times)
        remarks += beside(CASES[key].title, times)
    for life in lives:
        await life.stop()
    parts.append("\n".join([*map(str, verdicts), *remarks]))
    print(f"\n{parts[-1]}")
    return parts, verdicts


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench dispatch", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--framework", action="append", choices=FRAMEWORKS, help="only this one; may be repeated")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=31, help="rounds a case, each with every framework (31)")
    parser.add_argument("--calls", type=int, default=1000, help=f"calls of each in a round, a multiple of {BATCH} (1000)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1 or options.calls < BATCH or options.calls % BATCH:
        parser.error(f"--rounds must be at least 1, --calls a multiple of {BATCH}.")
    options.case = options.case or list(CASES)
    return options


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    options = parse_arguments()
    parts, verdicts = asyncio.run(measure(options))
    if options.record is not None:
        record(options.record, parts)
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
