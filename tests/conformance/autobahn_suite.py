"""Runs Autobahn's test suite against an echo application of ours, on real servers: `scripts/conformance websockets`.

The suite runs on Python 2.7 only, and a part of it is compiled: an environment with both is made once, in .conformance/autobahn,
from packages that pip fetches. Its groups 9 (speed), 12 and 13 (compression, which is the server's affair) are left out.
"""

import argparse
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers.running import Server

FETCHED = Path(__file__).parents[2] / ".conformance"
VIRTUALENV = "virtualenv==20.15.1"  # the last that makes environments for Python 2.7
SUITE = "autobahntestsuite==25.10.1"
CASES = 247  # without the groups that are left out
LEFT_OUT = ["9.*", "12.*", "13.*"]
INSTALL_SECONDS = 300
SUITE_SECONDS = 600
PASSED = frozenset({"OK", "INFORMATIONAL", "NON-STRICT"})  # the last: closed as it must be, later than it might be

# By the name of a run: the server, and its options.
RUNS = {
    "granian-asgi": ("granian-asgi", ""),
    "granian-rsgi": ("granian-rsgi", ""),
    "uvicorn-wsproto": ("uvicorn", "--ws wsproto --ws-max-size 17825792"),
    "uvicorn": ("uvicorn", "--ws-max-size 17825792"),
    "hypercorn": ("hypercorn", "--websocket-ping-interval 600"),
    "h2corn": ("h2corn", ""),
}
OURS = ("granian-asgi", "granian-rsgi", "uvicorn-wsproto")

# What servers fail at by themselves: messages and frames as they read and write them, before and behind the application.
THEIRS: dict[str, dict[str, str]] = {}


class UnavailableError(Exception):
    """The suite cannot be run on this machine; says why."""


def install() -> Path:
    """Give the suite's command, made once; raises UnavailableError."""
    command = FETCHED / "autobahn" / "bin" / "wstest"
    if command.exists():
        return command
    interpreter = _find_old_python()
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        raise UnavailableError("there is no C compiler, which a part of the suite needs")
    FETCHED.mkdir(exist_ok=True)
    tool, made = FETCHED / "virtualenv", command.parents[1]
    try:
        _do([sys.executable, "-m", "pip", "install", "-q", "--target", str(tool), VIRTUALENV])
        search = {**os.environ, "PYTHONPATH": str(tool)}
        _do([sys.executable, "-m", "virtualenv", "-q", "-p", interpreter, str(made)], search)
        _do([str(made / "bin" / "pip"), "install", "-q", SUITE])
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(made, ignore_errors=True)
        raise UnavailableError(f"the suite's environment cannot be made: {error!s:.500}") from error
    return command


def _find_old_python() -> str:
    kept = Path.home() / ".pyenv" / "versions"
    places = [shutil.which("python2.7") or "", *map(str, sorted(kept.glob("2.7*/bin/python2.7")))]
    for place in filter(None, places):
        done = subprocess.run(
            [place, "-c", "import ssl, sys; sys.exit(sys.version_info[:2] != (2, 7))"], check=False, capture_output=True
        )
        if done.returncode == 0:
            return place
    raise UnavailableError("there is no Python 2.7, on which alone the suite runs")


def _do(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command, env=environment, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def run(command: Path, name: str, folder: Path) -> dict[str, Any]:
    """Run all cases against one server; gives the suite's index, by case."""
    kind, options = RUNS[name]
    server = Server(kind, folder / name, "autobahn_application:app", options, source=Path(__file__).parent)
    try:
        server.wait()
        plan = {
            "outdir": str(folder / "reports"),
            "servers": [{"agent": name, "url": f"ws://127.0.0.1:{server.port}/"}],
            "cases": ["*"],
            "exclude-cases": LEFT_OUT,
            "exclude-agent-cases": {},
        }
        written = folder / f"{name}.json"
        written.write_text(json.dumps(plan), encoding="utf-8")
        subprocess.run(
            [str(command), "-m", "fuzzingclient", "-s", str(written)],
            cwd=folder,
            check=True,
            timeout=SUITE_SECONDS,
            stdout=subprocess.DEVNULL,
        )
        server.stop()
    finally:
        server.kill()
    if "Traceback" in server.log:
        sys.stderr.write(server.log[-2_000:])
    index: dict[str, Any] = json.loads((folder / "reports" / "index.json").read_text(encoding="utf-8"))[name]
    return index


def failed(index: dict[str, Any]) -> list[str]:
    """The cases that are not passed, or whose closing is not."""
    return [case for case, row in index.items() if not {row["behavior"], row["behaviorClose"]} <= PASSED]


def main() -> None:
    """Run what the arguments name, and tell it as a table; ends with 1 where a case fails that is not known to."""
    parser = argparse.ArgumentParser(prog="scripts/conformance websockets")
    parser.add_argument("--only", choices=RUNS, action="append", help=f"one of the servers; by default {', '.join(OURS)}")
    options = parser.parse_args()
    try:
        command = install()
    except UnavailableError as error:
        print(f"Skipped: {error}.")  # noqa: T201  a command prints
        return
    machine = f"CPython {platform.python_version()}, {platform.platform()}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine}\nscripts/conformance websockets {shlex.join(sys.argv[1:])}\n")  # noqa: T201
    print("| server | cases | passed | of these informational | not strict | failed |\n|---|---|---|---|---|---|")  # noqa: T201
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only or OURS:
            index = run(command, name, Path(folder))
            counts, missed = Counter(row["behavior"] for row in index.values()), failed(index)
            new = [case for case in missed if case not in THEIRS.get(name, {})]
            wrong += bool(new) or len(index) != CASES
            told = f"{len(missed)}: {', '.join(missed)}" if missed else "0"
            row = [name, len(index), len(index) - len(missed), counts["INFORMATIONAL"], counts["NON-STRICT"], told]
            print(f"| {' | '.join(map(str, row))} |", flush=True)  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
