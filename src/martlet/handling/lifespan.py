"""Start and stop: providers of the app scope and lifespan hooks, in order, and back in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from martlet.handling.plain import PlainCall
from martlet.handling.sources import Bound, Provider


class AppLifespan:
    """Runs once before the first request and once after the last, on one loop."""

    def __init__(self, providers: Sequence[Provider], hooks: Sequence[Bound]) -> None:
        """providers: of the app scope, each after those it needs. hooks: in the order of their registration."""
        self._providers = providers
        self._hooks = hooks
        self._stack = AsyncExitStack()
        self._starting = asyncio.Lock()
        self._is_running = False
        self.started = self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to start, so that the app is ready from the beginning."""
        return not self._providers and not self._hooks

    async def start(self) -> None:
        """Make the app's values and enter the hooks; if one fails, what was started is stopped and the error raised."""
        async with self._starting:
            if self._is_running:
                return
            async with AsyncExitStack() as stack:
                call = PlainCall(stack, None)
                for provider in self._providers:
                    provider.value = await call.call(provider.bound)
                for hook in self._hooks:
                    await call.call(hook)
                self._stack = stack.pop_all()
            self._is_running = self.started = True

    async def stop(self) -> None:
        """Leave the hooks and release the app's values, the last first."""
        stack, self._stack = self._stack, AsyncExitStack()
        self._is_running = False  # `started` stays, so that a request that comes late does not start everything again
        await stack.aclose()
