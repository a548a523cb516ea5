"""The application: it gathers, freezes, and is then one callable for every server protocol."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar, overload

from martlet.adapters import asgi_application, rsgi_application, wsgi_application
from martlet.handling import (
    FreezeError,
    Freezer,
    Frozen,
    Gathered,
    Routes,
    Scope,
    thread_pool,
)
from martlet.http import Limits
from martlet.messages import Middleware
from martlet.rendering import Renderer
from martlet.routing import Converter

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=Middleware)
log: Final = logging.getLogger("martlet")


class App(Routes):
    """A web application, served unchanged over ASGI, WSGI and RSGI.

    debug: show unexpected errors to the client; for a developer's own machine.
    renderers, decoders: by media type, beside JSON and MessagePack (and urlencoded, in); a later one wins over an earlier.
    converters: for patterns, beside the built-in ones.
    limits: the bounds on what clients may send.
    threads: how many blocking handlers may run at once in a process that has an event loop.

    >>> app = App()
    >>> @app.get("/hello/{name}")
    ... async def hello(name: str) -> str:
    ...     return f"Hello, {name}!"
    >>> from martlet.testing import Client
    >>> Client(app).get("/hello/Ada").text
    'Hello, Ada!'
    """

    # No __slots__: servers look for an async `__call__` on the instance, see __init__.

    def __init__(
        self,
        *,
        debug: bool = False,
        renderers: Mapping[str, Renderer] | None = None,
        decoders: Mapping[str, Callable[[bytes], Any]] | None = None,
        converters: Mapping[str, Converter[Any]] | None = None,
        limits: Limits | None = None,
        guards: Sequence[Callable[..., Any]] = (),
        threads: int = 32,
    ) -> None:
        """Begin with nothing declared; see the class for the arguments."""
        super().__init__(guards=guards)
        self._gathered = Gathered(
            limits=limits or Limits(),
            threads=thread_pool(threads),
            debug=debug,
            renderers=dict(renderers or {}),
            decoders=dict(decoders or {}),
            converters=dict(converters or {}),
        )
        self._frozen: Frozen | None = None
        self._thaw()
        # Servers inspect the instance to tell ASGI from WSGI, while calls go through the type: so the instance shows an
        # async `__call__`, and the type's own, below, takes both kinds of call.
        vars(self)["__call__"] = self._asgi

    def _thaw(self) -> None:
        """Serve by what the next request freezes."""
        self._frozen = None
        self._serve_asgi: Callable[..., Any] = self._first_asgi
        self._serve_wsgi: Callable[..., Any] = self._first_wsgi
        self._serve_rsgi: Callable[..., Any] = self._first_rsgi

    # Gathering.

    @overload
    def provider(self, function: F, /) -> F: ...

    @overload
    def provider(self, /, *, scope: Scope = ..., inline: bool = ...) -> Callable[[F], F]: ...

    def provider(self, function: F | None = None, /, *, scope: Scope = "request", inline: bool = False) -> F | Callable[[F], F]:
        """Supply the function's annotated result wherever a signature asks for that type; a generator cleans up after its yield.

        scope: `request` makes one for each request that asks, `app` one at start-up.
        inline: a promise that it neither blocks nor waits.
        """

        def register(provider: F) -> F:
            self._gathered.providers.append((provider, scope, inline))
            return provider

        return register if function is None else register(function)

    def authenticator(self, function: F) -> F:
        """Let this function say who asks: it returns a user or None, and its annotation is the type handlers ask for."""
        self._gathered.authenticator = (function, False)
        return function

    def on_error(self, exception_type: type[BaseException]) -> Callable[[F], F]:
        """Let a function answer this exception, with a value or with another error; the nearest class in the MRO decides."""

        def register(handler: F) -> F:
            self._gathered.error_handlers.append((exception_type, handler))
            return handler

        return register

    def lifespan(self, hook: F) -> F:
        """Run a generator around the app's life: what is before its yield at start-up, the rest at shutdown."""
        self._gathered.lifespan_hooks.append(hook)
        return hook

    def use(self, middleware: M, *, inline: bool = False) -> M:
        """Put a middleware around everything, routing included; the first is outermost.

        inline: a promise that it awaits nothing but `respond`; without it, every request needs an event loop.
        """
        self._gathered.middlewares.append((middleware, inline))
        return middleware

    # Freezing.

    @property
    def is_frozen(self) -> bool:
        """Whether everything is decided already."""
        return self._frozen is not None

    def freeze(self) -> Frozen:
        """Decide everything that can be known before the first request; a second call gives the same.

        Servers cause it at start-up; pre-fork WSGI servers want it as the last line of the module.
        Raises FreezeError, which lists every mistake with its place and its cure.
        """
        if self._frozen is None:
            self._frozen = Freezer(self._gathered, self.declarations()).freeze()
            self._serve_asgi = asgi_application(self._frozen)
            self._serve_wsgi = wsgi_application(self._frozen)
            self._serve_rsgi = rsgi_application(self._frozen)
        return self._frozen

    @contextmanager
    def override(self, supplied: type[Any], value: object) -> Iterator[None]:
        """Supply `value` wherever this type is asked for, until the block ends; for tests.

        The app is frozen a second time for it, and the first Frozen comes back afterwards.
        """
        before = (self._frozen, self._serve_asgi, self._serve_wsgi, self._serve_rsgi)
        overrides = dict(self._gathered.overrides)
        self._gathered.overrides[supplied] = value
        self._thaw()
        try:
            yield
        finally:
            self._gathered.overrides = overrides
            self._frozen, self._serve_asgi, self._serve_wsgi, self._serve_rsgi = before

    # Serving.

    def __call__(self, first: Any, second: Any, send: Any = None) -> Any:
        """Serve ASGI (`scope, receive, send`) and WSGI (`environ, start_response`)."""
        if send is None:
            return self._serve_wsgi(first, second)
        return self._serve_asgi(first, second, send)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Serve one RSGI exchange."""
        await self._serve_rsgi(scope, protocol)

    def __rsgi_init__(self, loop: Any) -> None:
        """Freeze and start; a worker's loop is there, but does not run yet."""
        loop.run_until_complete(self.freeze().lifespan.start())

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop; the loop has been stopped, and is not closed."""
        if self._frozen is not None:
            loop.run_until_complete(self._frozen.lifespan.stop())

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        await self._serve_asgi(scope, receive, send)

    async def _first_asgi(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            self.freeze()
        except FreezeError as error:
            if scope["type"] != "lifespan":
                raise
            await receive()
            log.critical("%s", error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await self._serve_asgi(scope, receive, send)

    def _first_wsgi(self, environ: Any, start_response: Any) -> Any:
        self.freeze()
        return self._serve_wsgi(environ, start_response)

    async def _first_rsgi(self, scope: Any, protocol: Any) -> None:
        self.freeze()
        await self._serve_rsgi(scope, protocol)
