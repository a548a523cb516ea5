"""The middlewares of the application that made-up requests are sent to: all that need no event loop."""

from __future__ import annotations

from martlet import App, Compression, Request, Respond, Response
from martlet.middleware import CORS, BodyLimit, ConditionalGet, HTTPSRedirect, ProxyHeaders, RequestID, ServerTiming, TrustedHosts


class SecureArea:
    """A middleware that leads to https what is below /secure."""

    inline = True

    def __init__(self) -> None:
        self._redirect = HTTPSRedirect()

    async def __call__(self, request: Request, respond: Respond) -> Response:
        is_secure = request.path.startswith("/secure")
        return await (self._redirect(request, respond) if is_secure else respond(request))


def dress(app: App) -> None:
    """Put them around the application, as one that stands behind a proxy would."""
    app.use(RequestID(trusted=["127.0.0.0/8"]))
    app.use(ServerTiming())
    app.use(
        ProxyHeaders(
            ["127.0.0.0/8", "unix"],
            fields=["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port", "x-forwarded-prefix"],
            drops_underscores=True,
        )
    )
    app.use(TrustedHosts(["testserver", "example.org", "*.example.org", "[::1]"]))
    app.use(
        CORS(
            ["https://example.org", "https://*.example.org"],
            allow_credentials=True,
            allow_methods=["GET", "PUT", "QUERY"],
            allow_headers=["x-a"],
            expose_headers=["x-b"],
            max_age=60,
            allow_private_network=True,
        )
    )
    app.use(SecureArea())
    app.use(Compression(min_bytes=50))
    app.use(ConditionalGet())
    app.use(BodyLimit(30_000))
