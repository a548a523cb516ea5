"""Every test here runs once per server; a new server joins by its command in running.py."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import pytest

from tests.servers.running import COMMANDS, Server, start_all, start_below
from tests.servers.wire import ask

LOG_LINES = 40


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("tests/servers/"):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """The servers that this run asks for, started together."""
    # "server" is also a parameter's name elsewhere: those that go by it here ask for `servers` too.
    functions = [item for item in request.session.items if isinstance(item, pytest.Function) and "servers" in item.fixturenames]
    asked = {str(function.callspec.params["server"]) for function in functions if "server" in function.callspec.params}
    started = start_all(sorted(asked), tmp_path_factory.mktemp("servers"))
    for server in started.values():
        ask(
            server.port, "/text"
        )  # over WSGI the lifespan begins with the first request, and is in the journal before any test looks
    yield started
    for server in started.values():
        server.process.terminate()
    for server in started.values():
        server.kill()


@pytest.fixture(scope="session")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Every server, with an application that has others below it; test_lifespan.py stops them in the end."""
    yield from start_below(dict.fromkeys(COMMANDS, ""), tmp_path_factory.mktemp("below"))


@pytest.fixture(params=list(COMMANDS))
def server(request: pytest.FixtureRequest, servers: dict[str, Server]) -> Server:
    """The server of this run."""
    name: str = request.param
    return servers[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a server's log with what failed on it."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and isinstance(server, Server):
        report.sections.append((f"log of {server.name}", "\n".join(server.log.splitlines()[-LOG_LINES:])))
        report.sections.append((f"journal on {server.name}", "\n".join(server.journal[-LOG_LINES:])))
    return report
