"""The brokers under test: each test that asks for `make_channels` runs over all of them."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from martlet.channels import Broker, Channels, MemoryBroker, NatsBroker, RedisBroker
from tests.services import Service

MakeChannels = Callable[[], Channels]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Service]:
    """One for all tests that do not stop it."""
    service = Service.start("redis")
    yield service
    service.stop()


@pytest.fixture(scope="session")
def nats_server() -> Iterator[Service]:
    """One for all tests that do not stop it."""
    service = Service.start("nats", tcp=True)
    yield service
    service.stop()


@pytest.fixture
def lasting_server() -> Iterator[Service]:
    """One of the test's own, which loses nothing when it is killed."""
    service = Service.start("redis", "--appendonly", "yes", "--appendfsync", "always")
    yield service
    service.stop()


@pytest.fixture
def forgetful_server() -> Iterator[Service]:
    """One of the test's own, which is empty after it was killed."""
    service = Service.start("redis")
    yield service
    service.stop()


@pytest.fixture(params=["memory", "redis", "nats"])
def broker_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def make_broker(broker_kind: str, request: pytest.FixtureRequest) -> Callable[[], Broker]:
    """Make brokers of processes that share what is published; in memory there is one process."""
    if broker_kind == "memory":
        broker = MemoryBroker()
        return lambda: broker
    url, prefix = request.getfixturevalue(f"{broker_kind}_server").url, f"test-{secrets.token_hex(4)}"
    if broker_kind == "nats":
        return lambda: NatsBroker(url, prefix=prefix)
    return lambda: RedisBroker(url, prefix=f"{prefix}:")


@pytest.fixture
async def channels(make_broker: Callable[[], Broker]) -> AsyncIterator[Channels]:
    async with Channels(make_broker()) as channels:
        yield channels
