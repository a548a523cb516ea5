"""One WebSocket while it lasts, among the streams that are sent: when it is let go, and how it ends with the application."""

from __future__ import annotations

import asyncio
from typing import Final

from martlet.adapters.leaving import ClientLeftError
from martlet.adapters.streams.pulling import pull
from martlet.http import Limits
from martlet.messages import Application, SocketTransport, Upgrade


class OpenSocket:
    """Looks after one WebSocket; what it has to do it does in the tasks that are there."""

    __slots__ = ("_upgrade", "patience")

    def __init__(self, upgrade: Upgrade, limits: Limits) -> None:
        """limits: of its route."""
        self._upgrade = upgrade
        self.patience: Final = limits.stalled_seconds

    def end(self) -> None:
        """Close it, and let its handler end."""
        self._upgrade.drain()

    def look(self, now: float) -> None:
        """Let go a client that takes nothing, and a handler that goes on for one that has left; drop what nobody hears."""
        if now - self._upgrade.unmoved_since >= self.patience:
            self._upgrade.let_go()
        elif now - self._upgrade.unheard_since >= self.patience:
            self._upgrade.ignore_messages()


async def carry_socket(upgrade: Upgrade, transport: SocketTransport, limits: Limits, app: Application) -> None:
    """Carry a WebSocket to its end: its handler, then the clean-up of what the handler was given, then the closing.

    In this order, so that a client is told of clean-up that fails, and clean-up of a handler that failed.
    """
    if asyncio.current_task() is None:  # a server with tasks of its own kind, which nobody can interrupt
        await asyncio.ensure_future(carry_socket(upgrade, transport, limits, app))
        return
    failure: BaseException | None = None
    try:
        async with pull(upgrade, app.threads):
            await app.open_streams.carry(upgrade, transport, limits)
            _raise_again(upgrade.failure)
    except ClientLeftError:
        failure = asyncio.CancelledError()
    except Exception as error:  # noqa: BLE001  `close` has it answered and logged
        failure = error
    except BaseException as error:
        await upgrade.close(error)
        if not (isinstance(error, asyncio.CancelledError) and app.open_streams.is_draining):  # else the application ends it
            raise
        return
    await upgrade.close(failure)


def _raise_again(failure: BaseException | None) -> None:
    if isinstance(failure, asyncio.CancelledError):
        raise ClientLeftError from failure  # which is no cancellation of this task
    if failure is not None:
        raise failure
