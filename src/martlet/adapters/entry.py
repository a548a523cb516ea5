"""One object that every kind of server can call, and that is made ready by the first of them."""

from __future__ import annotations

import logging
import signal
import threading
from abc import ABC, abstractmethod
from typing import Any, Final, NamedTuple

from martlet.adapters.asgi.application import ASGIApplication, asgi_application
from martlet.adapters.rsgi.application import RSGIApplication, rsgi_application
from martlet.adapters.stopping.signals import is_handled
from martlet.adapters.stopping.stopping import Stopping
from martlet.adapters.wsgi.application import WSGIApplication, wsgi_application
from martlet.adapters.wsgi.background_loop import HEARD, BackgroundLoop
from martlet.messages import Application

log: Final = logging.getLogger("martlet")


class Serving(NamedTuple):
    """An application as each protocol calls it."""

    app: Application | None
    background: BackgroundLoop | None
    stopping: Stopping | None
    asgi: ASGIApplication
    wsgi: WSGIApplication
    rsgi: RSGIApplication


def serving_of(app: Application, background: BackgroundLoop | None = None) -> Serving:
    """Make an application callable over every protocol; `background` is a loop that runs already, of an app this one replaces."""
    stopping = Stopping(app)
    background = background or BackgroundLoop(app, stopping)
    wsgi = wsgi_application(app, background)
    return Serving(app, background, stopping, asgi_application(app, stopping), wsgi, rsgi_application(app))


class ServerEntry(ABC):
    """ASGI 3, PEP 3333 and RSGI 1.6 on one object; a subclass says what is served by `decide`.

    Everything is decided when a server starts the application, or else by the first request.
    """

    # No __slots__: see the last line of __init__.

    def __init__(self) -> None:
        """Serve nothing yet."""
        self._deciding = threading.RLock()  # the first requests of a server with threads come at once
        self._serve(self._undecided())
        # Servers inspect the instance to tell ASGI from WSGI, while calls go through the type: so the instance shows an
        # async `__call__`, and the type's own, below, takes both kinds of call.
        vars(self)["__call__"] = self._show_asgi

    @abstractmethod
    def decide(self) -> Application:
        """Give what is to be served; raises what is wrong with it."""

    def _serve(self, serving: Serving) -> None:
        self._serving = serving
        self._serve_asgi = serving.asgi  # PERF: at hand without the tuple, 0.04 µs, 2 % of a text answer

    def _undecided(self) -> Serving:
        return Serving(None, None, None, self._first_asgi, self._first_wsgi, self._first_rsgi)

    def _ready(self) -> Application:
        """Decide once, and serve that from now on."""
        with self._deciding:
            app = self._serving.app
            if app is None:
                app = self.decide()
                if self._serving.app is None:  # deciding may have come by here
                    self._serve(serving_of(app))
        return app

    def heed_stop(self) -> None:
        """Decide, and hear SIGTERM if this is the main thread of a server that handles it; a WSGI server may give us no other."""
        if is_handled(signal.SIGTERM):
            self._stopping().listen(HEARD)

    def tell_stop(self) -> None:
        """Begin to drain, for whoever hears a signal in another way; from any thread."""
        if self._serving.stopping is not None:
            self._serving.stopping.tell()

    def _stopping(self) -> Stopping:
        app = self._ready()
        return self._serving.stopping or Stopping(app)

    def __call__(self, first: Any, second: Any, send: Any = None) -> Any:
        """Serve ASGI (`scope, receive, send`) and WSGI (`environ, start_response`)."""
        if send is None:
            return self._serving.wsgi(first, second)
        return self._serve_asgi(first, second, send)

    def __wsgi_del__(self) -> None:
        """Stop what the first WSGI request started; no server calls this, since the process's exit does it."""
        if self._serving.background is not None:
            self._serving.background.stop()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Serve one RSGI exchange."""
        await self._serving.rsgi(scope, protocol)

    def __rsgi_init__(self, loop: Any) -> None:
        """Decide and start; a worker's loop is there, but does not run yet."""
        loop.run_until_complete(self._stopping().start())

    def __rsgi_del__(self, loop: Any) -> None:
        """Stop; the loop has been stopped, and is not closed."""
        if self._serving.stopping is not None:
            loop.run_until_complete(self._serving.stopping.stop())

    async def _show_asgi(self, scope: Any, receive: Any, send: Any) -> None:
        await self._serving.asgi(scope, receive, send)

    async def _first_asgi(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            self._ready()
        except Exception as error:
            if scope["type"] != "lifespan":
                raise
            await receive()
            log.critical("%s", error)
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await self._serving.asgi(scope, receive, send)

    def _first_wsgi(self, environ: Any, start_response: Any) -> Any:
        self._ready()
        return self._serving.wsgi(environ, start_response)

    async def _first_rsgi(self, scope: Any, protocol: Any) -> None:
        self._ready()
        await self._serving.rsgi(scope, protocol)
