"""What is written for a value that nothing makes safe: one word that can be searched for, and that does nothing anywhere.

An escaper does not know where it is called from. The engine and the line are those of the page on the stack, which is looked for
only when a value is blocked.
"""

from __future__ import annotations

import logging
from inspect import currentframe
from itertools import islice
from types import FrameType
from typing import Any, Final, Literal, TypeAlias

from martlet.templates.errors import TemplateRuntimeError

__all__ = ["BLOCKED", "BLOCKED_URL", "Blocked", "BlockedValues", "blocked", "blocked_url"]

BLOCKED: Final = "zBlocked"
BLOCKED_URL: Final = "#zBlocked"
PLACES_TOLD: Final = 1_000
Blocked: TypeAlias = Literal["log", "raise", "mark"]

_log = logging.getLogger("martlet.templates")


class BlockedValues:
    """What an engine does about a blocked value beside the mark: "log" it once for each place, "raise" an error, or nothing."""

    def __init__(self, how: Blocked = "log") -> None:
        self._how = how
        self._told: set[tuple[str, str]] = set()

    def tell(self, at: str, where: str, message: str) -> None:
        """A value was blocked at this line, in what it stands in; raises TemplateRuntimeError if that is wanted."""
        if self._how == "raise":
            raise TemplateRuntimeError(message)
        if self._how == "log" and (at, where) not in self._told and len(self._told) < PLACES_TOLD:
            self._told.add((at, where))
            _log.warning("%s: %s", at, message)


def blocked(value: Any, where: str, cure: str = "", mark: str = BLOCKED) -> str:
    """The mark, after the engine was told of it. where: what the value stands in. cure: what to do beside what is always said."""
    frame = currentframe()
    while frame is not None and "escape_any" not in frame.f_globals:  # a page's, see runtime/names.py
        frame = frame.f_back
    values = None if frame is None else getattr(frame.f_globals.get("engine"), "blocked_values", None)
    if frame is not None and isinstance(values, BlockedValues):
        shown = repr(str(value)[:60])
        cure = cure or "pass another, or one of the safe types if you trust it"
        values.tell(_line_of(frame), where, f"nothing makes the value {shown} safe in {where}: {cure}")
    return mark


def _line_of(frame: FrameType) -> str:
    """What is written at once may be some lines of a template."""
    begin, end, _, _ = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None, None, None, None))
    lines = f"line {frame.f_lineno}" if begin is None or begin == end else f"lines {begin} to {end}"
    return f"{frame.f_code.co_filename}, {lines}"


def blocked_url(value: Any, where: str = "a URL", cure: str = "pass another, or a SafeURL if you trust it") -> str:
    """The same for a URL."""
    return blocked(value, where, cure, BLOCKED_URL)
