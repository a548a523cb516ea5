"""A broker in NATS JetStream: a subject for each topic."""

from martlet.channels.nats.broker import NatsBroker

__all__ = ["NatsBroker"]
