"""The entry point of `martlet`; it says which extra is missing before it imports the commands."""

from __future__ import annotations

import sys

from martlet.optional_packages import MissingExtraError, require_extra


def main() -> None:
    """Run the command line."""
    try:
        require_extra("click", "standard")
        from martlet.cli.commands import cli

        cli()
    except MissingExtraError as error:
        sys.exit(str(error))
