"""The `martlet` command."""

from martlet.cli.extras import MissingExtraError, require_extra

__all__ = ["MissingExtraError", "require_extra"]
