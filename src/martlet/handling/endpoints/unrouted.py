"""What is answered where no route fits; whoever finds a route pays nothing for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from martlet.handling.calling.decoding import ACCEPT_FIELDS
from martlet.handling.declaring.options import TrailingSlash
from martlet.handling.endpoints.endpoint import Endpoint, Failed
from martlet.http import (
    SAFE_METHODS,
    BadRequestError,
    HTTPError,
    HTTPStatus,
    MethodNotAllowedError,
    MethodNotImplementedError,
    NotFoundError,
    UpgradeRequiredError,
    format_path,
    is_local_reference,
)
from martlet.messages import NO_HEADERS, FieldName, Request, Response, prepared_response, sent_path
from martlet.routing import ANY_METHOD, WEBSOCKET, Found, Router

# The IANA HTTP Method Registry, without the entries that no request line carries, and without CONNECT, which is for proxies.
REGISTERED_METHODS: Final = """
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL
    MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE UNBIND
    UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL
"""
UPGRADE: Final = FieldName("upgrade")


class Misses:
    """Answers what no route fits: 501, 400, 308, 404, 405 with Allow, or OPTIONS with Allow."""

    def __init__(self, router: Router[Endpoint], failed: Failed, trailing_slash: TrailingSlash) -> None:
        """Ask `router` which methods a path has. trailing_slash: see AppOptions."""
        self._router = router
        self._failed = failed
        self._redirects = trailing_slash == "redirect"
        self._declared = {route.method for route in router.routes} - {ANY_METHOD, WEBSOCKET}
        self._methods = self._declared.union(REGISTERED_METHODS.split())

    async def respond(self, request: Request) -> Response:
        """Answer in the order 501, 400 for `*`, 308, 404, OPTIONS, 405.

        Source: RFC 9110 sections 15.6.2, 15.4.9, 15.5.5, 9.3.7 and 15.5.6; RFC 9112 section 3.2.4.
        """
        method = request.method
        if method not in self._methods:
            return await self._failed(request, MethodNotImplementedError(f"Nothing here understands the method {method[:40]!r}."))
        is_server_wide = request.path == "*"
        if is_server_wide and method != "OPTIONS":
            return await self._failed(request, BadRequestError("Only OPTIONS may be sent to '*', which is no address."))
        allowed = self._declared if is_server_wide else set(self._router.allowed_methods(request.path))
        if not is_server_wide and "GET" not in allowed and self._opens_socket(request):
            if method == "GET":
                return await self._failed(request, _upgrade_required(request))
            allowed.add("GET")  # a handshake is one
        if not allowed and not is_server_wide:
            return self._redirected(request) or await self._failed(request, NotFoundError("There is nothing at this address."))
        allow = sorted(allowed | {"OPTIONS"})
        if method == "OPTIONS":
            return self._options(request.path, allow)
        return await self._failed(request, MethodNotAllowedError(f"{method} is not allowed here.", allow=allow))

    async def respond_to_handshake(self, request: Request) -> Response:
        """Answer the handshake of a WebSocket that no route opens."""
        return await self._failed(request, NotFoundError("There is no WebSocket at this address."))

    def _opens_socket(self, request: Request) -> bool:
        return isinstance(self._router.find(WEBSOCKET, request.path), Found)

    def _redirected(self, request: Request) -> Response | None:
        """Send the client to the path with, or without, a slash at its end if only that is there.

        Not with what changes something: many clients take a redirect for the end of it, others send a body twice.
        """
        if not self._redirects or request.method not in SAFE_METHODS:
            return None
        other = other_form(request.path)
        allowed = self._router.allowed_methods(other)
        if not (request.method in allowed or ANY_METHOD in allowed or (allowed and request.method == "OPTIONS")):
            return None
        raw = sent_path(request)
        # A last slash that came as %2F is no slash of the target's.
        is_told = raw.endswith("/") == request.path.endswith("/")
        location = other_form(raw) if is_told else format_path(request.root_path + other)
        if not is_local_reference(location):  # `//host` is another host to a browser
            return None
        query = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(location + query, status=HTTPStatus.PERMANENT_REDIRECT)

    def _options(self, path: str, allow: Sequence[str]) -> Response:
        """Tell what may be sent here."""
        response = prepared_response(HTTPStatus.NO_CONTENT, NO_HEADERS, b"")
        response.headers["allow"] = ", ".join(allow)
        for method, field in ACCEPT_FIELDS.items():
            found = self._router.find(method, path)
            choice = found.target.plan.choose_decoder if isinstance(found, Found) else None
            if choice is not None:
                response.headers[field] = choice.media_types
        return response


def _upgrade_required(request: Request) -> HTTPError:
    """Say to a GET that a WebSocket is all there is (RFC 9110 section 15.5.22).

    One that asked for it came through a server that knows none.
    """
    if "websocket" in (request.field(UPGRADE) or "").lower():
        return MethodNotImplementedError("WebSockets are not to be had over the protocol that this server speaks.")
    # Fields of one connection, which HTTP/2 has none of; h2corn refuses the one without the other.
    fields = {"upgrade": "websocket", "connection": "upgrade"} if request.http_version.startswith("1") else None
    return UpgradeRequiredError("There is a WebSocket at this address.", headers=fields)


def other_form(path: str) -> str:
    """Give the path with a slash at its end without it, and any other with it.

    >>> other_form("/books/"), other_form("/books")
    ('/books', '/books/')
    """
    return path[:-1] if path.endswith("/") else f"{path}/"
