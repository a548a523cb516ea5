"""An app behind a root path that its server does not tell of, since it knows none or has no way to say it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from martlet.http import path_below
from martlet.messages import Request, Respond, Response


def checked_root_path(root_path: str) -> str:
    """Give a root path without a slash at its end; raises ValueError for one that does not begin with a slash.

    >>> checked_root_path("/shop/"), checked_root_path("/")
    ('/shop', '')
    """
    if root_path and (not root_path.startswith("/") or "//" in root_path or "?" in root_path or "#" in root_path):
        raise ValueError(f"The root path is the beginning of a path, as '/shop', not {root_path!r}.")
    return root_path.rstrip("/")


def responding_behind(root_path: str, respond: Respond) -> Respond:
    """Put a Respond behind a root path; where there is none, it stays as it is."""
    if not root_path:
        return respond

    def respond_behind(request: Request) -> Awaitable[Response]:
        _place(request, root_path)
        return respond(request)

    return respond_behind


def deciding_behind(root_path: str, needs_loop: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Do the same for whether a request needs an event loop, which is asked before."""
    if not root_path:
        return needs_loop

    def needs_loop_behind(request: Request) -> bool:
        _place(request, root_path)
        return needs_loop(request)

    return needs_loop_behind


def _place(request: Request, root_path: str) -> None:
    """Take the root path away from the path, once; what the server tells goes before."""
    if not request.root_path:
        request.path = path_below(request.path, root_path)
        request.extras.root_path = root_path
