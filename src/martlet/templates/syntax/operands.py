"""Parse what operators stand between: names, literals, brackets, calls, filters and tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final, NoReturn

from martlet.templates.syntax.cursor import Cursor
from martlet.templates.syntax.literals import read_float, read_integer
from martlet.templates.syntax.nodes import (
    Arguments,
    Attribute,
    Call,
    DictDisplay,
    Expression,
    Filter,
    Item,
    ListDisplay,
    Literal,
    Name,
    Slice,
    Span,
    Test,
    TupleDisplay,
    Unary,
)
from martlet.templates.syntax.tokens import COLON, END, EOF, FLOAT, INTEGER, NAME, STRING

__all__ = ["CONSTANTS", "OperandParser"]

CONSTANTS: Final[dict[str, bool | None]] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "none": None,
    "None": None,
}
_NO_ARGUMENTS: Final = Arguments()
_ARGUMENT_STARTS: Final = frozenset({NAME, STRING, INTEGER, FLOAT, "[", "{"})
_NEVER_ARGUMENTS: Final = frozenset({"else", "or", "and"})


class OperandParser(Cursor, ABC):
    """Parses operands; what stands in their brackets is for the class below."""

    @abstractmethod
    def parse_expression(self, *, conditional: bool = True) -> Expression:
        """Parse one expression."""

    @abstractmethod
    def parse_tuple(self, *, conditional: bool = True, in_brackets: bool = False) -> Expression:
        """Parse expressions with commas between them."""

    def parse_operand(self) -> Expression:
        """Parse a name, literal or bracket with the signs before it, and with what follows it: `-user.name|upper is lower`."""
        signs: list[tuple[str, int]] = []
        while self.kind in ("-", "+"):
            signs.append((self.kind, self.start))
            self.advance()
        node = self._parse_primary()
        if self.kind != END:
            node = self._parse_postfix(node)
        for sign, start in reversed(signs):
            node = Unary(self.since(start), sign, node)
        return node if self.kind == END else self._parse_filters_and_tests(node)

    def _parse_primary(self) -> Expression:
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
            return self._parse_number()
        return self._parse_bracket()

    def _parse_bracket(self) -> Expression:
        """Parse `(…)`, `[…]` or `{…}`; anything else is no operand."""
        opening = self.kind
        if opening == "[":
            return self._parse_list()
        if opening == "{":
            return self._parse_dict()
        if opening != "(":
            self.fail(f"a value was expected, not {self.described()}")
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

    def _parse_number(self) -> Literal:
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

    def _parse_postfix(self, node: Expression) -> Expression:
        """Parse `.name`, `[key]` and `(arguments)` as long as there are any."""
        while True:
            kind = self.kind
            if kind == ".":
                node = self._parse_attribute(node)
            elif kind == "[":
                node = self._parse_item(node)
            elif kind == "(":
                node = self._parse_call(node)
            else:
                return node

    def _parse_attribute(self, node: Expression) -> Expression:
        start = self.start
        self.advance()
        if self.kind == NAME:
            name = self.value
            self.advance()
            return Attribute(self.from_node(node.at, start), node, name)
        if self.kind != INTEGER:
            self.fail(f"a name or a number was expected behind the dot, not {self.described()}")
        key = self._parse_number()
        return Item(self.from_node(node.at, start), node, key)

    def _parse_item(self, node: Expression) -> Item:
        start = self.start
        self.advance()
        keys: list[Expression] = []
        while self.kind != "]":
            if keys:
                self.expect_in("[", ",", "]")
            keys.append(self._parse_key())
        self.advance()
        key = keys[0] if len(keys) == 1 else TupleDisplay(self.since(start), tuple(keys))
        return Item(self.from_node(node.at, start), node, key)

    def _parse_key(self) -> Expression:
        """Parse what stands between two brackets or commas: an expression, or a slice."""
        start = self.start
        first = None if self.kind == ":" else self.parse_expression()
        if first is not None and self.kind != ":":
            return first
        self.advance()
        stop = None if self.kind in (":", "]", ",") else self.parse_expression()
        step = self.parse_expression() if self.skip(":") and self.kind not in ("]", ",") else None
        return Slice(self.since(start), first, stop, step)

    def _parse_call(self, node: Expression) -> Call:
        start = self.start
        arguments = self._parse_arguments()
        return Call(self.from_node(node.at, start), node, arguments)

    def _parse_arguments(self) -> Arguments:
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

    def _parse_filters_and_tests(self, node: Expression) -> Expression:
        """Parse `|filter`, `is test` and calls of their results as long as there are any."""
        while True:
            if self.kind == "|":
                self.advance()
                node = self.parse_filter(node)
            elif self.kind == NAME and self.value == "is":
                node = self._parse_test(node)
            elif self.kind == "(":
                node = self._parse_call(node)
            else:
                return node

    def parse_filter(self, target: Expression | None) -> Filter:
        """Parse one filter, from its name on: `default("none")`, or `default:none` outside of brackets."""
        start = self.start
        name = self._parse_dotted_name("a filter's name")
        if self.kind == "(":
            return Filter(self.since(start), target, name, self._parse_arguments())
        if self.kind == COLON and self.following()[0] not in (END, EOF):
            self.advance()
            argument, bare = self._parse_colon_argument()
            return Filter(self.since(start), target, name, Arguments((argument,)), bare)
        return Filter(self.since(start), target, name, _NO_ARGUMENTS)

    def _parse_colon_argument(self) -> tuple[Expression, bool]:
        """Parse the argument behind a filter's colon, and tell whether it is a bare word."""
        start, sign = self.start, self.kind
        if sign in ("-", "+"):
            self.advance()
            if self.kind not in (INTEGER, FLOAT):
                self.fail(f"a number was expected behind the sign, not {self.described()}")
            return Unary(self.since(start), sign, self._parse_number()), False
        argument = self._parse_primary()
        following = self._parse_postfix(argument)
        return following, following is argument and isinstance(argument, Name)

    def _parse_test(self, target: Expression) -> Expression:
        """Parse `is name`, `is not name(arguments)` or `is name argument`."""
        self.advance()
        negated = self.start if self.skip("not") else None
        start = self.start
        name = self._parse_dotted_name("a test's name")
        if self.kind == "(":
            arguments = self._parse_arguments()
        elif self.kind in _ARGUMENT_STARTS and not (self.kind == NAME and self.value in _NEVER_ARGUMENTS):
            if self.at("is"):
                self.fail("one test cannot follow another; join them with 'and'")
            arguments = Arguments((self._parse_postfix(self._parse_primary()),))
        else:
            arguments = _NO_ARGUMENTS
        test = Test(self.since(start), target, name, arguments)
        return test if negated is None else Unary(self.from_node(target.at, start), "not", test)

    def _parse_dotted_name(self, what: str) -> str:
        name = self.expect_name(what)
        while self.kind == ".":
            self.advance()
            name += "." + self.expect_name(what)
        return name
