"""What a server must know of an application before it starts, asked in a process of its own.

The servers' workers inherit what this process has imported; an application imported here would never be reloaded.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Literal

import click
import msgspec

from martlet.adapters import Mount
from martlet.cli.loading import load_app
from martlet.cli.serving import Settings, check_free

PROGRAM = "import sys; from martlet.cli.inspecting import print_facts; print_facts(*sys.argv[1:])"


@dataclass(frozen=True, slots=True)
class Facts:
    """How many paths an application has, which of Granian's protocols suits it and why, and how long its stop may take."""

    paths: str
    interface: Literal["rsgi", "asgi"]
    reason: str
    shutdown_seconds: float


def read_facts(target: str, app_dir: str) -> Facts:
    """Import and freeze an application here, and read its route table.

    RSGI is the fastest, but it neither pushes back nor tells a broken stream, so ASGI serves apps that stream.
    """
    app = load_app(target, app_dir).freeze()
    routes, seconds = app.router.routes, app.draining.seconds
    count = len({route.pattern for route in routes})
    paths = "1 path" if count == 1 else f"{count} paths"
    for route in routes:
        plan = route.target.plan
        if plan.result.streams:
            return Facts(paths, "asgi", f"{route.method} {route.pattern} streams", seconds)
        if isinstance(plan.handler.function.call, Mount):
            return Facts(paths, "asgi", f"what is mounted at {route.pattern} may stream", seconds)
    return Facts(paths, "rsgi", "no route streams", seconds)


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


def announce(settings: Settings, facts: Facts, server: str) -> None:
    """Say what is served, by what and where."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    click.echo(f"{settings.target}: {facts.paths}, served by {server}\nhttp://{host}:{settings.port}  (Ctrl-C stops)")
