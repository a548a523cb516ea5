"""What a server must know of an application before it starts, asked in a process of its own.

The servers' workers inherit what this process has imported; an application imported here would never be reloaded.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import click
import msgspec

from martlet.adapters import Mount
from martlet.cli.loading import load_app
from martlet.cli.serving import Settings, check_free
from martlet.handling.signatures.socket_sources import speaks_subprotocols
from martlet.routing import WEBSOCKET

PROGRAM = "import sys; from martlet.cli.inspecting import print_facts; print_facts(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Facts:
    """How many paths an application has, which of Granian's protocols suits it and why, and how long its stop may take.

    message_bytes: of the largest message that a WebSocket takes, 0 where there is none. subprotocols, sessions: the first path
    of a WebSocket that has them.
    """

    paths: str
    interface: Literal["rsgi", "asgi"]
    reason: str
    shutdown_seconds: float
    message_bytes: int = 0
    subprotocols: str | None = None
    sessions: str | None = None


def read_facts(target: str, app_dir: str) -> Facts:
    """Import and freeze an application here, and read its route table.

    RSGI is the fastest, but it neither pushes back nor tells a broken stream, so ASGI serves apps that stream.
    """
    app = load_app(target, app_dir).freeze()
    routes = app.router.routes
    count = len({route.pattern for route in routes})
    paths = "1 path" if count == 1 else f"{count} paths"
    facts = replace(_interface(routes), paths=paths, shutdown_seconds=app.draining.seconds)
    sockets = [(str(route.pattern), route.target.plan) for route in routes if route.method == WEBSOCKET]
    return replace(
        facts,
        message_bytes=max(((plan.limits or app.limits).message_bytes for _, plan in sockets), default=0),
        subprotocols=next((path for path, plan in sockets if speaks_subprotocols(plan.functions)), None),
        sessions=next((path for path, plan in sockets if plan.sessions is not None), None),
    )


def _interface(routes: Iterable[Any]) -> Facts:
    for route in routes:
        plan = route.target.plan
        if route.method == WEBSOCKET:
            return Facts("", "asgi", f"{route.pattern} opens a WebSocket, which RSGI closes without a code", 0)
        if plan.result.streams:
            return Facts("", "asgi", f"{route.method} {route.pattern} streams", 0)
        if isinstance(plan.handler.function.call, Mount):
            return Facts("", "asgi", f"what is mounted at {route.pattern} may stream", 0)
    return Facts("", "rsgi", "no route streams", 0)


def print_facts(target: str, app_dir: str) -> None:
    """Print the facts as JSON on the last line, or what is wrong on standard error; for `inspect_app`."""
    try:
        facts = read_facts(target, app_dir)
    except click.ClickException as error:
        sys.exit(error.message)
    sys.stdout.write(f"\n{msgspec.json.encode(facts).decode()}\n")


def inspect_app(settings: Settings) -> Facts:
    """Ask in another process; raises ClickException with everything that is wrong with the address or the application."""
    check_free(settings.host, settings.port)
    command = [sys.executable, "-c", PROGRAM, settings.target, settings.app_dir]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    if done.returncode != 0:
        raise click.ClickException(done.stderr.strip() or f"{settings.target} ended its process while it was imported.")
    return msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=Facts)


def check_interface(facts: Facts, interface: str) -> None:
    """Raise ClickException where a protocol that was asked for lacks what the application's WebSockets need."""
    if interface == "rsgi" and facts.subprotocols is not None:
        raise click.ClickException(
            f"{facts.subprotocols} agrees on a subprotocol, which RSGI cannot tell its client. Choose --interface asgi."
        )
    if interface == "wsgi" and facts.message_bytes:
        raise click.ClickException("The application opens WebSockets, which WSGI has none of. Choose --interface asgi.")
    if facts.sessions is not None:
        click.echo(
            f"Note: {facts.sessions} has a session. Granian sends no cookie as a WebSocket is opened: let it begin on a page."
        )


def announce(settings: Settings, facts: Facts, server: str) -> None:
    """Say what is served, by what and where."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"{settings.target}: {facts.paths}, served by {server}\nhttp://{host}:{settings.port}  (Ctrl-C stops)")
