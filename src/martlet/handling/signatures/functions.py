"""A callable the app was given, read once: its parameters, its result, how it runs, where it stands.

Everything the app calls is read here: handlers, guards, providers, authenticators, error handlers, lifespan hooks.
"""

from __future__ import annotations

import dis
import functools
import inspect
import os
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from martlet.declaration_errors import DeclarationError
from martlet.handling.signatures.markers import Body, Cookie, Header, Query

MISSING: Final = inspect.Parameter.empty
AWAITS: Final = frozenset({"GET_AWAITABLE", "GET_ANEXT"})  # in the code of every `await`, `async with`, `async for`


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its type without `Annotated`, what stood in `Annotated`, and its default."""

    name: str
    annotation: Any  # with its Annotated constraints, for validation
    type: Any  # without Annotated
    metadata: tuple[Any, ...]
    default: Any
    keyword_only: bool

    @property
    def is_optional(self) -> bool:
        """Whether None is among its types."""
        return types.NoneType in union_members(self.type)

    @property
    def core(self) -> Any:
        """Its type without None: `int` of `int | None`."""
        return without_none(self.type)


@dataclass(frozen=True, slots=True)
class Function:
    """A callable with what the app must know of it; `way` says how it may be called from an event loop."""

    call: Callable[..., Any]
    name: str
    where: str
    parameters: tuple[Parameter, ...]
    result: Any  # MISSING when it is not annotated
    is_async: bool
    is_generator: bool
    inline: bool

    @property
    def way(self) -> Literal["async", "blocking", "inline"]:
        """`async`: awaited; `inline`: neither blocks nor waits; `blocking`: any other plain function."""
        if self.is_async:
            return "async"
        return "inline" if self.inline else "blocking"

    @property
    def may_suspend(self) -> bool:
        """Whether it may need an event loop."""
        return self.is_async and not self.inline

    @property
    def suspends(self) -> bool:
        """Whether it may wait in an `await` of its own; where there is none, nothing need be done about it."""
        target = innermost(self.call)
        code = getattr(target if inspect.isroutine(target) else type(target).__call__, "__code__", None)
        if not self.may_suspend or code is None or not code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
            return False
        return any(each.opname in AWAITS for each in dis.get_instructions(code))


def read_function(call: Callable[..., Any], *, inline: bool = False) -> Function:
    """Read a callable; raises DeclarationError for annotations that do not resolve and for wrappers that hide a signature.

    Of a functools.partial the arguments that it holds are nobody's to give, so they are no parameters.
    """
    inner = innermost(call)
    target = inner if inspect.isroutine(inner) or inspect.isclass(inner) else type(inner).__call__
    where, name = location(call), str(getattr(inner, "__qualname__", type(inner).__qualname__))
    if hasattr(inner, "__wrapped__") and not hasattr(inner, "__signature__"):
        raise DeclarationError(
            f"{name} is wrapped by a decorator that is no guard, so its parameters cannot be trusted.",
            where,
            "Make the decorator a guard (martlet.Guard), a middleware (app.use), or give its wrapper a __signature__.",
        )
    try:
        signature = inspect.signature(call)
        hints = get_type_hints(target.__init__ if inspect.isclass(target) else target, include_extras=True)
    except (NameError, TypeError, ValueError) as error:
        raise DeclarationError(
            f"The annotations of {name} do not resolve: {error}.",
            where,
            "Define or import the name at module level, above the function or at least before the app is frozen.",
        ) from error
    free = [parameter for parameter in signature.parameters.values() if parameter.name not in _held_by(call)]
    parameters = tuple(_parameter(parameter, hints, name, where) for parameter in free)
    result = inner if inspect.isclass(inner) else hints.get("return", MISSING)
    return Function(
        call=call,
        name=name,
        where=where,
        parameters=parameters,
        result=result,
        is_async=inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target),
        is_generator=inspect.isgeneratorfunction(target) or inspect.isasyncgenfunction(target),
        inline=inline,
    )


def check_only_one(what: str, functions: Sequence[Function], cure: str) -> None:
    """Raise DeclarationError for the second of what there may be one of."""
    if len(functions) > 1:
        first, second = functions[:2]
        raise DeclarationError(f"{what}, {first.name} ({first.where}) and {second.name}.", second.where, cure)


def innermost(call: Any) -> Any:
    """Give what a functools.partial calls in the end, and anything else as it is.

    >>> innermost(functools.partial(print, end=""))
    <built-in function print>
    """
    return innermost(call.func) if isinstance(call, functools.partial) else call


def _parameter(parameter: inspect.Parameter, hints: dict[str, Any], function: str, where: str) -> Parameter:
    if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
        raise DeclarationError(
            f"{function} takes *{parameter.name}, and nothing tells what to pass there.",
            where,
            "Name each parameter and annotate it.",
        )
    if isinstance(parameter.default, Query | Header | Cookie | Body):
        marker = type(parameter.default).__name__
        raise DeclarationError(
            f"The parameter {parameter.name!r} of {function} has {marker}(…) as its default.",
            where,
            f"Write it into the annotation: {parameter.name}: Annotated[…, {marker}(…)].",
        )
    annotation = hints.get(parameter.name, MISSING)
    kind, metadata = annotation, ()
    if get_origin(annotation) is Annotated:
        kind, *extra = get_args(annotation)
        metadata = tuple(extra)
    default = parameter.default
    return Parameter(parameter.name, annotation, kind, metadata, default, parameter.kind is parameter.KEYWORD_ONLY)


def union_members(kind: Any) -> tuple[Any, ...]:
    """Give the members of a union, or the type alone.

    >>> union_members(int | None)
    (<class 'int'>, <class 'NoneType'>)
    """
    origins: tuple[Any, ...] = (Union, types.UnionType)
    return get_args(kind) if get_origin(kind) in origins else (kind,)


def without_none(kind: Any) -> Any:
    """Take None out of a union: `int` of `int | None`."""
    members = tuple(member for member in union_members(kind) if member is not types.NoneType)
    return members[0] if len(members) == 1 else kind


def _held_by(call: Any) -> Iterable[str]:
    """The names of the arguments that a functools.partial holds; a signature shows them, as if they could be given again."""
    return call.keywords if isinstance(call, functools.partial) else ()


def location(call: Any) -> str:
    """Tell where a callable stands, as `file.py:12`, the path relative to the working directory where it lies below it."""
    call = inspect.unwrap(innermost(call))
    function = call if inspect.isroutine(call) else inspect.getattr_static(call.__class__, "__call__", None)
    code = getattr(function, "__code__", None)
    if code is None:
        return f"<{getattr(call, '__module__', '?')}>"
    return source_place(code.co_filename, code.co_firstlineno)


def source_place(path: str, line: int) -> str:
    """Write a place in a source file as `file.py:12`."""
    relative = os.path.relpath(path) if Path(path).is_absolute() else path
    return f"{path if relative.startswith('..') else relative}:{line}"


def caller_place(depth: int) -> str:
    """Tell where the public method that asks was called; `depth` frames above the asker."""
    frame = sys._getframe(depth + 1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  the documented way to a caller's line, without building a traceback
    return source_place(frame.f_code.co_filename, frame.f_lineno)
