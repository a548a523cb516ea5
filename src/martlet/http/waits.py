"""Spans of time as fields have them: whole seconds, no part of one lost."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Final

__all__ = ["LONGEST_WAIT", "whole_seconds"]

LONGEST_WAIT: Final = 2**31 - 1  # seconds, 68 years; what recipients hold at least (RFC 9111, Section 1.2.2)


def whole_seconds(wait: float | timedelta) -> int:
    """The seconds of a Retry-After field (RFC 9110, Section 10.2.3), rounded up, so that nobody comes too early.

    Raises TypeError for what is no number, ValueError for one that is no wait.

    >>> whole_seconds(1.5), whole_seconds(timedelta(minutes=2))
    (2, 120)
    """
    seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
    if type(seconds) not in (int, float):
        raise TypeError(f"{wait!r:.80} is no wait: write seconds, as 30, or a timedelta.")
    if not 0 <= seconds <= LONGEST_WAIT:  # so is what is not a number
        raise ValueError(f"{wait!r:.80} is no wait: write seconds from 0 to {LONGEST_WAIT:,}.")
    return ceil(seconds)
