"""What a template says, as a tree: the parser makes it, every later stage reads it, and none changes it.

A stage that decides something makes new nodes (`dataclasses.replace`). A `Print` becomes a `Hole` where the escaping is decided.
Not here: where a name's value comes from (compiling/scopes.py), and what a place in a page needs (escaping/).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, NamedTuple, TypeAlias, cast

__all__ = [
    "Arguments",
    "Attribute",
    "AutoEscape",
    "Binary",
    "Block",
    "Body",
    "Boolean",
    "Break",
    "Call",
    "CallBlock",
    "Compare",
    "Concatenation",
    "Conditional",
    "ContextDeclaration",
    "Continue",
    "Debug",
    "DictDisplay",
    "Do",
    "Expression",
    "Extends",
    "Filter",
    "FilterBlock",
    "Flush",
    "For",
    "FromImport",
    "Hole",
    "If",
    "Import",
    "Include",
    "Item",
    "ListDisplay",
    "Literal",
    "Macro",
    "Name",
    "Node",
    "Parameter",
    "Print",
    "RunUnit",
    "Set",
    "SetBlock",
    "Slice",
    "Span",
    "Statement",
    "Target",
    "Template",
    "Test",
    "Text",
    "Translation",
    "TupleDisplay",
    "Unary",
    "With",
    "walk",
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


# Expressions


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


# Statements


@dataclass(frozen=True, slots=True)
class Text(Node):
    """What stands outside of any tag, as it is to be written."""

    text: str


@dataclass(frozen=True, slots=True)
class Print(Node):
    """`{{ value }}`; how it is escaped is not decided yet."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Hole(Node):
    """`{{ value }}`, of which it is known how it is escaped.

    escaper: a key of escaping/escapers.py, such as "html".
    """

    value: Expression
    escaper: str


@dataclass(frozen=True, slots=True)
class If(Node):
    """branches: of `if` and each `elif`, the test and what follows it."""

    branches: tuple[tuple[Expression, Body], ...]
    otherwise: Body


@dataclass(frozen=True, slots=True)
class For(Node):
    """`{% for target in iterable if condition recursive %}`."""

    target: Target
    iterable: Expression
    condition: Expression | None
    body: Body
    otherwise: Body
    recursive: bool


@dataclass(frozen=True, slots=True)
class Set(Node):
    """`{% set target = value %}`."""

    target: Target
    value: Expression


@dataclass(frozen=True, slots=True)
class SetBlock(Node):
    """`{% set target | filter %}…{% endset %}`."""

    target: Target
    filter: Filter | None
    body: Body


@dataclass(frozen=True, slots=True)
class With(Node):
    """`{% with a = 1, b = 2 %}…{% endwith %}`; no value sees the other names."""

    targets: tuple[Target, ...]
    values: tuple[Expression, ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """One parameter of a macro or of a call block."""

    name: str
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Macro(Node):
    """`{% macro name(parameters) %}…{% endmacro %}`."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Body


@dataclass(frozen=True, slots=True)
class CallBlock(Node):
    """`{% call(parameters) macro(…) %}…{% endcall %}`: the body is what the macro calls `caller`."""

    call: Call
    parameters: tuple[Parameter, ...]
    body: Body
    escaper: str | None = None  # of the whole output, where that cannot stand as it is


@dataclass(frozen=True, slots=True)
class FilterBlock(Node):
    """`{% filter upper | trim %}…{% endfilter %}`; the innermost filter has no target."""

    filter: Filter
    body: Body
    escaper: str | None = None  # of the whole output, where that cannot stand as it is


@dataclass(frozen=True, slots=True)
class Block(Node):
    """`{% block name scoped required %}…{% endblock %}`: a place that child templates fill."""

    name: str
    body: Body
    scoped: bool
    required: bool


@dataclass(frozen=True, slots=True)
class Extends(Node):
    """`{% extends template %}`."""

    template: Expression


@dataclass(frozen=True, slots=True)
class Include(Node):
    """`{% include template ignore missing without context %}`; a list is a choice, the first that exists."""

    template: Expression
    ignore_missing: bool
    with_context: bool


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`{% import template as name with context %}`."""

    template: Expression
    name: str
    with_context: bool


@dataclass(frozen=True, slots=True)
class FromImport(Node):
    """`{% from template import name as alias with context %}`; names: pairs of the name there and the name here."""

    template: Expression
    names: tuple[tuple[str, str], ...]
    with_context: bool


@dataclass(frozen=True, slots=True)
class Do(Node):
    """`{% do items.append(1) %}`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Break(Node):
    """`{% break %}`."""


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """`{% continue %}`."""


@dataclass(frozen=True, slots=True)
class AutoEscape(Node):
    """`{% autoescape value %}…{% endautoescape %}`."""

    value: Expression
    body: Body


@dataclass(frozen=True, slots=True)
class Translation(Node):
    """`{% trans context count=users|length, name=user.name %}…{% pluralize count %}…{% endtrans %}`.

    singular, plural: the message with `%(name)s` for its variables and `%%` for a percent sign, as catalogues have it.
    variables: what the message names, with where the value comes from. count: the variable that chooses the plural.
    context: the message's context, for pgettext.
    """

    singular: str
    plural: str | None
    variables: tuple[tuple[str, Expression], ...]
    count: str | None
    context: str | None
    escaper: str | None = None  # of the whole message, where that cannot stand as it is


@dataclass(frozen=True, slots=True)
class Debug(Node):
    """`{% debug %}`: prints the variables, filters and tests that there are."""


@dataclass(frozen=True, slots=True)
class Flush(Node):
    """`{% flush %}`: a stream hands over what it has."""


@dataclass(frozen=True, slots=True)
class ContextDeclaration(Node):
    """`{% context user: User, items: list[str] = [] %}`: the variables that a template is rendered with.

    names: each name, its type as written or None, and its default or None.
    """

    names: tuple[tuple[str, str | None, Expression | None], ...]


@dataclass(frozen=True, slots=True)
class RunUnit(Node):
    """A part of a page that linking has made a function of its own: a block, an included template, what `super()` prints.

    unit: the function's name. sees_locals: whether the loops' and other inner variables are handed on with the context.
    sees_context: whether anything is.
    """

    unit: str
    sees_locals: bool
    sees_context: bool = True


Statement: TypeAlias = (
    Text
    | Print
    | Hole
    | If
    | For
    | Set
    | SetBlock
    | With
    | Macro
    | CallBlock
    | FilterBlock
    | Block
    | Extends
    | Include
    | Import
    | FromImport
    | Do
    | Break
    | Continue
    | AutoEscape
    | Translation
    | Debug
    | Flush
    | ContextDeclaration
    | RunUnit
)
Body: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Template(Node):
    """A whole source. name: by which it was loaded, None for a string."""

    body: Body
    name: str | None


def walk(node: object) -> Iterator[Node]:
    """This node and all below it, in the order of the source.

    >>> name = Name(NOWHERE, "user")
    >>> [type(node).__name__ for node in walk(Print(NOWHERE, Attribute(NOWHERE, name, "email")))]
    ['Print', 'Attribute', 'Name']
    """
    if isinstance(node, Node):
        yield node
    if isinstance(node, (Node, Arguments)):
        for field in fields(node):
            yield from walk(getattr(node, field.name))
    elif isinstance(node, tuple) and not isinstance(node, Span):
        for item in cast("tuple[object, ...]", node):
            yield from walk(item)
