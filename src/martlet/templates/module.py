"""A template as a module: what it sets at its top, for Python and for the templates that import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from martlet.templates.page import Page

__all__ = ["TemplateModule"]


class TemplateModule:
    """A template as a module: its macros and variables as attributes, its text when it is printed."""

    def __init__(self, name: str | None, page: Page, context: Mapping[str, Any], pieces: list[Any]) -> None:
        self.__dict__.update({name: context[name] for name in page.code.exports if name in context})
        self.__name__ = name or "<template>"
        self._body = pieces

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the template {self.__name__!r} sets no {name!r} at its top")

    def __str__(self) -> str:
        return "".join(map(str, self._body))

    def __html__(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return f"<TemplateModule {self.__name__!r}>"
