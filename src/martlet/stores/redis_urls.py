"""Read the URL of a Redis or Valkey, and make redis-py's client for it: one server, a cluster, or one that sentinels watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from martlet.optional_packages import require_extra

SECURE: Final = {"redis": False, "rediss": True, "valkey": False, "valkeys": True}
KINDS: Final = ("cluster", "sentinel")
SCHEMES: Final = (*SECURE, "unix", *(f"{name}+{kind}" for name in SECURE for kind in KINDS))
PORTS: Final = {"cluster": 6379, "sentinel": 26379}

# Answers as they were sent, over the protocol that every server speaks since 2010, each command sent once: when an answer is lost
# the command may have been done, and to do a `replace` or a `take` twice would be to do it wrongly. The store bounds the time.
OPTIONS: Final = {"protocol": 2, "decode_responses": False, "socket_timeout": None, "socket_connect_timeout": None}


@dataclass(frozen=True, slots=True)
class RedisURL:
    """Where a server, or the servers, are.

    kind: "one", "cluster" or "sentinel". plain: the URL of one server that redis-py reads the other settings from.
    hosts: those to ask for the others, with their ports. service: what the sentinels call the group.
    """

    kind: str
    plain: str
    hosts: tuple[tuple[str, int], ...]
    service: str
    is_secure: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; raises ValueError for a scheme that is none of ours and for a missing part.

        >>> RedisURL.parse("redis+sentinel://:secret@one:26379,two/sessions/3")
        RedisURL(kind='sentinel', plain='redis://:secret@one/3', hosts=(('one', 26379), ('two', 26379)), ...)
        >>> RedisURL.parse("valkeys://cache.example:6380/0").plain
        'rediss://cache.example:6380/0'
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise ValueError(f"{_shown(url)} is no URL of Redis or Valkey: it begins with one of {', '.join(SCHEMES)}.")
        name, _, kind = parts.scheme.partition("+")
        if name == "unix":
            return cls("one", url, (), "", is_secure=False)
        is_secure = SECURE[name]
        scheme = "rediss" if is_secure else "redis"
        if not kind:
            return cls("one", urlunsplit((scheme, *parts[1:])), (), "", is_secure)
        user, at, listed = parts.netloc.rpartition("@")
        hosts = tuple(_host_and_port(host, PORTS[kind]) for host in listed.split(",") if host)
        service, _, database = parts.path.strip("/").partition("/")
        if not hosts or (kind == "sentinel" and not service):
            form = "HOST:PORT,HOST:PORT" + ("/SERVICE" if kind == "sentinel" else "")
            raise ValueError(f"{_shown(url)} lacks a part: it is written as {parts.scheme}://{form}.")
        path = f"/{database}" if database else ""
        plain = urlunsplit((scheme, f"{user}{at}{_bracketed(hosts[0][0])}", path, parts.query, ""))
        return cls(kind, plain, hosts, unquote(service), is_secure)

    @property
    def shown(self) -> str:
        """What error messages say: no password, and no settings, which may hold one."""
        if self.kind == "one":
            return _shown(self.plain)
        hosts = ",".join(f"{_bracketed(host)}:{port}" for host, port in self.hosts)
        return f"{'rediss' if self.is_secure else 'redis'}+{self.kind}://{hosts}{'/' if self.service else ''}{self.service}"

    def make_clients(self, seconds: float) -> tuple[Any, ...]:
        """Make a client, which connects when it is used, and those that it asks; raises MissingExtraError.

        seconds: how long one server of several may keep us from asking the next, at most, all of them together.
        """
        redis = require_extra("redis.asyncio", "redis")
        options = {**OPTIONS, "retry": self._no_retry()}
        if self.kind == "one":
            return (redis.Redis.from_pool(redis.ConnectionPool.from_url(self.plain, **options)),)
        settings = require_extra("redis.asyncio.connection", "redis").parse_url(self.plain)
        settings = {name: value for name, value in settings.items() if name not in {"host", "port", "connection_class"}}
        share = seconds / (len(self.hosts) + 1)
        if self.kind == "cluster":
            node = require_extra("redis.asyncio.cluster", "redis").ClusterNode
            nodes = [node(host, port) for host, port in self.hosts]
            options = {**settings, **options, "socket_connect_timeout": share, "ssl": self.is_secure}
            return (redis.RedisCluster(startup_nodes=nodes, **options),)
        own = {name: settings.pop(f"sentinel_{name}", None) for name in ("username", "password")}
        asking = {**options, **own, "socket_connect_timeout": share, "socket_timeout": share, "ssl": self.is_secure}
        watchers = redis.Sentinel(self.hosts, sentinel_kwargs=asking)
        return (watchers.master_for(self.service, **settings, **options, ssl=self.is_secure), *watchers.sentinels)

    @staticmethod
    def _no_retry() -> Any:
        backoff = require_extra("redis.backoff", "redis").NoBackoff()
        return require_extra("redis.asyncio.retry", "redis").Retry(backoff, 0)


def _host_and_port(text: str, port: int) -> tuple[str, int]:
    host, colon, digits = text.rpartition(":")
    if not colon or text.endswith("]"):
        return text.strip("[]"), port
    if not digits.isdecimal() or not digits.isascii() or int(digits) > 65_535:
        raise ValueError(f"{digits!r} is no port, in {text!r}.")
    return host.strip("[]"), int(digits)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
