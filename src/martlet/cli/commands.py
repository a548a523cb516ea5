"""The commands: `run` serves an application, `check` judges it, `routes` shows what it is made of, `secret` makes a key."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from typing import Any, Final, Literal

import click

from martlet.cli.assets import assets
from martlet.cli.checking import check
from martlet.cli.inspecting import announce, check_interface, inspect_app
from martlet.cli.loading import load_app
from martlet.cli.serving import Settings, run_granian, run_other
from martlet.cli.tables import route_lines
from martlet.cli.templates import templates
from martlet.signing import make_secret


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("martlet"), prog_name="martlet")
def cli() -> None:
    """Serve and inspect Martlet applications."""


cli.add_command(assets)
cli.add_command(check)
cli.add_command(templates)

SERVERS: Final = click.Choice(["granian", "uvicorn", "hypercorn", "h2corn", "gunicorn"])
FOLDER: Final = click.Path(file_okay=False, resolve_path=True)
app_dir = click.option("--app-dir", default=".", show_default=True, type=FOLDER, help="Directory the module is imported from.")


@cli.command()
@click.argument("target", metavar="MODULE:APP")
@click.option("--server", type=SERVERS, default="granian", show_default=True, help="Which server.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--reload", is_flag=True, help="Start again when a source file changes.")
@click.option("--access-log", is_flag=True, help="Print a line for each request, control characters escaped.")
@click.option(
    "--interface",
    type=click.Choice(["auto", "rsgi", "asgi", "wsgi"]),
    default="auto",
    show_default=True,
    help="Granian's protocol; auto reads it from the route table.",
)
@app_dir
def run(server: str, interface: Literal["auto", "rsgi", "asgi", "wsgi"], **given: Any) -> None:
    """Serve an application; its mistakes are told before the server starts."""
    settings = Settings(**given)
    facts = inspect_app(settings)
    settings = replace(settings, shutdown_seconds=facts.shutdown_seconds, message_bytes=facts.message_bytes)
    if server != "granian":
        announce(settings, facts, server)
        run_other(server, settings)
    chosen, reason = (facts.interface, facts.reason) if interface == "auto" else (interface, "as asked")
    check_interface(facts, chosen)
    announce(settings, facts, f"granian over {chosen.upper()} ({reason})")
    run_granian(settings, chosen)
    click.echo("Stopped.")


@cli.command()
@click.argument("target", metavar="MODULE:APP")
@click.option("--code", is_flag=True, help="Print the generated code too.")
@app_dir
def routes(target: str, code: bool, app_dir: str) -> None:  # noqa: FBT001  click passes by name
    """Show every route, and what each parameter of its handler became."""
    for line in route_lines(load_app(target, app_dir).freeze(), code=code):
        click.echo(line)


@cli.command()
def secret() -> None:
    """Print a secret for App(secret_keys=[...]), of 256 random bits; put it into the environment, not into the source."""
    click.echo(make_secret())
