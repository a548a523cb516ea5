"""Which kind of application is mounted, and the mount for it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from martlet.adapters.entry import ServerEntry
from martlet.adapters.mounts.app import AppMount
from martlet.adapters.mounts.asgi import ASGIMount
from martlet.adapters.mounts.mount import Mount
from martlet.adapters.mounts.wsgi import WSGIMount

MountKind: TypeAlias = Literal["martlet", "asgi", "wsgi"]


def mounted(application: Any, kind: MountKind | None = None) -> Mount:
    """Make the mount for an application; its kind is seen from it unless it is told. Raises TypeError for what is none."""
    match kind or kind_of(application):
        case "martlet":
            return AppMount(application)
        case "asgi":
            return ASGIMount(application)
        case "wsgi":
            return WSGIMount(application)


def kind_of(application: object) -> MountKind:
    """Tell which protocol an application speaks, as servers do; raises TypeError for what speaks none.

    >>> def plain(environ, start_response): ...
    >>> async def awaited(scope, receive, send): ...
    >>> kind_of(plain), kind_of(awaited)
    ('wsgi', 'asgi')
    """
    if isinstance(application, ServerEntry):
        return "martlet"
    called = _innermost(application)
    if inspect.iscoroutinefunction(called):
        return "asgi"
    kinds: dict[int, MountKind] = {2: "wsgi", 3: "asgi"}
    kind = kinds.get(_parameters(application)) if callable(application) and not inspect.isclass(application) else None
    if kind is None:
        raise TypeError(f"{application!r} is neither an ASGI nor a WSGI application; if it is one, say which: kind='asgi'.")
    return kind


def _innermost(application: object) -> object:
    while isinstance(application, functools.partial):
        application = application.func
    return application if inspect.isroutine(application) else getattr(application, "__call__", None)  # noqa: B004  the method


def _parameters(application: Callable[..., object]) -> int:
    """Count the parameters that a server would pass by position."""
    try:
        signature = inspect.signature(application)
    except (TypeError, ValueError):
        return 0
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.kind in positional and each.default is each.empty for each in signature.parameters.values())
