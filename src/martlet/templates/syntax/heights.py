"""How deep a tree is, found without recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import cast

from martlet.templates.syntax.nodes import Arguments, Node, Span

__all__ = ["is_higher"]


def is_higher(node: Node, limit: int) -> bool:
    """Whether a way from this node down to a leaf passes more than `limit` nodes.

    >>> from martlet.templates.syntax.nodes import NOWHERE, Name, Unary
    >>> is_higher(Unary(NOWHERE, "-", Name(NOWHERE, "a")), 1)
    True
    """
    level = [node]
    for _ in range(limit):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(node: Node | Arguments) -> Iterator[Node]:
    for field in fields(node):
        yield from _nodes_in(getattr(node, field.name))


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, Arguments):
        yield from _children(value)
    elif isinstance(value, tuple) and not isinstance(value, Span):
        for item in cast("tuple[object, ...]", value):
            yield from _nodes_in(item)
