"""The environ of a mounted WSGI application, whatever protocol the request came by (PEP 3333, RFC 3875 section 4.1)."""

from __future__ import annotations

import io
import sys
from typing import Any, Self

from martlet.adapters.framing import coated
from martlet.adapters.mounts.input import BodyPuller, PulledBody
from martlet.adapters.mounts.mount import place_of, served_request, server_of
from martlet.adapters.streams.pulling import close
from martlet.adapters.wsgi.request import Environ, WSGIRequest
from martlet.messages import CHUNK_BYTES, Request


class FileWrapper:
    """PEP 3333's `wsgi.file_wrapper`, for any protocol."""

    def __init__(self, source: Any, size: int = CHUNK_BYTES) -> None:
        """source: has `read`. size: bytes at a time."""
        self._source = source
        self._size = size

    def __iter__(self) -> Self:
        """Iterate once."""
        return self

    def __next__(self) -> bytes:
        """Give the next chunk."""
        chunk: bytes = self._source.read(self._size)
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Close the source."""
        close(self._source)


def environ_of(request: Request, body: BodyPuller) -> Environ:
    """Make the environ of a request: the server's own over WSGI, with what the mount changes, else one that says the same."""
    place, served = place_of(request), served_request(request)
    root_path, path = coated(place.root_path), coated(place.path)
    if isinstance(served, WSGIRequest):
        environ = dict(served.environ)
        whole = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if whole.startswith(root_path) and not request.path.isascii():  # its own bytes, which may be no UTF-8
            path = whole[len(root_path) :]
    else:
        environ = _synthesized(request)
    client = request.client
    return environ | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": root_path,
        "PATH_INFO": path,
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BufferedReader(PulledBody(body)),
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.multithread": True,
    }


def _synthesized(request: Request) -> Environ:
    server = server_of(served_request(request)) or ("", 80)
    environ: Environ = {
        "QUERY_STRING": coated(request.query_string),
        "SERVER_NAME": server[0] or "localhost",
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if request.client:
        environ["REMOTE_PORT"] = str(request.client[1])
    for name, value in request.headers.items():
        # `X_A` would take the place of `X-A`, and HTTP_PROXY is read as a proxy's address.
        if "_" in name or name == "proxy":
            continue
        key = name.upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        joint = "; " if name == "cookie" else ", "
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ
