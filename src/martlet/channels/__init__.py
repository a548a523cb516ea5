"""Channels as a library of their own: topics with types, between the tasks of a process or between machines.

What is published is read by all who subscribe, in one order, with ids; who comes back with the last id misses nothing and sees
nothing twice, or is told. Between machines through Redis, Valkey or NATS, whose packages are looked for when they are used.
"""

from martlet.channels.channel import Channel, Channels
from martlet.channels.contract import (
    Broker,
    BrokerUnavailableError,
    Feed,
    MessageLimitError,
    Published,
    Record,
    Topic,
    Window,
)
from martlet.channels.memory import MemoryBroker
from martlet.channels.nats.broker import NatsBroker
from martlet.channels.presence import Change, Presence
from martlet.channels.presence_rooms import Member
from martlet.channels.providing import channel_provider, channels_provider, presence_provider
from martlet.channels.redis.broker import RedisBroker
from martlet.channels.resets import Missing, Opening, Reset
from martlet.channels.slow_readers import CoalesceBy, DropOldest, DropReader, SlowReaders
from martlet.channels.subscriptions import Subscription

__all__ = [
    "Broker",
    "BrokerUnavailableError",
    "Change",
    "Channel",
    "Channels",
    "CoalesceBy",
    "DropOldest",
    "DropReader",
    "Feed",
    "Member",
    "MemoryBroker",
    "MessageLimitError",
    "Missing",
    "NatsBroker",
    "Opening",
    "Presence",
    "Published",
    "Record",
    "RedisBroker",
    "Reset",
    "SlowReaders",
    "Subscription",
    "Topic",
    "Window",
    "channel_provider",
    "channels_provider",
    "presence_provider",
]
