"""Which names a template asks its context for: those that nothing in it has set where they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from martlet.templates.compiling.scopes import assigned_names, stored_names
from martlet.templates.engine import TemplateEngine
from martlet.templates.syntax import nodes, parse

__all__ = ["ContextName", "context_names", "find_undeclared"]

Names = frozenset[str]

_NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class ContextName:
    """One place where a name is read. always: no branch before has set it, so that only the context can have it."""

    node: nodes.Name
    always: bool


def find_undeclared(engine: TemplateEngine, source: str | nodes.Template) -> set[str]:
    """The names that a template wants from its context: all that it reads and neither sets itself nor finds among the globals.

    A name that only some branches set is wanted too, and so is each that `{% context %}` declares without a default. Templates
    that this one extends, includes or imports are not looked into. Raises TemplateSyntaxError.

    >>> find_undeclared(TemplateEngine(), "{% set a = 1 %}{% for x in rows %}{{ x + a + b }}{% endfor %}") == {"rows", "b"}
    True
    """
    template = parse(source, syntax=engine.syntax, tags=engine.tags) if isinstance(source, str) else source
    read = {found.node.name for found in context_names(template)}
    declared = [pair for node in template.body if isinstance(node, nodes.ContextDeclaration) for pair in node.names]
    optional = {name for name, _, default in declared if default is not None}
    wanted = {name for name, _, default in declared if default is None}
    return (read - engine.globals.keys() - optional) | wanted


def context_names(template: nodes.Template) -> Iterator[ContextName]:
    """Every place where a name is read that nothing set before. What `{% context %}` declares is of the context."""
    maybe = frozenset(_deep_names(template.body))
    return _Reader(frozenset(stored_names(template.body)), maybe).body(template.body, _Seen(frozenset({"self"}), _NONE))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The names that are set for certain, and those that only some ways set."""

    certain: Names
    possible: Names

    def plus(self, names: Iterable[str]) -> _Seen:
        """These, and more that are certain."""
        return _Seen(self.certain.union(names), self.possible)

    def hoping(self, names: Iterable[str]) -> _Seen:
        """These, and more that are possible."""
        return _Seen(self.certain, self.possible.union(names))


@dataclass(frozen=True, slots=True)
class _Reader:
    """top: the names that the template sets at its top, which its blocks see. anywhere: all names that it sets."""

    top: Names
    anywhere: Names

    def body(self, body: nodes.Body, seen: _Seen) -> Iterator[ContextName]:
        for node in body:
            yield from self._statement(node, seen)
            seen = _after(node, seen)

    def _statement(self, node: nodes.Statement, seen: _Seen) -> Iterator[ContextName]:
        match node:
            case nodes.If():
                for test, body in node.branches:
                    yield from _read(test, seen)
                    yield from self.body(body, seen)
                yield from self.body(node.otherwise, seen)
            case nodes.For():
                yield from self._for(node, seen)
            case nodes.With():
                yield from _read((node.values, _written_to(node.targets)), seen)
                yield from self.body(node.body, seen.plus(name for target in node.targets for name in assigned_names(target)))
            case nodes.Macro():
                yield from self._macro(node.parameters, node.body, seen.plus([node.name]))
            case nodes.CallBlock():
                yield from _read(node.call, seen)
                yield from self._macro(node.parameters, node.body, seen)
            case nodes.Block():
                # In a scoped block, whatever is set around it; else what stands at the top.
                outer = seen if node.scoped else _Seen(seen.certain & self.top, _NONE)
                yield from self.body(node.body, outer.plus(["self", "super"]).hoping(self.anywhere))
            case nodes.SetBlock() | nodes.FilterBlock() | nodes.AutoEscape():
                extra = node.value if isinstance(node, nodes.AutoEscape) else node.filter
                yield from _read(extra, seen)
                yield from _read(_written_to((node.target,)) if isinstance(node, nodes.SetBlock) else (), seen)
                yield from self.body(node.body, seen)
            case nodes.Set():
                yield from _read((node.value, _written_to((node.target,))), seen)
            case _:
                yield from _read(node, seen)

    def _for(self, node: nodes.For, seen: _Seen) -> Iterator[ContextName]:
        yield from _read(node.iterable, seen)
        inner = seen.plus(assigned_names(node.target))
        yield from _read((node.condition,), inner.plus(["loop"]))
        yield from self.body(node.body, inner.plus(["loop"]))
        yield from self.body(node.otherwise, seen)

    def _macro(self, parameters: tuple[nodes.Parameter, ...], body: nodes.Body, seen: _Seen) -> Iterator[ContextName]:
        # It runs when it is called: by then more may have been set around it.
        inner = seen.plus(["caller", "varargs", "kwargs", *(parameter.name for parameter in parameters)]).hoping(self.anywhere)
        yield from _read(tuple(parameter.default for parameter in parameters), inner)
        yield from self.body(body, inner)


def _after(node: nodes.Statement, seen: _Seen) -> _Seen:
    """What is set behind a statement."""
    names = frozenset(stored_names((node,)))
    if not isinstance(node, nodes.If):
        return seen.plus(names)
    ways = [frozenset(_certain(body)) for _, body in node.branches] + [frozenset(_certain(node.otherwise))]
    return seen.plus(ways[0].intersection(*ways)).hoping(names)


def _certain(body: nodes.Body) -> Iterator[str]:
    """The names that a body sets whatever way leads through it."""
    return iter(_all_after(body).certain)


def _all_after(body: nodes.Body) -> _Seen:
    seen = _Seen(_NONE, _NONE)
    for node in body:
        seen = _after(node, seen)
    return seen


def _read(node: object, seen: _Seen) -> Iterator[ContextName]:
    """The names that an expression reads; a bare word behind a filter's colon is not one."""
    if isinstance(node, nodes.Name):
        if node.name not in seen.certain:
            yield ContextName(node, node.name not in seen.possible)
        return
    if isinstance(node, nodes.ContextDeclaration):
        node = tuple(default for _, _, default in node.names)
    if isinstance(node, nodes.Filter) and node.bare:
        node = node.target
        yield from _read(node, seen)
        return
    for child in nodes.children(node):
        yield from _read(child, seen)


def _written_to(targets: Iterable[nodes.Target]) -> tuple[nodes.Expression, ...]:
    """The namespaces that are written to, as in `{% set page.found = true %}`: these are read."""
    found: list[nodes.Expression] = []
    for target in targets:
        if isinstance(target, nodes.Attribute):
            found.append(target.target)
        elif isinstance(target, nodes.TupleDisplay):
            found.extend(item.target for item in target.items if isinstance(item, nodes.Attribute))
    return tuple(found)


def _deep_names(body: nodes.Body) -> Iterator[str]:
    for node in nodes.walk(body):
        if isinstance(node, (nodes.Set, nodes.SetBlock, nodes.Macro, nodes.Import, nodes.FromImport)):
            yield from stored_names((node,))
