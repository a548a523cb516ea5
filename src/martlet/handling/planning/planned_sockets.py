"""What is decided of a route that opens a WebSocket: that its handler can have one, and from which pages it may be opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, cast

from martlet.declaration_errors import DeclarationError
from martlet.handling.answering.results import Result
from martlet.handling.declaring.options import SocketOptions
from martlet.handling.declaring.routes import Declaration
from martlet.handling.signatures.functions import MISSING, Function
from martlet.handling.signatures.socket_sources import SocketRule
from martlet.http import Limits
from martlet.messages import Request, Response
from martlet.routing import WEBSOCKET

__all__ = ["opens_socket", "socket_handler", "socket_result", "socket_rule"]


def _unused(value: Any, request: Request, _: Any) -> Response:
    raise RuntimeError(f"{value!r} of {request!r} opens a WebSocket, and is no value to be sent.")


SOCKET_RESULT: Final = Result("socket", _unused, streams=True)


def opens_socket(declaration: Declaration) -> bool:
    """Tell whether a route opens a WebSocket."""
    return WEBSOCKET in declaration.methods


def socket_rule(declaration: Declaration, limits: Limits) -> SocketRule | None:
    """Prepare the binding of a route's WebSocket, None where it opens none; limits: the app's."""
    if not opens_socket(declaration):
        return None
    options = cast("SocketOptions", declaration.options)
    own = options.get("limits") or limits
    return SocketRule(own, options.get("subprotocols", ()), binary=options.get("binary", False))


def socket_handler(function: Function) -> Function:
    """Take a handler for what it is to be called as: a function that gives its coroutine, which then runs in a task of its own.

    Raises DeclarationError for what cannot wait for messages, and for what means to answer with a value.
    """
    if not function.is_async or function.is_generator:
        raise DeclarationError(
            f"{function.name} cannot wait for the messages of its WebSocket.",
            function.where,
            "Write `async def`, without a yield.",
        )
    if function.result not in (MISSING, None, type(None), Response):
        raise DeclarationError(
            f"{function.name} returns a value, which nobody gets.",
            function.where,
            "Send it, await socket.send(value), and annotate -> None.",
        )
    return replace(function, is_async=False, inline=True)


def socket_result(rule: SocketRule, function: Function) -> tuple[None, Result]:
    """Give what stands for the result of a route that opens a WebSocket; raises DeclarationError where nobody takes it."""
    if not rule.is_asked_for:
        raise DeclarationError(
            f"{function.name} does not take its WebSocket.",
            function.where,
            "Add a parameter for it, as in socket: WebSocket[str, str].",
        )
    return None, SOCKET_RESULT
