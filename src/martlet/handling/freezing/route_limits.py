"""Which bounds hold at a route, decided when the app is frozen: its own, those it inherits, and those that a middleware sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.routes import Declaration
from martlet.http import Limits
from martlet.middleware import BodyLimit


def inheriting(gathered: Gathered, declarations: Sequence[Declaration]) -> Sequence[Declaration]:
    """Give the declarations with the app's bounds in place of those that their own Limits leave out."""
    return [_with_limits(declaration, lambda limits: limits.over(gathered.limits)) for declaration in declarations]


def under_ceiling(gathered: Gathered, declarations: Sequence[Declaration]) -> tuple[Gathered, Sequence[Declaration]]:
    """Give the same with every `Limits.body_bytes` cut down to the smallest BodyLimit that the app uses."""
    ceilings = [middleware.max_bytes for middleware, _ in gathered.middlewares if isinstance(middleware, BodyLimit)]
    if not ceilings:
        return gathered, declarations
    ceiling = min(ceilings)
    cut = replace(gathered, limits=_cut(gathered.limits, ceiling))
    return cut, [_with_limits(declaration, lambda limits: _cut(limits, ceiling)) for declaration in declarations]


def _with_limits(declaration: Declaration, change: Callable[[Limits], Limits]) -> Declaration:
    limits = declaration.options.get("limits")
    if limits is None:
        return declaration
    return replace(declaration, options={**declaration.options, "limits": change(limits)})


def _cut(limits: Limits, ceiling: int) -> Limits:
    return replace(limits, body_bytes=min(limits.body_bytes, ceiling))
