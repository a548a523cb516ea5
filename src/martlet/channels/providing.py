"""Channels as an app supplies them: opened when it starts, and closed when it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from martlet.channels.channel import Channel, Channels
from martlet.channels.presence import Presence

T = TypeVar("T")


def channels_provider(channels: Channels) -> Callable[[], AsyncIterator[Channels]]:
    """Make the provider that opens and closes all of them."""

    async def opened_channels() -> AsyncIterator[Channels]:
        async with channels:
            yield channels

    return opened_channels


def channel_provider(channel: Channel[T], message_type: type[T]) -> Callable[[Channels], Any]:
    """Make the provider of one, which needs that all are open; signatures ask for it by the type of its messages."""

    def declared_channel(channels: Channels) -> Any:  # noqa: ARG001  they are opened before
        return channel

    declared_channel.__annotations__["return"] = Channel[message_type]  # type: ignore[valid-type]
    return declared_channel


def presence_provider(presence: Presence[T], data_type: type[T]) -> Callable[[Channels], Any]:
    """Make the provider of who is here; signatures ask for it by the type of its members' data."""

    def declared_presence(channels: Channels) -> Any:  # noqa: ARG001  they are opened before
        return presence

    declared_presence.__annotations__["return"] = Presence[data_type]  # type: ignore[valid-type]
    return declared_presence
