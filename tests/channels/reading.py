"""Read from a subscription within a time."""

import asyncio
from typing import Any

from martlet.channels import Subscription

SECONDS = 10  # far more than anything here takes


async def read(events: Subscription[Any], count: int) -> list[Any]:
    """The data of the next events."""
    async with asyncio.timeout(SECONDS):
        return [(await anext(events)).data for _ in range(count)]


async def read_ids(events: Subscription[Any], count: int) -> list[str]:
    """The ids of the next events."""
    async with asyncio.timeout(SECONDS):
        return [(await anext(events)).id or "" for _ in range(count)]


async def is_silent(events: Subscription[Any]) -> bool:
    """Whether nothing comes for a moment."""
    try:
        async with asyncio.timeout(0.05):
            await anext(events)
    except TimeoutError:
        return True
    return False
