"""Macros and call blocks: each is a Python function with the macro's own parameters, inside the function that defines it.

    def macro_field(v_label=MISSING, v_value=MISSING, *, w): …

Parameters carry the prefix of variables, so that no name of a template meets one of ours. `w` is what takes the output; a Macro
that is called as a value gathers it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace

from martlet.templates.compiling.calls import arguments_text, call_lines
from martlet.templates.compiling.costs import spend_line
from martlet.templates.compiling.output import write_value
from martlet.templates.compiling.scopes import Scope, names_in
from martlet.templates.compiling.targets import publish
from martlet.templates.compiling.unit import UnitWriter
from martlet.templates.compiling.writer import quoted
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Body, Span

__all__ = ["write_call_block", "write_macro"]

SPECIAL = ("caller", "varargs", "kwargs")  # names that a macro has if it reads them


def write_macro(unit: UnitWriter, node: nodes.Macro) -> None:
    """Define a macro, and set its name."""
    variable = unit.scope.declare(node.name)
    unit.line(f"{variable} = {_macro(unit, node.name, node.parameters, node.body, node.at)}", node.at)
    publish(unit, node.name, variable, node.at)


def write_call_block(unit: UnitWriter, node: nodes.CallBlock) -> None:
    """Call a macro with the body as its `caller`."""
    caller = unit.value(_macro(unit, "caller", node.parameters, node.body, node.at), node.at)
    target = unit.named(unit.expression(node.call.target), node.at)
    arguments = arguments_text(unit, node.call.arguments)
    given = f"{arguments}, caller={caller}" if arguments else f"caller={caller}"
    write_value(unit, call_lines(unit, target, given, node.at), node.at, node.escaper)


def _macro(unit: UnitWriter, name: str, parameters: tuple[nodes.Parameter, ...], body: Body, at: Span) -> str:
    """Write the function; gives the expression that makes the Macro."""
    _check(unit, name, parameters, at)
    read = set(names_in(body, parameters)) - {parameter.name for parameter in parameters}
    special = [word for word in SPECIAL if word in read]
    given = {parameter.name: unit.scope.function.parameter(parameter.name) for parameter in parameters}
    given |= {word: unit.scope.function.variable(word) for word in special}
    function = unit.scope.function.value()
    unit.shown[function] = "call block" if name == "caller" else f"macro {name!r}"
    unit.line(f"{unit.mode.define} {function}({_signature(parameters, special, given)}):", at)
    state = unit.loop_state
    unit.loop_state = None if state is None else replace(state, may_leave=False)
    write, unit.write, captures, unit.captures = unit.write, "w", unit.captures, True
    with unit.writer.indented(), unit.inner_scope(body, at, given):
        spend_line(unit, body, at)
        _defaults(unit, parameters, given)
        _specials(unit, special, given, at)
        unit.body(body)
    unit.loop_state, unit.write, unit.captures = state, write, captures
    names = ", ".join(quoted(parameter.name) for parameter in parameters)
    told = f"({names}{',' if len(parameters) == 1 else ''})"
    flags = ", ".join(f"takes_{word}=True" for word in special)
    return f"Macro({quoted(name)}, {function}, {told}, {unit.escapes}{', ' if flags else ''}{flags})"


def _check(unit: UnitWriter, name: str, parameters: tuple[nodes.Parameter, ...], at: Span) -> None:
    seen: set[str] = set()
    for parameter in parameters:
        if parameter.name in seen:
            unit.refuse(f"the macro {name!r} has two parameters named {parameter.name!r}", parameter.at)
        seen.add(parameter.name)
    if "caller" in seen and next(parameter for parameter in parameters if parameter.name == "caller").default is None:
        unit.refuse(
            "a parameter named 'caller' needs a default, for a macro may be called without a call block; it may be none", at
        )


def _signature(parameters: tuple[nodes.Parameter, ...], special: list[str], given: dict[str, str]) -> str:
    parts = [f"{given[parameter.name]}=MISSING" for parameter in parameters]
    parts.append(f"*{given['varargs']}" if "varargs" in special else "*")
    parts.append("w")
    if "caller" in special:
        parts.append("v_caller=MISSING")
    if "kwargs" in special:
        parts.append(f"**{given['kwargs']}")
    return ", ".join(parts)


def _defaults(unit: UnitWriter, parameters: tuple[nodes.Parameter, ...], given: dict[str, str]) -> None:
    """Values for the parameters that were not given; a default may read those before it."""
    for number, parameter in enumerate(parameters):
        variable, default = given[parameter.name], parameter.default
        unit.line(f"if {variable} is MISSING:", parameter.at)
        with unit.writer.indented(), _not_yet_given(unit, parameters[number:], given, set(names_in(default))):
            value = _not_provided(parameter) if default is None else unit.expression(default)
            unit.line(f"{variable} = {value}", parameter.at)


def _specials(unit: UnitWriter, special: list[str], given: dict[str, str], at: Span) -> None:
    """The names that a macro has without declaring them."""
    if "caller" in special:
        unit.line(f"{given['caller']} = no_caller() if v_caller is MISSING else v_caller", at)
    if "kwargs" in special:
        unit.line(f"{given['kwargs']} = argument_names({given['kwargs']})", at)


def _not_provided(parameter: nodes.Parameter) -> str:
    hint = f"parameter {parameter.name!r} was not provided"
    return f"undefined({quoted(hint)}, name={quoted(parameter.name)})"


@contextmanager
def _not_yet_given(
    unit: UnitWriter, later: tuple[nodes.Parameter, ...], given: dict[str, str], read: set[str]
) -> Generator[None, None, None]:
    """A default that reads its own parameter, or one behind it, finds an undefined value if that was not given."""
    names: dict[str, str] = {}
    for parameter in later:
        if parameter.name in read:
            variable = given[parameter.name]
            names[parameter.name] = unit.value(
                f"{_not_provided(parameter)} if {variable} is MISSING else {variable}", parameter.at
            )
    around = unit.scope
    unit.scope = Scope(around.function, around, names)
    yield
    unit.scope = around
