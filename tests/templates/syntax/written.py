"""A tree written back as text with all its brackets, so that tests can say what was understood."""

from martlet.templates.syntax import Syntax, parse
from martlet.templates.syntax.nodes import (
    Arguments,
    Attribute,
    Binary,
    Boolean,
    Call,
    Compare,
    Concatenation,
    Conditional,
    DictDisplay,
    Expression,
    Filter,
    Item,
    ListDisplay,
    Literal,
    Name,
    Print,
    Slice,
    Statement,
    Test,
    Text,
    TupleDisplay,
    Unary,
)


def expression(source: str) -> str:
    """What `{{ source }}` was understood as."""
    node = statement("{{ " + source + " }}")
    assert isinstance(node, Print)
    return written(node.value)


def statement(source: str) -> Statement:
    """The only statement of a template."""
    (node,) = parse(source).body
    return node


def text(source: str, **options: object) -> str:
    """The text outside of tags; output as `<value>`, all other tags left out. Bodies are not looked into."""
    syntax = Syntax(**options)  # type: ignore[arg-type]
    parts = []
    for node in parse(source, syntax=syntax).body:
        if isinstance(node, Text):
            parts.append(node.text)
        elif isinstance(node, Print):
            parts.append(f"<{written(node.value)}>")
    return "".join(parts)


def written(node: Expression | None) -> str:  # noqa: C901, PLR0912 -- one case for each kind of node
    match node:
        case None:
            return ""
        case Name(_, name):
            return name
        case Literal(_, value):
            return repr(value)
        case TupleDisplay(_, items):
            return "(" + "".join(f"{written(item)}," for item in items) + ")"
        case ListDisplay(_, items):
            return "[" + ", ".join(map(written, items)) + "]"
        case DictDisplay(_, pairs):
            return "{" + ", ".join(f"{written(key)}: {written(value)}" for key, value in pairs) + "}"
        case Attribute(_, target, name):
            return f"{written(target)}.{name}"
        case Item(_, target, key):
            return f"{written(target)}[{written(key)}]"
        case Slice(_, start, stop, step):
            return f"{written(start)}:{written(stop)}:{written(step)}"
        case Call(_, target, arguments):
            return f"{written(target)}({inside(arguments)})"
        case Filter(_, target, name, arguments, bare):
            return f"{written(target)}|{name}({'?' if bare else ''}{inside(arguments)})"
        case Test(_, target, name, arguments):
            return f"({written(target)} is {name}({inside(arguments)}))"
        case Unary(_, operator, operand):
            return f"({operator} {written(operand)})"
        case Binary(_, operator, left, right) | Boolean(_, operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Concatenation(_, parts):
            return "(" + " ~ ".join(map(written, parts)) + ")"
        case Compare(_, first, rest):
            return "(" + written(first) + "".join(f" {operator} {written(item)}" for operator, item in rest) + ")"
        case Conditional(_, test, then, otherwise):
            return f"({written(then)} if {written(test)} else {written(otherwise)})"


def inside(arguments: Arguments) -> str:
    parts = [written(item) for item in arguments.positional]
    parts += [f"{name}={written(value)}" for name, value in arguments.keywords]
    parts += [f"*{written(arguments.star)}"] if arguments.star else []
    parts += [f"**{written(arguments.double_star)}"] if arguments.double_star else []
    return ", ".join(parts)
