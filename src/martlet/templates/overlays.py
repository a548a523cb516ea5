"""A second engine over the same templates, with further globals: what one application adds, no other sees."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from martlet.templates.kept_code import KeptCode
from martlet.templates.kept_templates import KeptTemplates
from martlet.templates.options import EngineOptions
from martlet.templates.runtime.names import engine_names

__all__ = ["Overlaid"]


class Overlaid:
    """What an engine can be laid over with."""

    globals: dict[str, Any]
    options: EngineOptions

    def with_globals(self, variables: Mapping[str, Any]) -> Self:
        """The same engine with further globals and with templates of its own; this one never sees them.

        >>> from martlet.templates import TemplateEngine
        >>> engine = TemplateEngine()
        >>> print(engine.with_globals({"site": "Books"}).render("{{ site }}"), engine.render("({{ site }})"))
        Books ()
        """
        other: Any = copy(self)
        other.globals = {**self.globals, **variables}
        other.names = engine_names(other)
        size = other._templates.size  # noqa: SLF001 -- an engine of ours, and so below
        other._templates, other._texts = KeptTemplates[Any](size), KeptTemplates[Any](size)  # noqa: SLF001
        other._code = KeptCode(self.options.get("code_cache"), other)  # noqa: SLF001
        overlaid: Self = other
        return overlaid
