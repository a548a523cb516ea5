"""Bounds that a middleware sets above all routes: worked into the limits when the app is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from martlet.handling.gathered import Gathered
from martlet.handling.routes import Declaration
from martlet.http import Limits
from martlet.middleware import BodyLimit


def under_ceiling(gathered: Gathered, declarations: Sequence[Declaration]) -> tuple[Gathered, Sequence[Declaration]]:
    """Give the same with every `Limits.body_bytes` cut down to the smallest BodyLimit that the app uses."""
    ceilings = [middleware.max_bytes for middleware, _ in gathered.middlewares if isinstance(middleware, BodyLimit)]
    if not ceilings:
        return gathered, declarations
    ceiling = min(ceilings)
    cut = replace(gathered, limits=_cut(gathered.limits, ceiling))
    return cut, [_with_cut_limits(declaration, ceiling) for declaration in declarations]


def _with_cut_limits(declaration: Declaration, ceiling: int) -> Declaration:
    limits = declaration.options.get("limits")
    if limits is None:
        return declaration
    return replace(declaration, options={**declaration.options, "limits": _cut(limits, ceiling)})


def _cut(limits: Limits, ceiling: int) -> Limits:
    return replace(limits, body_bytes=min(limits.body_bytes, ceiling))
