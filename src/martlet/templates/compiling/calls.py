"""Calls, filters and tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from martlet.templates.compiling.contexts import await_lines, context_text
from martlet.templates.compiling.naming import bound_name, is_python_name
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.errors import UnknownNameError, did_you_mean
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["arguments_text", "call_lines", "filter_value", "write_call", "write_filter", "write_test"]

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


def arguments_text(
    unit: UnitWriter, arguments: nodes.Arguments, first: Iterable[str] = (), named: Callable[[str], str] = str
) -> str:
    """What stands between the brackets of a call. first: what comes before. named: gives a keyword's name in code."""
    parts = [*first, *(_argument(unit, argument) for argument in arguments.positional)]
    if arguments.star is not None:
        star = unit.named(unit.expression(arguments.star), arguments.star.at)
        parts.append(f"*counted({star})" if unit.facts.sandboxed else f"*{star}")
    awkward: list[str] = []
    for name, argument in arguments.keywords:
        value = _argument(unit, argument)
        if is_python_name(named(name)):
            parts.append(f"{named(name)}={value}")
        else:
            awkward.append(f"{quoted(named(name))}: {value}")
    if awkward:
        parts.append("**{" + ", ".join(awkward) + "}")
    if arguments.double_star is not None:
        parts.append("**" + unit.named(unit.expression(arguments.double_star), arguments.double_star.at))
    return ", ".join(parts)


def _argument(unit: UnitWriter, node: nodes.Expression) -> str:
    text = unit.expression(node)
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


def write_call(unit: UnitWriter, node: nodes.Call) -> str:
    """`f(…)`."""
    target = unit.named(unit.expression(node.target), node.at)
    return call_lines(unit, target, arguments_text(unit, node.arguments), node.at)


def write_filter(unit: UnitWriter, node: nodes.Filter) -> str:
    """`value | name`."""
    if node.target is None:
        unit.refuse(f"the filter {node.name!r} has nothing to filter", node.at)
    return filter_value(unit, node, unit.expression(node.target))


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
        return unit.expression(word)
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
    if name not in known and at is not None and not unit.guarded:
        unit.refuse(f"No {kind} named {name!r}{did_you_mean(name, known)}", at, UnknownNameError)
    unit.needed.add(f"{kind} {name}")
    return bound_name(kind, name)


def write_test(unit: UnitWriter, node: nodes.Test) -> str:
    """`value is name`."""
    quick = QUICK_TESTS.get(node.name) if node.name in unit.facts.plain_tests else None
    if quick is not None and node.arguments == nodes.Arguments():
        target = unit.named(unit.expression(node.target), node.at)
        return quick.format(target=target)
    target = unit.named(unit.expression(node.target), node.at)
    text = arguments_text(unit, node.arguments, [target])
    return _run(unit, node, "test", unit.facts.tests.get(node.name), text)
