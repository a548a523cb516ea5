"""A WebSocket to an application in memory over RSGI, with the habits of the one server that has it."""

from __future__ import annotations

from typing import Any

from martlet.http import Headers
from martlet.messages import Message, SocketClosedError
from martlet.testing.exchange import Received
from martlet.testing.sockets import Opened, Wire

__all__ = ["over_rsgi"]


async def over_rsgi(app: Any, scope: Any, wire: Wire) -> None:
    """Carry one WebSocket; neither a subprotocol, nor fields, nor a code to close with come through.

    scope: of the same request over HTTP.
    """
    scope.proto = "ws"
    await app.__rsgi__(scope, _Handshake(wire))


class _Handshake:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._is_accepted = False

    async def accept(self) -> _Transport:
        self._is_accepted = True
        self._wire.say(Opened())
        return _Transport(self._wire)

    def close(self, status: int | None = None) -> None:
        if self._is_accepted:
            self._wire.close(1005)
        else:
            self._wire.say(Received(status or 403, Headers(), b""))


class _Transport:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def receive(self) -> _Received:
        try:
            return _Received(await self._wire.receive())
        except SocketClosedError as error:
            if error.code == 1006:
                raise RuntimeError("protocol closed") from error
            return _Received(None)

    async def send_bytes(self, data: bytes) -> None:
        self._send(data)

    async def send_str(self, data: str) -> None:
        self._send(data)

    def _send(self, message: Message) -> None:
        if self._wire.is_closed:
            raise RuntimeError("protocol closed")
        self._wire.say(message)


class _Received:
    def __init__(self, message: Message | None) -> None:
        self.kind = 0 if message is None else 2 if isinstance(message, str) else 1
        if message is not None:
            self.data = message
