"""The nodes of what a template does: text, output and tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from martlet.templates.syntax.expression_nodes import Call, Expression, Filter, Node, Target

__all__ = [
    "AutoEscape",
    "Block",
    "Body",
    "Break",
    "CallBlock",
    "ContextDeclaration",
    "Continue",
    "Debug",
    "Do",
    "Extends",
    "FilterBlock",
    "Flush",
    "For",
    "FromImport",
    "Hole",
    "If",
    "Import",
    "Include",
    "Macro",
    "Parameter",
    "Print",
    "RunUnit",
    "Set",
    "SetBlock",
    "Statement",
    "Text",
    "Translation",
    "With",
]


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
    sees_context: whether anything is. is_block: whether a parent's layout may run it instead.
    """

    unit: str
    sees_locals: bool
    sees_context: bool = True
    is_block: bool = False


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
