"""What a signed session in a cookie costs a request: read and written, and only read.

Every framework in every round, with its session and without, compared as ratios inside a round, in CPU time. Not here: sockets,
and sessions that are kept on a server.
"""

import argparse
import asyncio
import gc
import importlib
import logging
import random
import shlex
import statistics
import sys
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.cases import Case, Event
from benchmarks.exchange import Lifespan
from benchmarks.report import Verdict, label, processor, record

OURS = "martlet"
PEERS = {OURS: "asgi", "starlette": "asgi", "django": "wsgi"}
AIMS = {"starlette": 1 / 2, "django": 1 / 3}  # at most so much of what a session costs there
BATCH = 100


@dataclass(frozen=True)
class Use:
    """What a handler does with the session."""

    path: str
    title: str
    has_aim: bool


USES = [Use("/count", "read, and written with a counter", has_aim=True), Use("/read", "only read", has_aim=False)]
Costs = dict[str, list[float]]  # nanoseconds a request, one number a round


class Answer:
    """What an application sends, over either protocol; taken apart when somebody looks, which is not while it is timed."""

    __slots__ = ("_fields", "_status", "body")

    def __init__(self) -> None:
        self._status: int | str = 0
        self.body = b""
        self._fields: Any = ()

    async def send(self, event: Event) -> None:
        """Take what comes over ASGI."""
        if event["type"] == "http.response.start":
            self._status, self._fields = event["status"], event["headers"]
        else:
            self.body += event.get("body", b"")

    def start(self, status: str, fields: list[tuple[str, str]], *_: Any) -> None:
        """Take what comes over WSGI."""
        self._status, self._fields = status, fields

    @property
    def status(self) -> int:
        """The status code."""
        return int(str(self._status)[:3])

    @property
    def cookie(self) -> str:
        """The value of the cookie that was set, empty where none was."""
        for line in self._fields:
            name, value = (part if isinstance(part, str) else bytes(part).decode("latin-1") for part in line)
            if name.lower() == "set-cookie":
                return value.partition(";")[0].partition("=")[2].strip('"')
        return ""


async def receive() -> Event:
    """No body."""
    return {"type": "http.request", "body": b"", "more_body": False}


class Peer:
    """One framework's application, with sessions and without."""

    def __init__(self, name: str) -> None:
        module = importlib.import_module(f"benchmarks.session_peers.{name}")
        self.name = name
        self.with_sessions, self.without = module.make(with_sessions=True), module.make(with_sessions=False)
        self.cookie = ""

    async def ask(self, path: str, cookie: str) -> Answer:
        """Ask once."""
        answer = Answer()
        await self._call(self.with_sessions, self._given(path, cookie), answer)
        return answer

    async def check(self) -> None:
        """Begin the session that is timed; raises ValueError unless it counts, keeps, and refuses what was changed."""
        self.cookie = (await self.ask("/begin", "")).cookie
        counted = await self.ask("/count", self.cookie)
        again, read = await self.ask("/count", counted.cookie), await self.ask("/read", counted.cookie)
        changed = self.cookie[:-2] + ("AA" if self.cookie[-2:] != "AA" else "BB")
        bodies = [counted.body, again.body, read.body]
        if bodies != [b"8", b"9", b"8"] or read.cookie or await self._knows(changed):
            raise ValueError(f"{self.name} keeps no session as the others do: {bodies}, {read.cookie!r}")

    async def _knows(self, cookie: str) -> bool:
        logging.disable()
        try:
            return (await self.ask("/count", cookie)).status == 200
        except KeyError:  # the session is empty, as it must be
            return False
        finally:
            logging.disable(logging.NOTSET)

    async def time_calls(self, path: str, calls: int, *, with_sessions: bool) -> float:
        """CPU time of one call in nanoseconds; raises ValueError if an answer is not the expected one."""
        app, cookie = (self.with_sessions, self.cookie) if with_sessions else (self.without, self.cookie)
        spent, is_asgi = 0, PEERS[self.name] == "asgi"
        for _ in range(calls // BATCH):
            waiting = [(self._given(path, cookie), Answer()) for _ in range(BATCH)]
            gc.collect()
            began = time.process_time_ns()
            if is_asgi:
                for given, answer in waiting:
                    await app(given, receive, answer.send)
            else:
                for given, answer in waiting:
                    _run_wsgi(app, given, answer)
            spent += time.process_time_ns() - began
            expected = {b"7"} if path == "/read" else {b"8"}
            if {answer.body for _, answer in waiting} != expected or not all(answer.status == 200 for _, answer in waiting):
                raise ValueError(f"{self.name} answers {path} with {waiting[0][1].body!r}")
        return spent / (calls // BATCH * BATCH)

    async def _call(self, app: Any, given: Any, answer: Answer) -> None:
        if PEERS[self.name] == "asgi":
            await app(given, receive, answer.send)
        else:
            _run_wsgi(app, given, answer)

    def _given(self, path: str, cookie: str) -> Any:
        """A scope or an environ as a server builds it, every text a new object."""
        scope = Case("GET", path).scope()
        if cookie:
            scope["headers"].append((b"cookie", b"session=" + cookie.encode()))
        return scope if PEERS[self.name] == "asgi" else _environ(scope)


def _environ(scope: Event) -> dict[str, Any]:
    fields = {f"HTTP_{name.decode().upper().replace('-', '_')}": value.decode("latin-1") for name, value in scope["headers"]}
    return {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"],
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **fields,
    }


def _run_wsgi(app: Any, given: dict[str, Any], answer: Answer) -> None:
    chunks = app(given, answer.start)
    answer.body = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


async def time_use(peers: list[Peer], use: Use, options: argparse.Namespace) -> tuple[Costs, Costs]:
    """Time whole requests and those without a session, each peer once a round in a new order."""
    whole: Costs = {peer.name: [] for peer in peers}
    bare: Costs = {peer.name: [] for peer in peers}
    order = [(peer, with_sessions) for peer in peers for with_sessions in (True, False)]
    for number in range(options.rounds + 1):
        random.shuffle(order)
        for peer, with_sessions in order:
            spent = await peer.time_calls(use.path if with_sessions else "/bare", options.calls, with_sessions=with_sessions)
            if number:  # the first round warms up
                (whole if with_sessions else bare)[peer.name].append(spent)
    return whole, bare


def differences(whole: Costs, bare: Costs) -> Costs:
    """What the session costs, round by round."""
    return {name: [a - b for a, b in zip(whole[name], bare[name], strict=True)] for name in whole}


def compared(costs: Costs, other: str) -> float:
    """Ours as a part of another's: the median over the rounds."""
    return statistics.median(mine / theirs for mine, theirs in zip(costs[OURS], costs[other], strict=True))


def table(use: Use, whole: Costs, bare: Costs) -> str:
    """One line a framework."""
    costs = differences(whole, bare)
    rows = [(use.title, "µs a request", "without session", "the session", "ours / theirs", "whole requests")]
    rows.append(("-" * 32, *("-" * 14 + ":",) * 5))
    for name in whole:
        medians = [f"{statistics.median(each[name]) / 1000:.2f}" for each in (whole, bare, costs)]
        ratios = [f"{compared(each, name):.2f}" for each in (costs, whole)]
        rows.append((label(name) + ("" if PEERS[name] == "asgi" else ", WSGI"), *medians, *ratios))
    return "\n".join("| " + row[0].ljust(32) + " | " + " | ".join(cell.rjust(15) for cell in row[1:]) + " |" for row in rows)


def judge(use: Use, whole: Costs, bare: Costs) -> list[Verdict]:
    """The aims of one use, reached or missed."""
    costs = differences(whole, bare)
    return [
        Verdict(compared(costs, name) <= aim, f"{use.title}: {compared(costs, name):.2f} x the cost in {name}, at most {aim:.2f}")
        for name, aim in AIMS.items()
        if use.has_aim
    ]


async def measure(options: argparse.Namespace) -> tuple[list[str], list[Verdict]]:
    """Check and time everything; gives the report's parts, printed as they come, and the verdicts."""
    peers = [Peer(name) for name in PEERS]
    lives = [Lifespan(app) for peer in peers if PEERS[peer.name] == "asgi" for app in (peer.with_sessions, peer.without)]
    for life in lives:
        await life.start()
    for peer in peers:
        await peer.check()
    gc.collect()
    gc.freeze()
    parts, verdicts = [machine(options)], list[Verdict]()
    print(parts[0])
    for use in USES:
        whole, bare = await time_use(peers, use, options)
        parts.append(table(use, whole, bare))
        verdicts += judge(use, whole, bare)
        print(f"\n{parts[-1]}")
    parts.append("\n".join(map(str, verdicts)))
    print(f"\n{parts[-1]}")
    for life in lives:
        await life.stop()
    return parts, verdicts


def machine(options: argparse.Namespace) -> str:
    """Where, with what and how this was measured."""
    command = shlex.join(["python", "-m", "benchmarks.sessions", *sys.argv[1:]])
    versions = ", ".join(map(label, (*PEERS, "itsdangerous", "msgspec")))
    rounds = f"{options.rounds} rounds of {options.calls} calls, CPU time, medians"
    return "\n".join(f"- {line}" for line in (processor(), f"CPython {sys.version.split()[0]}", versions, f"`{command}`", rounds))


def main() -> int:
    """Measure; 0 if all aims are reached, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/bench sessions", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=21, help="rounds, each with every framework (21)")
    parser.add_argument("--calls", type=int, default=500, help="calls of each in a round (500)")
    parser.add_argument("--record", type=Path, metavar="FILE", help="add the results to this Markdown file, under today's date")
    options = parser.parse_args()
    parts, verdicts = asyncio.run(measure(options))
    if options.record is not None:
        record(options.record, parts, "Sessions")
    return 0 if all(verdict.reached for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
