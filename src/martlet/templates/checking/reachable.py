"""One page and whatever it reaches by a written name, checked for what is named and not there."""

from __future__ import annotations

from collections.abc import Iterator

from martlet.templates.checking.findings import Finding, Findings
from martlet.templates.checking.project import Project, literal_names
from martlet.templates.checking.unknown_names import check_unknown_names
from martlet.templates.compiling.linking import Loaded
from martlet.templates.engine import TemplateEngine
from martlet.templates.syntax import nodes

__all__ = ["attributes_reached", "check_reachable", "names_reached", "reached_from"]


def check_reachable(engine: TemplateEngine, name: str) -> list[Finding]:
    """The filters, tests and templates that are not there, and what cannot be read, in a template and in all that it is made of.

    Less than `check` finds, and without compiling: for an application that is about to start. A template that is itself not
    there is no finding; `get_template` tells it.

    >>> from martlet.templates import DictLoader
    >>> engine = TemplateEngine(DictLoader({"page.html": '{% extends "bas.html" %}', "base.html": ""}))
    >>> for finding in check_reachable(engine, "page.html"):
    ...     print(finding.message)
    there is no template 'bas.html'; did you mean 'base.html'?
    """
    findings = Findings()
    project = Project(engine, [], findings)
    for loaded in reached_from(project, name, set()):
        check_unknown_names(project, loaded)
    return findings.sorted()


def names_reached(engine: TemplateEngine, name: str) -> set[str]:
    """The names of all variables that a template and what it is made of read or set; of what cannot be read, none.

    >>> from martlet.templates import DictLoader
    >>> engine = TemplateEngine(DictLoader({"page.html": '{% extends "base.html" %}', "base.html": "{{ title }}"}))
    >>> names_reached(engine, "page.html")
    {'title'}
    """
    reached = reached_from(Project(engine, [], Findings()), name, set())
    return {node.name for loaded in reached for node in nodes.walk(loaded.template.body) if isinstance(node, nodes.Name)}


def attributes_reached(engine: TemplateEngine, name: str, variable: str) -> set[str]:
    """The attributes of one variable that a template and what it is made of read by name, `page.title` and `page["title"]`.

    >>> from martlet.templates import DictLoader
    >>> engine = TemplateEngine(DictLoader({"page.html": "{{ page.title }} {{ other.title.en }} {{ page['year'] }}"}))
    >>> sorted(attributes_reached(engine, "page.html", "page"))
    ['title', 'year']
    """
    reached = reached_from(Project(engine, [], Findings()), name, set())
    read = (_attribute_of(variable, node) for loaded in reached for node in nodes.walk(loaded.template.body))
    return {attribute for attribute in read if attribute is not None}


def _attribute_of(variable: str, node: nodes.Node) -> str | None:
    match node:
        case nodes.Attribute(target=nodes.Name(name=owner), name=str(attribute)) if owner == variable:
            return attribute
        case nodes.Item(target=nodes.Name(name=owner), key=nodes.Literal(value=str(attribute))) if owner == variable:
            return attribute
        case _:
            return None


def reached_from(project: Project, name: str, seen: set[str]) -> Iterator[Loaded]:
    """A template, and all that it reaches by a written name, without those that were seen; those it gives are seen then."""
    ahead = [name]
    while ahead:
        name = ahead.pop()
        loaded = None if name in seen else project.find(name)
        seen.add(name)
        if loaded is None:
            continue
        yield loaded
        for node in nodes.walk(loaded.template.body):
            if isinstance(node, (nodes.Extends, nodes.Import, nodes.FromImport, nodes.Include)):
                ahead.extend(literal_names(node.template) or ())
