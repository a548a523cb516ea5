"""What a page costs: template engines that give the same pages, in one process, compared as ratios inside a round.

Times are CPU time of rendering alone; compiling comes before, and what it costs a new process is told apart. Not here: the
framework around a page (dispatch.py).
"""

import argparse
import gc
import importlib
import random
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import Times, Verdict, label, pace, processor, ratio, record
from benchmarks.template_pages import JINJA, PAGES, Page, comparable

OURS = "martlet"
ANCHOR = "jinja2"
RIVAL = "minijinja"  # never to be slower than it
PEERS = [ANCHOR, OURS, RIVAL, "mako", "chameleon", "django", "handwritten"]
COLD_PROCESSES = 15
COLD_AIM_MILLISECONDS = 1.0

Render = Callable[[dict[str, Any]], str]


def load(names: Sequence[str]) -> dict[str, dict[str, Render]]:
    """The pages of each engine; one that cannot be imported is named and left out."""
    engines: dict[str, dict[str, Render]] = {}
    for name in names:
        try:
            engines[name] = importlib.import_module(f"benchmarks.template_peers.{name}").pages
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    return engines


def verify(engines: dict[str, dict[str, Render]]) -> None:
    """Raise ValueError unless all engines give the same page for each case."""
    for key, page in PAGES.items():
        pages = {name: comparable(engine[key](page.context)) for name, engine in engines.items()}
        first = next(iter(pages))
        for name, text in pages.items():
            if text != pages[first]:
                raise ValueError(f"{name} gives another page for {page.title!r} than {first}:\n{text}\n{pages[first]}")


def time_calls(render: Render, page: Page) -> float:
    """CPU time of one call in nanoseconds."""
    context = page.context
    gc.collect()
    began = time.process_time_ns()
    for _ in range(page.calls):
        render(context)
    return (time.process_time_ns() - began) / page.calls


def time_page(engines: dict[str, dict[str, Render]], key: str, rounds: int) -> Times:
    """Time a page in so many rounds, each engine once a round in a new order."""
    order = list(engines)
    times: Times = {name: [] for name in order}
    for name in order:
        time_calls(engines[name][key], PAGES[key])  # to warm up
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(time_calls(engines[name][key], PAGES[key]))
    return times


def table(page: Page, times: Times) -> str:
    """One line an engine, the quickest first."""
    rows = [(page.title, "µs a page", "faster than Jinja2"), ("-" * 32, "-" * 9 + ":", "-" * 17 + ":")]
    for name in sorted(times, key=lambda name: pace(times, name)):
        microseconds = f"{statistics.median(times[name]) / 1000:.1f}"
        rows.append((_versioned(name), microseconds, f"{ratio(times, ANCHOR, name):.2f} x" if ANCHOR in times else "-"))
    return "\n".join(f"| {row[0]:<32} | {row[1]:>10} | {row[2]:>18} |" for row in rows)


def judge(page: Page, times: Times) -> list[Verdict]:
    """The aims of one page, each reached or missed; those that cannot be told are left out."""
    verdicts: list[Verdict] = []
    if OURS not in times:
        return verdicts
    if ANCHOR in times:
        measured = ratio(times, ANCHOR, OURS)
        verdicts.append(Verdict(measured >= page.aim, f"{page.title}: {measured:.2f} x as fast as Jinja2, at least {page.aim}"))
    if RIVAL in times:
        measured = ratio(times, RIVAL, OURS)
        verdicts.append(Verdict(measured >= 1, f"{page.title}: {measured:.2f} x as fast as minijinja, at least 1"))
    return verdicts


def _versioned(name: str) -> str:
    return "f-string + markupsafe.escape" if name == "handwritten" else label(name)


# What a new process does, with the engines imported; prints CPU milliseconds from making an engine to a finished page.
COLD_MARTLET = """
import sys, time
from benchmarks.template_pages import PAGES
from martlet.templates import CodeCache, TemplateEngine
began = time.process_time_ns()
engine = TemplateEngine(sys.argv[1], code_cache=CodeCache(sys.argv[2]) if sys.argv[2] else None)
engine.get_template("page.html").render(PAGES["page"].context)
print((time.process_time_ns() - began) / 1e6)
"""
COLD_JINJA = """
import sys, time
from benchmarks.template_pages import PAGES
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader
began = time.process_time_ns()
cache = FileSystemBytecodeCache(sys.argv[2]) if sys.argv[2] else None
environment = Environment(loader=FileSystemLoader(sys.argv[1]), autoescape=True, bytecode_cache=cache)
environment.get_template("page.html").render(PAGES["page"].context)
print((time.process_time_ns() - began) / 1e6)
"""


def time_cold(program: str, templates: str, cache: str) -> float:
    """Median CPU milliseconds in new processes, the first of which may fill the cache and does not count."""
    command = [sys.executable, "-c", program, templates, cache]
    runs = [
        float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603  our own words
        for _ in range(COLD_PROCESSES + 1)
    ]
    return statistics.median(runs[1:])


def measure_cold() -> tuple[str, list[Verdict]]:
    """The first page of a new process, with and without a cache of code on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        templates, kept = Path(folder, "templates"), Path(folder, "kept")
        for place in (templates, kept / "martlet", kept / "jinja2"):
            place.mkdir(parents=True, mode=0o700)
        for name, source in JINJA.items():
            (templates / name).write_text(source)
        cases = {
            "martlet, cached": (COLD_MARTLET, str(kept / "martlet")),
            "martlet, compiled anew": (COLD_MARTLET, ""),
            "jinja2, cached": (COLD_JINJA, str(kept / "jinja2")),
            "jinja2, compiled anew": (COLD_JINJA, ""),
        }
        times = {name: time_cold(program, str(templates), cache) for name, (program, cache) in cases.items()}
    rows = [
        ("first page of a new process", "ms"),
        ("-" * 32, "-" * 9 + ":"),
        *((name, f"{time:.2f}") for name, time in times.items()),
    ]
    measured = times["martlet, cached"]
    words = f"first page of a new process, cached: {measured:.2f} ms, below {COLD_AIM_MILLISECONDS:g}"
    return "\n".join(f"| {row[0]:<32} | {row[1]:>10} |" for row in rows), [Verdict(measured < COLD_AIM_MILLISECONDS, words)]


def machine(names: Sequence[str], rounds: int) -> str:
    """Where, with what and how this was measured."""
    command = shlex.join(["python", "-m", "benchmarks.templates", *sys.argv[1:]])
    versions = ", ".join(_versioned(name) for name in (*names, "markupsafe"))
    lines = [processor(), f"CPython {sys.version.split()[0]}", versions, f"`{command}`", f"{rounds} rounds, CPU time, medians"]
    return "\n".join(f"- {line}" for line in lines)


def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Check and time everything; gives the report's parts, printed as they come, and the verdicts."""
    engines = load(options.engine or PEERS)
    verify(engines)
    gc.collect()
    gc.freeze()
    parts, verdicts = [machine(list(engines), options.rounds)], []
    print(parts[0])
    for key in options.page:
        times = time_page(engines, key, options.rounds)
        parts.append(table(PAGES[key], times))
        print(f"\n{parts[-1]}")
        verdicts += judge(PAGES[key], times)
    if not options.no_cold:
        shown, cold = measure_cold()
        parts.append(shown)
        print(f"\n{shown}")
        verdicts += cold
    parts.append("\n".join(map(str, verdicts)))
    print(f"\n{parts[-1]}")
    return parts, verdicts


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench templates", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--engine", action="append", choices=PEERS, help="only this one; may be repeated")
    parser.add_argument("--page", action="append", choices=list(PAGES), help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=31, help="rounds a page, each with every engine (31)")
    parser.add_argument("--no-cold", action="store_true", help="without the first page of a new process")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1.")
    options.page = options.page or list(PAGES)
    return options


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    options = parse_arguments()
    parts, verdicts = measure(options)
    if options.record is not None:
        record(options.record, parts, "Templates")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
