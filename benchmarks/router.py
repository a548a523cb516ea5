"""What finding a route costs: beside Falcon's compiled router, and with more and more routes.

How it is measured. CPU time of the process. In each round every candidate is timed, one after the other in a new order, and
ratios are taken inside the round, so that the machine's mood cancels out; shown is the median over the rounds. Each candidate is
asked for one path of every route, with a text for each parameter, and before anything is timed its answers are compared with the
expected ones. Falcon's router finds a resource, and the method is looked up in its map: so both end with handler and parameters.

How to read it. The ratios, not the nanoseconds; what the measuring loop costs is contained in all of them. `GitHub API` is the
usual set of 203 routes; it lies in ../shared, and is left out where that is absent. `growth` has the same kinds of routes ten,
a hundred, a thousand and ten thousand times: a router that looks at one route after the other would take a thousand times as long
in the last row. `building` is the time from an empty router to a compiled one, conflicts checked; freezing.py does the same for
a whole application.

Not here: what stands around the router in an application (dispatch.py).
"""

import argparse
import gc
import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from falcon.routing import CompiledRouter

from benchmarks.freezing import freezing
from martlet.routing import Router
from tests.shared_cases import CONFORMANCE

ROUTES_FILE = CONFORMANCE / "http" / "router" / "benchmark_route_sets.json"

FASTER_THAN_FALCON = 1.4  # times, at least
GROWTH = 1.5  # times the cost with 10 routes, at most, with 10,000
BUILDING = 40.0  # µs a route, at most

# Each kind of routes a real application has, told apart by a number: collections, items, what is in them, and pages.
KINDS = [
    ("GET", "/things{0}"),
    ("POST", "/things{0}"),
    ("GET", "/things{0}/{{id:int}}"),
    ("PATCH", "/things{0}/{{id:int}}"),
    ("DELETE", "/things{0}/{{id:int}}"),
    ("GET", "/things{0}/{{id:int}}/parts{1}"),
    ("GET", "/things{0}/{{id:int}}/parts{1}/{{part}}"),
    ("GET", "/tenants/{{tenant}}/reports{0}/{{slug:slug}}.pdf"),
    ("GET", "/files{0}/{{rest:path}}"),
    ("GET", "/r{0}/items/{{id}}/x{0}"),
]
FILLINGS = {"int": "42", "slug": "spring-2024", "path": "a/b/c.txt"}

Requests = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Candidate:
    """What is timed: a router that is asked so many requests."""

    name: str
    ask: Callable[[], None]
    count: int


class Resource:
    """What Falcon's router leads to: one responder for each method, none of which is called."""

    def __init__(self, methods: Sequence[str]) -> None:
        for method in methods:
            setattr(self, f"on_{method.lower()}", self.respond)

    def respond(self, req: object, resp: object, **params: object) -> None:
        """Answer nothing."""


def github_routes() -> list[tuple[str, str]]:
    """Method and pattern of each route of the GitHub API; none where the file is absent."""
    if not ROUTES_FILE.exists():
        return []
    sets = json.loads(ROUTES_FILE.read_text(encoding="utf-8"))["sets"]
    return [(method, re.sub(r":(\w+)", r"{\1}", path)) for method, path in sets["githubAPI"]]


def many_routes(count: int) -> list[tuple[str, str]]:
    """So many routes, as many of each kind."""
    return [(method, pattern.format(number, number % 7)) for number in range(count // len(KINDS)) for method, pattern in KINDS]


def filled(pattern: str) -> str:
    """A path that fits the pattern."""
    return re.sub(r"\{(\w+):?(\w*)\}", lambda hole: FILLINGS.get(hole[2], f"some-{hole[1]}"), pattern)


def parameter_names(pattern: str) -> list[str]:
    """The names in a pattern."""
    return re.findall(r"\{(\w+)", pattern)


def ours(name: str, routes: Requests, requests: Requests) -> Candidate:
    """Martlet's compiled lookup, proved on every route."""
    router = Router[str]()
    for method, pattern in routes:
        router.register(method, pattern, f"{method} {pattern}")
    lookup = router.compile()
    for method, pattern in routes:
        found = lookup(method, filled(pattern))
        if found is None or (found[0], list(found[1])) != (f"{method} {pattern}", parameter_names(pattern)):
            raise AssertionError(f"{method} {pattern}: {found}")

    def ask() -> None:
        for method, path in requests:
            lookup(method, path)

    return Candidate(name, ask, len(requests))


def falcons(routes: Requests, requests: Requests) -> Candidate:
    """Falcon's compiled router, proved on every route."""
    router = CompiledRouter()
    methods: dict[str, list[str]] = {}
    for method, pattern in routes:
        methods.setdefault(pattern, []).append(method)
    for pattern, some in methods.items():
        router.add_route(pattern, Resource(some))
    find: Callable[[str], Any] = router.find
    for method, pattern in routes:
        found = find(filled(pattern))
        if found is None or method not in found[1] or (found[3], list(found[2])) != (pattern, parameter_names(pattern)):
            raise AssertionError(f"{method} {pattern}: {found}")

    def ask() -> None:
        for method, path in requests:
            _, method_map, _, _ = find(path)
            method_map[method]

    return Candidate("falcon", ask, len(requests))


def nanoseconds(candidate: Candidate, calls: int) -> float:
    """CPU time of one look-up, the mean over all requests; at least so many calls."""
    times = max(calls // candidate.count, 1)
    began = time.process_time_ns()
    for _ in range(times):
        candidate.ask()
    return (time.process_time_ns() - began) / times / candidate.count


def time_all(candidates: Sequence[Candidate], options: argparse.Namespace) -> dict[str, list[float]]:
    """So many rounds with every candidate, in a new order each time; one round before is not counted."""
    times: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    order = list(candidates)
    for number in range(options.rounds + 1):
        random.shuffle(order)
        for candidate in order:
            spent = nanoseconds(candidate, options.calls)
            if number:
                times[candidate.name].append(spent)
    return times


def print_table(title: str, times: dict[str, list[float]], yardstick: str) -> None:
    """One line a candidate, with its ratio to one of them."""
    print(f"\n{title:<26} {'ns a look-up':>14} {'/ ' + yardstick:>16}")
    for name, spent in times.items():
        print(f"{name:<26} {statistics.median(spent):>14.0f} {ratio(spent, times[yardstick]):>16.2f}")


def ratio(spent: Sequence[float], other: Sequence[float]) -> float:
    """How many times as long one takes as the other: the median over the rounds."""
    return statistics.median(one / two for one, two in zip(spent, other, strict=True))


def beside_falcon(options: argparse.Namespace) -> list[tuple[bool, str]]:
    """The GitHub API, both routers."""
    routes = github_routes()
    if not routes:
        print(f"The GitHub API is left out: {ROUTES_FILE.name} is absent.")
        return []
    requests = [(method, filled(pattern)) for method, pattern in routes]
    times = time_all([ours("martlet", routes, requests), falcons(routes, requests)], options)
    print_table(f"GitHub API, {len(routes)} routes", times, "falcon")
    faster = ratio(times["falcon"], times["martlet"])
    return [(faster >= FASTER_THAN_FALCON, f"{faster:.2f} x faster than Falcon's, at least {FASTER_THAN_FALCON}")]


def growth(options: argparse.Namespace) -> list[tuple[bool, str]]:
    """Ten to ten thousand routes of the same kinds, each asked for a hundred of its paths."""
    candidates: list[Candidate] = []
    for count in (10, 100, 1_000, 10_000):
        routes = many_routes(count)
        asked = [(method, filled(pattern)) for method, pattern in (routes * 10 if count == 10 else random.sample(routes, 100))]
        candidates.append(ours(f"{count:,} routes", routes, asked))
    times = time_all(candidates, options)
    print_table("growth", times, "10 routes")
    grown = ratio(times["10,000 routes"], times["10 routes"])
    return [(grown <= GROWTH, f"10,000 routes cost {grown:.2f} x what 10 do, at most {GROWTH}")]


def building() -> list[tuple[bool, str]]:
    """Ten thousand routes registered and compiled, five times over."""
    routes = many_routes(10_000)
    spent: list[float] = []
    gc.collect()
    gc.freeze()  # an application that starts has no large tables of others to go through at each collection
    for _ in range(5):
        gc.collect()
        began = time.process_time_ns()
        router = Router[str]()
        for method, pattern in routes:
            router.register(method, pattern, pattern, where="router.py")
        router.compile()
        spent.append((time.process_time_ns() - began) / 1_000 / len(routes))
    microseconds = statistics.median(spent)
    print(f"\nbuilding {len(routes):,} routes: {microseconds * len(routes) / 1_000:.0f} ms, {microseconds:.1f} µs a route")
    return [(microseconds <= BUILDING, f"{microseconds:.1f} µs to register and compile a route, at most {BUILDING:.0f}")]


def measure(options: argparse.Namespace) -> bool:
    """Print all tables; False if an aim is missed."""
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {python}, {options.rounds} rounds of {options.calls:,} calls, CPU time, medians")
    verdicts = [*beside_falcon(options), *growth(options), *building(), *freezing()]
    print()
    for reached, words in verdicts:
        print(f"{'reached' if reached else 'MISSED '} {words}")
    return all(reached for reached, _ in verdicts)


def parse_arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench router", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds, each with every candidate (15)")
    parser.add_argument("--calls", type=int, default=20_000, help="look-ups of each candidate in a round (20,000)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(0 if measure(parse_arguments()) else 1)
