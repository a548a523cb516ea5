"""What a template says of others: what it extends, what it includes, and what of a child counts beside its blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from martlet.templates.compiling.unit import Source
from martlet.templates.errors import TemplateNotFoundError, TemplateSyntaxError
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body

__all__ = ["extends_late", "first_there", "static_parent", "still_absent", "without_output", "written_name"]

L = TypeVar("L")


def static_parent(template: nodes.Template, source: Source) -> nodes.Extends | None:
    """The tag that says what a template extends, if it always does; raises TemplateSyntaxError if there are two."""
    found = [node for node in template.body if isinstance(node, nodes.Extends)]
    if len(found) > 1:
        message = f"a template extends one other, and this does in line {found[0].at.line} already"
        raise TemplateSyntaxError.placed(message, found[1].at, source)
    return next(iter(found), None)


def written_name(node: nodes.Expression) -> str | None:
    """A template's name that is written out; None for one that is known only while rendering."""
    return node.value if isinstance(node, nodes.Literal) and isinstance(node.value, str) else None


def extends_late(template: nodes.Template, read: Callable[[str], nodes.Template]) -> bool:
    """Whether a template, or one that it always extends, extends what is known only while rendering."""
    seen = set[str]()
    while not any(map(_may_extend_late, nodes.walk(template.body))):
        parent = next((node for node in template.body if isinstance(node, nodes.Extends)), None)
        name = None if parent is None else written_name(parent.template)
        if name is None or name in seen:
            return False
        seen.add(name)
        try:
            template = read(name)
        except TemplateNotFoundError:
            return False
    return True


def _may_extend_late(node: nodes.Node) -> bool:
    if isinstance(node, nodes.If):
        return any(isinstance(below, nodes.Extends) for below in nodes.walk(node))
    return isinstance(node, nodes.Extends) and written_name(node.template) is None


def first_there(load: Callable[[str], L], node: nodes.Include) -> tuple[L | None, list[str]]:
    """The first template there is of those that an include names, and those before it; neither if one is known only later."""
    names = [written_name(choice) for choice in nodes.included_names(node)]
    written = [name for name in names if name is not None]
    if len(written) < len(names):
        return None, []
    for number, name in enumerate(written):
        try:
            return load(name), written[:number]
        except TemplateNotFoundError:
            continue
    return None, written


def still_absent(load: Callable[[str], object], name: str) -> bool:
    """Whether there still is no template of this name, which would be taken before another that is there."""
    try:
        load(name)
    except TemplateNotFoundError:
        return True
    return False


def without_output(body: Body, *, keeps: bool) -> Iterator[nodes.Statement]:
    """The statements of a child that count: what it sets. keeps: whether what it prints before `extends` is printed."""
    for node in body:
        match node:
            case nodes.Extends():
                keeps = False
            case nodes.Text() | nodes.Print() | nodes.Block() | nodes.Include() | nodes.FilterBlock() | nodes.CallBlock():
                if keeps:
                    yield node
            case nodes.Translation() | nodes.Debug():
                if keeps:
                    yield node
            case nodes.If() if not keeps:
                branches = tuple((test, tuple(without_output(branch, keeps=False))) for test, branch in node.branches)
                yield replace(node, branches=branches, otherwise=tuple(without_output(node.otherwise, keeps=False)))
            case nodes.For() if not keeps:
                inner, other = (tuple(without_output(part, keeps=False)) for part in (node.body, node.otherwise))
                yield replace(node, body=inner, otherwise=other)
            case nodes.With() | nodes.AutoEscape() if not keeps:
                yield replace(node, body=tuple(without_output(node.body, keeps=False)))
            case _:
                yield node
