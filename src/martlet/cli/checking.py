"""`martlet check`: what is wrong with an application before it is served, and what is unsafe where strangers come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import click

from martlet.cli.deployed_answers import (
    check_debug,
    check_hosts,
    check_https,
    check_limits,
    check_origins,
    check_policy,
    check_proxies,
    check_templates,
)
from martlet.cli.deployed_sessions import check_rates, check_secrets, check_sessions, check_strangers
from martlet.cli.findings import SEVERITIES, Deployed, Finding, count_findings
from martlet.cli.loading import load_app

__all__ = ["check", "find_unsafe"]

CHECKS: Final[tuple[Callable[[Deployed], Iterator[Finding]], ...]] = (
    check_debug,
    check_secrets,
    check_sessions,
    check_strangers,
    check_hosts,
    check_proxies,
    check_origins,
    check_https,
    check_policy,
    check_templates,
    check_limits,
    check_rates,
)


def find_unsafe(deployed: Deployed) -> list[Finding]:
    """Find everything that is unsafe in production, the gravest first."""
    found = dict.fromkeys(finding for check in CHECKS for finding in check(deployed))
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


@click.command()
@click.argument("target", metavar="MODULE:APP")
@click.option("--deploy", is_flag=True, help="Look for what is unsafe in production too.")
@click.option(
    "--app-dir",
    default=".",
    show_default=True,
    type=click.Path(file_okay=False, resolve_path=True),
    help="Directory the module is imported from.",
)
def check(target: str, deploy: bool, app_dir: str) -> None:  # noqa: FBT001  click passes by name
    """Tell every mistake that would keep an application from starting; with --deploy, what is unsafe in production.

    It looks at what the application says of itself, so give it the environment that production has. Errors and warnings make it
    fail; hints, which only the author can judge, do not.
    """
    app = load_app(target, app_dir)
    if not deploy:
        click.echo(f"{target}: nothing wrong")
        return
    findings = find_unsafe(Deployed.of(app, app_dir))
    for finding in findings:
        click.echo(f"{finding}\n")
    click.echo(f"{target}: {count_findings(findings)}")
    if any(finding.severity != "hint" for finding in findings):
        raise click.exceptions.Exit(1)
