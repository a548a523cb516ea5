"""Macros, `caller()`, `set` blocks and the like in a script or a style sheet, where their text is one value and no code."""

from __future__ import annotations

from typing import Final

from martlet.templates.checking.findings import Findings
from martlet.templates.compiling.linking import Linked
from martlet.templates.syntax import nodes

__all__ = ["check_captured_texts"]

_STRINGS: Final = ("script_string", "script_template", "script_regexp", "style_string")  # where a text is wanted
_WHERE: Final = {
    "script": ("a script", "becomes a string"),
    "json": ("JSON", "becomes a string"),
    "style": ("a style sheet", "is a value"),
}


def check_captured_texts(page: Linked, findings: Findings) -> None:
    """Warn of each text of HTML that stands where code is wanted; of what a macro does elsewhere nothing is told."""
    known: dict[str | None, set[str]] = {}
    for unit in page.units.values():
        known.setdefault(unit.source.name, {"caller"}).update(_captured(unit.body))
    for unit in page.units.values():
        for node in nodes.walk(unit.body):
            match node:
                case nodes.Hole(value=value, escaper=escaper) if _is_captured(value, known[unit.source.name]):
                    pass
                case nodes.CallBlock(escaper=str(escaper)) | nodes.FilterBlock(escaper=str(escaper)):
                    pass
                case _:
                    continue
            where = next((_WHERE[begin] for begin in _WHERE if escaper.startswith(begin)), None)
            if where is not None and not escaper.startswith(_STRINGS):
                place, becomes = where
                findings.add(
                    unit.source,
                    node.at,
                    f"what this writes is a text of HTML, and in {place} {becomes}: write the code here, include it from a file "
                    "of its own, or give the macro the whole element",
                    "warning",
                )


def _captured(body: nodes.Body) -> set[str]:
    """The names of macros, of modules, and of what a `set` block holds."""
    found: set[str] = set()
    for node in nodes.walk(body):
        match node:
            case nodes.Macro(name=name) | nodes.Import(name=name):
                found.add(name)
            case nodes.FromImport(names=names):
                found.update(local for _, local in names)
            case nodes.SetBlock(target=nodes.Name(name=name), filter=None):
                found.add(name)
            case _:
                pass
    return found


def _is_captured(value: nodes.Expression, known: set[str]) -> bool:
    called = value.target if isinstance(value, nodes.Call) else value
    if isinstance(called, nodes.Attribute) and isinstance(value, nodes.Call):
        called = called.target
    return isinstance(called, nodes.Name) and called.name in known
