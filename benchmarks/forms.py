"""What a form costs: an upload of 64 MiB, stored or only looked at, and small forms with files and without.

Every framework in every round, compared as ratios inside a round, in CPU time, threads included; and how far a process grows
while it takes 64 MiB, each in a process of its own. Not here: sockets, and the disk behind the temporary files.
"""

import argparse
import asyncio
import gc
import importlib
import io
import random
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.cases import BROWSER, Event
from benchmarks.exchange import Lifespan
from benchmarks.report import Times, Verdict, label, pace, processor, ratio, record

CHUNK = 64 * 1024  # as servers hand a body over
SIZE = 64 * 1024 * 1024
BOUNDARY = b"----WebKitFormBoundaryTB2MiQ36fnSJlrhY"
FIELDS = {"name": "Ann Lee", "email": "ann@example.org", "city": "Zürich", "year": "1854", "agreed": "on"}
SAID = "Ann Lee ann@example.org Zürich 1854 True"
URLENCODED = b"name=Ann+Lee&email=ann%40example.org&city=Z%C3%BCrich&year=1854&agreed=on"

OURS = "martlet"
PEERS = {OURS: "asgi", "starlette": "asgi", "litestar": "asgi", "falcon": "asgi", "blacksheep": "asgi", "flask": "wsgi"}
STREAMING = (OURS, "falcon", "blacksheep")  # hand out parts as they arrive


@dataclass(frozen=True)
class FormCase:
    """One form, as the chunks that a server hands over, and the answer to it."""

    path: str
    title: str
    content_type: bytes
    chunks: tuple[bytes, ...]
    expected: bytes
    peers: tuple[str, ...]
    calls: int  # in a round

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """A browser's header section, every text a new object."""
        length = b"%d" % sum(map(len, self.chunks))
        fields = [*BROWSER, (b"content-type", self.content_type), (b"content-length", length)]
        return [(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in fields]


def part(name: str, content: bytes, filename: str = "") -> bytes:
    """One part, as a browser writes it."""
    file = f'; filename="{filename}"\r\nContent-Type: application/octet-stream' if filename else ""
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return b"--" + BOUNDARY + b"\r\n" + head.encode() + content + b"\r\n"


def make_cases(*, is_whole: bool = True) -> list[FormCase]:
    """The four forms; the large one has bytes of every kind in it.

    is_whole: the large one is in memory, cut as it comes; else each of its chunks is made when it comes, so that nothing hides
    what grows.
    """
    multipart, end = b"multipart/form-data; boundary=" + BOUNDARY, b"--" + BOUNDARY + b"--\r\n"
    chunk = random.Random(7).randbytes(CHUNK)
    head, content = part("title", b"Swifts") + part("film", b"", "film.mp4")[:-2], [chunk] * (SIZE // CHUNK)
    large: tuple[bytes, ...] = Fresh((head, *content, b"\r\n" + end))
    large = cut(b"".join(large)) if is_whole else large
    files = [part(name, value.encode()) for name, value in FIELDS.items()]
    files += [part("photos", chunk[:size], f"{size}.jpg") for size in (10, 200, 3_000)]
    said, film = SAID.encode(), f"Swifts {SIZE}".encode()
    everybody = tuple(PEERS)
    return [
        FormCase("/upload", "64 MiB, stored", multipart, large, film, everybody, 1),
        FormCase("/stream", "64 MiB, looked at", multipart, large, film, STREAMING, 1),
        FormCase("/files", "5 fields, 3 small files", multipart, (b"".join([*files, end]),), said + b" 3210", everybody, 100),
        FormCase("/fields", "5 fields, urlencoded", b"application/x-www-form-urlencoded", (URLENCODED,), said, everybody, 100),
    ]


class Fresh(tuple[bytes, ...]):
    """Chunks of which each is a new object whenever it comes."""

    __slots__ = ()

    def __iter__(self) -> Iterator[bytes]:
        """Give a copy of each."""
        return (bytes(bytearray(chunk)) for chunk in super().__iter__())


def cut(body: bytes) -> tuple[bytes, ...]:
    """A body as servers hand it over."""
    return tuple(body[place : place + CHUNK] for place in range(0, len(body), CHUNK))


class Sending:
    """An ASGI server's side of one exchange: hands the chunks over, keeps the answer."""

    __slots__ = ("chunks", "content", "left")

    def __init__(self, case: FormCase) -> None:
        self.chunks: Iterator[bytes] = iter(case.chunks)
        self.left = len(case.chunks)
        self.content = b""

    async def receive(self) -> Event:
        """The next chunk; after the last one silence, as from a client that waits for its answer."""
        self.left -= 1
        if self.left < 0:
            await asyncio.get_running_loop().create_future()
        return {"type": "http.request", "body": next(self.chunks), "more_body": self.left > 0}

    async def send(self, event: Event) -> None:
        """Keep the content."""
        self.content += event.get("body", b"")


def scope(case: FormCase) -> Event:
    """A scope as a server builds it for each request."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 54321),
        "scheme": "http",
        "method": "POST",
        "root_path": "",
        "path": case.path,
        "raw_path": case.path.encode(),
        "query_string": b"",
        "headers": case.fields,
        "state": {},
    }


def environ(case: FormCase) -> dict[str, Any]:
    """The same request as a WSGI server gives it."""
    fields = {name.decode().upper().replace("-", "_"): value.decode("latin-1") for name, value in case.fields}
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": case.path,
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": fields.pop("CONTENT_TYPE"),
        "CONTENT_LENGTH": fields.pop("CONTENT_LENGTH"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BufferedReader(Chunked(case.chunks), CHUNK),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name}": value for name, value in fields.items()},
    }


class Chunked(io.RawIOBase):
    """The chunks as a file to read, without joining them."""

    def __init__(self, chunks: tuple[bytes, ...]) -> None:
        super().__init__()
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Give what is left of a chunk, at most."""
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def load(name: str) -> Any:
    """A framework's application."""
    return importlib.import_module(f"benchmarks.form_peers.{name}").app


def run_wsgi(app: Any, given: dict[str, Any]) -> bytes:
    """Call, read to the end, close: what a server does."""
    chunks = app(given, lambda *_: None)
    content = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close is not None:
        close()
    return content


async def time_calls(name: str, app: Any, case: FormCase) -> float:
    """CPU time of one call in nanoseconds; raises ValueError if an answer is not the expected one."""
    gc.collect()
    if PEERS[name] == "wsgi":
        environs = [environ(case) for _ in range(case.calls)]
        began = time.process_time_ns()
        answers = [run_wsgi(app, given) for given in environs]
        spent = time.process_time_ns() - began
    else:
        exchanges = [(scope(case), Sending(case)) for _ in range(case.calls)]
        began = time.process_time_ns()
        for given, exchange in exchanges:
            await app(given, exchange.receive, exchange.send)
        spent = time.process_time_ns() - began
        answers = [exchange.content for _, exchange in exchanges]
    if set(answers) != {case.expected}:
        raise ValueError(f"{name} answers {case.title} with {answers[0]!r}; expected {case.expected!r}")
    return spent / case.calls


async def time_case(apps: dict[str, Any], case: FormCase, rounds: int) -> Times:
    """Time a case in so many rounds, each peer once a round in a new order."""
    order = list(case.peers)
    times: Times = {name: [] for name in order}
    for name in order:
        await time_calls(name, apps[name], case)  # to warm up
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(await time_calls(name, apps[name], case))
    return times


async def grow(name: str) -> int:
    """How many KiB this process grows while it takes the large form, after a small one has made what is made once."""
    app, cases = load(name), make_cases(is_whole=False)
    life = Lifespan(app) if PEERS[name] == "asgi" else None
    if life is not None:
        await life.start()
    await time_calls(name, app, cases[2])
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await time_calls(name, app, cases[0])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    if life is not None:
        await life.stop()
    return grown


def growth(name: str) -> float:
    """The same in MiB, measured in a new process."""
    command = [sys.executable, "-m", "benchmarks.forms", "--grow", name]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / 1024  # noqa: S603  our own words


def best_other(times: Times) -> str:
    """The quickest of the others."""
    return min((name for name in times if name != OURS), key=lambda name: ratio(times, name, OURS))


def table(case: FormCase, times: Times, best: str, grown: dict[str, float]) -> str:
    """One line a peer, the quickest first."""
    memory = case.path == "/upload"
    rows = [(case.title, "ms a form", f"/ {best}", *(["MiB grown"] if memory else []))]
    rows.append(("-" * 26, "-" * 11 + ":", "-" * 13 + ":", *(["-" * 9 + ":"] if memory else [])))
    for name in sorted(times, key=lambda name: pace(times, name)):
        median = sorted(times[name])[len(times[name]) // 2] / 1_000_000
        cells = (versioned(name), f"{median:.3f}", f"{ratio(times, name, best):.2f}", *([f"{grown[name]:.1f}"] if memory else []))
        rows.append(cells)
    widths = (26, 12, 14, 10)
    return "\n".join("| " + " | ".join(_padded(row, widths)) + " |" for row in rows)


def _padded(row: tuple[str, ...], widths: tuple[int, ...]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=False))]


def versioned(name: str) -> str:
    """The framework with its version, and the protocol where it is not ASGI."""
    return label(name) + ("" if PEERS[name] == "asgi" else ", WSGI")


async def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Check and time everything; gives the report's parts, printed as they come, and the verdicts."""
    grown = {name: growth(name) for name in PEERS}
    apps = {name: load(name) for name in PEERS}
    lives = [Lifespan(app) for name, app in apps.items() if PEERS[name] == "asgi"]
    for life in lives:
        await life.start()
    cases = make_cases()
    gc.collect()
    gc.freeze()
    parts, verdicts = [machine(options)], []
    print(parts[0])
    for case in cases:
        times = await time_case(apps, case, options.rounds)
        best = best_other(times)
        parts.append(table(case, times, best, grown))
        measured = ratio(times, OURS, best)
        verdicts.append(
            Verdict(measured <= 1, f"{case.title}: {measured:.2f} x the CPU time of {best}, the best other, at most 1")
        )
        print(f"\n{parts[-1]}")
    flat = grown[OURS]
    verdicts.append(Verdict(flat < 8, f"64 MiB, stored: the process grows by {flat:.1f} MiB, at most 8"))
    parts.append("\n".join(map(str, verdicts)))
    print(f"\n{parts[-1]}")
    for life in lives:
        await life.stop()
    return parts, verdicts


def machine(options: argparse.Namespace) -> str:
    """Where, with what and how this was measured."""
    command = shlex.join(["python", "-m", "benchmarks.forms", *sys.argv[1:]])
    python = f"CPython {sys.version.split()[0]}"
    rounds = f"{options.rounds} rounds, CPU time, medians; bodies in chunks of {CHUNK // 1024} KiB"
    return "\n".join(
        f"- {line}"
        for line in (processor(), python, f"{label('multipart')}, {label('python-multipart')}", f"`{command}`", rounds)
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench forms", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds a case, each with every framework (15)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    parser.add_argument("--grow", choices=list(PEERS), help="only print how many KiB this framework's process grows")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1.")
    return options


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    options = parse_arguments()
    if options.grow is not None:
        print(asyncio.run(grow(options.grow)))
        return 0
    parts, verdicts = asyncio.run(measure(options))
    if options.record is not None:
        record(options.record, parts, "Forms")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
