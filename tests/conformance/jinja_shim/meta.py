"""`jinja2.meta`: what can be told about a template without rendering it."""

from collections.abc import Iterator
from typing import Any

from martlet.templates import TemplateEngine, find_undeclared
from martlet.templates.syntax import nodes


def find_referenced_templates(ast: Any) -> Iterator[str | None]:
    """The names of the templates that one extends, includes and imports; None for a name that is only known while rendering."""
    for node in nodes.walk(ast):
        if isinstance(node, (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            named = node.template
            parts = named.items if isinstance(named, (nodes.ListDisplay, nodes.TupleDisplay)) else (named,)
            for part in parts:
                yield str(part.value) if isinstance(part, nodes.Literal) and isinstance(part.value, str) else None


def find_undeclared_variables(ast: Any) -> set[str]:
    """The names that a template looks up in its context."""
    return find_undeclared(TemplateEngine(), ast)
