"""The application starts with its server, or with the first request over WSGI, and its clean-up runs at SIGTERM."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.running import COMMANDS, Server, start_all
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
