"""The lifespan of a mounted ASGI application, which runs in a task from our start to our stop."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from martlet.adapters.asgi.application import ASGIApplication
from martlet.adapters.asgi.inbox import Event

log: Final = logging.getLogger("martlet.asgi")


class MountedLifespan:
    """Sends the lifespan's events; an application that knows none of them is left alone.

    state: what the application keeps there is in the scope of its requests.
    """

    def __init__(self, application: ASGIApplication) -> None:
        """Send nothing yet."""
        self._application = application
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._answers: asyncio.Queue[Event] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Begin; raises RuntimeError where the application says that its start failed."""
        # Made here, so that an application can be started again, on another loop.
        self._events, self._answers, self.state = asyncio.Queue(), asyncio.Queue(), {}
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        task = asyncio.create_task(self._run(scope))
        try:
            if await self._answered("startup"):
                self._task = task
        except BaseException:
            task.cancel()
            await asyncio.wait({task})
            raise

    async def stop(self) -> None:
        """End; raises RuntimeError where the application says that its stop failed."""
        task, self._task = self._task, None
        if task is not None and await self._answered("shutdown"):
            await task

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._application(scope, self._events.get, self._answers.put)
        except Exception as error:
            log.debug("The mounted application left its lifespan.", exc_info=error)
        finally:
            self._answers.put_nowait({"type": "left"})

    async def _answered(self, phase: str) -> bool:
        """Send an event and wait for its answer; False where the application has left without one."""
        self._events.put_nowait({"type": f"lifespan.{phase}"})
        answer = await self._answers.get()
        if answer["type"] == f"lifespan.{phase}.failed":
            raise RuntimeError(f"The mounted application's {phase} failed: {answer.get('message') or 'it does not say why.'}")
        return bool(answer["type"] == f"lifespan.{phase}.complete")
