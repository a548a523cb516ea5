"""Pages from templates, for the tests of escaping."""

from collections.abc import Mapping
from typing import Any, Literal

from martlet.templates.engine import TemplateEngine
from martlet.templates.loading import DictLoader

__all__ = ["page"]

_ENGINE = TemplateEngine()


def page(
    source: str,
    templates: Mapping[str, str] | None = None,
    *,
    escaping: Literal["contextual", "html", "off"] = "contextual",
    **variables: Any,
) -> str:
    """A template rendered with contextual escaping."""
    engine = (
        _ENGINE if not templates and escaping == "contextual" else TemplateEngine(DictLoader(templates or {}), escaping=escaping)
    )
    return str(engine.from_string(source).render(variables))
