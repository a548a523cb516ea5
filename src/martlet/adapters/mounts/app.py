"""A Martlet application below a prefix of another: its middleware, errors and limits are its own."""

from __future__ import annotations

from concurrent.futures import Executor

from martlet.adapters.entry import ServerEntry
from martlet.adapters.mounts.mount import Mount, place_of
from martlet.adapters.mounts.request_below import RequestBelow
from martlet.messages import Application, Request, Response


class AppMount(Mount):
    """A Martlet application as a handler."""

    application: ServerEntry

    def __init__(self, application: ServerEntry) -> None:
        """Decide nothing yet: the application may still be told things."""
        super().__init__(application)
        self._decided: Application | None = None

    @property
    def description(self) -> str:
        """Its kind."""
        return "Martlet application"

    def prepare(self, threads: Executor, seconds: float) -> None:  # noqa: ARG002  it has its own
        """Freeze the application; raises FreezeError."""
        self._decided = self.application.decide()

    def live_with(self, first: Mount) -> None:
        """Nothing to share."""

    async def start(self) -> None:
        """Start it; raises what its own start raised."""
        await self._known().lifespan.start()

    async def stop(self) -> None:
        """Stop it."""
        await self._known().lifespan.stop()

    async def __call__(self, request: Request) -> Response:
        """Answer by its own pipeline, errors too."""
        app, place = self.application.decide(), place_of(request)  # another one while a test overrides something in it
        return await app.respond(RequestBelow(request, place.root_path, place.path, app.limits))

    def _known(self) -> Application:
        if self._decided is None:
            raise RuntimeError("A mounted application was asked before the one around it was frozen.")
        return self._decided
