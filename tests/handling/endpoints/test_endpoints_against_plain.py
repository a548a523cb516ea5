"""The generated endpoints answer as the plain pipeline does, for random apps and random requests, over every protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings

from martlet import App
from martlet.testing import Client
from tests.handling.endpoints.plain_pipeline import PlainApp
from tests.handling.endpoints.random_apps import OutOfStockError, World
from tests.handling.endpoints.random_requests import Asked, conversations
from tests.serving import PROTOCOLS

Answer = tuple[int, list[tuple[str, str]], bytes, list[str]]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Random apps fail on purpose, hundreds of times."""
    logger = logging.getLogger("martlet")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(level)


def ask(client: Client, world: World, asked: Asked) -> Answer:
    """Send a request; give the status, the fields, the content, and what the functions of the app did."""
    world.failing, world.events = asked.failing, []
    content: Any = asked.chunks if len(asked.chunks) > 1 else b"".join(asked.chunks)
    try:
        received = client.request(asked.method, asked.target, headers=asked.headers, content=content)
    except OutOfStockError:  # a provider failed in leaving, after its stream had ended
        return 0, [], b"broken off", world.events
    return received.status_code, sorted(received.headers.items()), received.content, world.events


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(conversations())
def test_generated_endpoints_answer_as_the_plain_pipeline(conversation: tuple[App, World, list[Asked]]) -> None:
    app, world, requests = conversation
    note("\n".join(route.target.code for route in app.freeze().router.routes))
    with ExitStack() as stack:
        plain = stack.enter_context(Client(PlainApp(app)))
        clients = {protocol: stack.enter_context(Client(app, protocol=protocol)) for protocol in PROTOCOLS}
        for client in (plain, *clients.values()):
            client.get("/")  # over WSGI the app starts with the first request

        for asked in requests:
            expected = ask(plain, world, asked)
            for protocol, client in clients.items():
                assert ask(client, world, asked) == expected, protocol
