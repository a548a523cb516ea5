"""Stores by URL."""

from pathlib import Path

import pytest

from martlet.stores import MemoryStore, RedisStore, SQLiteStore, open_store
from martlet.stores.redis_urls import RedisURL
from tests.rows import each


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_a_url_opens_its_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert isinstance(open_store("memory:"), MemoryStore)
    assert isinstance(open_store("redis://127.0.0.1:6379/0"), RedisStore)
    for url in ("sqlite:///a%20b.db", f"sqlite:///{tmp_path}/c.db"):
        store = open_store(url)
        assert isinstance(store, SQLiteStore)
        async with store:
            await store.set("key", b"", ttl=60)
    assert names_in(tmp_path) == {"a b.db", "c.db"}


@each(
    ("url", "message"),
    [
        pytest.param("sqllite:///a.db", "did you mean 'sqlite:'", id="misspelt"),
        pytest.param("reddis://:hunter2@host", "did you mean 'redis:'", id="misspelt, with a password"),
        pytest.param(
            "postgresql://host/base", r"no store 'postgresql:'\. .* memory, sqlite, redis, rediss, valkey", id="unknown"
        ),
        pytest.param("", "no store ':'", id="empty"),
        pytest.param("memory://host", "says too much", id="memory of a host"),
        pytest.param("sqlite://a.db", "names no file: write sqlite:///sessions.db", id="a slash too few"),
        pytest.param("sqlite:///", "names no file", id="no path"),
        pytest.param("sqlite:///a.db?mode=ro", "names no file", id="settings"),
        pytest.param(
            "redis+sentinel://one,two", "redis.sentinel://HOST:PORT,HOST:PORT/SERVICE", id="sentinels without a service"
        ),
        pytest.param("redis+cluster://", "redis.cluster://HOST:PORT,HOST:PORT", id="no host"),
        pytest.param("redis+cluster://one:http", "'http' is no port", id="no port"),
    ],
)
def test_what_is_no_url_of_a_store_is_told_with_the_cure(url: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        open_store(url)

    assert "hunter2" not in str(caught.value)


@each(
    ("url", "plain", "hosts", "service", "is_secure"),
    [
        pytest.param("redis://h:1/2", "redis://h:1/2", (), "", False, id="one"),
        pytest.param("valkeys://u:p@h", "rediss://u:p@h", (), "", True, id="valkey with TLS"),
        pytest.param("unix:///run/s?db=1", "unix:///run/s?db=1", (), "", False, id="socket"),
        pytest.param("redis+cluster://a,b:7", "redis://a", (("a", 6379), ("b", 7)), "", False, id="cluster"),
        pytest.param(
            "rediss+cluster://u:p@[::1]:7,[::2]", "rediss://u:p@[::1]", (("::1", 7), ("::2", 6379)), "", True, id="cluster, IPv6"
        ),
        pytest.param("valkey+sentinel://a/my%20own", "redis://a", (("a", 26379),), "my own", False, id="sentinel"),
        pytest.param("redis+sentinel://:p@a:5/m/3", "redis://:p@a/3", (("a", 5),), "m", False, id="sentinel, database"),
    ],
)
def test_a_url_is_read(url: str, plain: str, hosts: tuple[tuple[str, int], ...], service: str, is_secure: bool) -> None:
    read = RedisURL.parse(url)

    assert (read.plain, read.hosts, read.service, read.is_secure) == (plain, hosts, service, is_secure)


@each(
    "url",
    [
        "redis://user:hunter2@host/0",
        "unix://user@/run/socket?password=hunter2",
        "redis+cluster://:hunter2@one,two",
        "redis+sentinel://:hunter2@one/service?sentinel_password=hunter2",
    ],
)
def test_no_password_is_ever_shown(url: str) -> None:
    assert "hunter2" not in repr(RedisStore(url))
