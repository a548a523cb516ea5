"""The application: it gathers, freezes, and is then one callable for every server protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, Unpack, get_args, overload

from martlet.channels import (
    Channel,
    Channels,
    DropOldest,
    Presence,
    SlowReaders,
    Window,
    channel_provider,
    channels_provider,
    presence_provider,
)
from martlet.handling import (
    AppOptions,
    Freezable,
    Scope,
    caller_place,
    check_exception_class,
    check_middleware,
    check_options,
    gather,
)
from martlet.messages import Middleware

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M", bound=Middleware)
T = TypeVar("T")
WINDOW: Final = Window()
DROP_OLDEST: Final = DropOldest()


class App(Freezable):
    """A web application, served unchanged over ASGI, WSGI and RSGI.

    options: see AppOptions.

    >>> app = App()
    >>> @app.get("/hello/{name}")
    ... async def hello(name: str) -> str:
    ...     return f"Hello, {name}!"
    >>> from martlet.testing import Client
    >>> Client(app).get("/hello/Ada").text
    'Hello, Ada!'
    """

    def __init__(self, **options: Unpack[AppOptions]) -> None:
        """Begin with nothing declared."""
        where = caller_place(1)
        check_options(options, AppOptions, where)
        super().__init__(gather(options, where), guards=options.get("guards", ()))
        self._channels = Channels(options.get("broker"))
        self._channel_types: dict[Any, str] = {}

    @overload
    def provider(self, function: F, /) -> F: ...

    @overload
    def provider(self, /, *, scope: Scope = ..., inline: bool = ...) -> Callable[[F], F]: ...

    def provider(self, function: F | None = None, /, *, scope: Scope = "request", inline: bool = False) -> F | Callable[[F], F]:
        """Supply the function's annotated result wherever a signature asks for that type; a generator cleans up after its yield.

        scope: `request` makes one for each request that asks, `app` one at start-up.
        inline: a promise that it neither blocks nor waits.
        """
        self.check_open("A provider")
        if scope not in get_args(Scope):
            raise TypeError(f"{caller_place(1)}: there is no scope {scope!r}; write 'request' or 'app'.")

        def register(provider: F) -> F:
            self._gathered.providers.append((provider, scope, inline))
            return provider

        return register if function is None else register(function)

    @overload
    def authenticator(self, function: F, /) -> F: ...

    @overload
    def authenticator(self, /, *, challenge: str | None = ..., inline: bool = ...) -> Callable[[F], F]: ...

    def authenticator(
        self, function: F | None = None, /, *, challenge: str | None = None, inline: bool = False
    ) -> F | Callable[[F], F]:
        """Let this function say who asks: it returns a user or None, and its annotation is the type handlers ask for.

        Several are asked in turn, until one returns a user; they have the same annotation.

        challenge: a WWW-Authenticate field of a 401, beside those of the others; `Bearer` where there is none. A browser asks its
        user for a password where it is `Basic`. inline: a promise that it neither blocks nor waits.
        """
        self.check_open("An authenticator")

        def register(authenticator: F) -> F:
            self._gathered.authenticators.append((authenticator, inline))
            self._gathered.challenges.append(challenge)
            return authenticator

        return register if function is None else register(function)

    def channel(
        self,
        name: str,
        message_type: type[T],
        *,
        window: Window = WINDOW,
        slow: SlowReaders = DROP_OLDEST,
        event: str | None = None,
    ) -> Channel[T]:
        """Declare a channel, and supply it wherever a signature asks for `Channel[T]`; it is open while the app runs.

        For what it takes see Channels.channel. Raises ValueError for a second channel of one type, too.
        """
        self._check_channel(message_type, "A channel")
        channel = self._channels.channel(name, message_type, window=window, slow=slow, event=event)
        self._supply_channel(message_type, name, channel_provider(channel, message_type))
        return channel

    def presence(self, name: str, data_type: type[T]) -> Presence[T]:
        """Let it be known who is here, and supply that wherever a signature asks for `Presence[T]`, T being the members' data.

        name: of its channel. Raises ValueError for a second presence of one type, too.
        """
        self._check_channel(Presence[data_type], "A presence")  # type: ignore[valid-type]
        presence = Presence(self._channels, name, data_type)
        self._supply_channel(Presence[data_type], name, presence_provider(presence, data_type))  # type: ignore[valid-type]
        return presence

    def _check_channel(self, type_: Any, what: str) -> None:
        self.check_open(what)
        if type_ in self._channel_types:
            raise ValueError(
                f"{caller_place(2)}: there is one of {type_!r} already, {self._channel_types[type_]!r}, and a signature could "
                "mean either: give each its own type, such as a subclass, or take the parts of one."
            )

    def _supply_channel(self, type_: Any, name: str, provider: Callable[..., Any]) -> None:
        if not self._channel_types:
            self._gathered.providers.append((channels_provider(self._channels), "app", False))
            self._gathered.after.draining.on_begin(self._channels.drain)  # a handler that reads one ends in order
        self._channel_types[type_] = name
        self._gathered.providers.append((provider, "app", False))

    def on_error(self, exception_type: type[BaseException], *, inline: bool = False) -> Callable[[F], F]:
        """Let a function answer this exception, with a value or with another error; the nearest class in the MRO decides.

        inline: a promise that it neither blocks nor waits.
        """
        self.check_open("An error handler")
        check_exception_class(exception_type, caller_place(1))

        def register(handler: F) -> F:
            self._gathered.error_handlers.append((exception_type, handler, inline))
            return handler

        return register

    def lifespan(self, hook: F) -> F:
        """Run a generator around the app's life: what is before its yield at start-up, the rest at shutdown."""
        self.check_open("A lifespan hook")
        self._gathered.lifespan_hooks.append(hook)
        return hook

    def use(self, middleware: M, *, inline: bool | None = None) -> M:
        """Put a middleware around everything, routing included; the first is outermost.

        inline: a promise that it awaits nothing but `respond`; without it, every request needs an event loop. A class of
        middlewares makes the promise for all of them by its attribute `inline = True`.
        """
        self.check_open("A middleware")
        check_middleware(middleware)
        promised = getattr(middleware, "inline", False) is True if inline is None else inline
        self._gathered.middlewares.append((middleware, promised))
        return middleware
