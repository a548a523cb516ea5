"""An app between being told and being served: it freezes once, and for a test's block a second time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Unpack

from martlet.adapters import ServerEntry, serving_of
from martlet.handling.calling.lifespan import AppLifespan
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.options import GroupOptions
from martlet.handling.declaring.routes import Routes
from martlet.handling.freezing.freezer import Freezer
from martlet.handling.freezing.frozen import Frozen
from martlet.handling.freezing.overrides_for_tests import Override


class Freezable(Routes, ServerEntry):
    """Routes and whatever else was gathered, frozen when a server or a test asks; `App` adds the words to gather by."""

    def __init__(self, gathered: Gathered, **options: Unpack[GroupOptions]) -> None:
        """Begin with what is known from the start; options: of every route."""
        Routes.__init__(self, **options)
        ServerEntry.__init__(self)
        self._gathered = gathered
        self._frozen: Frozen | None = None

    @property
    def gathered(self) -> Gathered:
        """What it was told, other than routes, for whoever looks into it; not to be changed."""
        return self._gathered

    @property
    def is_draining(self) -> bool:
        """Whether the app is about to end, as a signal or its server said, or has ended and not begun anew; for readiness."""
        return self._gathered.after.draining.is_draining

    def freeze(self) -> Frozen:
        """Decide everything that can be known before the first request; a second call gives the same.

        Servers cause it at start-up; pre-fork WSGI servers want it as the last line of the module.
        Raises FreezeError, which lists every mistake with its place and its cure.
        """
        with self._deciding:
            if self._frozen is None:
                self._frozen = Freezer(self._gathered, self.declarations()).freeze()
                self.close()
                if self._serving.app is None:
                    self.heed_stop()
            return self._frozen

    def decide(self) -> Frozen:
        """Freeze for a server."""
        return self.freeze()

    def override(self, supplied: type[Any], value: object) -> Override:
        """Supply `value` wherever this type is asked for, until the `with` or `async with` block ends; for tests.

        The app is frozen a second time for it, and the first Frozen comes back afterwards. Where the app runs, what needs the
        type at start-up is started anew for the block; the rest runs on.
        """
        return Override(self._replaced(supplied, value))

    @contextmanager
    def _replaced(self, supplied: type[Any], value: object) -> Generator[Callable[[], AppLifespan | None]]:
        frozen, serving, overrides = self._frozen, self._serving, self._gathered.overrides
        self._gathered.overrides, self._frozen = {**overrides, supplied: value}, None
        try:
            if frozen is not None and frozen.lifespan.is_running:
                second = self.freeze()
                second.lifespan.run_beside(frozen.lifespan, supplied)
                self._serve(serving_of(second, serving.background))
            else:
                self._serve(self._undecided())
            yield lambda: None if self._frozen is None else self._frozen.lifespan
        finally:
            served = self._serving
            self._frozen, self._gathered.overrides = frozen, overrides
            self._serve(serving)
            if served.background is not None and served.background is not serving.background:
                served.background.stop()
