"""Servers' protocols on one side, one `Application` on the other: a room per protocol."""

from martlet.adapters.asgi.application import asgi_application
from martlet.adapters.asgi.request import ASGIRequest
from martlet.adapters.entry import ServerEntry, serving_of
from martlet.adapters.leaving import CLIENT_LEFT
from martlet.adapters.mounts import REST, Mount, MountKind, mounted
from martlet.adapters.rsgi.application import RSGIRequest, rsgi_application
from martlet.adapters.streams.streaming_response import StreamingResponse
from martlet.adapters.waiting import Lookouts
from martlet.adapters.wsgi.application import WSGIResponse, wsgi_application
from martlet.adapters.wsgi.request import WSGIRequest

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
