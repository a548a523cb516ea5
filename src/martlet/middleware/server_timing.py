"""Tell a browser's developer tools where the time of an answer went (https://www.w3.org/TR/server-timing/)."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Final

from martlet.http.grammar import is_token, quote_if_needed
from martlet.messages import Request, Respond, Response

MOST_METRICS: Final = 50  # on one answer; a field of some kilobytes is refused by proxies


class ServerTiming:
    """Adds the field Server-Timing: the whole time, and whatever the handler measured.

    total: the metric of the whole; "" leaves it out.
    shown_to: who is told; anybody, unless a function of the request says otherwise. Times can betray what is in a database.
    Raises ValueError for a name that is no token.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> timing = app.use(ServerTiming(total=""))
    >>> @app.get("/")
    ... async def home() -> None:
    ...     timing.add("cache", description="a hit")
    ...     with timing.measure("db"):
    ...         pass
    >>> Client(app).get("/").headers["server-timing"]
    'cache;desc="a hit", db;dur=0.0'
    """

    inline = True

    def __init__(self, *, total: str = "total", shown_to: Callable[[Request], bool] | None = None) -> None:
        """Check what was given; see the class."""
        if total:
            _check_name(total)
        self._total: Final = total
        self._shown_to: Final = shown_to
        self._metrics: Final[ContextVar[list[str] | None]] = ContextVar("server_timing", default=None)

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Measure the answer and tell."""
        if self._shown_to is not None and not self._shown_to(request):
            self._metrics.set(None)
            return await respond(request)
        metrics: list[str] = []
        self._metrics.set(metrics)
        began = perf_counter()
        response = await respond(request)
        if self._total:
            metrics.append(f"{self._total};dur={(perf_counter() - began) * 1_000:.1f}")
        if metrics:
            response.headers.add("server-timing", ", ".join(metrics))
        return response

    def add(self, name: str, milliseconds: float | None = None, *, description: str = "") -> None:
        """Add a metric to the answer of the request that the running code works for; does nothing outside of one.

        Raises ValueError for a name that is no token, a time that is none, and a description beyond ASCII.
        """
        _check_name(name)
        if milliseconds is not None and (not math.isfinite(milliseconds) or milliseconds < 0):
            raise ValueError(f"The metric {name!r} took {milliseconds!r} milliseconds: write a number, 0 or more.")
        if not (description.isascii() and (description.isprintable())):
            raise ValueError(f"The metric {name!r} has the description {description!r}: write printable ASCII.")
        metrics = self._metrics.get()
        if metrics is None or len(metrics) >= MOST_METRICS:
            return
        duration = "" if milliseconds is None else f";dur={milliseconds:.1f}"
        metrics.append(f"{name}{duration}" + (f";desc={quote_if_needed(description)}" if description else ""))

    @contextmanager
    def measure(self, name: str, *, description: str = "") -> Generator[None]:
        """Add a metric of the time that a block takes, whether it succeeds or raises."""
        began = perf_counter()
        try:
            yield
        finally:
            self.add(name, (perf_counter() - began) * 1_000, description=description)


def _check_name(name: str) -> None:
    if not is_token(name):
        raise ValueError(f"{name!r} is no name of a metric: use letters, digits and !#$%&'*+-.^_`|~ only.")
