"""The templates that are checked together: each read once, with what it extends and who extends it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator
from typing import Final

from martlet.templates.checking.findings import Findings
from martlet.templates.compiling.layouts import written_name
from martlet.templates.compiling.linking import Loaded
from martlet.templates.engine import TemplateEngine
from martlet.templates.errors import TemplateNotFoundError, TemplateSyntaxError
from martlet.templates.syntax import nodes

__all__ = ["Project", "literal_names", "may_be_template"]

_NO_TEXT: Final = ("image/", "audio/", "video/", "font/", "application/zip", "application/gzip", "application/pdf")


class Project:
    """Templates by name, as an engine finds them; what cannot be read becomes a finding, once."""

    def __init__(self, engine: TemplateEngine, names: Iterable[str], findings: Findings) -> None:
        self.engine = engine
        self.names = list(names)
        self.findings = findings
        self._read: dict[str, Loaded | None] = {}
        self._there: dict[str, bool] = {}
        self._parents: dict[str, list[Loaded] | None] = {}
        self._blocks: dict[str, dict[str, nodes.Block]] = {}
        self.is_open = any(_extends_unknown(loaded) for loaded in self.templates())

    def templates(self) -> Iterator[Loaded]:
        """Those of the names that can be read."""
        for name in self.names:
            loaded = self.find(name)
            if loaded is not None:
                yield loaded

    def find(self, name: str) -> Loaded | None:
        """A template whose nodes can be read; None if it is not there, or is broken, which is a finding."""
        if name not in self._read:
            self._read[name] = None
            try:
                loaded = self.engine.load(name)
                _ = loaded.template
            except TemplateNotFoundError as error:
                if name in self.names:
                    self.findings.add_error(error)
            except TemplateSyntaxError as error:
                self.findings.add_error(error)
            else:
                self._read[name] = loaded
        return self._read[name]

    def is_there(self, name: str) -> bool:
        """Whether a loader has this name, broken or not."""
        if name not in self._there:
            try:
                self.engine.load(name)
            except TemplateNotFoundError:
                self._there[name] = False
            except TemplateSyntaxError:
                self._there[name] = True
            else:
                self._there[name] = True
        return self._there[name]

    def listed(self) -> list[str]:
        """All names that the loader knows, for the nearest of them."""
        return self.engine.loader.list_names() if self.engine.loader is not None else []

    def parents(self, loaded: Loaded) -> list[Loaded] | None:
        """What a template extends, the nearest first; None if that is not known to the end."""
        name = loaded.source.name or ""
        if name not in self._parents:
            self._parents[name] = self._find_parents(loaded)
        return self._parents[name]

    def _find_parents(self, loaded: Loaded) -> list[Loaded] | None:
        found: list[Loaded] = []
        while True:
            extends = [node for node in nodes.walk(loaded.template.body) if isinstance(node, nodes.Extends)]
            if not extends:
                return found
            name = written_name(extends[0].template)
            parent = self.find(name) if name is not None and len(extends) == 1 else None
            if parent is None or extends[0] not in loaded.template.body or parent in found:
                return None
            found.append(parent)
            loaded = parent

    def blocks(self, loaded: Loaded) -> dict[str, nodes.Block]:
        """The blocks of a template itself, by their names."""
        name = loaded.source.name or ""
        if name not in self._blocks:
            found = (node for node in nodes.walk(loaded.template.body) if isinstance(node, nodes.Block))
            self._blocks[name] = {node.name: node for node in found}
        return self._blocks[name]

    def children(self, loaded: Loaded) -> list[Loaded]:
        """All templates that extend this one, directly or not, as far as it is written out."""
        return [other for other in self.templates() if loaded in (self.parents(other) or ())]


def literal_names(node: nodes.Expression) -> list[str] | None:
    """The names that may stand for a template: one, or all of a list or of a choice by `if`; None if one is not written out."""
    match node:
        case nodes.Literal(value=str(name)):
            return [name]
        case nodes.ListDisplay() | nodes.TupleDisplay():
            parts = [literal_names(item) for item in node.items]
        case nodes.Conditional(then=then, otherwise=otherwise) if otherwise is not None:
            parts = [literal_names(then), literal_names(otherwise)]
        case _:
            return None
    known = [part for part in parts if part is not None]
    return [name for part in known for name in part] if len(known) == len(parts) else None


def may_be_template(name: str) -> bool:
    """Whether a file of this name is read when a whole folder is checked: neither hidden, nor an image, a font or the like.

    >>> may_be_template("mail/welcome.txt"), may_be_template("logo.png"), may_be_template("logo.svg")
    (True, False, True)
    """
    if any(part.startswith(".") or part == "__pycache__" for part in name.split("/")):
        return False
    kind, packed = mimetypes.guess_type(name)
    return kind == "image/svg+xml" or (packed is None and not (kind or "").startswith(_NO_TEXT))


def _extends_unknown(loaded: Loaded) -> bool:
    return any(
        isinstance(node, nodes.Extends) and written_name(node.template) is None for node in nodes.walk(loaded.template.body)
    )
