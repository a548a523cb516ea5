"""Settings of the whole suite: how Hypothesis searches, and the protocols that tests of an app run over, in memory."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

from martlet import App
from martlet.testing import Client
from tests.serving import PROTOCOLS, ProtocolName, Serve

# No deadline: a shared machine pauses for longer than any honest bound. In CI the same examples each time,
# so that a red build means a change; on a developer's machine new ones each time, so that luck can strike.
# HYPOTHESIS_PROFILE=thorough takes twenty times as many.
settings.register_profile("developer", deadline=None, max_examples=50)
settings.register_profile("ci", deadline=None, max_examples=50, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "developer"))


@pytest.fixture(params=PROTOCOLS)
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    """The protocol of this run; a test that asks for it, or for `serve`, runs once per protocol."""
    name: ProtocolName = request.param
    return name


@pytest.fixture
def serve(protocol: ProtocolName) -> Iterator[Serve]:
    """Serve an app over the protocol of this run; it is stopped after the test."""
    with ExitStack() as stack:

        def start(app: App) -> Client:
            return stack.enter_context(Client(app, protocol=protocol))

        yield start
