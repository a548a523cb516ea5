"""What a template with `{% context %}` reads: names that nobody declares, and attributes that a declared type does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from martlet.templates.checking.context_names import context_names
from martlet.templates.checking.declared_types import (
    MISSING,
    UNKNOWN,
    attribute_names,
    attribute_type,
    element_type,
    resolve_type,
    type_name,
)
from martlet.templates.checking.project import Project
from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.scopes import assigned_names, stored_names
from martlet.templates.errors import did_you_mean
from martlet.templates.syntax import nodes

__all__ = ["check_declarations"]

_ASKING: Final = frozenset({"defined", "undefined"})
# How texts are translated; often given with the rest, and never declared.
_TRANSLATING: Final = frozenset({"_", "gettext", "ngettext", "npgettext", "pgettext"})
_FORGIVING: Final = frozenset({"default", "d"})

Types = Mapping[str, Any]


def check_declarations(project: Project, loaded: Loaded) -> None:
    """Check a template against its own declaration; nothing, if it has none."""
    declared = _declared(loaded)
    if declared is None:
        return
    _check_names(project, loaded, declared.keys())
    known, may_import = project.engine.options.get("types", {}), project.engine.guard is None
    found = {
        name: UNKNOWN if written is None else resolve_type(written, known, may_import=may_import)
        for name, written in declared.items()
    }
    _Typed(project, loaded).body(loaded.template.body, found)


def _declared(loaded: Loaded) -> dict[str, str | None] | None:
    found = [node for node in nodes.walk(loaded.template.body) if isinstance(node, nodes.ContextDeclaration)]
    return {name: written for node in found for name, written, _ in node.names} if found else None


def _check_names(project: Project, loaded: Loaded, declared: Iterable[str]) -> None:
    # What a parent sets or declares is there too; of a parent that is not known nothing can be said.
    parents = project.parents(loaded)
    if parents is None:
        return
    known = {*declared, *project.engine.globals, *_TRANSLATING}
    for parent in parents:
        known |= {*(_declared(parent) or ()), *_set_anywhere(parent.template.body)}
    own = _set_anywhere(loaded.template.body)
    for found in context_names(loaded.template):
        name = found.node.name
        if found.always and name not in known:
            message = f"{name!r} is not declared by {{% context %}}, not set and no global"
            project.findings.add(loaded.source, found.node.at, message + did_you_mean(name, sorted({*known, *own})))


def _set_anywhere(body: nodes.Body) -> Iterator[str]:
    for node in nodes.walk(body):
        match node:
            case nodes.For():
                yield from assigned_names(node.target)
            case nodes.With():
                for target in node.targets:
                    yield from assigned_names(target)
            case nodes.Set() | nodes.SetBlock() | nodes.Macro() | nodes.Import() | nodes.FromImport():
                yield from stored_names((node,))
            case _:
                pass


class _Typed:
    """Follows the types of names through a template; a name that is set to something else is no longer known."""

    def __init__(self, project: Project, loaded: Loaded) -> None:
        self._project = project
        self._loaded = loaded

    def body(self, body: nodes.Body, known: Types) -> None:
        for node in body:
            known = {**known, **self._statement(node, known)}

    def _statement(self, node: nodes.Statement, known: Types) -> Types:
        """Check a statement; gives the types of the names that it sets."""
        match node:
            case nodes.If():
                for test, body in node.branches:
                    self.type_of(test, known)
                    self.body(body, known)
                self.body(node.otherwise, known)
                return dict.fromkeys(stored_names((node,)), UNKNOWN)
            case nodes.For():
                inner = {**known, **_assigned(node.target, element_type(self.type_of(node.iterable, known))), "loop": UNKNOWN}
                inner |= dict.fromkeys(stored_names(node.body), UNKNOWN)
                self._parts((node.condition,), inner)
                self.body(node.body, inner)
                self.body(node.otherwise, known)
            case nodes.With():
                inner = dict(known)
                for target, value in zip(node.targets, node.values, strict=True):
                    inner |= _assigned(target, self.type_of(value, known))
                self.body(node.body, inner)
            case nodes.Set():
                return _assigned(node.target, self.type_of(node.value, known))
            case nodes.Macro() | nodes.CallBlock():
                self._macro(node, known)
                return dict.fromkeys(stored_names((node,)), UNKNOWN)
            case nodes.Block() | nodes.SetBlock() | nodes.FilterBlock() | nodes.AutoEscape():
                self.body(node.body, known)
                return dict.fromkeys(stored_names((node,)), UNKNOWN)
            case _:
                self._parts(nodes.children(node), known)
                return dict.fromkeys(stored_names((node,)), UNKNOWN)
        return {}

    def _macro(self, node: nodes.Macro | nodes.CallBlock, known: Types) -> None:
        if isinstance(node, nodes.CallBlock):
            self.type_of(node.call, known)
        # When it is called, names around it may hold something else than here.
        names = {*(parameter.name for parameter in node.parameters), *_set_anywhere(self._loaded.template.body)}
        self.body(node.body, {**known, **dict.fromkeys(names, UNKNOWN)})

    def type_of(self, node: nodes.Node, known: Types) -> Any:
        """The type of an expression, as far as it is known, UNKNOWN of all else; finds attributes that are missing on the way."""
        match node:
            case nodes.Name(name=name):
                return known.get(name, UNKNOWN)
            case nodes.Attribute(target=target, name=name):
                return self._attribute(node, self.type_of(target, known), name)
            case nodes.Item(target=target, key=nodes.Literal(value=int())):
                return element_type(self.type_of(target, known))
            case nodes.Test(name=name) if name in _ASKING:
                self._inside(node.target, known)
            case nodes.Filter(target=target, name=name) if name in _FORGIVING and target is not None:
                self._inside(target, known)
            case _:
                self._parts(nodes.children(node), known)
        return UNKNOWN

    def _attribute(self, node: nodes.Attribute, target: Any, name: str) -> Any:
        found = attribute_type(target, name) if target is not UNKNOWN else UNKNOWN
        if found is not MISSING:
            return found
        message = f"{type_name(target)} has no attribute {name!r}{did_you_mean(name, attribute_names(target))}"
        self._project.findings.add(self._loaded.source, node.at, message)
        return UNKNOWN

    def _inside(self, node: nodes.Expression, known: Types) -> None:
        """What is only asked for may be missing; what it is asked of may not."""
        if isinstance(node, nodes.Attribute):
            self.type_of(node.target, known)
        else:
            self.type_of(node, known)

    def _parts(self, parts: Iterable[object], known: Types) -> None:
        for part in parts:
            if isinstance(part, nodes.Node):
                self.type_of(part, known)
            else:
                self._parts(nodes.children(part), known)


def _assigned(target: nodes.Target, found: Any) -> dict[str, Any]:
    if isinstance(target, nodes.Name):
        return {target.name: found}
    return dict.fromkeys(assigned_names(target), UNKNOWN)
