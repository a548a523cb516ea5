"""What is written for a value that nothing makes safe: one word that can be searched for, and that does nothing anywhere."""

from typing import Final

__all__ = ["BLOCKED", "BLOCKED_URL"]

BLOCKED: Final = "zBlocked"
BLOCKED_URL: Final = "#zBlocked"
