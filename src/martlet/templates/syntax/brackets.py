"""Parse names and literals, and all that stands in brackets: lists, dicts, slices and arguments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, NoReturn

from martlet.templates.syntax.cures import cure_of_sign
from martlet.templates.syntax.cursor import Cursor
from martlet.templates.syntax.literals import read_float, read_integer
from martlet.templates.syntax.nodes import Arguments, DictDisplay, Expression, ListDisplay, Literal, Name, Slice, Span
from martlet.templates.syntax.tokens import FLOAT, INTEGER, NAME, STRING

__all__ = ["CONSTANTS", "BracketParser"]

CONSTANTS: Final[dict[str, bool | None]] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
}


class BracketParser(Cursor, ABC):
    """Parses operands without what may follow them; the expressions in brackets are for a class below."""

    @abstractmethod
    def parse_expression(self, *, conditional: bool = True) -> Expression:
        """Parse one expression."""

    @abstractmethod
    def parse_tuple(self, *, conditional: bool = True, in_brackets: bool = False) -> Expression:
        """Parse expressions with commas between them."""

    def parse_primary(self) -> Expression:
        """Parse a name, a literal or a bracket."""
        kind, value, start = self.kind, self.value, self.start
        if kind == NAME:
            self.advance()
            at = self.span(start, self.passed)
            return Literal(at, CONSTANTS[value]) if value in CONSTANTS else Name(at, value)
        if kind == STRING:
            self.advance()
            if self.kind == STRING:
                value = self._parse_more_strings(value)
            return Literal(self.since(start), value)
        if kind in (INTEGER, FLOAT):
            return self.parse_number()
        return self._parse_bracket()

    def _parse_bracket(self) -> Expression:
        """Parse `(…)`, `[…]` or `{…}`; anything else is no operand."""
        opening = self.kind
        if opening == "[":
            return self._parse_list()
        if opening == "{":
            return self._parse_dict()
        if opening != "(":
            self.fail(f"a value was expected, not {self.described()}{cure_of_sign(self.value)}")
        self.advance()
        node = self.parse_tuple(in_brackets=True)
        if self.kind != ")":
            self.fail(f"',' or ')' was expected in this '(', not {self.described()}")
        self.advance()
        return node

    def _parse_more_strings(self, first: str) -> str:
        """Join texts that stand side by side, as Python does."""
        parts = [first]
        while self.kind == STRING:
            parts.append(self.value)
            self.advance()
        return "".join(parts)

    def parse_number(self) -> Literal:
        """Parse the number at this place."""
        start = self.start
        try:
            number = read_integer(self.value) if self.kind == INTEGER else read_float(self.value)
        except ValueError:
            self.fail("this number has more digits than can be read")
        self.advance()
        return Literal(self.since(start), number)

    def _parse_list(self) -> ListDisplay:
        start = self.start
        self.advance()
        items: list[Expression] = []
        while self.kind != "]":
            items.append(self.parse_expression())
            if self.kind != "]":
                self.expect_in("[", ",", "]")
        self.advance()
        return ListDisplay(self.since(start), tuple(items))

    def _parse_dict(self) -> DictDisplay:
        start = self.start
        self.advance()
        pairs: list[tuple[Expression, Expression]] = []
        while self.kind != "}":
            key = self.parse_expression()
            self.expect(":")
            pairs.append((key, self.parse_expression()))
            if self.kind != "}":
                self.expect_in("{", ",", "}")
        self.advance()
        return DictDisplay(self.since(start), tuple(pairs))

    def expect_in(self, opening: str, text: str, closing: str) -> None:
        """Go on if this is `text`; otherwise the error says what a bracket waits for."""
        if not self.skip(text):
            self.fail(f"{text!r} or {closing!r} was expected in this {opening!r}, not {self.described()}")

    def parse_key(self) -> Expression:
        """Parse what stands between two brackets or commas: an expression, or a slice."""
        start = self.start
        first = None if self.kind == ":" else self.parse_expression()
        if first is not None and self.kind != ":":
            return first
        self.advance()
        stop = None if self.kind in (":", "]", ",") else self.parse_expression()
        step = self.parse_expression() if self.skip(":") and self.kind not in ("]", ",") else None
        return Slice(self.since(start), first, stop, step)

    def parse_arguments(self) -> Arguments:
        """Parse `(a, b=1, *c, **d)`."""
        opening = self.here()
        self.advance()
        positional: list[Expression] = []
        keywords: list[tuple[str, Expression]] = []
        star = double_star = None
        while self.kind != ")":
            if self.kind == "*":
                if star or double_star:
                    self._refuse_argument("one '*' argument is allowed, and it stands before '**'", opening)
                self.advance()
                star = self.parse_expression()
            elif double_star:
                self._refuse_argument("nothing may follow the '**' argument", opening)
            elif self.skip("**"):
                double_star = self.parse_expression()
            elif self.kind == NAME and self.following()[0] == "=":
                keywords.append(self._parse_keyword())
            elif star or keywords:
                self._refuse_argument("an argument without a name stands before all with a name and before '*'", opening)
            else:
                positional.append(self.parse_expression())
            if self.kind != ")":
                self.expect_in("(", ",", ")")
        self.advance()
        return Arguments(tuple(positional), tuple(keywords), star, double_star)

    def _refuse_argument(self, message: str, opening: Span) -> NoReturn:
        """Tell what is wrong with this argument; on the line of its bracket, as Jinja2 does, if that is another."""
        self.fail(message, opening if opening.line != self.here().line else None)

    def _parse_keyword(self) -> tuple[str, Expression]:
        name = self.value
        self.advance()
        self.advance()
        return name, self.parse_expression()
