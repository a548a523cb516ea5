"""The WebSocket as a parameter: `socket: WebSocket[Said, Heard]`, or `socket: WebSocket` with its messages as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin

from martlet.handling.signatures.functions import Function, Parameter
from martlet.handling.signatures.sources import Binding, Bound, FromProvider, FromRequest, Provider
from martlet.handling.signatures.text_sources import UnbindableError
from martlet.handling.signatures.type_kinds import type_name
from martlet.http import Limits, MethodNotImplementedError
from martlet.messages import Message, MessageWriter, Request, SocketConnection, WebSocket
from martlet.rendering import message_decoder, message_encoder

__all__ = ["SocketRule", "is_socket", "socket_source", "speaks_subprotocols"]


def is_socket(kind: Any) -> bool:
    """Tell whether a type is WebSocket, with types for its messages or without."""
    return kind is WebSocket or get_origin(kind) is WebSocket


class SocketRule:
    """Binds the one WebSocket of a route, which all functions on its way may ask for.

    subprotocols: that the route speaks, the best first. binary: its messages are sent as MessagePack.
    """

    def __init__(self, limits: Limits, subprotocols: Sequence[str] = (), *, binary: bool = False) -> None:
        """limits: of the messages' values."""
        self._limits = limits
        self._subprotocols = tuple(subprotocols)
        self._binary = binary
        self._kind: Any = None
        self._source: FromProvider | None = None

    @property
    def is_asked_for(self) -> bool:
        """Whether somebody on the way takes it."""
        return self._source is not None

    def source(self, parameter: Parameter, where: str) -> FromProvider:
        """Bind a parameter; raises UnbindableError for messages that nothing reads, and for a second type of them."""
        kind = parameter.core
        if self._source is None:
            self._kind, self._source = kind, FromProvider(self._provider(kind, where))
        elif kind not in (self._kind, WebSocket):
            raise UnbindableError(
                f"is {type_name(kind)}, and another function on the way takes the same one as {type_name(self._kind)}",
                "Write one of the two in both places",
            )
        return self._source

    def _provider(self, kind: Any, where: str) -> Provider:
        incoming, outgoing = (Any if isinstance(each, TypeVar) else each for each in get_args(kind) or (Any, Any))
        try:
            decode = message_decoder(incoming, self._limits)
        except TypeError as error:
            raise UnbindableError(f"brings messages that nothing reads: {error}", "Take a type that msgspec supports") from error
        opener = SocketOpener(decode, MessageWriter(message_encoder(outgoing, binary=self._binary)), self._subprotocols)
        function = Function(
            call=opener,
            name="the WebSocket",
            where=where,
            parameters=(),
            result=kind,
            is_async=False,
            is_generator=False,
            inline=True,
        )
        return Provider(kind, Bound(function, (Binding("request", FromRequest(), keyword_only=False),)), "request")


def socket_source(rule: SocketRule | None, parameter: Parameter, where: str) -> FromProvider:
    """Bind a parameter by the route's rule; raises UnbindableError for a route that opens none, and as the rule does."""
    if rule is None:
        raise UnbindableError("asks for a WebSocket, and none is opened here", 'Declare the route by @app.websocket("…")')
    return rule.source(parameter, where)


@dataclass(frozen=True, slots=True)
class SocketOpener:
    """Makes the WebSocket of a handshake."""

    decode: Callable[[Message], Any]
    writer: MessageWriter[Any]
    subprotocols: Sequence[str]

    def __call__(self, request: Request) -> WebSocket[Any, Any]:
        """Give it, and leave what it shares with the server in the request."""
        if request.method != "GET":  # a server let through what is no method, and it named this route
            raise MethodNotImplementedError
        connection = request.extras.socket = SocketConnection()
        return WebSocket(request, connection, self.decode, self.writer, self.subprotocols)


def speaks_subprotocols(functions: Iterable[Function]) -> bool:
    """Tell whether one of the functions on a route's way makes a WebSocket that agrees on a subprotocol."""
    return any(isinstance(function.call, SocketOpener) and bool(function.call.subprotocols) for function in functions)
