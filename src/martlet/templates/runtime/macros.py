"""A macro as a value: called, it gives what it writes; the code of a page may also have it write where it is called."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from markupsafe import Markup

from martlet.templates.runtime.budgets import Allowances, Budget, current_budget, deeper, spending
from martlet.templates.runtime.native import native_value
from martlet.templates.runtime.parameters import other_name, parameter_name

__all__ = ["Macro", "NativeMacro", "bounded_macro"]


class Macro:
    """What `{% macro %}` and `{% call %}` define.

    name: as the template has it. arguments: the names of the parameters. escapes: whether its output is markup.
    function: writes to its keyword `w`; its parameters are named by `parameter_name`.
    The flags tell which of the special names it reads.
    """

    __slots__ = ("_function", "arguments", "caller", "catch_kwargs", "catch_varargs", "escapes", "most", "name")

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        arguments: tuple[str, ...],
        escapes: bool,  # noqa: FBT001 -- generated code calls it
        *,
        takes_caller: bool = False,
        takes_varargs: bool = False,
        takes_kwargs: bool = False,
    ) -> None:
        self.name = name
        self._function = function
        self.arguments = arguments
        self.escapes = escapes
        self.caller = takes_caller or "caller" in arguments
        self.catch_varargs = takes_varargs
        self.catch_kwargs = takes_kwargs
        self.most = 1_000 if takes_varargs else len(arguments)  # positional arguments

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the macro writes, or a coroutine that gives it; raises TypeError for arguments that it does not have."""
        self._check(len(args), kwargs)
        pieces: list[str] = []
        running = self._function(*args, **self._named(len(args), kwargs), w=pieces.append)
        if running is None:
            return self._joined(pieces)
        return self._later(running, pieces)

    def _check(self, count: int, keywords: dict[str, Any]) -> None:
        """Raise TypeError in the words of the template if these arguments do not fit."""
        if count > self.most and not self.catch_varargs:
            raise TypeError(f"macro {self.name!r} takes not more than {len(self.arguments)} argument(s)")
        if not keywords:
            return
        if "caller" in keywords and not self.caller and not self.catch_kwargs:
            raise TypeError(f"macro {self.name!r} was called with a call block, and never calls `caller`")
        unknown = keywords.keys() - set(self.arguments[count:]) - {"caller"}
        if unknown and not self.catch_kwargs:
            raise TypeError(f"macro {self.name!r} takes no keyword argument {min(unknown)!r}")

    def _named(self, count: int, keywords: dict[str, Any]) -> dict[str, Any]:
        """Keyword arguments by their names in code. count: of the positional ones, whose parameters take no keyword any more."""
        taken = self.arguments[:count] if keywords else ()
        return {other_name(name) if name in taken else parameter_name(name): value for name, value in keywords.items()}

    def _joined(self, pieces: list[str]) -> str:
        return Markup("".join(pieces)) if self.escapes else "".join(pieces)  # noqa: S704 -- what was escaped

    async def _later(self, running: Coroutine[Any, Any, None], pieces: list[str]) -> str:
        await running
        return self._joined(pieces)

    def __repr__(self) -> str:
        return f"<Macro {self.name!r}>"


class NativeMacro(Macro):
    """A macro of an engine whose templates give Python values."""

    __slots__ = ()

    def _joined(self, pieces: list[Any]) -> Any:
        return native_value(pieces)


def bounded_macro(
    policy: Allowances, kind: type[Macro], name: str, function: Callable[..., Any], *args: Any, **flags: Any
) -> Macro:
    """A macro of a sandboxed engine: its depth and its output count, and it raises BudgetError.

    Called when no page runs, as that of a module can be, it has a budget of its own.
    """

    def run(*args: Any, w: Callable[[Any], Any], **given: Any) -> Coroutine[Any, Any, None] | None:
        budget = current_budget() or Budget(policy)
        with budget.running(), deeper():
            running = function(*args, **given, w=spending(w))
        return None if running is None else _deeper_later(budget, running)

    return kind(name, run, *args, **flags)


async def _deeper_later(budget: Budget, running: Coroutine[Any, Any, None]) -> None:
    with budget.running(), deeper():
        await running
