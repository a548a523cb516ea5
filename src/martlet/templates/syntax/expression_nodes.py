"""The nodes of what has a value, and the place in a source that every node has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

__all__ = [
    "NOWHERE",
    "Arguments",
    "Attribute",
    "Binary",
    "Boolean",
    "Call",
    "Compare",
    "Concatenation",
    "Conditional",
    "DictDisplay",
    "Expression",
    "Filter",
    "Item",
    "ListDisplay",
    "Literal",
    "Name",
    "Node",
    "Slice",
    "Span",
    "Target",
    "Test",
    "TupleDisplay",
    "Unary",
]


class Span(NamedTuple):
    """From where to where something stands in its source: lines from 1, columns from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, end: Span) -> Span:
        """From the start of this to the end of that."""
        return Span(self.line, self.column, end.end_line, end.end_column)


NOWHERE: Final = Span(1, 0, 1, 0)


@dataclass(frozen=True, slots=True)
class Node:
    """Whatever stands in a template."""

    at: Span


@dataclass(frozen=True, slots=True)
class Name(Node):
    """`user`: a variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """`"text"`, `1`, `1.5`, `true`, `none`."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class TupleDisplay(Node):
    """`(a, b)`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ListDisplay(Node):
    """`[a, b]`."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class DictDisplay(Node):
    """`{"a": b}`."""

    pairs: tuple[tuple[Expression, Expression], ...]


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """`user.name`: the attribute, or else the item; `row.0` is an Item."""

    target: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """`a:b:c` in brackets."""

    start: Expression | None
    stop: Expression | None
    step: Expression | None


@dataclass(frozen=True, slots=True)
class Item(Node):
    """`rows[0]`: the item, or else the attribute."""

    target: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in the brackets of a call, a filter or a test."""

    positional: tuple[Expression, ...] = ()
    keywords: tuple[tuple[str, Expression], ...] = ()
    star: Expression | None = None
    double_star: Expression | None = None


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`url_for("book", id=1)`."""

    target: Expression
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`name | upper`; without a target the first filter of a block or of `{% set %}`, whose target is the block's output.

    bare: an argument behind a colon that was one word (`default:unknown`), also in `arguments` as a Name: the variable of that
    name if there is one, else the word itself.
    """

    target: Expression | None
    name: str
    arguments: Arguments
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Test(Node):
    """`row is even`; `is not` is a Unary around it."""

    target: Expression
    name: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """operator: `not`, `-` or `+`."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """operator: `+`, `-`, `*`, `/`, `//`, `%` or `**`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Concatenation(Node):
    """`a ~ b ~ c`: the texts one behind the other."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """operator: `and` or `or`; the right side is asked only if it decides."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`a < b <= c`; the operators are `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` and `not in`."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`a if test else b`; without `else` an undefined value."""

    test: Expression
    then: Expression
    otherwise: Expression | None


Expression: TypeAlias = (
    Name
    | Literal
    | TupleDisplay
    | ListDisplay
    | DictDisplay
    | Attribute
    | Item
    | Slice
    | Call
    | Filter
    | Test
    | Unary
    | Binary
    | Concatenation
    | Boolean
    | Compare
    | Conditional
)
# What is assigned to: a name, several, or `namespace.attribute`.
Target: TypeAlias = Name | TupleDisplay | Attribute
