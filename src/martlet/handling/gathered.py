"""What an app was told before it was frozen; freezing reads it and changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from martlet.handling.failures import ErrorPage
from martlet.handling.sources import Scope
from martlet.http import Limits
from martlet.messages import Middleware
from martlet.rendering import Renderer
from martlet.routing import Converter

ErrorDeclaration: TypeAlias = tuple[type[BaseException], Callable[..., Any], bool]


@dataclass(slots=True)
class Gathered:
    """Declarations other than routes, as their authors wrote them."""

    limits: Limits
    threads: Executor
    debug: bool
    error_page: ErrorPage | None
    renderers: Mapping[str, Renderer]
    decoders: Mapping[str, Callable[[bytes], Any]]
    converters: Mapping[str, Converter[Any]]
    providers: list[tuple[Callable[..., Any], Scope, bool]] = field(default_factory=list[tuple[Callable[..., Any], Scope, bool]])
    authenticators: list[tuple[Callable[..., Any], bool]] = field(default_factory=list[tuple[Callable[..., Any], bool]])
    challenge: str = "Bearer"
    error_handlers: list[ErrorDeclaration] = field(default_factory=list[ErrorDeclaration])
    lifespan_hooks: list[Callable[..., Any]] = field(default_factory=list[Callable[..., Any]])
    middlewares: list[tuple[Middleware, bool]] = field(default_factory=list[tuple[Middleware, bool]])
    overrides: dict[Any, Any] = field(default_factory=dict[Any, Any])
