"""Send whoever comes by http to the same address by https."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from martlet.http import BadRequestError, parse_authority
from martlet.messages import Request, Respond, Response, sent_path


class HTTPSRedirect:
    """Answers a request that came by http with 308 to the same address by https; the method stays what it was.

    host: to be sent to, in place of the one that was asked for. port: of https, where it is not the usual one.
    exempt: paths that are answered by http too, such as a health check; one with a slash at its end is all below it.
    The host that was asked for must be one in form (400): put TrustedHosts before this to have it be one of yours.
    Behind a proxy that ends TLS, put ProxyHeaders first, or every request seems to come by http.
    Raises ValueError for a host, a port and a path that are none.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> redirect = app.use(HTTPSRedirect())
    >>> Client(app).get("//evil.example/a b?q=1", headers={"host": "example.org"}).headers["location"]
    'https://example.org//evil.example/a%20b?q=1'
    """

    inline = True

    def __init__(self, *, host: str | None = None, port: int = 443, exempt: Iterable[str] = ()) -> None:
        """Check what was given; see the class."""
        if type(port) is not int or not 0 < port < 65_536:
            raise ValueError(f"The port is {port!r}: write a number from 1 to 65535.")
        if isinstance(exempt, str):
            raise TypeError(f"The exempt paths are one text, {exempt!r}: write a list, [{exempt!r}].")
        paths = tuple(exempt)
        for path in paths:
            if not path.startswith("/") or path == "/":
                raise ValueError(f"{path!r} exempts no path: write one from its slash on, such as '/health' or '/.well-known/'.")
        self.host: Final = None if host is None else _checked_host(host)
        self._port: Final = "" if port == 443 else f":{port}"
        self._paths: Final = frozenset(paths)
        self._folders: Final = tuple(path for path in paths if path[-1] == "/")

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Redirect what came by http."""
        path = request.path
        if request.scheme == "https" or path in self._paths or path.startswith(self._folders) or path[:1] != "/":
            return await respond(request)
        host = self.host or parse_authority(request.host).host
        target = f"https://{host}{self._port}{sent_path(request)}"
        query = request.query_string
        return Response.redirect(f"{target}?{query}" if query else target, status=308)


def _checked_host(host: str) -> str:
    try:
        authority = parse_authority(host)
    except BadRequestError:
        authority = None
    if authority is None or authority.port is not None:
        raise ValueError(f"The host is {host!r}: write a name or an address alone, such as 'www.example.org'.")
    return authority.host
