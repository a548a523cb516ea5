"""The connection of a process to NATS: made anew when it breaks, or when the server gives no sign of life."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from asyncio import Event, Task
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import urlsplit

from martlet.channels.contract import BrokerUnavailableError
from martlet.optional_packages import require_extra

LOGGER: Final = logging.getLogger("martlet.channels")
SCHEMES: Final = ("nats", "tls")
CONNECT_SECONDS: Final = 2.0  # for one server to answer
PING_SECONDS: Final = 2.0  # between two questions whether the server is there
MAX_UNANSWERED: Final = 2  # questions; then the connection is taken for cut: a cut link is silence
LOOK_SECONDS: Final = 0.25  # between two looks at whether the client has given up
CLOSE_SECONDS: Final = 1.0
MAX_WAIT: Final = 2.0  # seconds between two attempts to connect; times a random part, so that not all come back at once


@dataclass(frozen=True, slots=True)
class NatsURL:
    """Where the servers of one cluster are. servers: with what they ask for; shown: without it, for messages."""

    servers: tuple[str, ...]
    shown: str
    is_secure: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL; raises ValueError.

        >>> NatsURL.parse("nats://ada:secret@one:4223,two")
        NatsURL(servers=('nats://ada:secret@one:4223', 'nats://ada:secret@two:4222'), shown='nats://one:4223,two:4222', ...)
        """
        parts = urlsplit(url)
        user, at, listed = parts.netloc.rpartition("@")
        hosts = [host if _has_port(host) else f"{host}:4222" for host in listed.split(",") if host]
        if parts.scheme not in SCHEMES or not hosts:
            shown = f"{parts.scheme}://{listed}" if parts.scheme else url.rpartition("@")[2]
            raise ValueError(
                f"{shown!r} is no URL of NATS: write nats://HOST:PORT, or tls://HOST:PORT; several hosts with commas."
            )
        servers = tuple(f"{parts.scheme}://{user}{at}{host}" for host in hosts)
        for server in servers:
            _ = urlsplit(server).port  # raises ValueError where it is none
        return cls(servers, f"{parts.scheme}://{','.join(hosts)}", parts.scheme == "tls")


@dataclass(frozen=True, slots=True)
class Secrets:
    """How the client shows who it is, beside the URL, and whom it trusts."""

    credentials: str | None
    tls: ssl.SSLContext | None


class NatsLinks:
    """The one connection there is, from the opening to the closing."""

    def __init__(self, url: NatsURL, secrets: Secrets, on_change: Callable[[], None]) -> None:
        """on_change: called when a connection is there, and when it is not any more."""
        self._url = url
        self._secrets = secrets
        self._on_change = on_change
        self._client: Any = None
        self._is_there = Event()
        self._task: Task[None] | None = None
        self._error: Exception | None = None  # the last one
        self._failures = 0  # since it was connected last

    def __str__(self) -> str:
        return self._url.shown

    async def open(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._connect_for_ever())

    async def close(self) -> None:
        """Close the connection."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def client(self) -> Any:
        """Give the connection, or wait for it."""
        while self._client is None:
            await self._is_there.wait()
        return self._client

    def is_current(self, client: Any) -> bool:
        """Tell whether this is the connection, still."""
        return self._client is client

    def unavailable(self, error: BaseException) -> BrokerUnavailableError:
        """Say that it does not answer, and why, where that is known."""
        reason = error if self._client is not None or self._error is None else self._error
        if isinstance(reason, TimeoutError):
            return BrokerUnavailableError(f"{self} gave no answer in time.")
        return BrokerUnavailableError(f"{self} is not available: {str(reason) or type(reason).__name__}")

    async def _connect_for_ever(self) -> None:
        # The client swallows a cancellation now and then, so it is looked at, too, whether this was closed meanwhile.
        while not self._is_closed():
            client = make_client(is_secure=self._url.is_secure)
            closed = Event()
            try:
                await self._connect(client, closed)
                if self._is_closed():
                    return
                if self._failures:
                    LOGGER.info("%s is back; the channels go on.", self)
                self._failures, self._client = 0, client
                self._is_there.set()
                self._on_change()
                await self._watch(client, closed)
                self._error = ConnectionError("the connection was lost")
            except Exception as error:  # noqa: BLE001  whatever a client raises, the next connection is tried
                self._error = error
            finally:
                self._client = None
                self._is_there.clear()
                self._on_change()
                await discard(client)
            if self._is_closed():
                return
            if not self._failures:
                LOGGER.warning("%s does not answer; the channels try again: %r", self, self._error)
            self._failures += 1
            most = min(0.05 * 2 ** min(self._failures, 10), MAX_WAIT)
            await asyncio.sleep(most * random.uniform(0.5, 1))  # noqa: S311  no secret

    def _is_closed(self) -> bool:
        return self._task is None

    async def _connect(self, client: Any, closed: Event) -> None:
        told: list[Exception] = []

        async def keep(error: Exception) -> None:
            told[:] = [error]
            LOGGER.debug("%s: %r", self, error)

        async def close() -> None:
            closed.set()

        secrets = {"user_credentials": self._secrets.credentials, "tls": self._secrets.tls}
        if self._url.is_secure and self._secrets.tls is None:
            secrets["tls"] = ssl.create_default_context()
        try:
            async with asyncio.timeout(3 * CONNECT_SECONDS * len(self._url.servers)):
                await client.connect(
                    list(self._url.servers),
                    name="martlet",
                    allow_reconnect=False,
                    connect_timeout=CONNECT_SECONDS,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    ping_interval=PING_SECONDS,
                    max_outstanding_pings=MAX_UNANSWERED,
                    flush_timeout=CONNECT_SECONDS,
                    error_cb=keep,
                    disconnected_cb=close,
                    **{name: value for name, value in secrets.items() if value is not None},
                )
        except Exception as error:
            raise told[-1] if told else error from error

    @staticmethod
    async def _watch(client: Any, closed: Event) -> None:
        """Return when the connection is lost, or was silent for too long: the client asks, and tells nobody while it closes."""
        while not client.is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await closed.wait()


def make_client(*, is_secure: bool) -> Any:
    """Make a client, which sends no secrets in plain text where the URL says `tls`; raises MissingExtraError."""
    client = require_extra("nats.aio.client", "nats").Client()
    process_info = client._process_info  # noqa: SLF001  what the server says of itself, before it is told who asks

    async def check_info(info: dict[str, Any], *given: Any, **named: Any) -> None:
        if is_secure and not info.get("tls_required"):
            raise ConnectionError("the server has no TLS, and the URL begins with tls://")
        await process_info(info, *given, **named)

    client._process_info = check_info  # noqa: SLF001
    return client


async def discard(client: Any) -> None:
    """Close a client; where the link is cut, without its farewell."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_SECONDS):
            await client.close()
    writer = getattr(getattr(client, "_transport", None), "_io_writer", None)
    if writer is not None:
        writer.transport.abort()


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
