"""Filters, tests and templates that are named and not there, and attributes that are not for templates."""

from __future__ import annotations

from collections.abc import Iterator

from martlet.templates.checking.project import Project, literal_names
from martlet.templates.compiling.linking import Loaded
from martlet.templates.errors import did_you_mean
from martlet.templates.syntax import nodes

__all__ = ["check_unknown_names"]


def check_unknown_names(project: Project, loaded: Loaded) -> None:
    """Find unknown filters and tests, unless an `if` around asks for them first; private attributes; missing templates."""
    for node, asked in _with_guards(loaded.template.body, frozenset()):
        match node:
            case nodes.Filter():
                _check(project, loaded, "filter", node, asked)
            case nodes.Test():
                _check(project, loaded, "test", node, asked)
            case nodes.Attribute(name=name) if name.startswith("_") and not project.engine.options.get("reads_private"):
                # Compiling tells the first of these only; these are its words.
                told = f"the attribute {name!r} begins with an underscore, so that it is nothing for templates"
                project.findings.add(loaded.source, node.at, told)
            case nodes.Extends() | nodes.Import() | nodes.FromImport():
                _check_template(project, loaded, node)
            case nodes.Include(ignore_missing=False):
                _check_template(project, loaded, node)
            case _:
                pass


def _check(project: Project, loaded: Loaded, kind: str, node: nodes.Filter | nodes.Test, asked: frozenset[str]) -> None:
    known = project.engine.filters if kind == "filter" else project.engine.tests
    if node.name not in known and f"{kind} {node.name}" not in asked:
        project.findings.add(loaded.source, node.at, f"No {kind} named {node.name!r}{did_you_mean(node.name, known)}")


def _check_template(
    project: Project, loaded: Loaded, node: nodes.Extends | nodes.Import | nodes.FromImport | nodes.Include
) -> None:
    names = literal_names(node.template)
    if not names:
        return
    is_choice = isinstance(node.template, (nodes.ListDisplay, nodes.TupleDisplay))
    missing = [name for name in names if not project.is_there(name)]
    if not missing or (is_choice and len(missing) < len(names)):
        return
    told = (
        f"there is no template {missing[0]!r}"
        if len(missing) == 1
        else f"none of these templates is there: {', '.join(map(repr, missing))}"
    )
    project.findings.add(loaded.source, node.template.at, told + did_you_mean(missing[0], project.listed()))


def _with_guards(node: object, asked: frozenset[str]) -> Iterator[tuple[nodes.Node, frozenset[str]]]:
    """All nodes with the filters and tests that an `if` around them asks for, as `{% if "markdown" is filter %}` does."""
    match node:
        case nodes.If():
            yield node, asked
            for test, body in node.branches:
                asked = asked | _asked_for(test)
                yield from _with_guards(test, asked)
                yield from _with_guards(body, asked)
            yield from _with_guards(node.otherwise, asked)
            return
        case nodes.Conditional():
            asked = asked | _asked_for(node.test)
        case nodes.Boolean():
            asked = asked | _asked_for(node.left)
        case _:
            pass
    if isinstance(node, nodes.Node):
        yield node, asked
    for child in nodes.children(node):
        yield from _with_guards(child, asked)


def _asked_for(test: nodes.Expression) -> frozenset[str]:
    return frozenset(
        f"{node.name} {node.target.value}"
        for node in nodes.walk(test)
        if isinstance(node, nodes.Test) and node.name in ("filter", "test") and isinstance(node.target, nodes.Literal)
    )
