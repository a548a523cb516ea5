"""Start and stop: providers of the app scope and lifespan hooks, in order, and back in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from martlet.handling.calling.after_answers import AfterRunner
from martlet.handling.calling.provider_stacks import AsyncProviderStack
from martlet.handling.calling.step_by_step import PlainCall
from martlet.handling.signatures.functions import Function
from martlet.handling.signatures.sources import Bound, Provider


class AppLifespan:
    """Runs once before the first request and once after the last, on one loop."""

    def __init__(self, providers: Sequence[Provider], hooks: Sequence[Bound], after: AfterRunner) -> None:
        """providers: of the app scope, each after those it needs. hooks: in the order of their registration.

        after: what goes on after answers, which may need all of these.
        """
        self._after = after
        self._providers = providers
        self._hooks = hooks
        self._values = {provider.type: provider for provider in providers}
        self._stack = AsyncProviderStack()
        self._changing = asyncio.Lock()
        self._is_beside = False
        self.is_running = False
        self.loop: asyncio.AbstractEventLoop | None = None  # the one it was started on, and must be stopped on
        self.started = self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to start, so that the app is ready from the beginning."""
        return not self._providers and not self._hooks

    @property
    def may_suspend(self) -> bool:
        """Whether starting or stopping may wait for something."""
        return any(bound.function.is_async for bound in (*(each.bound for each in self._providers), *self._hooks))

    def run_beside(self, running: AppLifespan, overridden: Any) -> None:
        """Take the values of one that runs, and leave to be started only what needs the overridden type, or needs what does."""
        anew = [overridden]
        providers: list[Provider] = []
        for provider in self._providers:  # in the order of need
            if _needs(provider.bound.function, anew):
                anew.append(provider.type)
                providers.append(provider)
            else:
                provider.value = running.value_of(provider.type)
        self._providers = providers
        self._hooks = [hook for hook in self._hooks if _needs(hook.function, anew)]
        self.loop = running.loop
        self._is_beside = True

    def value_of(self, provided: Any) -> Any:
        """Give the app's value of a type."""
        return self._values[provided].value

    async def start(self) -> None:
        """Make the app's values and enter the hooks; if one fails, what was started is stopped and the error raised."""
        async with self._changing:
            if self.is_running:
                return
            if not self._is_beside:
                self._after.draining.forget()
            async with AsyncProviderStack() as stack:
                call = PlainCall(stack, None)
                for provider in self._providers:
                    provider.value = await call.call(provider.bound)
                for hook in self._hooks:
                    await call.call(hook)
                self._stack = stack.pop_all()
            self.loop = asyncio.get_running_loop()
            self.is_running = self.started = True

    async def stop(self) -> None:
        """Wait for what goes on after answers, leave the hooks and release the app's values, the last first. Twice is once."""
        async with self._changing:
            if not self._is_beside:
                self._after.draining.begin()
            await self._after.drain()
            stack, self._stack = self._stack, AsyncProviderStack()
            self.is_running = False  # `started` stays, so that a request that comes late does not start everything again
            await stack.aclose()


def _needs(function: Function, types: Sequence[Any]) -> bool:
    return any(parameter.type in types or parameter.core in types for parameter in function.parameters)
