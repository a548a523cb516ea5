"""`martlet templates`: what is wrong with templates before one is rendered, and the Python that they become."""

from __future__ import annotations

from pathlib import Path

import click

from martlet.cli.loading import load_object
from martlet.handling import PAGE_NAMES
from martlet.templates import TemplateEngine, TemplateError
from martlet.templates.checking import check as find_all
from martlet.templates.checking import count_told

__all__ = ["templates"]

app_dir = click.option(
    "--app-dir",
    default=".",
    show_default=True,
    type=click.Path(file_okay=False, resolve_path=True),
    help="Directory the module is imported from.",
)


@click.group()
def templates() -> None:
    """Check templates, and look into them."""


@templates.command()
@click.argument("target", metavar="DIRECTORY|MODULE:ENGINE")
@app_dir
def check(target: str, app_dir: str) -> None:
    """Tell everything that is wrong with the templates of a directory, or of an engine.

    An engine knows its own filters, tests, globals and types; a directory alone is checked with what every engine has. What an
    application gives its pages is known to both. Warnings do not make the command fail.
    """
    engine = _engine(target, app_dir)
    if engine.loader is None or not engine.loader.list_names():
        raise click.ClickException(f"{target} has no templates, or a loader that cannot list them.")
    findings = find_all(engine.with_globals({**dict.fromkeys(PAGE_NAMES), **engine.globals}))
    for finding in findings:
        click.echo(f"{finding}\n")
    click.echo(f"{target}: {count_told(findings)}")
    if any(finding.severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)


@templates.command()
@click.argument("target", metavar="DIRECTORY|MODULE:ENGINE")
@click.argument("name")
@app_dir
def code(target: str, name: str, app_dir: str) -> None:
    """Print the Python that a template becomes."""
    try:
        click.echo(_engine(target, app_dir).get_template(name).code)
    except TemplateError as error:
        raise click.ClickException(str(error)) from None


def _engine(target: str, app_dir: str) -> TemplateEngine:
    if Path(target).is_dir():
        return TemplateEngine(target)
    found = load_object(target, app_dir, "templates: write a directory, or MODULE:ENGINE, as in books:engine.")
    if not isinstance(found, TemplateEngine):
        module, _, name = target.partition(":")
        kind = "nothing" if found is None else f"a {type(found).__name__}"
        raise click.ClickException(f"{module} has {kind} under the name {name!r}; it must be a TemplateEngine.")
    return found
