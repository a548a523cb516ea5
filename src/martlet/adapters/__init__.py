"""Servers' protocols on one side, one `Application` on the other: a file per protocol."""

from martlet.adapters.asgi import asgi_application
from martlet.adapters.asgi_request import ASGIRequest
from martlet.adapters.entry import ServerEntry, serving_of
from martlet.adapters.leaving import CLIENT_LEFT
from martlet.adapters.mounts import REST, Mount, MountKind, mounted
from martlet.adapters.rsgi import RSGIRequest, rsgi_application
from martlet.adapters.streaming_response import StreamingResponse
from martlet.adapters.waiting import Lookouts
from martlet.adapters.wsgi import WSGIResponse, wsgi_application
from martlet.adapters.wsgi_request import WSGIRequest

__all__ = [
    "CLIENT_LEFT",
    "REST",
    "ASGIRequest",
    "Lookouts",
    "Mount",
    "MountKind",
    "RSGIRequest",
    "ServerEntry",
    "StreamingResponse",
    "WSGIRequest",
    "WSGIResponse",
    "asgi_application",
    "mounted",
    "rsgi_application",
    "serving_of",
    "wsgi_application",
]
