"""Parse expressions by the precedence of their operators."""

from __future__ import annotations

from typing import Final

from martlet.templates.syntax.cures import cure_of_sign
from martlet.templates.syntax.heights import is_higher
from martlet.templates.syntax.nodes import (
    Binary,
    Boolean,
    Compare,
    Concatenation,
    Conditional,
    Expression,
    Filter,
    TupleDisplay,
    Unary,
)
from martlet.templates.syntax.operands import OperandParser
from martlet.templates.syntax.tokens import END, NAME

__all__ = ["MAX_DEPTH", "MAX_HEIGHT", "ExpressionParser"]

MAX_DEPTH: Final = 64  # brackets and tags around one place; the later stages go down as deep, and Python allows them 1,000 calls
MAX_HEIGHT: Final = (
    100  # operators, attributes and filters that apply to each other's results; CPython reads 200 brackets in each other
)

_OR, _AND, _NOT, _COMPARE, _SUM, _CONCATENATION, _PRODUCT, _POWER = range(1, 9)
_LEVELS: Final = {
    "or": _OR,
    "and": _AND,
    "==": _COMPARE,
    "!=": _COMPARE,
    "<": _COMPARE,
    "<=": _COMPARE,
    ">": _COMPARE,
    ">=": _COMPARE,
    "in": _COMPARE,
    "not": _COMPARE,  # if `in` follows
    "+": _SUM,
    "-": _SUM,
    "~": _CONCATENATION,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "//": _PRODUCT,
    "%": _PRODUCT,
    "**": _POWER,
}
_WORDS: Final = frozenset({"or", "and", "in", "not"})


class ExpressionParser(OperandParser):
    """Parses expressions."""

    _depth: int = 0  # expressions around this place, within one tag

    def tags_around(self) -> int:
        """How many tags are open around this place."""
        return 0

    def parse_expression(self, *, conditional: bool = True) -> Expression:
        """Parse one expression, without commas. conditional: whether it may be `a if b else c`."""
        self._depth += 1
        self.check_depth()
        first, start = self._index, self.start
        node = self._parse_operators(_OR)
        while conditional and self.kind == NAME and self.value == "if":
            self.advance()
            test = self._parse_operators(_OR)
            otherwise = self.parse_expression() if self.skip("else") else None
            node = Conditional(self.since(start), test, node, otherwise)
        self._depth -= 1
        # A tree is no higher than it has tokens, so that only a long expression needs a look.
        if not self._depth and self._index - first > MAX_HEIGHT:
            self.check_height(node)
        return node

    def check_depth(self) -> None:
        """Refuse a place that has too much around it."""
        if self._depth + self.tags_around() > MAX_DEPTH:
            self.fail(f"this is nested too deeply; {MAX_DEPTH} tags and brackets around one place are allowed")

    def check_height(self, node: Expression) -> None:
        """Refuse an expression in which too many operations build on each other."""
        if is_higher(node, MAX_HEIGHT):
            self.fail(
                f"more than {MAX_HEIGHT} operations build on each other here; {{% set %}} the value of a part before", node.at
            )

    def _parse_operators(self, level: int) -> Expression:
        """Parse operands and the operators between them that bind as strongly as `level` or stronger."""
        start = self.start
        negations: list[int] = []
        while level <= _NOT and self.kind == NAME and self.value == "not":
            negations.append(self.start)
            self.advance()
        node = self._parse_operators(_COMPARE) if negations else self.parse_operand()
        for negation in reversed(negations):
            node = Unary(self.since(negation), "not", node)
        while self.kind != END:
            found = self._level_here()
            if found < level:
                return node
            node = self._parse_operation(node, found, start)
        return node

    def _level_here(self) -> int:
        """How strongly the operator at this place binds; 0 if there is none."""
        if self.kind != NAME:
            return 0 if self.kind in _WORDS else _LEVELS.get(self.kind, 0)
        if self.value not in _WORDS:
            return 0
        if self.value == "not" and self.following()[:2] != (NAME, "in"):
            return 0
        return _LEVELS[self.value]

    def _parse_operation(self, left: Expression, level: int, start: int) -> Expression:
        """Parse an operator and what stands behind it."""
        if level == _COMPARE:
            return self._parse_comparison(left, start)
        if level == _CONCATENATION:
            return self._parse_concatenation(left, start)
        operator = self.value
        self.advance()
        right = self.parse_operand() if level == _POWER else self._parse_operators(level + 1)
        if level <= _AND:
            return Boolean(self.since(start), operator, left, right)
        return Binary(self.since(start), operator, left, right)

    def _parse_comparison(self, first: Expression, start: int) -> Compare:
        rest: list[tuple[str, Expression]] = []
        while self._level_here() == _COMPARE:
            operator = self.value
            self.advance()
            if operator == "not":
                operator = "not in"
                self.advance()
            rest.append((operator, self._parse_operators(_SUM)))
        return Compare(self.since(start), first, tuple(rest))

    def _parse_concatenation(self, first: Expression, start: int) -> Concatenation:
        parts = [first]
        while self.kind == "~":
            self.advance()
            parts.append(self._parse_operators(_PRODUCT))
        return Concatenation(self.since(start), tuple(parts))

    def parse_tuple(self, *, conditional: bool = True, in_brackets: bool = False) -> Expression:
        """Parse expressions with commas between them; a single one without a comma is itself.

        in_brackets: whether nothing at all is an empty tuple.
        """
        start = self.start
        items: list[Expression] = []
        comma = True
        while comma and self.kind not in (END, ")"):
            items.append(self.parse_expression(conditional=conditional))
            comma = self.skip(",")
        if len(items) == 1 and not comma:
            return items[0]
        if not items and not in_brackets:
            self.fail(f"a value was expected, not {self.described()}{cure_of_sign(self.value)}")
        return TupleDisplay(self.since(start), tuple(items))

    def parse_filters(self) -> Filter:
        """Parse `upper|trim`: filters that apply to what a block writes; the first has no target."""
        first = self._index
        node = self.parse_filter(None)
        while self.skip("|"):
            node = self.parse_filter(node)
        if self._index - first > MAX_HEIGHT:
            self.check_height(node)
        return node
