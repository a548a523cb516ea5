"""A broker in Redis or Valkey: a stream for each topic."""

from martlet.channels.redis.broker import RedisBroker

__all__ = ["RedisBroker"]
