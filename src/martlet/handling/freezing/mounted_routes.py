"""Mounts at freeze: they are got ready, and started and stopped with the app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from martlet.adapters import Mount
from martlet.declaration_errors import DeclarationError, FreezeError
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.routes import Declaration


def prepared_mounts(
    declarations: Iterable[Declaration], gathered: Gathered, problems: list[DeclarationError]
) -> list[Callable[..., Any]]:
    """Get the mounts among these routes ready; give what runs around the app's life for them.

    problems: get those of mounted Martlet applications.
    """
    hooks: list[Callable[..., Any]] = []
    first_of: dict[int, Mount] = {}  # by the id of an application, which may be mounted at several prefixes
    for mount in dict.fromkeys(each.handler for each in declarations if isinstance(each.handler, Mount)):
        try:
            mount.prepare(gathered.threads, gathered.shutdown_seconds)
        except FreezeError as error:
            problems.extend(error.problems)
        else:
            first = first_of.setdefault(id(mount.application), mount)
            if first is not mount:
                mount.live_with(first)
            elif mount.has_lifespan:
                hooks.append(_around(mount))
    return hooks


def _around(mount: Mount) -> Callable[[], AsyncIterator[None]]:
    async def running() -> AsyncIterator[None]:
        await mount.start()
        try:
            yield
        finally:
            await mount.stop()

    return running
