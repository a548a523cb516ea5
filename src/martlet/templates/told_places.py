"""Errors while a page runs: in which template and line, for whoever reads only what `str()` gives, and without our own frames."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from martlet.templates.errors import TemplateError

__all__ = ["HasSources", "tell_place"]

OURS = "martlet.templates."


class HasSources(Protocol):
    """A page, which its functions know as `__page__`."""

    def source_name(self, filename: str) -> str | None:
        """The name of the template that this page has of a file."""
        ...


def tell_place(error: BaseException | None) -> None:
    """Note in a TemplateError where the innermost template was.

    What functions of ours do beneath it is nothing to look at, and is cut from the traceback.
    """
    if not isinstance(error, TemplateError):
        return
    found: TracebackType | None = None
    page: HasSources | None = None
    trace = error.__traceback__
    while trace is not None:
        here: HasSources | None = trace.tb_frame.f_globals.get("__page__")
        # A frame is there twice if what it had caught was raised again.
        if here is not None and (found is None or found.tb_frame is not trace.tb_frame):
            found, page = trace, here
        trace = trace.tb_next
    if found is None or page is None:
        return
    if error.line is None:
        error.template, error.line = page.source_name(found.tb_frame.f_code.co_filename), found.tb_lineno
    if _is_ours(found.tb_next):
        found.tb_next = None


def _is_ours(trace: TracebackType | None) -> bool:
    while trace is not None:
        names = trace.tb_frame.f_globals
        if "__page__" not in names and not str(names.get("__name__", "")).startswith(OURS):
            return False
        trace = trace.tb_next
    return True
