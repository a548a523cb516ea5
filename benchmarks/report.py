"""What the times say: ratios, tables, the aims reached or missed, and a dated record.

All of it is Markdown that can be read as it stands.
"""

import os
import platform
import shlex
import statistics
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.cases import Case

YARDSTICK = "handwritten"
OURS = "martlet"
FLOOR = "floor"  # no application: what the measuring itself costs
AS_IT_COMES = "martlet_defaults"  # shown, but no aim: it does what none of the others does
OTHERS = ["falcon", "blacksheep", "starlette", "litestar", "fastapi"]
RECIPE = "falcon_msgspec"  # shown, but no aim: the library that does the work is another than the framework's own
FRAMEWORKS = [YARDSTICK, OURS, AS_IT_COMES, *OTHERS, RECIPE]

# Nanoseconds per request of each framework, one number per round.
Times = dict[str, list[float]]


@dataclass(frozen=True)
class Aim:
    """What Martlet wants to reach in one case."""

    to_yardstick: float  # at most so many times the hand-written callable
    to_others: float  # at least so many times faster than the fastest of the other frameworks


TEXT_AIM = Aim(1.8, 2.0)
JSON_AIM = Aim(0.85, 3.5)
AIMS = {"text": TEXT_AIM, "item": JSON_AIM, "create": JSON_AIM, "order": JSON_AIM, "place": JSON_AIM}


@dataclass(frozen=True)
class Verdict:
    """One aim, reached or missed."""

    reached: bool
    words: str

    def __str__(self) -> str:
        return f"- {'reached' if self.reached else 'MISSED '} {self.words}"


def ratio(times: Times, name: str, other: str) -> float:
    """How many times as long `name` takes as `other`: the median over the rounds."""
    return statistics.median(mine / theirs for mine, theirs in zip(times[name], times[other], strict=True))


def pace(times: Times, name: str) -> float:
    """How slow it is beside the first one measured; unlike its time, the machine's mood does not change it."""
    return ratio(times, name, next(iter(times)))


def fastest_other(times: Times) -> str | None:
    """The fastest of the other frameworks as they come."""
    return min((name for name in OTHERS if name in times), key=lambda name: pace(times, name), default=None)


def judge(key: str, title: str, times: Times) -> list[Verdict]:
    """The aims of one case, each reached or missed; those that cannot be told are left out."""
    if OURS not in times:
        return []
    aim, verdicts = AIMS[key], []
    if YARDSTICK in times:
        measured = ratio(times, OURS, YARDSTICK)
        words = f"{title}: {measured:.2f} x the hand-written callable, at most {aim.to_yardstick}"
        verdicts.append(Verdict(measured <= aim.to_yardstick, words))
    rival = fastest_other(times)
    if rival:
        measured = ratio(times, rival, OURS)
        words = f"{title}: {measured:.2f} x faster than {rival}, the fastest other, at least {aim.to_others}"
        verdicts.append(Verdict(measured >= aim.to_others, words))
    return verdicts


def beside(title: str, times: Times) -> list[str]:
    """How far ahead Martlet is of the recipe, and what its own defaults cost; no aims, but no secrets either."""
    if OURS not in times:
        return []
    lines = []
    if RECIPE in times:
        lines.append(f"- no aim  {title}: {ratio(times, RECIPE, OURS):.2f} x faster than {label(RECIPE)}")
    rival = fastest_other(times)
    if AS_IT_COMES in times and YARDSTICK in times and rival:
        measured, pace_to_rival = ratio(times, AS_IT_COMES, YARDSTICK), ratio(times, rival, AS_IT_COMES)
        words = f"{measured:.2f} x the hand-written callable, {pace_to_rival:.2f} x faster than {rival}"
        lines.append(f"- no aim  {title} with the Host checked and security fields sent: {words}")
    return lines


def table(case: Case, times: Times) -> str:
    """One line a framework, the quickest first."""
    rival = fastest_other(times)
    rows = [
        (case.title, "µs a request", "/ hand-written", f"/ {rival or 'others'}"),
        ("-" * 26, "-" * 11 + ":", "-" * 13 + ":", "-" * 13 + ":"),
    ]
    for name in sorted(times, key=lambda name: pace(times, name)):
        microseconds = f"{statistics.median(times[name]) / 1000:.2f}"
        to_yardstick = f"{ratio(times, name, YARDSTICK):.2f}" if YARDSTICK in times else "-"
        to_rival = f"{ratio(times, name, rival):.2f}" if rival else "-"
        rows.append((label(name), microseconds, to_yardstick, to_rival))
    return "\n".join(f"| {row[0]:<26} | {row[1]:>12} | {row[2]:>14} | {row[3]:>14} |" for row in rows)


def label(name: str) -> str:
    """The framework's name with its version, and the library of a recipe."""
    framework, _, library = name.partition("_")
    try:
        return f"{framework} {version(framework)}{library and f' + {library}'}"
    except PackageNotFoundError:
        return name


def machine(names: Iterable[str], rounds: int, calls: int) -> str:
    """Where, with what and how this was measured."""
    # The last two do part of the work for several of the frameworks.
    libraries = [*(name for name in names if name not in (YARDSTICK, AS_IT_COMES, RECIPE)), "msgspec", "pydantic"]
    command = shlex.join(["python", "-m", "benchmarks.dispatch", *sys.argv[1:]])
    lines = [
        f"- {processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"- {platform.python_implementation()} {platform.python_version()}",
        f"- {', '.join(label(name) for name in libraries)}",
        f"- `{command}`",
        f"- {rounds} rounds of {calls} calls, CPU time, medians",
    ]
    return "\n".join(lines)


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def record(file: Path, parts: Iterable[str], title: str = "Dispatch") -> None:
    """Add a dated section at the end of a Markdown file."""
    begun = file.read_text().rstrip() if file.exists() else "# Benchmarks"
    section = "\n\n".join([f"## {title}, {datetime.now(UTC).date()}", *parts])
    file.write_text(f"{begun}\n\n{section}\n")
