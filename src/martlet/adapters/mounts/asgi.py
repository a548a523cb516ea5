"""An ASGI application below a prefix, over whatever protocol the server speaks.

The application runs in a task of its own, since it may go on after its answer. Its body is pulled from ours when it asks, its
answer is handed over one event at a time, and it learns that the client has left as it would from a server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any, Final

from martlet.adapters.asgi.application import ASGIApplication
from martlet.adapters.asgi.request import ASGIRequest, Scope
from martlet.adapters.mounts.exchange import MountedExchange
from martlet.adapters.mounts.lifespan import MountedLifespan
from martlet.adapters.mounts.mount import Mount, Place, check_length, name_of, place_of, served_request, server_of
from martlet.http import format_path
from martlet.messages import Request, Response

ASGI_VERSIONS: Final = {"version": "3.0", "spec_version": "2.4"}
HANDED_ON: Final = "http.response.early_hint"  # of the events of an answer; the others would be the server's to send


class ASGIMount(Mount):
    """An ASGI application as a handler."""

    application: ASGIApplication

    def __init__(self, application: ASGIApplication) -> None:
        """Hold the application."""
        super().__init__(application)
        self.lifespan = MountedLifespan(application)
        self.going_on: set[asyncio.Task[None]] = set()
        self._seconds = 0.0

    @property
    def description(self) -> str:
        """Its kind, and its name or that of its class."""
        return f"ASGI application {name_of(self.application)}"

    def prepare(self, threads: Executor, seconds: float) -> None:  # noqa: ARG002  nothing here blocks
        """Remember how long to wait for what goes on after an answer."""
        self._seconds = seconds

    def live_with(self, first: Mount) -> None:
        """Share the other's lifespan, its state too, and the tasks to be waited for."""
        if isinstance(first, ASGIMount):
            self.lifespan, self.going_on = first.lifespan, first.going_on

    async def start(self) -> None:
        """Send lifespan.startup; raises RuntimeError where the application says that it cannot start."""
        await self.lifespan.start()

    async def stop(self) -> None:
        """Wait for what goes on after answers, then send lifespan.shutdown."""
        if self.going_on:
            _, late = await asyncio.wait(self.going_on, timeout=self._seconds)
            for task in late:
                task.cancel()
        await self.lifespan.stop()

    async def __call__(self, request: Request) -> Response:
        """Have the application answer."""
        check_length(request)
        exchange = MountedExchange(request)
        scope = scope_of(request, place_of(request), self.lifespan.state)
        task = asyncio.create_task(exchange.run(self.application, scope))
        self.going_on.add(task)
        task.add_done_callback(self.going_on.discard)
        try:
            return await exchange.response()
        except asyncio.CancelledError:
            exchange.end()
            task.cancel()
            await asyncio.wait({task})
            raise


def scope_of(request: Request, place: Place, state: dict[str, Any]) -> Scope:
    """Make the scope of a request: the server's own over ASGI, with what the mount changes, else one that says the same.

    `path` is the whole path, as the specification has it, and `root_path` its beginning.
    """
    path = place.root_path + place.path
    served = served_request(request)
    scope = served.scope if isinstance(served, ASGIRequest) else _synthesized(request)
    offered: Mapping[str, Any] = scope.get("extensions") or {}
    extensions = {name: told for name, told in offered.items() if name == HANDED_ON or not name.startswith("http.response.")}
    changes: Scope = {
        "type": "http",
        "method": request.method,
        "scheme": request.scheme,
        "client": request.client,
        "root_path": place.root_path,
        "path": path,
        "raw_path": _raw_path(scope, request, path),
        "state": dict(state),
        # A file by its path becomes a File, which every protocol sends in its best way.
        "extensions": {**extensions, "http.response.pathsend": {}},
    }
    return {**scope, **changes}


def _raw_path(scope: Scope, request: Request, path: str) -> bytes:
    """Give the path as it was sent where the server tells it, with the root path that some servers leave out of it."""
    raw: bytes | None = scope.get("raw_path")
    root = format_path(request.root_path).encode()
    if not raw:
        return format_path(path).encode()
    return raw if raw.startswith(root) else root + raw


def _synthesized(request: Request) -> Scope:
    return {
        "asgi": ASGI_VERSIONS,
        "http_version": request.http_version,
        "query_string": request.query_string.encode("utf-8", "replace"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in request.headers.items()],
        "server": server_of(served_request(request)),
    }
