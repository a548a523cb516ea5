"""The connections of a store to Redis: a client for each event loop, a bound on time and number, and what errors mean."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Semaphore
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from martlet.stores.contract import StoreFullError, StoreUnavailableError
from martlet.stores.forking import tell_of_forks
from martlet.stores.redis_scripts import Script
from martlet.stores.redis_urls import RedisURL


class UnknownScriptError(Exception):
    """The server does not know a script by its digest, as after its restart."""


@dataclass(frozen=True, slots=True)
class Link:
    """The client of one event loop, how many operations it may do at once, and the clients to close at the end."""

    client: Any
    places: Semaphore
    owned: tuple[Any, ...]


class RedisLinks:
    """What commands go through."""

    def __init__(self, url: str | Any, *, seconds: float, max_connections: int) -> None:
        """url: or a ready client. seconds: how long a command may take, its wait for a connection included."""
        self._url = RedisURL.parse(url) if isinstance(url, str) else None
        self._given_client = None if isinstance(url, str) else url
        self._seconds = seconds
        self._max_connections = max_connections
        self._links: WeakKeyDictionary[AbstractEventLoop, Link] = WeakKeyDictionary()
        self._links_of_parents: list[Any] = []
        tell_of_forks(self)

    def __str__(self) -> str:
        return type(self._given_client).__qualname__ if self._url is None else self._url.shown

    def link(self) -> Link:
        """Give the link of the running event loop; raises MissingExtraError."""
        loop = asyncio.get_running_loop()
        link = self._links.get(loop)
        if link is None:
            owned = () if self._url is None else self._url.make_clients(self._seconds)
            client = owned[0] if owned else self._given_client
            link = self._links[loop] = Link(client, Semaphore(self._max_connections), owned)
        return link

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        link = self._links.pop(asyncio.get_running_loop(), None)
        for client in () if link is None else link.owned:
            await client.aclose()
            # After a lost connection a cluster's client takes itself for closed, and leaves its nodes' connections open.
            if nodes := getattr(client, "nodes_manager", None):
                await nodes.aclose()
                await nodes.aclose("startup_nodes")

    async def command(self, *words: bytes | str | int) -> Any:
        """Send a command, once, and give its answer; raises StoreUnavailableError, StoreFullError."""
        link = self.link()
        try:
            async with asyncio.timeout(self._seconds), link.places:
                return await link.client.execute_command(*words)
        except TimeoutError:
            raise StoreUnavailableError(f"{self} gave no answer for {self._seconds:g} seconds.") from None
        except Exception as error:
            raise self._explained(error) from error

    async def run(self, script: Script, key: bytes, *given: bytes | str | int) -> Any:
        """Run a script, which is sent where the server does not know it yet."""
        try:
            return await self.command("EVALSHA", script.digest, 1, key, *given)
        except UnknownScriptError:  # then nothing was done
            return await self.command("EVAL", script.text, 1, key, *given)

    def before_fork(self) -> None:
        """Do nothing: connections rest between operations."""

    def after_fork_in_parent(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """Leave the parent's connections alone, and do not even close them: both processes share their end in the kernel."""
        self._links_of_parents.append(dict(self._links))
        self._links = WeakKeyDictionary()

    def _explained(self, error: Exception) -> Exception:
        """Say what a client's error means; by its name, since a ready client may be of another library than redis-py."""
        match type(error).__name__:
            case "NoScriptError":
                return UnknownScriptError()
            case "OutOfMemoryError":
                return StoreFullError(f"{self} has no memory left: {error}")
            case name:
                return StoreUnavailableError(f"{self} is not available: {error or name}")
