"""A session in Django: its middleware with the backend of signed cookies, and no other middleware; over WSGI.

Its middleware is synchronous, and over ASGI would go through a thread on each request.
"""

import sys
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

from benchmarks.session_peers.payload import PAYLOAD, SECRET


def text(content: str) -> HttpResponse:
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


def bare(request: HttpRequest) -> HttpResponse:
    return text("8")


def begin(request: Any) -> HttpResponse:
    request.session.update(PAYLOAD)
    return text("7")


def count(request: Any) -> HttpResponse:
    request.session["count"] += 1
    return text(str(request.session["count"]))


def read(request: Any) -> HttpResponse:
    return text(str(request.session["count"]))


urlpatterns = [path("bare", bare), path("begin", begin), path("count", count), path("read", read)]

settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY=SECRET,
    ROOT_URLCONF=sys.modules[__name__].__name__,
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    SESSION_COOKIE_NAME="session",
    LOGGING_CONFIG=None,
    USE_I18N=False,
)
django.setup()


def make(*, with_sessions: bool) -> WSGIHandler:
    # A handler reads the list once, when it is made.
    settings.MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware"] if with_sessions else []
    return WSGIHandler()
