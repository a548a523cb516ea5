"""The application starts with its server, or with the first request over WSGI, and its clean-up runs at SIGTERM."""
# Not here, since it takes half a minute: what becomes of a stream that is open at SIGTERM; docs/servers.md tells.

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.servers.running import COMMANDS, STOP_SECONDS, Server, eventually
from tests.servers.wire import ask


def begun(server: Server) -> bool:
    return server.journal[-1:] == ["after begun"]


@pytest.fixture(scope="module")
def stopped(below: dict[str, Server]) -> dict[str, Server]:
    """Servers that have answered and were asked to stop while work after an answer was under way."""
    for server in below.values():
        ask(server.port, "/place")
        ask(server.port, "/after/slowly")
        # An answer may be here before its server has come back to what is left to do.
        assert eventually(partial(begun, server), 30), server.log
        server.process.terminate()
    return below


@pytest.mark.parametrize("name", COMMANDS)
def test_the_application_is_opened_before_its_first_answer_and_closed_at_sigterm(name: str, stopped: dict[str, Server]) -> None:
    server = stopped[name]

    server.process.wait(STOP_SECONDS)

    assert server.journal[:2] == ["shelf opened", "mount startup"]
    assert server.journal[-2:] == ["mount shutdown", "shelf closed"]
    assert [server.journal.count(line) for line in ("shelf opened", "shelf closed")] == [1, 1]
    # Some raise the signal again when they are done, so that their parent sees what ended them.
    assert server.process.returncode in {0, -15}


@pytest.mark.parametrize("name", COMMANDS)
def test_at_sigterm_work_is_waited_for_and_mounts_are_stopped(name: str, stopped: dict[str, Server]) -> None:
    stopped[name].process.wait(STOP_SECONDS)

    assert stopped[name].journal[-4:-1] == ["after begun", "after", "mount shutdown"]


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Servers of an application that cannot start, each with that as its last word, or waiting for the first request."""
    folder = tmp_path_factory.mktemp("broken")
    started = {name: Server(name, folder / name, "application:broken") for name in COMMANDS}
    yield started
    for server in started.values():
        server.kill()


@pytest.mark.parametrize("name", COMMANDS)
def test_an_application_that_cannot_start_is_told_to_whoever_starts_it(name: str, broken: dict[str, Server]) -> None:
    server = broken[name]

    if name in {"granian-wsgi", "gunicorn"}:  # there is nothing before the first request, unless the module freezes the app
        server.wait()
        assert [ask(server.port, "/").status for _ in range(2)] == [500, 500]
    else:
        assert server.process.wait(30) == (0 if name == "hypercorn" else 3 if name == "uvicorn" else 1)

    assert eventually(lambda: "The parameter 'shelf' of needs_a_shelf of type Shelf comes from nowhere." in server.log)
