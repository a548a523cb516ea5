"""A request as WSGI hands it over (PEP 3333)."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Final, TypeAlias

from martlet.adapters.streams.pulling import step
from martlet.adapters.targets import path_in
from martlet.adapters.wsgi.exchange import Exchange
from martlet.adapters.wsgi.server_software import drops_underscores
from martlet.http import Limits, checked_field
from martlet.messages import FieldName, FieldNames, IncompleteBodyError, Request

Environ: TypeAlias = dict[str, Any]
READ_BYTES: Final = 64 * 1024


class WSGIRequest(Request):
    """A request read from a WSGI environ (PEP 3333); `body` may be read without awaiting.

    >>> import io
    >>> WSGIRequest({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "2", "wsgi.input": io.BytesIO(b"hi there")}).body
    b'hi'
    """

    __slots__ = ("environ", "exchange")

    def __init__(self, environ: Environ, limits: Limits | None = None) -> None:
        """Take the environ; keys it lacks read as an empty request would."""
        path = uncoated(environ.get("PATH_INFO") or "/")
        super().__init__(environ.get("REQUEST_METHOD", "GET"), path, limits or Limits())
        self.environ = environ
        self.exchange: Exchange | None = None

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return uncoated(self.environ.get("QUERY_STRING", ""))

    @property
    def raw_path(self) -> str | None:
        """The path as it was sent, where the server tells; gunicorn calls it so, and others REQUEST_URI."""
        target = self.environ.get("RAW_URI") or self.environ.get("REQUEST_URI")
        return path_in(str(target)).partition("?")[0] if target else None

    @property
    def server_root_path(self) -> str:
        """What stands before PATH_INFO (RFC 3875 section 4.1.13)."""
        return uncoated(self.environ.get("SCRIPT_NAME") or "").rstrip("/")

    @property
    def peer(self) -> tuple[str, int] | None:
        """The peer's address and port."""
        address = self.environ.get("REMOTE_ADDR")
        port = str(self.environ.get("REMOTE_PORT", "0"))
        return (str(address), int(port) if port.isdigit() else 0) if address else None

    @property
    def peer_scheme(self) -> str:
        """`http` or `https`."""
        return str(self.environ.get("wsgi.url_scheme", "http"))

    @property
    def http_version(self) -> str:
        """`1.0`, `1.1` or `2`; one server writes `1` for 1.0."""
        version = str(self.environ.get("SERVER_PROTOCOL", "HTTP/1.1")).partition("/")[2]
        return "1.0" if version == "1" else version

    @property
    def names_are_as_sent(self) -> bool:
        """True over gunicorn, which drops names with underscores since its version 22, unless it is told otherwise."""
        return drops_underscores(str(self.environ.get("SERVER_SOFTWARE", "")))

    @property
    def body(self) -> bytes:
        """The whole body; read now if it was not before. Raises ContentTooLargeError and IncompleteBodyError as `read` does."""
        if self._body is None and self.exchange is None:
            return step(self.read())
        return super().body

    @property
    def is_on_loop(self) -> bool:
        """Whether the background loop answers this request; where it does not, the server's worker thread does."""
        return self.exchange is not None

    async def early_hints(self, links: Iterable[str]) -> bool:
        """Tell the client what it will need, where the server has a call for it, as gunicorn has."""
        fields = [("link", checked_field("link", link)[1]) for link in links]
        tell = self.environ.get("wsgi.early_hints")
        if tell is None or self.http_version == "1.0":
            return False
        try:
            if self.exchange is None:
                tell(fields)
            else:
                await self.exchange.call(partial(tell, fields))  # the connection belongs to the server's thread
        except OSError:
            return False  # the client has left, as the server will see
        return True

    def field(self, name: FieldName) -> str | None:
        """One header field's combined value; the server has joined repeated fields."""
        value: str | None = self.environ.get(name.environ)
        if not value and not name.environ.startswith("HTTP_"):  # PEP 3333: an absent and an empty Content-Type look alike
            return None
        return value

    def fields(self, names: FieldNames) -> Mapping[str, str]:
        """Those of several header fields that were sent, by their names, each with its combined value."""
        environ = self.environ
        return {name: environ[key] for key, name in names.by_environ if key in environ}

    def _field_lines(self) -> list[tuple[str, str]]:
        lines = [
            (key[5:].replace("_", "-").lower(), str(value))
            for key, value in self.environ.items()
            # Some servers merge the process's environment into the request's; HTTP_PROXY comes from there.
            if key.startswith("HTTP_") and key != "HTTP_PROXY"
        ]
        own = [key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if self.environ.get(key)]
        return lines + [(key.replace("_", "-").lower(), str(self.environ[key])) for key in own]

    async def _receive(self) -> AsyncGenerator[bytes]:
        if self.exchange is None:
            for chunk in self.input_chunks():
                yield chunk
        else:
            while chunk := await self.exchange.read_chunk():
                yield chunk

    def input_chunks(self) -> Iterator[bytes]:
        """Read `wsgi.input`, blocking: Content-Length bytes, or to its end where the server says that it has one.

        Raises IncompleteBodyError where the server's own reading fails: a broken chunk, a client that left.
        """
        left = self.content_length
        if left is None and not self.environ.get("wsgi.input_terminated"):
            return
        while left is None or left > 0:
            try:
                chunk = self.environ["wsgi.input"].read(READ_BYTES if left is None else min(READ_BYTES, left))
            except Exception as error:  # each server has classes of its own for what goes wrong there
                raise IncompleteBodyError from error
            if not chunk:
                return
            if left is not None:
                left -= len(chunk)
            yield chunk


def uncoated(text: str) -> str:
    """Take bytes out of their Latin-1 coat (PEP 3333), as UTF-8; what is none is replaced."""
    return text if text.isascii() else text.encode("latin-1", "replace").decode("utf-8", "replace")
