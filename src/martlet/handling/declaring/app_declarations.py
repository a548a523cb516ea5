"""What an app was told before it was frozen; freezing reads it and changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from martlet.handling.answering.failures import ErrorPage
from martlet.handling.answering.page_templates import Templates
from martlet.handling.calling.after_answers import AfterRunner
from martlet.handling.calling.threads import thread_pool
from martlet.handling.declaring.options import AppOptions, TrailingSlash
from martlet.handling.declaring.root_paths import checked_root_path
from martlet.handling.signatures.sources import Scope
from martlet.http import Limits, SecurityHeaders
from martlet.messages import Draining, Middleware
from martlet.rendering import Renderer
from martlet.routing import Converter
from martlet.security import CSRF
from martlet.sessions import Sessions
from martlet.signing import KeyRing

SHUTDOWN_SECONDS: Final = 10.0  # for what goes on after answers; supervisors kill after 30 as a rule
THREADS: Final = 32  # that block at once, each for a request; more would swap places rather than work
ErrorDeclaration: TypeAlias = tuple[type[BaseException], Callable[..., Any], bool]


@dataclass(slots=True)
class Gathered:
    """Declarations other than routes, as their authors wrote them."""

    limits: Limits
    threads: Executor
    waiting_threads: Executor  # where chains wait for a large body
    debug: bool
    error_page: ErrorPage | str | None
    renderers: Mapping[str, Renderer]
    decoders: Mapping[str, Callable[[bytes], Any]]
    converters: Mapping[str, Converter[Any]]
    after: AfterRunner  # one for all that the app is frozen to
    templates: Templates | None = None
    checks_host: bool = True
    security_headers: SecurityHeaders | None = None
    trailing_slash: TrailingSlash = "redirect"
    shutdown_seconds: float = SHUTDOWN_SECONDS
    root_path: str = ""
    where: str = ""  # the app was made
    providers: list[tuple[Callable[..., Any], Scope, bool]] = field(default_factory=list[tuple[Callable[..., Any], Scope, bool]])
    authenticators: list[tuple[Callable[..., Any], bool]] = field(default_factory=list[tuple[Callable[..., Any], bool]])
    challenges: list[str | None] = field(default_factory=list[str | None])  # of each of those
    error_handlers: list[ErrorDeclaration] = field(default_factory=list[ErrorDeclaration])
    lifespan_hooks: list[Callable[..., Any]] = field(default_factory=list[Callable[..., Any]])
    middlewares: list[tuple[Middleware, bool]] = field(default_factory=list[tuple[Middleware, bool]])
    keys: KeyRing | None = None
    sessions: Sessions | None = None
    csrf: CSRF | None = None
    overrides: dict[Any, Any] = field(default_factory=dict[Any, Any])


def gather(options: AppOptions, where: str = "") -> Gathered:
    """Begin with an app's options; where: the place that gave them."""
    threads, seconds = thread_pool(options.get("threads", THREADS)), options.get("shutdown_seconds", SHUTDOWN_SECONDS)
    return Gathered(
        limits=options.get("limits") or Limits(),
        threads=threads,
        waiting_threads=thread_pool(options.get("threads", THREADS)),
        debug=options.get("debug", False),
        error_page=options.get("error_page"),
        renderers=dict(options.get("renderers") or {}),
        decoders=dict(options.get("decoders") or {}),
        converters=dict(options.get("converters") or {}),
        templates=options.get("templates"),
        checks_host=options.get("checks_host", True),
        security_headers=options.get("security_headers", SecurityHeaders()),
        trailing_slash=options.get("trailing_slash", "redirect"),
        after=AfterRunner(threads, Draining(seconds)),
        shutdown_seconds=seconds,
        root_path=checked_root_path(options.get("root_path", "")),
        where=where,
        keys=KeyRing(options["secret_keys"]) if "secret_keys" in options else None,
        sessions=options.get("sessions"),
        csrf=options.get("csrf", CSRF()),
    )
