"""Lines about requests on a terminal: what a client wrote into its path must not move the cursor or begin a line of its own.

Granian and hypercorn write the decoded path as it is, so their lines go through the formatter here; the other servers write the
request line as it was sent, and refuse one with control characters in it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

GRANIAN_FORMAT: Final = '%(addr)s "%(method)s %(path)s" %(status)d, %(dt_ms).1f ms'
HYPERCORN_FORMAT: Final = '%(h)s "%(m)s %(U)s" %(s)s'
GUNICORN_FORMAT: Final = '%(h)s "%(r)s" %(s)s, %(M)s ms'
HYPERCORN_LOGGING: Final = Path(__file__).parent / "hypercorn_logging.json"  # it takes a logging configuration from files only


class EscapingFormatter(logging.Formatter):
    r"""Writes what is not printable as Python does in a string: `\x1b`, `\n`, `\u202e`."""

    def format(self, record: logging.LogRecord) -> str:
        """Format, then escape; one record is one line."""
        return escape_controls(super().format(record))


def escape_controls(text: str) -> str:
    r"""Escape control characters, line breaks, marks that turn the direction of writing, halves of characters.

    >>> escape_controls("/a\x1b[31m\n/é")
    '/a\\x1b[31m\\n/é'
    """
    if text.isprintable():
        return text
    return "".join([each if each.isprintable() else each.encode("unicode_escape").decode() for each in text])


def granian_logging() -> Mapping[str, Any]:
    """Give what Granian is to know of logging in place of its own formatters."""
    message = {"()": "martlet.cli.access_log.EscapingFormatter", "fmt": "%(message)s"}
    return {"formatters": {"generic": {"()": "logging.Formatter", "fmt": "[%(levelname)s] %(message)s"}, "access": message}}
