"""Pages from templates whose values are not escaped, so that what is written is what is seen."""

from collections.abc import Mapping
from typing import Any, Unpack

from martlet.templates import DictLoader, TemplateEngine
from martlet.templates.options import EngineOptions

__all__ = ["engine", "page"]


def engine(templates: Mapping[str, str] | None = None, **options: Unpack[EngineOptions]) -> TemplateEngine:
    """An engine of these templates, which escapes nothing unless it is told to."""
    options.setdefault("escaping", "off")
    return TemplateEngine(DictLoader(templates or {}), **options)


def page(source: str, templates: Mapping[str, str] | None = None, **variables: Any) -> str:
    """What a text, and these templates, become."""
    return str(engine(templates).from_string(source, name="page").render(variables))
