"""The options a route or a group may carry; written once, so that a misspelt one is refused by every type checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from martlet.http import Limits


class RouteOptions(TypedDict, total=False):
    """Options of `app.get`, `app.post` … and of `Group`.

    name: for reverse URLs; the function's name by default.
    guards: may you pass; run outermost first, before anything else is looked at.
    page: a function from the handler's value to HTML; with it the route answers browsers with a page.
    limits: bounds of this route in place of the app's.
    overlaps: this pattern may tie with another one; the leftmost literal then wins.
    inline: a promise that the handler neither blocks nor waits, so it is called right where the request is.
    """

    name: str
    guards: Sequence[Callable[..., Any]]
    page: Callable[..., Any]
    limits: Limits
    overlaps: bool
    inline: bool
