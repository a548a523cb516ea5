"""What a template says, as a tree: the parser makes it, every later stage reads it, and none changes it.

A stage that decides something makes new nodes (`dataclasses.replace`). A `Print` becomes a `Hole` where the escaping is decided.
Not here: where a name's value comes from (compiling/scopes.py), and what a place in a page needs (escaping/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, cast

from martlet.templates.syntax.expression_nodes import (
    NOWHERE,
    Arguments,
    Attribute,
    Binary,
    Boolean,
    Call,
    Compare,
    Concatenation,
    Conditional,
    DictDisplay,
    Expression,
    Filter,
    Item,
    ListDisplay,
    Literal,
    Name,
    Node,
    Slice,
    Span,
    Target,
    Test,
    TupleDisplay,
    Unary,
)
from martlet.templates.syntax.statement_nodes import (
    AutoEscape,
    Block,
    Body,
    Break,
    CallBlock,
    ContextDeclaration,
    Continue,
    Debug,
    Do,
    Extends,
    FilterBlock,
    Flush,
    For,
    FromImport,
    Hole,
    If,
    Import,
    Include,
    Macro,
    Parameter,
    Print,
    RunUnit,
    Set,
    SetBlock,
    Statement,
    Text,
    Translation,
    With,
)

__all__ = [
    "NOWHERE",
    "Arguments",
    "Attribute",
    "AutoEscape",
    "Binary",
    "Block",
    "Body",
    "Boolean",
    "Break",
    "Call",
    "CallBlock",
    "Compare",
    "Concatenation",
    "Conditional",
    "ContextDeclaration",
    "Continue",
    "Debug",
    "DictDisplay",
    "Do",
    "Expression",
    "Extends",
    "Filter",
    "FilterBlock",
    "Flush",
    "For",
    "FromImport",
    "Hole",
    "If",
    "Import",
    "Include",
    "Item",
    "ListDisplay",
    "Literal",
    "Macro",
    "Name",
    "Node",
    "Parameter",
    "Print",
    "RunUnit",
    "Set",
    "SetBlock",
    "Slice",
    "Span",
    "Statement",
    "Target",
    "Template",
    "Test",
    "Text",
    "Translation",
    "TupleDisplay",
    "Unary",
    "With",
    "children",
    "included_names",
    "walk",
]


@dataclass(frozen=True, slots=True)
class Template(Node):
    """A whole source. name: by which it was loaded, None for a string."""

    body: Body
    name: str | None


def walk(node: object) -> Iterator[Node]:
    """This node and all below it, in the order of the source.

    >>> name = Name(NOWHERE, "user")
    >>> [type(node).__name__ for node in walk(Print(NOWHERE, Attribute(NOWHERE, name, "email")))]
    ['Print', 'Attribute', 'Name']
    """
    waiting = [node]
    while waiting:
        found = waiting.pop()
        kind = type(found)
        if kind is tuple:
            waiting += cast("tuple[object, ...]", found)[::-1]
            continue
        names = _PARTS.get(kind)
        if names is None:
            names = _parts_of(kind)
        if names:
            if kind is not Arguments:
                yield cast("Node", found)
            for name in names:
                waiting.append(getattr(found, name))


def children(node: object) -> tuple[object, ...]:
    """What stands directly in a node, in its arguments or in a tuple of nodes: nodes, tuples, and what is neither."""
    if type(node) is tuple:
        return cast("tuple[object, ...]", node)
    names = _PARTS.get(type(node))
    return tuple([getattr(node, name) for name in reversed(names or _parts_of(type(node)))])


def included_names(include: Include) -> tuple[Expression, ...]:
    """What names the template of an `include`: one expression, or the items of a list, of which the first that exists counts."""
    chosen = include.template
    return chosen.items if isinstance(chosen, (ListDisplay, TupleDisplay)) else (chosen,)


# The fields of each class, the last first; none for what is no node.
_PARTS: Final[dict[type, tuple[str, ...]]] = {}


def _parts_of(kind: type) -> tuple[str, ...]:
    if kind not in _PARTS:
        names = [field.name for field in reversed(fields(kind))] if issubclass(kind, (Node, Arguments)) else []
        # The place holds no node; it stands for a node that has nothing else.
        _PARTS[kind] = tuple(name for name in names if name != "at" or len(names) == 1)
    return _PARTS[kind]
