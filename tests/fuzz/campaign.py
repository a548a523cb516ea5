"""Ask millions of made-up requests, in slices that may be resumed: `scripts/fuzz --inputs 100000 --seed 1`.

Input n of a seed is the same on every machine, so a failure is asked again by `--seed S --first N --inputs 1`.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import gc
import json
import platform
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fuzz.asked import Asked, asked
from tests.fuzz.asking import Asking, kind_of
from tests.fuzz.choices import SeededChoices

BATCH = 100
HANG_SECONDS = 60  # for one batch; then the program says where it hangs, and ends
SLOW_SECONDS = 0.5  # of processor time for one request over three protocols
SAVE_SECONDS = 20
REPORTED = 30  # complaints of different kinds that are told
WARM = 20_000  # inputs after which memory should no longer grow


@dataclass
class Progress:
    """What has been asked so far; kept in a file between slices."""

    seed: int
    next: int = 0
    inputs: int = 0
    seconds: float = 0.0
    warm_kib: int = 0  # held after the first inputs of the last slice
    held_kib: int = 0  # held at its end
    peak_kib: int = 0  # at any time
    open_files: int = 0  # more than at a slice's begin, at its end
    complaints: dict[str, str] = field(default_factory=dict)


def memory_kib() -> int:
    """The memory that this process holds now."""
    if not Path("/proc/self/status").exists():
        return 0
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def held_kib() -> int:
    """The memory that is in use: without what is garbage, and what the C library keeps for later."""
    gc.collect()
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)
    return memory_kib()


def open_files() -> int:
    """How many files and sockets this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0


def main() -> int:
    """Run a slice, and tell what was found."""
    options = _options()
    progress = _load(options)
    save_at = 0.0
    until = time.monotonic() + options.seconds if options.seconds else float("inf")
    last = progress.next + options.inputs
    with Asking() as asking:
        asked_here, files = 0, 0
        while progress.next < last and time.monotonic() < until:
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
            count = min(BATCH, last - progress.next)
            _ask(asking, progress, count)
            asked_here += count
            files = files or open_files()  # what the loops need is open now
            progress.peak_kib = max(progress.peak_kib, memory_kib())
            if asked_here == WARM:
                progress.warm_kib = held_kib()
            if time.monotonic() > save_at:
                _save(options, progress)
                save_at = time.monotonic() + SAVE_SECONDS
        faulthandler.cancel_dump_traceback_later()
        progress.held_kib = held_kib()
        progress.open_files = max(progress.open_files, open_files() - files)
    _save(options, progress)
    _tell(progress)
    return 1 if progress.complaints else 0


def _ask(asking: Asking, progress: Progress, count: int) -> None:
    """Ask a batch, and one by one those that something is wrong with or slow."""
    batch = [asked(SeededChoices(progress.seed, number)) for number in range(progress.next, progress.next + count)]
    began, began_wall = time.process_time(), time.monotonic()
    found = asking.all_complaints(batch)
    spent = time.process_time() - began
    for place, wrong in enumerate(found):
        if wrong:
            _note(asking, progress, progress.next + place, wrong)
    if spent > SLOW_SECONDS:
        for place, one in enumerate(batch):
            seconds = min(_seconds(asking, one) for _ in range(3))
            if seconds > SLOW_SECONDS:
                told = f"input {progress.next + place}: {seconds:.2f} s: {one}"
                progress.complaints.setdefault(f"slow: {one.target[:60]}", told)
    progress.next += count
    progress.inputs += count
    progress.seconds += time.monotonic() - began_wall


def _seconds(asking: Asking, one: Asked) -> float:
    began = time.process_time()
    asking.complaints(one)
    return time.process_time() - began


def _note(asking: Asking, progress: Progress, number: int, wrong: list[str]) -> None:
    kind = kind_of(wrong)
    if kind in progress.complaints or len(progress.complaints) >= REPORTED:
        return
    smallest = asking.smallest(asked(SeededChoices(progress.seed, number)))
    progress.complaints[kind] = f"input {number}: {smallest}\n{wrong[0][-3_000:]}"
    print(f"--- {kind}\n{progress.complaints[kind]}\n", flush=True)  # noqa: T201  a command prints


def _load(options: argparse.Namespace) -> Progress:
    if options.state and options.state.exists():
        return Progress(**json.loads(options.state.read_text(encoding="utf-8")))
    return Progress(options.seed, next=options.first)


def _save(options: argparse.Namespace, progress: Progress) -> None:
    if options.state:
        options.state.write_text(json.dumps(asdict(progress), indent=1), encoding="utf-8")


def _tell(progress: Progress) -> None:
    told = f"Python {platform.python_version()}, {platform.machine()}"
    print(  # noqa: T201  a command prints
        f"{progress.inputs:,} inputs of seed {progress.seed} over ASGI, RSGI and WSGI in {progress.seconds:,.0f} s ({told}): "
        f"{len(progress.complaints)} complaints.\n"
        f"Memory held: {progress.warm_kib / 1024:,.0f} MiB after the first {WARM:,}, {progress.held_kib / 1024:,.0f} MiB "
        f"at the end, {progress.peak_kib / 1024:,.0f} MiB at most; {progress.open_files} files more open than at first."
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, help="how many requests to make up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seconds", type=float, default=0, help="end after so long, whatever was asked for")
    parser.add_argument("--state", type=Path, help="a file that remembers where the last slice ended")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
