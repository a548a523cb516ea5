"""Settings of the whole suite: how Hypothesis searches, what processes share, and the protocols that tests of an app run over."""

import gc
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]  # it brings no types

from martlet import App
from martlet.testing import Client, CookieJar
from tests.serving import PROTOCOLS, ProtocolName, Serve, ServeOnce, Serving, Share, T

# No deadline: a shared machine pauses for longer than any honest bound. In CI the same examples each time,
# so that a red build means a change; on a developer's machine new ones each time, so that luck can strike.
# HYPOTHESIS_PROFILE=thorough takes forty times as many.
settings.register_profile("developer", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "developer"))


# Rooms whose files share what takes long to make: servers that run, the syntax trees of the whole source.
TOGETHER = ("tests/servers/", "tests/architecture/")


class Scheduling(LoadFileScheduling):  # type: ignore[misc]  # the same
    """A file stays in one process, and so does a room of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return next((room for room in TOGETHER if nodeid.startswith(room)), None) or super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    return Scheduling(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from going through thousands of tests, which live as long as the process."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(params=PROTOCOLS, scope="module")
def protocol(request: pytest.FixtureRequest) -> ProtocolName:
    """The protocol of this run; a test that asks for it, or for `serve`, runs once per protocol."""
    name: ProtocolName = request.param
    return name


@pytest.fixture
def serve(protocol: ProtocolName) -> Iterator[Serve]:
    """Serve an app over the protocol of this run; it is stopped after the test, or after its row of `each`."""
    with Serving(protocol) as serving:
        yield serving


@pytest.fixture(scope="module")
def serve_once(protocol: ProtocolName) -> Iterator[ServeOnce]:
    """Serve what a function makes of these arguments, which is made once for all tests of a module: they must not change it."""
    with ExitStack() as stack:
        served: dict[tuple[Any, ...], Client] = {}

        def start(make: Callable[..., App], *arguments: Any, **options: Any) -> Client:
            key = (make, arguments, tuple(options.items()))
            if key not in served:
                served[key] = stack.enter_context(Client(make(*arguments, **options), protocol=protocol))
            served[key].cookies = CookieJar()
            return served[key]

        yield start


@pytest.fixture(params=["a share", pytest.param("all", marks=pytest.mark.slow)])
def share(request: pytest.FixtureRequest, protocol: ProtocolName) -> Share:
    """Each row of a long table goes over one protocol; over all of them in the slow tests."""
    place = PROTOCOLS.index(protocol)

    def choose(rows: Sequence[T]) -> Sequence[T]:
        return rows if request.param == "all" else rows[place :: len(PROTOCOLS)]

    return choose
