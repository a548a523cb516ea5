"""Functions that want more than a template hands them: the context, how values are escaped, or the engine.

A filter, test or global that is marked by a decorator here is given that as its first argument, before what the template passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from martlet.templates.runtime.undefined import MISSING, Undefined

__all__ = [
    "EngineLike",
    "EvalContext",
    "RenderContext",
    "async_twin",
    "pass_context",
    "pass_engine",
    "pass_eval_context",
]

F = TypeVar("F", bound=Callable[..., Any])


class EngineLike(Protocol):
    """What filters, tests and globals may ask of the engine.

    Every way to an attribute or item that a template may choose goes through the two `get` methods, so that a sandbox guards it.
    """

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """The filters by name."""
        ...

    @property
    def tests(self) -> Mapping[str, Callable[..., Any]]:
        """The tests by name."""
        ...

    @property
    def policies(self) -> Mapping[str, Any]:
        """Settings of filters by name, as in filters.DEFAULT_POLICIES."""
        ...

    @property
    def undefined(self) -> type[Undefined]:
        """What stands for a missing value."""
        ...

    def get_attribute(self, obj: Any, name: str, /) -> Any:
        """`obj.name`, else `obj[name]`, else an undefined value."""
        ...

    def get_item(self, obj: Any, key: Any, /) -> Any:
        """`obj[key]`, else `obj.key`, else an undefined value."""
        ...


@dataclass(slots=True)
class EvalContext:
    """How values are escaped at a place of a page. autoescape: whether they are; filters that build markup ask for it."""

    engine: EngineLike
    autoescape: bool
    name: str | None = None


class RenderContext(Mapping[str, Any]):
    """All variables that a place of a page sees, the globals among them, and the page it belongs to.

    name: the template's, None for one made from a string.
    """

    __slots__ = ("_variables", "engine", "eval_context", "name")

    def __init__(
        self, variables: Mapping[str, Any], engine: EngineLike, *, autoescape: bool = True, name: str | None = None
    ) -> None:
        self._variables = variables
        self.engine = engine
        self.name = name
        self.eval_context = EvalContext(engine, autoescape, name)

    def resolve(self, name: str) -> Any:
        """The variable of this name, or an undefined value."""
        value = self._variables.get(name, MISSING)
        return self.engine.undefined(name=name) if value is MISSING else value

    def __getitem__(self, name: str) -> Any:
        return self._variables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._variables

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"<RenderContext of {self.name!r}: {', '.join(map(str, self._variables))}>"


def pass_context(function: F) -> F:
    """Hand this function the RenderContext first.

    >>> @pass_context
    ... def greeting(context, word):
    ...     return f"{word}, {context['user']}"
    >>> greeting.template_argument
    'context'
    """
    return _marked(function, "context")


def pass_eval_context(function: F) -> F:
    """Hand this function the EvalContext first, so that it can tell whether values are escaped."""
    return _marked(function, "eval_context")


def pass_engine(function: F) -> F:
    """Hand this function the engine first."""
    return _marked(function, "engine")


def _marked(function: F, wanted: str) -> F:
    function.template_argument = wanted  # type: ignore[attr-defined]
    return function


def async_twin(twin: Callable[..., Any]) -> Callable[[F], F]:
    """Give a filter the function that an asynchronous page calls in its place, with the same arguments."""

    def decorate(function: F) -> F:
        function.async_twin = twin  # type: ignore[attr-defined]
        return function

    return decorate
