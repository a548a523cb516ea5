"""Which Python variable stands for a template's name, and where its first value comes from.

A loop, a `with`, a macro and every captured body are a scope: what is set in one is not seen outside. An `if` is none. A name
that no scope around sets is looked up in the context once, when its function begins. All scopes of a function write into one
Python function, so each variable has a name of its own there; macros and recursive loops are functions inside it and see it all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from martlet.templates.runtime.parameters import parameter_name
from martlet.templates.syntax import nodes

__all__ = ["COUNTED_LOOP", "FunctionNames", "Scope", "assigned_names", "is_read_early", "names_in", "stored_names"]

COUNTED_LOOP: Final = "the loop's counter"  # stands for `loop` where there is no object, only arithmetic
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def _sees_all(node: nodes.Node) -> bool:
    """Whether this may look at any variable that is visible."""
    return isinstance(node, (nodes.Debug, nodes.RunUnit, nodes.Block)) or getattr(node, "with_context", False)


class FunctionNames:
    """The names of one Python function: variables of the template, values on the way, and what its context is asked for."""

    def __init__(self) -> None:
        self.from_context: dict[str, str] = {}  # a template's name to the variable that holds it, in the order of their use
        self._used: set[str] = set()
        self._values = 0

    def variable(self, name: str) -> str:
        """A new variable for a template's name, which may be no Python name."""
        stem = name if _PLAIN.fullmatch(name) else "name"
        candidate, number = f"v_{stem}", 1
        while candidate in self._used:
            number += 1
            candidate = f"v{number}_{stem}"
        self._used.add(candidate)
        return candidate

    def parameter(self, name: str) -> str:
        """The variable for a macro's parameter: of the name alone, since callers by keyword must know it."""
        variable = parameter_name(name)
        self._used.add(variable)
        return variable

    def value(self) -> str:
        """A new variable for a value on the way."""
        self._values += 1
        return f"t{self._values}"

    def in_context(self, name: str) -> str:
        """The variable for a name of the context."""
        found = self.from_context.get(name)
        if found is None:
            found = self.from_context[name] = self.variable(name)
        return found


class Scope:
    """The names that are set between two tags, and those around them."""

    def __init__(self, names: FunctionNames, around: Scope | None = None, given: Mapping[str, str] | None = None) -> None:
        self.function = names
        self.around = around
        self._variables: dict[str, str] = dict(given or {})

    def has(self, name: str) -> bool:
        """Whether this scope itself has the name."""
        return name in self._variables

    def declare(self, name: str, variable: str = "") -> str:
        """A variable of this scope; the same if it is there. variable: one that holds the name's value already."""
        found = self._variables.get(name)
        if found is None:
            found = self._variables[name] = variable or self.function.variable(name)
        return found

    def find(self, name: str) -> str | None:
        """The variable that a name means here, None if only the context may have it."""
        found = self._variables.get(name)
        return self.around.find(name) if found is None and self.around is not None else found

    def read(self, name: str) -> str:
        """The variable that a name means here; it is taken from the context if no scope has it."""
        return self.find(name) or self.function.in_context(name)

    def visible(self) -> dict[str, str]:
        """All names that scopes have here, the outermost left out: what it sets is in the context."""
        found = {} if self.around is None else self.around.visible() | self._variables
        return {name: variable for name, variable in found.items() if variable != COUNTED_LOOP}


def assigned_names(target: nodes.Target) -> Iterator[str]:
    """The names that a target sets; none for `namespace.attribute`."""
    if isinstance(target, nodes.Name):
        yield target.name
    elif isinstance(target, nodes.TupleDisplay):
        for item in target.items:
            if isinstance(item, (nodes.Name, nodes.TupleDisplay)):
                yield from assigned_names(item)


def stored_names(body: Iterable[nodes.Statement]) -> Iterator[str]:
    """The names that a body sets in its own scope."""
    for node in body:
        match node:
            case nodes.Set() | nodes.SetBlock():
                yield from assigned_names(node.target)
            case nodes.If():
                for _, branch in node.branches:
                    yield from stored_names(branch)
                yield from stored_names(node.otherwise)
            case nodes.Macro() | nodes.Import():
                yield node.name
            case nodes.FromImport():
                yield from (alias for _, alias in node.names)
            case _:
                pass


def names_in(*found: object) -> Iterator[str]:
    """All names that stand in these nodes, read or set."""
    return (node.name for node in nodes.walk(found) if isinstance(node, nodes.Name))


def _read_before(node: nodes.Statement) -> object:
    """What a `set` reads before it sets anything."""
    match node:
        case nodes.Set():
            return node.value
        case nodes.SetBlock():
            return (node.filter, node.body)
        case _:
            return node


def is_read_early(name: str, body: Iterable[nodes.Statement]) -> bool:
    """Whether a name that this body sets may be read before that, so that it needs a value from outside."""
    for node in body:
        sets = isinstance(node, (nodes.Set, nodes.SetBlock)) and name in assigned_names(node.target)
        for below in nodes.walk(_read_before(node) if sets else node):
            if _sees_all(below) or (isinstance(below, nodes.Name) and below.name == name):
                return True
        if sets or (isinstance(node, (nodes.Macro, nodes.Import)) and node.name == name):
            return False
        if isinstance(node, nodes.FromImport) and any(alias == name for _, alias in node.names):
            return False
    return False
