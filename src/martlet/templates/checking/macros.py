"""Macros: those that are imported must be there, and a call must fit the macro's parameters.

A name is known to be a macro if its template sets it once, at its top. All else may be anything, and is not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from martlet.templates.checking.project import Project
from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.scopes import assigned_names, names_in, stored_names
from martlet.templates.errors import did_you_mean
from martlet.templates.syntax import nodes

__all__ = ["Macros", "bound_names"]


@dataclass(slots=True)
class _Known:
    """What is known of a template's names. macros: by name; modules: the templates that stand behind a name."""

    macros: dict[str, nodes.Macro] = field(default_factory=dict[str, nodes.Macro])
    modules: dict[str, Loaded] = field(default_factory=dict[str, Loaded])
    since: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])


class Macros:
    """Checks the imports and calls of many templates; each is looked into once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._looked_into: dict[str, _Known] = {}

    def check(self, loaded: Loaded) -> None:
        """Check the imports of a template, and all calls of macros that are known."""
        for node in nodes.walk(loaded.template.body):
            if isinstance(node, nodes.FromImport):
                self._check_imported(loaded, node)
        known = self._known(loaded)
        for node in nodes.walk(loaded.template.body):
            if isinstance(node, nodes.Attribute):
                self._check_member(loaded, known, node)
            elif isinstance(node, nodes.CallBlock):
                self._check_call(loaded, known, node.call, with_caller=True)
            elif isinstance(node, nodes.Call):
                self._check_call(loaded, known, node, with_caller=False)

    def _check_imported(self, loaded: Loaded, node: nodes.FromImport) -> None:
        other = self._imported(node.template)
        exported = None if other is None else _exported(other)
        if other is None or exported is None:
            return
        for name, _ in node.names:
            if name not in exported:
                message = f"the template {other.source.name!r} has no macro {name!r}{did_you_mean(name, exported)}"
                self._project.findings.add(loaded.source, node.at, message)

    def _check_member(self, loaded: Loaded, known: _Known, node: nodes.Attribute) -> None:
        if not isinstance(node.target, nodes.Name) or not _stands_behind(known, node.target):
            return
        other = known.modules.get(node.target.name)
        exported = None if other is None else _exported(other)
        if other is not None and exported is not None and node.name not in exported and not node.name.startswith("_"):
            message = f"the template {other.source.name!r} has no macro {node.name!r}{did_you_mean(node.name, exported)}"
            self._project.findings.add(loaded.source, node.at, message)

    def _check_call(self, loaded: Loaded, known: _Known, node: nodes.Call, *, with_caller: bool) -> None:
        macro: nodes.Macro | None = None
        match node.target:
            case nodes.Name() if _stands_behind(known, node.target):
                macro = known.macros.get(node.target.name)
            case nodes.Attribute(target=nodes.Name() as module, name=name) if _stands_behind(known, module):
                other = known.modules.get(module.name)
                macro = None if other is None else self._known(other).macros.get(name)
            case _:
                pass
        if macro is not None:
            for message in _mistakes(macro, node.arguments, with_caller=with_caller):
                self._project.findings.add(loaded.source, node.at, message)

    def _known(self, loaded: Loaded) -> _Known:
        name = loaded.source.name or ""
        if name not in self._looked_into:
            self._looked_into[name] = self._look_into(loaded, frozenset())
        return self._looked_into[name]

    def _look_into(self, loaded: Loaded, around: frozenset[str]) -> _Known:
        """The macros and modules of a template. around: the templates that are being looked into, for some import each other."""
        known = _Known()
        once = {name for name, count in Counter(bound_names(loaded.template.body)).items() if count == 1}
        around = around | {loaded.source.name or ""}
        for node in loaded.template.body:
            for name in stored_names((node,)):
                known.since[name] = (node.at.line, node.at.column)
            match node:
                case nodes.Macro(name=name) if name in once:
                    known.macros[name] = node
                case nodes.Import(name=name) if name in once:
                    other = self._imported(node.template)
                    if other is not None:
                        known.modules[name] = other
                case nodes.FromImport():
                    other = self._imported(node.template)
                    if other is not None and (other.source.name or "") not in around:
                        names = {here: there for there, here in node.names if here in once}
                        _take_over(known, self._look_into(other, around), names)
                case _:
                    pass
        return known

    def _imported(self, template: nodes.Expression) -> Loaded | None:
        if isinstance(template, nodes.Literal) and isinstance(template.value, str) and self._project.is_there(template.value):
            return self._project.find(template.value)
        return None


def _mistakes(macro: nodes.Macro, arguments: nodes.Arguments, *, with_caller: bool) -> Iterator[str]:
    """Why these arguments do not fit; a parameter that is left out is undefined, which is no mistake."""
    parameters = [parameter.name for parameter in macro.parameters]
    read = {*names_in(macro.body, macro.parameters)} - set(parameters)
    given = len(arguments.positional)
    if given > len(parameters) and "varargs" not in read:
        count = "no argument" if not parameters else f"at most {len(parameters)} argument{'s' * (len(parameters) > 1)}"
        yield f"the macro {macro.name!r} takes {count}, and is given {given}"
    if with_caller and not {"caller", "kwargs"} & {*read, *parameters}:
        yield f"the macro {macro.name!r} is called with a call block, and never calls `caller`"
    for name, _ in arguments.keywords:
        if name in parameters[:given]:
            yield f"the macro {macro.name!r} is given {name!r} twice, by its place and by its name"
        elif name not in parameters and name != "caller" and "kwargs" not in read:
            yield f"the macro {macro.name!r} has no parameter {name!r}{did_you_mean(name, parameters)}"


def _take_over(known: _Known, other: _Known, names: Mapping[str, str]) -> None:
    for here, there in names.items():
        if there in other.macros:
            known.macros[here] = other.macros[there]
        if there in other.modules:
            known.modules[here] = other.modules[there]


def _stands_behind(known: _Known, node: nodes.Name) -> bool:
    """Whether this is read after it was set; before that it is of the context."""
    return node.name in known.since and (node.at.line, node.at.column) > known.since[node.name]


def _exported(loaded: Loaded) -> set[str] | None:
    """The names that a template sets at its top; None if a parent may set more."""
    if any(isinstance(node, nodes.Extends) for node in nodes.walk(loaded.template.body)):
        return None
    return {*_top_names(loaded.template.body)}


def _top_names(body: nodes.Body) -> Iterator[str]:
    yield from stored_names(body)
    for node in body:
        if isinstance(node, nodes.ContextDeclaration):
            yield from (name for name, _, _ in node.names)


def bound_names(body: nodes.Body) -> Iterator[str]:
    """Every name that is set anywhere, once for each time."""
    for node in nodes.walk(body):
        match node:
            case nodes.Set() | nodes.SetBlock() | nodes.For():
                yield from assigned_names(node.target)
            case nodes.With():
                for target in node.targets:
                    yield from assigned_names(target)
            case nodes.Macro() | nodes.Import() | nodes.Parameter():
                yield node.name
            case nodes.FromImport():
                yield from (here for _, here in node.names)
            case nodes.ContextDeclaration():
                yield from (name for name, _, _ in node.names)
            case _:
                pass
