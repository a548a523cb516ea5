"""Servers' protocols on one side, one `Application` on the other: a file per protocol."""

from martlet.adapters.asgi import ASGIRequest, asgi_application
from martlet.adapters.entry import ServerEntry, serving_of
from martlet.adapters.rsgi import RSGIRequest, rsgi_application
from martlet.adapters.wsgi import WSGIRequest, WSGIResponse, wsgi_application

__all__ = [
    "ASGIRequest",
    "RSGIRequest",
    "ServerEntry",
    "WSGIRequest",
    "WSGIResponse",
    "asgi_application",
    "rsgi_application",
    "serving_of",
    "wsgi_application",
]
