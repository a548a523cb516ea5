"""Expressions: each becomes lines that compute it and a text that stands for its value.

What can fail or has an effect stands in a line of its own, in the order of the source, so that a traceback's caret is narrow and an
attribute can be tried the quick way first. What a short circuit may skip is written aside and put behind an `if`.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterable
from typing import Any, Final

from martlet.templates.compiling.scopes import COUNTED_LOOP
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.errors import UnknownNameError, did_you_mean
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["COUNTED", "arguments_text", "await_lines", "bound_name", "call_lines", "context_text", "counted_text", "expression", "filter_value"]

# Names that a dict has as attributes: `rows.items` is the method, whatever the keys are.
DICT_NAMES: Final = frozenset(dir(dict))
COUNTED: Final = {
    "index": "{counter} + 1",
    "index0": "{counter}",
    "first": "{counter} == 0",
    "last": "{counter} + 1 == {length}",
    "length": "{length}",
    "revindex": "{length} - {counter}",
    "revindex0": "{length} - {counter} - 1",
}


def expression(unit: UnitWriter, node: nodes.Expression) -> str:
    """Write what the value needs; gives a Python expression for it, which is to be used once."""
    return _WRITERS[type(node)](unit, node)


def _literal(unit: UnitWriter, node: nodes.Literal) -> str:
    if isinstance(node.value, str):
        return quoted(node.value)
    written = repr(node.value)
    return {"inf": 'float("inf")', "nan": 'float("nan")'}.get(written, written)


def _name(unit: UnitWriter, node: nodes.Name) -> str:
    return unit.scope.read(node.name)


def _sequence(unit: UnitWriter, items: Iterable[nodes.Expression]) -> str:
    return ", ".join([expression(unit, item) for item in items])


def _tuple(unit: UnitWriter, node: nodes.TupleDisplay) -> str:
    return f"({_sequence(unit, node.items)}{',' if len(node.items) == 1 else ''})"


def _list(unit: UnitWriter, node: nodes.ListDisplay) -> str:
    return f"[{_sequence(unit, node.items)}]"


def _dict(unit: UnitWriter, node: nodes.DictDisplay) -> str:
    pairs = [f"{expression(unit, key)}: {expression(unit, value)}" for key, value in node.pairs]
    return "{" + ", ".join(pairs) + "}"


def _attribute(unit: UnitWriter, node: nodes.Attribute) -> str:
    counted = counted_text(unit, node)
    if counted:
        return counted
    target, name = expression(unit, node.target), node.name
    if name.startswith("_") and not unit.facts.reads_private:
        unit.refuse(f"the attribute {name!r} begins with an underscore, so that it is nothing for templates", node.at)
    if unit.facts.sandboxed:
        return unit.value(f"get_attribute({target}, {quoted(name)})", node.at)
    target = unit.named(target, node.at)
    plain = f"{target}.{name}" if _is_python_name(name) else f"getattr({target}, {quoted(name)})"
    found = unit.scope.function.value()
    quick = plain if name in DICT_NAMES else f"{target}[{quoted(name)}] if type({target}) is dict else {plain}"
    unit.line(f"try: {found} = {quick}", node.at)
    unit.line(f"except Exception: {found} = get_attribute({target}, {quoted(name)})", node.at)
    if isinstance(node.target, nodes.Name) and node.target.name == "loop":  # what is not yet known of a loop is awaited
        await_lines(unit, found, node.at)
    return found


def counted_text(unit: UnitWriter, node: nodes.Expression) -> str | None:
    """`loop.index` and its like as arithmetic on the loop's own variables."""
    state = unit.loop_state
    if state is None or not isinstance(node, nodes.Attribute) or not isinstance(node.target, nodes.Name):
        return None
    if unit.scope.find(node.target.name) != COUNTED_LOOP:
        return None
    return f"({COUNTED[node.name].format(counter=state.counter, length=state.length)})"


def _item(unit: UnitWriter, node: nodes.Item) -> str:
    target = expression(unit, node.target)
    key = expression(unit, node.key)
    if unit.facts.sandboxed:
        return unit.value(f"get_item({target}, {key})", node.at)
    target, key = unit.named(target, node.at), key if isinstance(node.key, nodes.Literal) else unit.named(key, node.at)
    found = unit.scope.function.value()
    unit.line(f"try: {found} = {target}[{key}]", node.at)
    unit.line(f"except Exception: {found} = get_item({target}, {key})", node.at)
    return found


def _slice(unit: UnitWriter, node: nodes.Slice) -> str:
    parts = [expression(unit, part) if part is not None else "None" for part in (node.start, node.stop, node.step)]
    return f"slice({', '.join(parts)})"


def arguments_text(unit: UnitWriter, arguments: nodes.Arguments, first: Iterable[str] = (), prefix: str = "") -> str:
    """What stands between the brackets of a call. first: what comes before. prefix: put before the names of keywords."""
    parts = [*first, *(_argument(unit, argument) for argument in arguments.positional)]
    if arguments.star is not None:
        parts.append("*" + unit.named(expression(unit, arguments.star), arguments.star.at))
    awkward: list[str] = []
    for name, argument in arguments.keywords:
        value = _argument(unit, argument)
        if _is_python_name(prefix + name):
            parts.append(f"{prefix}{name}={value}")
        else:
            awkward.append(f"{quoted(prefix + name)}: {value}")
    if awkward:
        parts.append("**{" + ", ".join(awkward) + "}")
    if arguments.double_star is not None:
        parts.append("**" + unit.named(expression(unit, arguments.double_star), arguments.double_star.at))
    return ", ".join(parts)


def _argument(unit: UnitWriter, node: nodes.Expression) -> str:
    text = expression(unit, node)
    return text if isinstance(node, nodes.Literal) else unit.named(text, node.at)


def call_lines(unit: UnitWriter, target: str, arguments: str, at: Span) -> str:
    """Call what may be any value; gives the variable that holds the result."""
    separator = ", " if arguments else ""
    if unit.facts.sandboxed:
        result = unit.value(f"guarded_call({context_text(unit)}, {unit.escapes}, {target}{separator}{arguments})", at)
    else:
        target = unit.named(target, at)
        passed = f"call_with_context({target}, {context_text(unit)}, {unit.escapes}{separator}{arguments})"
        result = unit.value(f'{passed} if hasattr({target}, "template_argument") else {target}({arguments})', at)
    await_lines(unit, result, at)
    return result


def await_lines(unit: UnitWriter, result: str, at: Span) -> None:
    """In an asynchronous page, wait for a value that is awaitable."""
    if unit.mode.is_async:
        unit.line(f'if hasattr({result}, "__await__"): {result} = await {result}', at)


def context_text(unit: UnitWriter, asked: frozenset[str] | None = None) -> str:
    """The context with the inner variables, for those who are handed it. asked: the names they may ask for; None: any."""
    visible = {name: variable for name, variable in unit.scope.visible().items() if asked is None or name in asked}
    if not visible:
        return "ctx"
    return "with_locals(ctx, {" + ", ".join(f"{quoted(name)}: {variable}" for name, variable in visible.items()) + "})"


def _call(unit: UnitWriter, node: nodes.Call) -> str:
    target = unit.named(expression(unit, node.target), node.at)
    return call_lines(unit, target, arguments_text(unit, node.arguments), node.at)


def _filter(unit: UnitWriter, node: nodes.Filter) -> str:
    if node.target is None:
        unit.refuse(f"the filter {node.name!r} has nothing to filter", node.at)
    return filter_value(unit, node, expression(unit, node.target))


def filter_value(unit: UnitWriter, node: nodes.Filter, target: str) -> str:
    """Write one filter; target: what it filters."""
    quick = QUICK_FILTERS.get(node.name) if node.name in unit.facts.plain_filters else None
    if quick is not None and node.arguments == nodes.Arguments():
        target = unit.named(target, node.at)
        function = _bound(unit, "filter", node.name)
        return unit.value(quick.format(target=target, function=function), node.at)
    found = unit.facts.filters.get(node.name)
    if node.bare:
        arguments = _bare_argument(unit, node)
        text = f"{unit.named(target, node.at)}, {arguments}"
    else:
        text = arguments_text(unit, node.arguments, [unit.named(target, node.at)])
    return _run(unit, node, "filter", found, text)


def _bare_argument(unit: UnitWriter, node: nodes.Filter) -> str:
    word = node.arguments.positional[0]
    if not isinstance(word, nodes.Name):
        return expression(unit, word)
    variable = unit.scope.read(word.name)
    return f"({quoted(word.name)} if isinstance({variable}, Undefined) else {variable})"


def _run(unit: UnitWriter, node: nodes.Filter | nodes.Test, kind: str, found: Callable[..., Any] | None, text: str) -> str:
    """Call a filter or a test, with what it wants besides its arguments."""
    function = _bound(unit, kind, node.name, node.at)
    wanted = getattr(found, "template_argument", None)
    first = {
        "context": f"render_context({context_text(unit)}, {unit.escapes}), ",
        "eval_context": f"eval_context({unit.escapes}), ",
        "engine": "engine, ",
    }.get(wanted or "", "")
    result = unit.value(f"{function}({first}{text})", node.at)
    if kind == "filter":
        await_lines(unit, result, node.at)
    return result


def _bound(unit: UnitWriter, kind: str, name: str, at: Span | None = None) -> str:
    """The name under which a filter or test is bound for the code.

    An unknown one is an error at once; but where an `if` may ask for it first, it is one only when it is called.
    """
    known = unit.facts.filters if kind == "filter" else unit.facts.tests
    if name not in known and at is not None:
        if not unit.guarded:
            _refuse_unknown(unit, kind, name, known, at)
    unit.needed.add(f"{kind} {name}")
    return bound_name(kind, name)


def _refuse_unknown(unit: UnitWriter, kind: str, name: str, known: Iterable[str], at: Span) -> None:
    source = unit.source
    raise UnknownNameError(
        f"there is no {kind} named {name!r}{did_you_mean(name, known)}",
        at.line,
        column=at.column,
        end_column=at.end_column if at.end_line == at.line else None,
        source=source.text,
        name=source.name,
        filename=source.filename,
    )


def _test(unit: UnitWriter, node: nodes.Test) -> str:
    quick = QUICK_TESTS.get(node.name) if node.name in unit.facts.plain_tests else None
    if quick is not None and node.arguments == nodes.Arguments():
        target = unit.named(expression(unit, node.target), node.at)
        return quick.format(target=target)
    target = unit.named(expression(unit, node.target), node.at)
    text = arguments_text(unit, node.arguments, [target])
    return _run(unit, node, "test", unit.facts.tests.get(node.name), text)


def _unary(unit: UnitWriter, node: nodes.Unary) -> str:
    operand = expression(unit, node.operand)
    if unit.facts.sandboxed and node.operator != "not":
        return unit.value(f"guarded_unary({quoted(node.operator)}, {operand})", node.at)
    return f"(not {operand})" if node.operator == "not" else f"({node.operator}{operand})"


def _binary(unit: UnitWriter, node: nodes.Binary) -> str:
    left = expression(unit, node.left)
    right = expression(unit, node.right)
    if unit.facts.sandboxed:
        return unit.value(f"guarded_binary({quoted(node.operator)}, {left}, {right})", node.at)
    return unit.value(f"{left} {node.operator} {right}", node.at)


def _concatenation(unit: UnitWriter, node: nodes.Concatenation) -> str:
    parts = _sequence(unit, node.parts)
    if unit.escapes == "False":
        return unit.value(f'"".join(map(str, ({parts})))', node.at)
    return unit.value(f"joined_texts({unit.escapes}, ({parts}))", node.at)


def _boolean(unit: UnitWriter, node: nodes.Boolean) -> str:
    left = expression(unit, node.left)
    with unit.aside() as aside:
        right = expression(unit, node.right)
    if not aside.lines:
        return f"({left} {node.operator} {right})"
    found = unit.value(left, node.at)
    unit.line(f"if {found}:" if node.operator == "and" else f"if not {found}:", node.at)
    aside.line(f"{found} = {right}", node.right.at)
    unit.writer.take_over(aside)
    return found


def _compare(unit: UnitWriter, node: nodes.Compare) -> str:
    parts = [expression(unit, node.first)]
    for operator, operand in node.rest:
        parts += operator, expression(unit, operand)
    return f"({' '.join(parts)})"


def _conditional(unit: UnitWriter, node: nodes.Conditional) -> str:
    test = expression(unit, node.test)
    guarded, unit.guarded = unit.guarded, True
    with unit.aside() as then:
        chosen = expression(unit, node.then)
    with unit.aside() as otherwise:
        other = expression(unit, node.otherwise) if node.otherwise is not None else 'Undefined("the inline if-expression has no else")'
    unit.guarded = guarded
    if not then.lines and not otherwise.lines:
        return f"({chosen} if {test} else {other})"
    found = unit.scope.function.value()
    unit.line(f"if {test}:", node.test.at)
    then.line(f"{found} = {chosen}", node.then.at)
    unit.writer.take_over(then)
    unit.line("else:", node.at)
    otherwise.line(f"{found} = {other}", node.at)
    unit.writer.take_over(otherwise)
    return found


def _is_python_name(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def bound_name(kind: str, name: str) -> str:
    """The name in code of a filter or a test."""
    return f"{kind}_{name}" if name.isascii() and name.isidentifier() else f"{kind}_x{name.encode().hex()}"


# What code does itself for a value of the usual type, while the filter is ours.
QUICK_FILTERS: Final = {
    "upper": "{target}.upper() if type({target}) is str else {function}({target})",
    "lower": "{target}.lower() if type({target}) is str else {function}({target})",
    "trim": "{target}.strip() if type({target}) is str else {function}({target})",
    "length": "len({target})",
    "count": "len({target})",
    "len": "len({target})",
    "string": "{target} if type({target}) is str else {function}({target})",
}
QUICK_TESTS: Final = {
    "defined": "(not isinstance({target}, Undefined))",
    "undefined": "isinstance({target}, Undefined)",
    "none": "({target} is None)",
    "true": "({target} is True)",
    "false": "({target} is False)",
}

_WRITERS: Final[dict[type[nodes.Node], Callable[[UnitWriter, Any], str]]] = {
    nodes.Literal: _literal,
    nodes.Name: _name,
    nodes.TupleDisplay: _tuple,
    nodes.ListDisplay: _list,
    nodes.DictDisplay: _dict,
    nodes.Attribute: _attribute,
    nodes.Item: _item,
    nodes.Slice: _slice,
    nodes.Call: _call,
    nodes.Filter: _filter,
    nodes.Test: _test,
    nodes.Unary: _unary,
    nodes.Binary: _binary,
    nodes.Concatenation: _concatenation,
    nodes.Boolean: _boolean,
    nodes.Compare: _compare,
    nodes.Conditional: _conditional,
}
