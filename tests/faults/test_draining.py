"""A short run of `scripts/faults drain`: few streams and sockets, every server, and nothing to complain of but the time."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.faults.draining import BOUND_SECONDS, COMMANDS, Outcome, kill, run
from tests.servers.running import free_port


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
async def test_every_client_gets_its_last_word_and_the_server_ends(name: str) -> None:
    await all_are_told(name)


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, (_, threads) in COMMANDS.items() if threads is None])
async def test_clients_of_a_process_that_hardly_runs_are_told_too(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # When it runs again, the server hears of the signal in the same step as we do.
    monkeypatch.setenv("MARTLET_STALL_SECONDS", "0.15")
    await all_are_told(name)


async def all_are_told(name: str) -> None:
    # Granian drops WebSockets as soon as it hears the signal, now and then before ours are told (docs/servers.md).
    outcome = await run(name, 20, 0 if "granian" in name else 10)

    outcome.seconds = min(outcome.seconds, BOUND_SECONDS)  # a machine under load takes its time
    assert outcome.complaints == []


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("interface", ["asgi", "rsgi", "wsgi"])
def test_a_signal_to_workers_that_only_begin_is_heeded(interface: str, tmp_path: Path) -> None:
    # Granian's own handlers are not there yet, and its loop runs twice: a worker that misses the signal is killed after 25 s.
    (tmp_path / "books.py").write_text("import martlet\n\napp = martlet.App()\n", encoding="utf-8")
    command = [sys.executable, "-m", "martlet", "run", "--server", "granian", "--interface", interface, "--workers", "2"]
    statuses = list[int]()

    for milliseconds in range(0, 50, 10):
        arguments = [*command, "--port", str(free_port()), "books:app"]
        with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            assert process.stdout is not None
            while "Ctrl-C" not in (line := process.stdout.readline()):
                assert line, "it has not begun"
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
            while not children.read_text(encoding="ascii"):  # and before that, nothing has begun that could end well
                assert process.poll() is None
            time.sleep(milliseconds / 1_000)
            process.terminate()
            try:
                statuses.append(process.wait(20))
            finally:
                kill(process)  # where it has not ended, or it is waited for without end

    assert set(statuses) == {0}


def test_what_is_wrong_is_told() -> None:
    outcome = Outcome(
        "any", 20, seconds=2.5, status=-15, last_events=19, opened=2, closed=1, sockets=10, told=9, left=9, finished=5
    )

    assert outcome.complaints == [
        "status -15",
        "it took 2.50 s",
        "1 streams without their last event",
        "1 sockets were not told",
        "9 handlers left, 5 finished",
        "opened 2 times, closed 1 times",
    ]
    assert Outcome("any", 20, seconds=1, status=0, last_events=20, opened=2, closed=2).complaints == []
