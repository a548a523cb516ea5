"""The `martlet` command."""

from martlet.optional_packages import MissingExtraError, require_extra

__all__ = ["MissingExtraError", "require_extra"]
