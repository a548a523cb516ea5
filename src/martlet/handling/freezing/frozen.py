"""The frozen app: everything decided, nothing left to look up; requests touch only this."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from martlet.adapters.streams.open_streams import OpenStreams
from martlet.handling.answering.failures import Registry
from martlet.handling.calling.after_answers import AfterRunner
from martlet.handling.calling.lifespan import AppLifespan
from martlet.handling.endpoints.endpoint import Endpoint
from martlet.http import Limits
from martlet.messages import DefaultFields, Dialect, Direct, Draining, Refuse, Request, Respond, Response
from martlet.rendering import ContentNegotiator
from martlet.routing import Router


@dataclass(frozen=True, slots=True)
class Frozen:
    """An `Application` for the adapters, and the parts it is made of, to look at.

    >>> from martlet import App
    >>> app = App()
    >>> @app.get("/")
    ... async def home() -> str:
    ...     return "Hello"
    >>> [route.pattern for route in app.freeze().router.routes]
    ['/', '/']
    """

    respond: Respond
    directly: Callable[[Dialect], Direct | None]
    handshake: Respond
    respond_in_thread: Respond
    refuse: Refuse
    give_up: Callable[[Request, Exception], Response]
    needs_loop: Callable[[Request], bool]
    lifespan: AppLifespan
    after: AfterRunner
    checks_host: bool
    default_fields: DefaultFields
    limits: Limits
    threads: Executor
    router: Router[Endpoint]
    negotiator: ContentNegotiator
    error_handlers: Registry
    open_streams: OpenStreams = field(default_factory=OpenStreams)

    @property
    def draining(self) -> Draining:
        """Whether the app is about to end, which is one for all that it is frozen to."""
        return self.after.draining
