"""Test an application in memory, over any of the three protocols."""

from martlet.testing.client import Client
from martlet.testing.cookie_jar import CookieJar
from martlet.testing.event_clients import EventClient, EventsRefusedError
from martlet.testing.event_streams import ReceivedEvent, read_events
from martlet.testing.exchange import Received
from martlet.testing.form_bodies import SentFile
from martlet.testing.outgoing import SendOptions
from martlet.testing.sockets import HandshakeRefusedError, SocketClient

__all__ = [
    "Client",
    "CookieJar",
    "EventClient",
    "EventsRefusedError",
    "HandshakeRefusedError",
    "Received",
    "ReceivedEvent",
    "SendOptions",
    "SentFile",
    "SocketClient",
    "read_events",
]
