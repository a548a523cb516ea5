"""What a static file costs: one of 4 KiB sent whole, and the word that a client has it already (304).

Every framework in every round, each over the protocol it serves files by; compared as ratios inside a round, in CPU time, threads
included. Not here: sockets, sendfile, large files, whose bytes the server moves.
"""

import argparse
import asyncio
import gc
import importlib
import io
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

from benchmarks.cases import Case, Event
from benchmarks.exchange import Exchange, Lifespan, Recorder
from benchmarks.report import Times, Verdict, label, pace, processor, ratio, record

PATH = "/assets/app.css"
CONTENT = b"a { margin: 0 }\n" * 256
SETTLED_SECONDS = 2.5  # some remember only files that were not changed just now
BATCH = 50
AIM = 2.0  # at least so many times the requests of the best of the others

Fields = list[tuple[bytes, bytes]]
Answer = tuple[int, dict[bytes, bytes], bytes]


@dataclass(frozen=True)
class Peer:
    """One way to serve files."""

    name: str  # of the module in file_peers
    protocol: str
    shown: str

    def make(self, directory: str) -> Any:
        """The application that serves this directory."""
        return importlib.import_module(f"benchmarks.file_peers.{self.name}").make(directory)


OURS, OURS_WSGI = Peer("martlet", "asgi", "martlet"), Peer("martlet", "wsgi", "martlet, WSGI")
PEERS = [
    OURS,
    OURS_WSGI,
    Peer("starlette", "asgi", "starlette"),
    Peer("litestar", "asgi", "litestar"),
    Peer("falcon", "asgi", "falcon"),
    Peer("blacksheep", "asgi", "blacksheep"),
    Peer("flask_whitenoise_asgi", "asgi", "flask + whitenoise + asgiref"),
    Peer("flask_whitenoise", "wsgi", "flask + whitenoise, WSGI"),
    Peer("falcon_wsgi", "wsgi", "falcon, WSGI"),
    Peer("flask", "wsgi", "flask, WSGI"),
]


def scope(fields: Fields) -> Event:
    """A browser's request for the file, every part a new object."""
    made = Case("GET", PATH).scope()
    made["headers"] += [(bytes(bytearray(name)), bytes(bytearray(value))) for name, value in fields]
    return made


def environ(fields: Fields) -> dict[str, Any]:
    """The same request as a WSGI server gives it."""
    lines = {f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode() for name, value in scope(fields)["headers"]}
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH.encode().decode(),
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        **lines,
    }


class Collected(Exchange):
    """An exchange that keeps the status and the pieces of the body."""

    __slots__ = ("pieces", "status")

    def __init__(self) -> None:
        super().__init__(b"")
        self.pieces: list[bytes] = []
        self.status = 0

    async def send(self, event: Event) -> None:
        """Keep what counts."""
        if event["type"] == "http.response.start":
            self.status = event["status"]
        else:
            self.pieces.append(event.get("body", b""))


class Begun:
    """A WSGI server's side of one exchange."""

    __slots__ = ("fields", "pieces", "status")

    def __init__(self) -> None:
        self.status = ""
        self.fields: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []

    def start_response(self, status: str, fields: list[tuple[str, str]], _: object = None) -> None:
        """Keep the status line and the fields."""
        self.status, self.fields = status, fields

    def run(self, app: Any, given: dict[str, Any]) -> None:
        """Call, read to the end, close: what a server does."""
        chunks = app(given, self.start_response)
        self.pieces += chunks
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


async def ask(peer: Peer, app: Any, fields: Fields) -> Answer:
    """One answer, whole."""
    if peer.protocol == "wsgi":
        begun = Begun()
        begun.run(app, environ(fields))
        lines = {name.lower().encode(): value.encode() for name, value in begun.fields}
        return int(begun.status[:3]), lines, b"".join(begun.pieces)
    exchange = Recorder(b"")
    await app(scope(fields), exchange.receive, exchange.send)
    start, *rest = exchange.sent
    lines = {bytes(name).lower(): bytes(value) for name, value in start["headers"]}
    return start["status"], lines, b"".join(event.get("body", b"") for event in rest)


async def validators(peer: Peer, app: Any) -> Fields:
    """The conditions a browser sends when it has the file: all that the first answer gave it."""
    _, fields, _ = await ask(peer, app, [])
    pairs = ((b"if-none-match", fields.get(b"etag")), (b"if-modified-since", fields.get(b"last-modified")))
    return [(name, value) for name, value in pairs if value is not None]


async def time_calls(peer: Peer, app: Any, fields: Fields, calls: int, expected: tuple[int, bytes]) -> float:
    """CPU time of one call in nanoseconds; raises ValueError if an answer is not the expected one."""
    spent = 0
    for _ in range(calls // BATCH):
        if peer.protocol == "wsgi":
            spent += _time_wsgi(app, [(Begun(), environ(fields)) for _ in range(BATCH)], expected)
        else:
            spent += await _time_asgi(app, [(Collected(), scope(fields)) for _ in range(BATCH)], expected)
    return spent / (calls // BATCH * BATCH)


def _time_wsgi(app: Any, waiting: list[tuple[Begun, dict[str, Any]]], expected: tuple[int, bytes]) -> int:
    gc.collect()
    began = time.process_time_ns()
    for begun, given in waiting:
        begun.run(app, given)
    spent = time.process_time_ns() - began
    _compare(((int(begun.status[:3]), begun.pieces) for begun, _ in waiting), expected)
    return spent


async def _time_asgi(app: Any, waiting: list[tuple[Collected, Event]], expected: tuple[int, bytes]) -> int:
    calls = [(given, exchange.receive, exchange.send) for exchange, given in waiting]
    gc.collect()
    began = time.process_time_ns()
    for given, receive, send in calls:
        await app(given, receive, send)
    spent = time.process_time_ns() - began
    _compare(((exchange.status, exchange.pieces) for exchange, _ in waiting), expected)
    return spent


def _compare(answers: Iterable[tuple[int, list[bytes]]], expected: tuple[int, bytes]) -> None:
    for status, pieces in answers:
        if (status, b"".join(pieces)) != expected:
            raise ValueError(f"An answer differs: {status}, {sum(map(len, pieces))} bytes; expected {expected[0]}.")


async def time_case(
    apps: dict[Peer, Any], conditions: dict[Peer, Fields], expected: tuple[int, bytes], rounds: int, calls: int
) -> Times:
    """Time a case in so many rounds, each peer once a round in a new order."""
    times: Times = {peer.shown: [] for peer in conditions}
    order = list(conditions)
    for peer in order:
        await time_calls(peer, apps[peer], conditions[peer], calls, expected)  # to warm up
    for _ in range(rounds):
        random.shuffle(order)
        for peer in order:
            times[peer.shown].append(await time_calls(peer, apps[peer], conditions[peer], calls, expected))
    return times


def table(title: str, times: Times, best: str) -> str:
    """One line a peer, the quickest first."""
    rows = [(title, "µs a request", f"/ {best}"), ("-" * 48, "-" * 11 + ":", "-" * 13 + ":")]
    for name in sorted(times, key=lambda name: pace(times, name)):
        median = sorted(times[name])[len(times[name]) // 2] / 1000
        rows.append((versioned(name), f"{median:.2f}", f"{ratio(times, name, best):.2f}"))
    return "\n".join(f"| {row[0]:<48} | {row[1]:>12} | {row[2]:>14} |" for row in rows)


def versioned(shown: str) -> str:
    """The libraries' names with their versions."""
    names, comma, protocol = shown.partition(", ")
    return " + ".join(label(name) for name in names.split(" + ")) + comma + protocol


def judge(title: str, times: Times, best: str) -> Verdict:
    """Whether Martlet over ASGI answers often enough."""
    measured = ratio(times, best, OURS.shown)
    words = f"{title}: {measured:.2f} x the requests per CPU second of {best}, the best other over ASGI, at least {AIM}"
    return Verdict(measured >= AIM, words)


def best_other(times: Times, protocol: str) -> str:
    """The quickest of the others over a protocol."""
    others = [peer.shown for peer in PEERS if peer.protocol == protocol and peer.shown in times and peer.name != "martlet"]
    return min(others, key=lambda name: ratio(times, name, OURS.shown))


def beside(title: str, times: Times) -> str:
    """How far ahead or behind Martlet is of the best over WSGI, which is no aim but no secret either."""
    best = best_other(times, "wsgi")
    return f"- no aim  {title}: {ratio(times, best, OURS_WSGI.shown):.2f} x the requests of {best}, both over WSGI"


async def measure(options: argparse.Namespace, directory: str) -> tuple[list[str], list[Verdict]]:
    """Check and time everything; gives the report's parts, printed as they come, and the verdicts."""
    apps = {peer: peer.make(directory) for peer in PEERS}
    lives = [Lifespan(app) for peer, app in apps.items() if peer.protocol == "asgi"]
    for life in lives:
        await life.start()
    conditions = {peer: await validators(peer, app) for peer, app in apps.items()}
    again = {peer: (await ask(peer, apps[peer], fields))[0] for peer, fields in conditions.items()}
    gc.collect()
    gc.freeze()
    parts, verdicts, remarks = [machine(options)], [], []
    print(parts[0])
    cases: Sequence[tuple[str, dict[Peer, Fields], tuple[int, bytes]]] = [
        (f"GET {PATH}, 200", {peer: [] for peer in PEERS}, (200, CONTENT)),
        (f"GET {PATH}, 304", {peer: fields for peer, fields in conditions.items() if again[peer] == 304}, (304, b"")),
    ]
    for title, asked, expected in cases:
        times = await time_case(apps, asked, expected, options.rounds, options.calls)
        best = best_other(times, "asgi")
        parts.append(table(title, times, best))
        verdicts.append(judge(title, times, best))
        remarks.append(beside(title, times))
        print(f"\n{parts[-1]}")
    never = [peer.shown for peer in PEERS if again[peer] != 304]
    parts.append("\n".join([*map(str, verdicts), *remarks, *(f"- no 304  {name} sends the file again" for name in never)]))
    print(f"\n{parts[-1]}")
    for life in lives:
        await life.stop()
    return parts, verdicts


def machine(options: argparse.Namespace) -> str:
    """Where, with what and how this was measured."""
    command = shlex.join(["python", "-m", "benchmarks.files", *sys.argv[1:]])
    python = f"CPython {sys.version.split()[0]}"
    rounds = f"{options.rounds} rounds of {options.calls} calls, CPU time, medians; a file of {len(CONTENT):,} bytes"
    return "\n".join(f"- {line}" for line in (processor(), python, f"`{command}`", rounds))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench files", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=31, help="rounds a case, each with every framework (31)")
    parser.add_argument("--calls", type=int, default=200, help=f"calls of each in a round, a multiple of {BATCH} (200)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    if options.rounds < 1 or options.calls < BATCH or options.calls % BATCH:
        parser.error(f"--rounds must be at least 1, --calls a multiple of {BATCH}.")
    return options


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    options = parse_arguments()
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "app.css").write_bytes(CONTENT)
        time.sleep(SETTLED_SECONDS)
        parts, verdicts = asyncio.run(measure(options, directory))
    if options.record is not None:
        record(options.record, parts, "Files")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
