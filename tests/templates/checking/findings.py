"""Checks templates that are written into a test, and tells what was found in a form that is short to compare."""

from typing import Any

from martlet.templates import DictLoader, TemplateEngine, check


def found(templates: dict[str, str], **options: Any) -> list[str]:
    """`name:line message` of each finding."""
    engine = TemplateEngine(DictLoader(templates), **options)
    return [f"{finding.name}:{finding.line} {finding.message}" for finding in check(engine)]


def found_in(source: str, **options: Any) -> list[str]:
    """The messages for one template."""
    return [told.partition(" ")[2] for told in found({"page.html": source}, **options)]
