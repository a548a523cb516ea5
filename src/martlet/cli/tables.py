"""The route table as text: what answers where, and where each parameter comes from."""

from __future__ import annotations

from collections.abc import Iterator

from martlet.handling import Frozen, describe_source


def route_lines(frozen: Frozen, *, code: bool = False) -> Iterator[str]:
    """Give a line per method and pattern, then one per parameter; HEAD and GET of one handler stand together."""
    endpoints = {id(route.target): route.target for route in frozen.router.routes}
    for key, endpoint in endpoints.items():
        own = [route for route in frozen.router.routes if id(route.target) == key]
        plan = endpoint.plan
        way = "needs a loop" if endpoint.needs_loop else "no loop needed"
        yield f"{', '.join(route.method for route in own):<12} {own[0].pattern}  {plan.name}  ({plan.where}, {way})"
        for guard in (*plan.guards, *plan.body_guards):
            yield f"{'':<14} guard {guard.function.name}"
        if plan.validator is not None:
            yield f"{'':<14} validator {plan.validator.bound.function.name}"
        for binding in plan.handler.bindings:
            yield f"{'':<14} {binding.name}: {describe_source(binding.source)}"
        if code:
            yield from ("    " + line for line in endpoint.code.splitlines())
    if code:
        yield frozen.router.code
