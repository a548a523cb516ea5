"""The namespace in which the functions of a page run: all names that generated code uses and does not define.

What is the same for all pages of an engine is made once; `page_names` adds what belongs to one page.
"""

from __future__ import annotations

import pprint
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from markupsafe import Markup

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.escaping import escape_html
from martlet.templates.runtime.async_values import auto_aiter
from martlet.templates.runtime.bounds import check_length
from martlet.templates.runtime.budgets import counted, counted_async, deeper, spending
from martlet.templates.runtime.loops import AsyncLoopContext, LoopContext
from martlet.templates.runtime.macros import BoundedMacro, Macro, NativeMacro
from martlet.templates.runtime.native import native_value
from martlet.templates.runtime.passing import EngineLike, EvalContext, RenderContext
from martlet.templates.runtime.sandbox import Guard
from martlet.templates.runtime.translations import translate
from martlet.templates.runtime.undefined import MISSING, Undefined
from martlet.templates.runtime.values import Namespace

__all__ = ["NamedEngine", "engine_names", "page_names"]


class NamedEngine(EngineLike, Protocol):
    """What the names need of the engine."""

    names: dict[str, Any]
    escapers: Mapping[str, Callable[[Any], str]]
    globals: dict[str, Any]
    native: bool
    finalize: Callable[..., Any] | None
    guard: Guard | None


def engine_names(engine: NamedEngine) -> dict[str, Any]:
    """The names that all pages of an engine share."""
    undefined = engine.undefined

    def joined_texts(escapes: bool, parts: tuple[Any, ...]) -> str:
        if engine.guard is not None:
            check_length(engine.guard.policy, sum(len(str(engine.guard.printable(part))) for part in parts))
        if escapes and any(hasattr(part, "__html__") for part in parts):
            return Markup("").join(parts)
        return "".join(map(str, parts))

    names: dict[str, Any] = {
        "AsyncLoopContext": AsyncLoopContext,
        "LoopContext": LoopContext,
        "MISSING": MISSING,
        "Macro": NativeMacro if engine.native else Macro,
        "Markup": Markup,
        "TemplateRuntimeError": TemplateRuntimeError,
        "Undefined": Undefined,
        "auto_aiter": auto_aiter,
        "discard": _discard,
        "engine": engine,
        "escape": escape_html,
        "escape_any": engine.escapers["html"],
        "from_module": lambda module, name: _from_module(module, name, undefined),
        "get_attribute": engine.get_attribute,
        "get_item": engine.get_item,
        "joined_texts": joined_texts,
        "native": native_value,
        "no_caller": lambda: undefined("no caller defined", name="caller"),
        "nothing": _nothing,
        "required_block": _required_block,
        "set_attribute": _set_attribute,
        "undefined": undefined,
        "with_locals": _with_locals,
    }
    if engine.guard is not None:
        names |= _sandbox_names(engine.guard, native=engine.native)
    return names


def _sandbox_names(guard: Guard, *, native: bool) -> dict[str, Any]:
    return {
        "Macro": NativeMacro if native else BoundedMacro,
        "counted": counted,
        "counted_async": counted_async,
        "deeper": deeper,
        "guarded_binary": guard.policy.binary,
        "guarded_unary": guard.policy.unary,
        "printable": guard.printable,
        "spending": spending,
    }


def page_names(engine: NamedEngine, name: str | None, globals_: Mapping[str, Any], needed: Iterable[str]) -> dict[str, Any]:
    """The names of one page. globals_: what stands behind its context; needed: "filter upper", "test even", "escaper url" …"""

    def render_context(variables: Mapping[str, Any], autoescape: bool) -> RenderContext:
        return RenderContext({**globals_, **variables}, engine, autoescape=autoescape, name=name)

    def call_with_context(function: Any, variables: Mapping[str, Any], autoescape: bool, /, *args: Any, **kwargs: Any) -> Any:
        match function.template_argument:
            case "context":
                return function(render_context(variables, autoescape), *args, **kwargs)
            case "eval_context":
                return function(EvalContext(engine, autoescape, name), *args, **kwargs)
            case "engine":
                return function(engine, *args, **kwargs)
            case _:
                return function(*args, **kwargs)

    def guarded_call(variables: Mapping[str, Any], autoescape: bool, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if engine.guard is not None:
            engine.guard.check_call(function, args, kwargs)
        if hasattr(function, "template_argument"):
            return call_with_context(function, variables, autoescape, *args, **kwargs)
        return function(*args, **kwargs)

    def lookup(variable: str) -> Any:
        value = globals_.get(variable, MISSING)
        return engine.undefined(name=variable) if value is MISSING else value

    def finalize(context: RenderContext, value: Any) -> Any:
        function = engine.finalize
        if function is None:
            return value
        if hasattr(function, "template_argument"):
            return call_with_context(function, context, context.eval_context.autoescape, value)
        return function(value)

    def describe_context(variables: Mapping[str, Any]) -> str:
        shown = {"context": {**globals_, **variables}, "filters": sorted(engine.filters), "tests": sorted(engine.tests)}
        return pprint.pformat(shown, depth=3, compact=True)

    names: dict[str, Any] = {
        "call_with_context": call_with_context,
        "describe_context": describe_context,
        "eval_context": lambda autoescape: EvalContext(engine, autoescape, name),
        "finalize": finalize,
        "guarded_call": guarded_call,
        "lookup": lookup,
        "render_context": render_context,
        "translate": lambda ctx, *rest: translate({**globals_, **ctx}, call_with_context, *rest),
    }
    for wanted in needed:
        kind, _, what = wanted.partition(" ")
        if kind == "escaper":
            names[f"escape_{what}"] = engine.escapers[what]
    return names


def _discard(text: str) -> None:
    """Takes output that nobody wants."""


def _nothing() -> str:
    return ""


def _required_block(name: str) -> None:
    raise TemplateRuntimeError(f"Required block {name!r} not found: a template that extends this one has to define it")


def _with_locals(context: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    return {**context, **{name: value for name, value in variables.items() if value is not MISSING}}


def _set_attribute(holder: Any, name: str, value: Any) -> None:
    if not isinstance(holder, Namespace):
        raise TemplateRuntimeError("cannot assign attribute on non-namespace object")
    holder[name] = value


def _from_module(module: Any, name: str, undefined: type[Undefined]) -> Any:
    found = getattr(module, name, MISSING)
    if found is MISSING:
        return undefined(f"the template {module.__name__!r} does not export the requested name {name!r}", name=name)
    return found
