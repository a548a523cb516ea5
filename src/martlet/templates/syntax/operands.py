"""Parse what operators stand between: values with their signs, attributes, calls, filters and tests."""

from __future__ import annotations

from typing import Final

from martlet.templates.syntax.brackets import BracketParser
from martlet.templates.syntax.nodes import Arguments, Attribute, Call, Expression, Filter, Item, Name, Test, TupleDisplay, Unary
from martlet.templates.syntax.tokens import COLON, END, EOF, FLOAT, INTEGER, NAME, STRING

__all__ = ["OperandParser"]

_NO_ARGUMENTS: Final = Arguments()
_ARGUMENT_STARTS: Final = frozenset({NAME, STRING, INTEGER, FLOAT, "[", "{"})
_NEVER_ARGUMENTS: Final = frozenset({"else", "or", "and"})


class OperandParser(BracketParser):
    """Parses operands and what applies to them."""

    def parse_operand(self) -> Expression:
        """Parse a name, literal or bracket with the signs before it, and with what follows it: `-user.name|upper is lower`."""
        signs: list[tuple[str, int]] = []
        while self.kind in ("-", "+"):
            signs.append((self.kind, self.start))
            self.advance()
        node = self.parse_primary()
        if self.kind != END:
            node = self._parse_postfix(node)
        for sign, start in reversed(signs):
            node = Unary(self.since(start), sign, node)
        return node if self.kind == END else self._parse_filters_and_tests(node)

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
        key = self.parse_number()
        return Item(self.from_node(node.at, start), node, key)

    def _parse_item(self, node: Expression) -> Item:
        start = self.start
        self.advance()
        keys: list[Expression] = []
        while self.kind != "]":
            if keys:
                self.expect_in("[", ",", "]")
            keys.append(self.parse_key())
        self.advance()
        key = keys[0] if len(keys) == 1 else TupleDisplay(self.since(start), tuple(keys))
        return Item(self.from_node(node.at, start), node, key)

    def _parse_call(self, node: Expression) -> Call:
        start = self.start
        arguments = self.parse_arguments()
        return Call(self.from_node(node.at, start), node, arguments)

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
            arguments = self.parse_arguments()
            return Filter(self.since(start), target, name, arguments)
        if self.kind == COLON and self.following()[0] not in (END, EOF):
            self.advance()
            argument, bare = self._parse_colon_argument()
            return Filter(self.since(start), target, name, Arguments((argument,)), bare)
        return Filter(self.since(start), target, name, _NO_ARGUMENTS)

    def _parse_colon_argument(self) -> tuple[Expression, bool]:
        """Parse the argument behind a filter's colon, and tell whether it is a bare word."""
        start, kind = self.start, self.kind
        if kind in ("-", "+"):
            self.advance()
            if self.kind not in (INTEGER, FLOAT):
                self.fail(f"a number was expected behind the sign, not {self.described()}")
            return Unary(self.since(start), kind, self.parse_number()), False
        argument = self.parse_primary()
        following = self._parse_postfix(argument)
        return following, kind == NAME and following is argument and isinstance(argument, Name)

    def _parse_test(self, target: Expression) -> Expression:
        """Parse `is name`, `is not name(arguments)` or `is name argument`."""
        self.advance()
        negated = self.start if self.skip("not") else None
        start = self.start
        name = self._parse_dotted_name("a test's name")
        if self.kind == "(":
            arguments = self.parse_arguments()
        elif self.kind in _ARGUMENT_STARTS and not (self.kind == NAME and self.value in _NEVER_ARGUMENTS):
            if self.at("is"):
                self.fail("one test cannot follow another; join them with 'and'")
            arguments = Arguments((self._parse_postfix(self.parse_primary()),))
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
