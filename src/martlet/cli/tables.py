"""The route table as text: what answers where, and where each parameter comes from.

What lies below a prefix, files or another application, is one line, however many patterns lead there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from martlet.adapters import REST, Mount
from martlet.files import OpenFiles
from martlet.handling import Endpoint, Frozen, describe_source
from martlet.http import SAFE_METHODS
from martlet.routing import WEBSOCKET

BELOW = f"/{{{REST}:path}}"  # how the pattern of a prefix ends


def route_lines(frozen: Frozen, *, code: bool = False) -> Iterator[str]:
    """Give a line per method and pattern, then one per parameter; HEAD and GET of one handler stand together."""
    endpoints = {id(route.target): route.target for route in frozen.router.routes}
    told: set[tuple[int, str]] = set()
    for key, endpoint in endpoints.items():
        own = [route for route in frozen.router.routes if id(route.target) == key]
        pattern, methods, name = own[0].pattern, [route.method for route in own], endpoint.plan.name
        below = _below(endpoint)
        if below is not None:
            what, name = below
            pattern = pattern.removesuffix(BELOW).removesuffix("/") or "/"
            if (id(what), pattern) in told:
                continue
            told.add((id(what), pattern))
        yield from _lines(endpoint, methods, pattern, name, parameters=below is None)
        if code:
            yield from ("    " + line for line in endpoint.code.splitlines())
    if code:
        yield frozen.router.code


def _lines(endpoint: Endpoint, methods: list[str], pattern: str, name: str, *, parameters: bool) -> Iterator[str]:
    plan = endpoint.plan
    way = "needs a loop" if endpoint.needs_loop else "no loop needed"
    yield f"{', '.join(map(_told, methods)):<12} {pattern}  {name}  ({plan.where}, {way})"
    if plan.takes_strangers:
        yield f"{'':<14} csrf=False: pages of other sites may send to it"
    if plan.finishes == SAFE_METHODS.issuperset(methods) and parameters:
        yield f"{'':<14} finishes={plan.finishes}: {'goes on' if plan.finishes else 'is cancelled'} when its client has left"
    for guard in (*plan.guards, *plan.body_guards):
        yield f"{'':<14} guard {guard.function.name}"
    if plan.validator is not None:
        yield f"{'':<14} validator {plan.validator.bound.function.name}"
    for binding in plan.handler.bindings if parameters else ():
        yield f"{'':<14} {binding.name}: {describe_source(binding.source)}"


def _told(method: str) -> str:
    return "WebSocket" if method == WEBSOCKET else method


def _below(endpoint: Endpoint) -> tuple[object, str] | None:
    """Give what answers below a prefix, and words for it; None for a route of its own."""
    call = endpoint.plan.handler.function.call
    files = getattr(call, "__self__", None)
    if isinstance(call, Mount):
        return call, call.description
    if isinstance(files, OpenFiles):
        return files, f"static files in {_near(files.directory)}"
    return None


def _near(directory: str) -> str:
    """A directory as one would write it here."""
    path, here = Path(directory), Path(os.path.realpath("."))
    return str(path.relative_to(here)) if path.is_relative_to(here) else directory
