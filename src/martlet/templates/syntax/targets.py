"""Parse what is assigned to."""

from __future__ import annotations

from martlet.templates.syntax.brackets import CONSTANTS
from martlet.templates.syntax.expressions import ExpressionParser
from martlet.templates.syntax.nodes import Attribute, Name, Target, TupleDisplay
from martlet.templates.syntax.tokens import END, NAME

__all__ = ["TargetParser"]


class TargetParser(ExpressionParser):
    """Parses targets, besides expressions."""

    def parse_target(self, *, stop: str = "", namespaced: bool = False) -> Target:
        """Parse what is assigned to: a name, several in a row, or with `namespaced` also `namespace.attribute`.

        stop: a word that may follow the last comma.
        """
        start = self.start
        items: list[Target] = []
        comma = True
        while comma and self.kind not in (END, ")") and not (items and stop and self.at(stop)):
            items.append(self._parse_one_target(namespaced=namespaced))
            comma = self.skip(",")
        if len(items) == 1 and not comma:
            return items[0]
        if not items:
            self.fail(f"a name to assign to was expected, not {self.described()}")
        return TupleDisplay(self.since(start), tuple(items))

    def _parse_one_target(self, *, namespaced: bool) -> Target:
        kind, start = self.kind, self.start
        if kind == "(":
            self._depth += 1
            self.check_depth()
            self.advance()
            target = self.parse_target() if self.kind != ")" else TupleDisplay(self.since(start), ())
            self.expect(")")
            self._depth -= 1
            return target
        name = self.parse_assigned_name()
        if namespaced and self.kind == ".":
            self.advance()
            attribute = self.expect_name("an attribute's name")
            return Attribute(self.since(start), Name(self.span(start, start + len(name)), name), attribute)
        return Name(self.since(start), name)

    def parse_assigned_name(self) -> str:
        """Parse one name that something is assigned to."""
        if self.kind == NAME and self.value in CONSTANTS:
            self.fail(f"{self.value!r} is a constant and cannot be assigned to")
        return self.expect_name("a name to assign to")
