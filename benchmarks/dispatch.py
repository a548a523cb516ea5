"""What a framework costs on each request: in-process ASGI calls, every framework in every round, compared as ratios.

The machine's speed cancels out: each round times all of them one after the other, in a new order, and only
the ratios inside a round count. Times are CPU time. Not here: servers, sockets, the router alone (router.py).
"""

import argparse
import asyncio
import gc
import importlib
import random
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from benchmarks.cases import CASES, Application, Case, Event, Lifespan, Receive, Send, run, verify

YARDSTICK = "handwritten"
OURS = "martlet"
FRAMEWORKS = [YARDSTICK, OURS, "falcon", "blacksheep", "starlette", "litestar", "fastapi"]


@dataclass(frozen=True)
class Aim:
    """What Martlet wants to reach in one case."""

    to_yardstick: float  # at most so many times the hand-written callable
    to_others: float  # at least so many times faster than the fastest of the other frameworks


AIMS = {"text": Aim(1.8, 2.0), "item": Aim(0.85, 3.5), "create": Aim(0.85, 3.5)}

# Nanoseconds per request of each framework, one number per round.
Times = dict[str, list[float]]


async def nothing(scope: Event, receive: Receive, send: Send) -> None:
    """Answer nothing: what the loop itself costs, which every row contains."""


def load(names: Sequence[str]) -> dict[str, Application]:
    """The applications by name; one that cannot be imported is named and left out."""
    applications: dict[str, Application] = {}
    for name in names:
        try:
            applications[name] = importlib.import_module(f"benchmarks.peers.{name}").app
        except ImportError as error:
            print(f"{name} is left out: {error}")
    return applications


async def time_case(applications: dict[str, Application], case: Case, rounds: int, calls: int) -> Times:
    """Time the case in so many rounds, each application once a round in a new order."""
    times: Times = {name: [] for name in applications}
    order = list(applications)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            gc.collect()  # nobody pays for what the one before left behind
            began = time.process_time_ns()
            await run(applications[name], case, calls)
            times[name].append((time.process_time_ns() - began) / calls)
    return times


def ratio(times: Times, name: str, other: str) -> float:
    """How many times as long `name` takes as `other`: the median over the rounds."""
    return statistics.median(mine / theirs for mine, theirs in zip(times[name], times[other], strict=True))


def fastest_other(times: Times) -> str | None:
    """The fastest framework that is neither ours nor the yardstick."""
    others = [name for name in times if name not in (YARDSTICK, OURS)]
    return min(others, key=lambda name: pace(times, name), default=None)


def pace(times: Times, name: str) -> float:
    """How slow it is beside the first one measured; unlike its time, the machine's mood does not change it."""
    return ratio(times, name, next(iter(times)))


def print_table(case: Case, times: Times) -> None:
    """One line a framework, the quickest first."""
    rival = fastest_other(times)
    print(f"\n{case.title:<26} {'µs a request':>12} {'/ hand-written':>15} {'/ ' + (rival or 'others'):>15}")
    for name in sorted(times, key=lambda name: pace(times, name)):
        to_yardstick = f"{ratio(times, name, YARDSTICK):.2f}" if YARDSTICK in times else "-"
        to_rival = f"{ratio(times, name, rival):.2f}" if rival else "-"
        print(f"{label(name):<26} {statistics.median(times[name]) / 1000:>12.2f} {to_yardstick:>15} {to_rival:>15}")


def label(name: str) -> str:
    """The framework's name with its version."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


def judge(key: str, times: Times) -> list[tuple[bool, str]]:
    """The aims of one case, each reached or missed; those that cannot be told are left out."""
    if OURS not in times:
        return []
    aim, title = AIMS[key], CASES[key].title
    verdicts: list[tuple[bool, str]] = []
    if YARDSTICK in times:
        measured = ratio(times, OURS, YARDSTICK)
        words = f"{title}: {measured:.2f} x the hand-written callable, at most {aim.to_yardstick}"
        verdicts.append((measured <= aim.to_yardstick, words))
    rival = fastest_other(times)
    if rival:
        measured = ratio(times, rival, OURS)
        words = f"{title}: {measured:.2f} x faster than {rival}, the fastest other, at least {aim.to_others}"
        verdicts.append((measured >= aim.to_others, words))
    return verdicts


async def measure(options: argparse.Namespace) -> bool:
    """Check, warm up and time everything; False if an aim is missed."""
    applications = load(options.framework or FRAMEWORKS)
    lives = [Lifespan(app) for app in applications.values()]
    for life in lives:
        await life.start()
    for name, app in applications.items():
        await verify(name, app)
        for key in options.case:
            await run(app, CASES[key], options.calls)
    gc.collect()
    gc.freeze()  # as a server does before it serves; collection stays on
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {python}, {options.rounds} rounds of {options.calls} calls, CPU time, medians")
    verdicts: list[tuple[bool, str]] = []
    for key in options.case:
        times = await time_case(applications, CASES[key], options.rounds, options.calls)
        print_table(CASES[key], times)
        verdicts += judge(key, times)
    empty = await time_case({"nothing": nothing}, CASES["text"], options.rounds, options.calls)
    print(f"\nThe loop itself, contained in every row: {statistics.median(empty['nothing']) / 1000:.2f} µs")
    for life in lives:
        await life.stop()
    for reached, words in verdicts:
        print(f"{'reached' if reached else 'MISSED '} {words}")
    return all(reached for reached, _ in verdicts)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench dispatch", description=__doc__.partition("\n")[0])
    parser.add_argument("--framework", action="append", choices=FRAMEWORKS, help="only this one; may be repeated")
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=31, help="rounds a case, each with every framework (31)")
    parser.add_argument("--calls", type=int, default=1000, help="calls of each framework in a round (1000)")
    options = parser.parse_args()
    options.case = options.case or list(CASES)
    return options


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(measure(parse_arguments())) else 1)
