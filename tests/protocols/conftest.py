"""Every test here runs once per protocol, in memory; a new adapter joins by its name in this list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from martlet import App
from martlet.testing import Client

PROTOCOLS = ["asgi", "wsgi", "rsgi"]
Serve = Callable[[App], Client]


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> str:
    """The protocol of this run."""
    name: str = request.param
    return name


@pytest.fixture
def serve(protocol: str) -> Iterator[Serve]:
    """Serve an app over the protocol of this run; it is stopped after the test."""
    with ExitStack() as stack:

        def start(app: App) -> Client:
            return stack.enter_context(Client(app, protocol=protocol))  # type: ignore[arg-type]

        yield start
