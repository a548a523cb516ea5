"""The namespace in which the functions of a page run: all names that generated code uses and does not define.

What is the same for all pages of an engine is made once (`engine_names`); `page_names` adds what belongs to one page.
"""

from __future__ import annotations

import pprint
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol

from markupsafe import Markup

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.escaping import escape_html
from martlet.templates.runtime.async_values import auto_aiter
from martlet.templates.runtime.bounds import check_printf
from martlet.templates.runtime.budgets import counted, counted_async, deeper, spend, spending
from martlet.templates.runtime.loops import AsyncLoopContext, LoopContext
from martlet.templates.runtime.macros import Macro, NativeMacro, bounded_macro
from martlet.templates.runtime.native import native_value
from martlet.templates.runtime.parameters import argument_names
from martlet.templates.runtime.passing import EngineLike, EvalContext, RenderContext
from martlet.templates.runtime.sandbox import Guard
from martlet.templates.runtime.translations import translate
from martlet.templates.runtime.undefined import MISSING, Undefined
from martlet.templates.runtime.values import Namespace
from martlet.templates.runtime.weights import characters_of, check_length

__all__ = ["NamedEngine", "engine_names", "page_names"]


class NamedEngine(EngineLike, Protocol):
    """What the names need of the engine."""

    names: dict[str, Any]
    globals: dict[str, Any]
    native: bool
    finalize: Callable[..., Any] | None
    guard: Guard | None

    @property
    def escapers(self) -> Mapping[str, Callable[[Any], str]]:
        """The escapers by name."""
        ...


def engine_names(engine: NamedEngine) -> dict[str, Any]:
    """The names that all pages of an engine share."""
    undefined = engine.undefined
    names: dict[str, Any] = {
        "AsyncLoopContext": AsyncLoopContext,
        "LoopContext": LoopContext,
        "MISSING": MISSING,
        "Macro": NativeMacro if engine.native else Macro,
        "Markup": Markup,
        "TemplateRuntimeError": TemplateRuntimeError,
        "Undefined": Undefined,
        "argument_names": argument_names,
        "auto_aiter": auto_aiter,
        "discard": _discard,
        "engine": engine,
        "escape": escape_html,
        "escape_any": engine.escapers["html"],
        "from_module": partial(_from_module, undefined=undefined),
        "get_attribute": engine.get_attribute,
        "get_item": engine.get_item,
        "joined_texts": _joined_texts,
        "native": native_value,
        "no_caller": lambda: undefined("no caller defined", name="caller"),
        "nothing": str,
        "required_block": _required_block,
        "set_attribute": _set_attribute,
        "undefined": undefined,
        "with_locals": _with_locals,
    }
    if engine.guard is not None:
        names |= _sandbox_names(engine.guard, native=engine.native)
    return names


def _sandbox_names(guard: Guard, *, native: bool) -> dict[str, Any]:
    def joined_texts(escapes: bool, parts: tuple[Any, ...]) -> str:  # noqa: FBT001 -- generated code calls it
        check_length(guard.policy, sum(characters_of(guard.policy, part) for part in parts))
        joined: str = guard.made(_joined_texts(escapes, parts))
        return joined

    return {
        "Macro": partial(bounded_macro, guard.policy, NativeMacro if native else Macro),
        "counted": counted,
        "counted_async": counted_async,
        "deeper": deeper,
        "guarded_binary": guard.policy.binary,
        "guarded_unary": guard.policy.unary,
        "joined_texts": joined_texts,
        "made": guard.made,
        "native": partial(native_value, longest=guard.policy.range_items),
        "printable": guard.printable,
        "sized": _sized,
        "spend": spend,
        "spending": spending,
    }


class _PageNames:
    """What generated code may call that must know its page. The flags `escapes` tell whether values are escaped there."""

    def __init__(self, engine: NamedEngine, name: str | None, globals_: ChainMap[str, Any]) -> None:
        self._engine = engine
        self._name = name
        self._own, self._shared = globals_.maps  # PERF: a ChainMap looks a name up in 15 times the time of a dict

    def render_context(self, variables: Mapping[str, Any], escapes: bool) -> RenderContext:  # noqa: FBT001
        """All variables of a place, for a function that wants them."""
        return RenderContext({**self._shared, **self._own, **variables}, self._engine, autoescape=escapes, name=self._name)

    def eval_context(self, escapes: bool) -> EvalContext:  # noqa: FBT001
        """How values are escaped, for a function that wants to know it."""
        return EvalContext(self._engine, escapes, self._name)

    def call_with_context(self, function: Any, variables: Mapping[str, Any], escapes: bool, /, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001
        """Call what is marked by a decorator of passing.py."""
        match function.template_argument:
            case "context":
                return function(self.render_context(variables, escapes), *args, **kwargs)
            case "eval_context":
                return function(self.eval_context(escapes), *args, **kwargs)
            case "engine":
                return function(self._engine, *args, **kwargs)
            case _:
                return function(*args, **kwargs)

    def guarded_call(self, variables: Mapping[str, Any], escapes: bool, function: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: FBT001
        """Call whatever a sandboxed template calls; raises SecurityError."""
        guard = self._engine.guard
        if guard is None:
            raise TemplateRuntimeError("a call is guarded by a sandbox, and this engine has none")
        guard.check_call(function, args, kwargs)
        if hasattr(function, "template_argument"):
            return guard.made(self.call_with_context(function, variables, escapes, *args, **kwargs))
        return guard.made(function(*args, **kwargs))

    def lookup(self, variable: str) -> Any:
        """A variable that the context does not have."""
        value = self._own[variable] if variable in self._own else self._shared.get(variable, MISSING)
        return self._engine.undefined(name=variable) if value is MISSING else value

    def finalize(self, context: RenderContext, value: Any) -> Any:
        """What the engine's `finalize` makes of a value."""
        function = self._engine.finalize
        if function is None:
            return value
        if hasattr(function, "template_argument"):
            return self.call_with_context(function, context, context.eval_context.autoescape, value)
        return function(value)

    def translate(self, variables: Mapping[str, Any], *rest: Any) -> str:
        """The message of `{% trans %}`."""
        guard = self._engine.guard
        if guard is not None:
            _, singular, plural, *_, values = rest
            check_printf(guard.policy, f"{singular}{plural}", values)
        return translate({**self._shared, **self._own, **variables}, self.call_with_context, *rest)

    def describe_context(self, variables: Mapping[str, Any]) -> str:
        """What `{% debug %}` prints."""
        shown = {
            "context": {**self._shared, **self._own, **variables},
            "filters": sorted(self._engine.filters),
            "tests": sorted(self._engine.tests),
        }
        return pprint.pformat(shown, depth=3, compact=True)


_OF_A_PAGE = [name for name in vars(_PageNames) if not name.startswith("_")]


def page_names(engine: NamedEngine, name: str | None, globals_: ChainMap[str, Any], needed: Iterable[str]) -> dict[str, Any]:
    """The names of one page.

    globals_: what stands behind its context: the template's own, then the engine's.
    needed: "escaper url"; other kinds are not looked at.
    """
    page = _PageNames(engine, name, globals_)
    names: dict[str, Any] = {word: getattr(page, word) for word in _OF_A_PAGE}
    for wanted in needed:
        kind, _, what = wanted.partition(" ")
        if kind == "escaper":
            names[f"escape_{what}"] = engine.escapers[what]
    return names


def _joined_texts(escapes: bool, parts: tuple[Any, ...]) -> str:  # noqa: FBT001 -- generated code calls it
    if escapes and any(hasattr(part, "__html__") for part in parts):
        return Markup("").join(parts)
    return "".join(map(str, parts))


def _sized(items: Any) -> Any:
    """What a loop asks for its length, or goes through ahead of it, which counts."""
    return items if hasattr(items, "__len__") or not hasattr(items, "__iter__") else counted(items)


def _discard(_text: str) -> None:
    """Takes output that nobody wants."""


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
