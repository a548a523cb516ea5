"""Blocks that nothing prints, blocks that must be filled and are not, and `super` and `self` that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from martlet.templates.checking.project import Project
from martlet.templates.compiling.linking import Loaded
from martlet.templates.errors import did_you_mean
from martlet.templates.syntax import nodes

__all__ = ["check_blocks"]


def check_blocks(project: Project, loaded: Loaded) -> None:
    """Check a template against all that it extends; nothing, if that is not known to the end."""
    parents = project.parents(loaded)
    if parents is None:
        return
    inherited = {name: block for parent in parents for name, block in project.blocks(parent).items()}
    family = [loaded, *parents, *project.children(loaded)]
    used = {name for member in family for name, _ in _printed_by_self(member)}
    if parents:
        _check_reached(project, loaded, inherited, used)
        if not project.is_open and not project.children(loaded):
            _check_required(project, loaded, parents)
    _check_super(project, loaded, inherited)
    if not project.is_open:
        known = {name for member in family for name in project.blocks(member)}
        for name, at in _printed_by_self(loaded):
            if name not in known:
                project.findings.add(loaded.source, at, f"there is no block named {name!r}{did_you_mean(name, known)}")


def _check_reached(project: Project, loaded: Loaded, inherited: dict[str, nodes.Block], used: set[str]) -> None:
    for block in _outermost(loaded.template.body):
        if block.name not in inherited and block.name not in used:
            message = f"no parent has a block named {block.name!r}, so that this is never rendered"
            project.findings.add(loaded.source, block.at, message + did_you_mean(block.name, inherited))


def _check_required(project: Project, loaded: Loaded, parents: list[Loaded]) -> None:
    if any(block.required for block in project.blocks(loaded).values()):
        return  # it is there to be extended, by somebody else
    filled = {*project.blocks(loaded)}
    for member in parents:
        for name, block in project.blocks(member).items():
            if block.required and name not in filled:
                extends = next(node for node in loaded.template.body if isinstance(node, nodes.Extends))
                told = f"the block {name!r} of {member.source.name!r} is required, and nothing fills it"
                project.findings.add(loaded.source, extends.at, told)
        filled |= project.blocks(member).keys()


def _check_super(project: Project, loaded: Loaded, inherited: dict[str, nodes.Block]) -> None:
    if any(isinstance(node, nodes.Name) and node.name == "super" for node in _targets(loaded)):
        return
    for block in project.blocks(loaded).values():
        if block.name in inherited:
            continue
        for node in _inside(block):
            if isinstance(node, nodes.Call) and isinstance(node.target, nodes.Name) and node.target.name == "super":
                told = f"no parent has a block named {block.name!r}, so that there is nothing for 'super()' to print"
                project.findings.add(loaded.source, node.at, told)


def _targets(loaded: Loaded) -> Iterator[nodes.Node]:
    for node in nodes.walk(loaded.template.body):
        if isinstance(node, (nodes.Set, nodes.SetBlock, nodes.For)):
            yield from nodes.walk(node.target)


def _outermost(node: object) -> Iterator[nodes.Block]:
    for child in nodes.children(node):
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outermost(child)


def _inside(block: nodes.Block) -> Iterator[nodes.Node]:
    """What stands in a block and in no other inside of it."""
    waiting: list[object] = [*block.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.Node):
            yield node
        if not isinstance(node, nodes.Block):
            waiting.extend(nodes.children(node))


def _printed_by_self(loaded: Loaded) -> Iterator[tuple[str, nodes.Span]]:
    for node in nodes.walk(loaded.template.body):
        if isinstance(node, nodes.Attribute) and isinstance(node.target, nodes.Name) and node.target.name == "self":
            yield node.name, node.at
