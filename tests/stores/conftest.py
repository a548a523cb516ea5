"""The stores under test: each test that asks for `store` runs over all of them."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from martlet.stores import KeyValueStore, MemoryStore, RedisStore, SQLiteStore
from tests.services import Service

MakeStore = Callable[[], KeyValueStore]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Service]:
    """One for all tests that do not stop it."""
    service = Service.start("redis")
    yield service
    service.stop()


@pytest.fixture
def lasting_server() -> Iterator[Service]:
    """One of the test's own, which loses nothing when it is killed."""
    service = Service.start("redis", "--appendonly", "yes", "--appendfsync", "always")
    yield service
    service.stop()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def make_store(store_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Make stores that keep the same entries, if they are not in memory."""
    if store_kind == "memory":
        return MemoryStore
    if store_kind == "sqlite":
        return lambda: SQLiteStore(tmp_path / "store.db")
    url, prefix = request.getfixturevalue("redis_server").url, f"test-{secrets.token_hex(4)}:"
    return lambda: RedisStore(url, prefix=prefix)


@pytest.fixture
async def store(make_store: MakeStore) -> AsyncIterator[KeyValueStore]:
    async with make_store() as store:
        yield store
