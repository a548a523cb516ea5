"""The protocols an app is served over; a new adapter joins by its name in this list."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from martlet import App
from martlet.testing import Client

ProtocolName: TypeAlias = Literal["asgi", "wsgi", "rsgi"]
Serve: TypeAlias = Callable[[App], Client]

PROTOCOLS: tuple[ProtocolName, ...] = ("asgi", "wsgi", "rsgi")
