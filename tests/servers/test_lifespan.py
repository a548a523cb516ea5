"""The application starts with its server, or with the first request over WSGI, and its clean-up runs at SIGTERM."""
# Not here, since it takes half a minute: what becomes of a stream that is open at SIGTERM; docs/servers.md tells.

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.running import COMMANDS, Server, eventually, start_all
from tests.servers.wire import ask


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Server, list[str]]]]:
    """Servers that have answered once and were asked to stop, each with the journal from before that."""
    started = start_all(COMMANDS, tmp_path_factory.mktemp("stopped"))
    try:
        for server in started.values():
            ask(server.port, "/plain")
        journals = {name: server.journal for name, server in started.items()}
        for server in started.values():
            server.process.terminate()
        yield {name: (server, journals[name]) for name, server in started.items()}
    finally:
        for server in started.values():
            server.kill()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_application_is_opened_before_its_first_answer_and_closed_at_sigterm(
    name: str, stopped: dict[str, tuple[Server, list[str]]]
) -> None:
    server, before = stopped[name]

    server.stop()

    assert before == ["shelf opened"]
    assert server.journal == ["shelf opened", "shelf closed"]
    # Some raise the signal again when they are done, so that their parent sees what ended them.
    assert server.process.returncode in {0, -15}


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
