"""Stacks of what providers opened; leaving one never makes an exception disappear, since nothing else could be answered.

A provider that catches what is thrown into it at its yield, to roll back, and does not raise it again, has still rolled back;
the exception goes on to whoever answers it.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, ExitStack
from types import TracebackType
from typing import Final

CAUGHT: Final = "A provider, or what a stream held, caught this and did not raise it again."


class ProviderStack(ExitStack[bool | None]):
    """Leaves plain providers."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave all, the last first; the exception goes on."""
        if super().__exit__(kind, error, trace):
            note(error)


class AsyncProviderStack(AsyncExitStack[bool | None]):
    """Leaves plain and asynchronous providers."""

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave all, the last first; the exception goes on."""
        if await super().__aexit__(kind, error, trace):
            note(error)


def note(error: BaseException | None) -> None:
    """Tell whoever reads the log where the exception has been; once, for one that is raised again and again."""
    if error is not None and CAUGHT not in getattr(error, "__notes__", ()):
        error.add_note(CAUGHT)
