"""`jinja2.sandbox`: an Environment whose engine has a sandbox, and whose methods that sandbox asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from martlet.templates.errors import BudgetError
from martlet.templates.runtime.sandbox import BINARY, UNARY, Sandbox, unsafe
from tests.conformance.jinja_shim.environment import Environment

__all__ = ["MAX_RANGE", "ImmutableSandboxedEnvironment", "SandboxedEnvironment", "unsafe"]

MAX_RANGE = 100_000


class SandboxedEnvironment(Environment):
    """Operators can be replaced, and what is safe can be decided, by the environment."""

    sandboxed = True
    is_immutable = False
    intercepted_binops: frozenset[str] = frozenset()
    intercepted_unops: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.binop_table: dict[str, Callable[[Any, Any], Any]] = dict(BINARY)
        self.unop_table: dict[str, Callable[[Any], Any]] = dict(UNARY)

    @property
    def more_options(self) -> Mapping[str, Any]:
        return {**super().more_options, "sandbox": _Policy(environment=self, immutable=self.is_immutable)}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return Sandbox(immutable=self.is_immutable).is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        return Sandbox().is_safe_callable(obj)


class ImmutableSandboxedEnvironment(SandboxedEnvironment):
    """What a template is given cannot be changed."""

    is_immutable = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy(Sandbox):
    """Asks the environment."""

    environment: SandboxedEnvironment

    def is_safe_attribute(self, obj: Any, name: str, value: Any) -> bool:
        return self.environment.is_safe_attribute(obj, name, value)

    def is_safe_callable(self, obj: Any) -> bool:
        return self.environment.is_safe_callable(obj)

    def binary(self, symbol: str, left: Any, right: Any) -> Any:
        if symbol in self.environment.intercepted_binops:
            return self.environment.binop_table[symbol](left, right)
        return Sandbox.binary(self, symbol, left, right)

    def unary(self, symbol: str, operand: Any) -> Any:
        if symbol in self.environment.intercepted_unops:
            return self.environment.unop_table[symbol](operand)
        return Sandbox.unary(self, symbol, operand)

    def range(self, *args: int) -> range:
        try:
            return Sandbox.range(self, *args)
        except BudgetError as error:
            raise OverflowError(str(error)) from error
