"""A client that calls an application in memory, over any of the three protocols."""

from __future__ import annotations

import asyncio
import re
import threading
import weakref
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypedDict, TypeVar, Unpack, cast
from urllib.parse import quote

import msgspec

from martlet.http import SAFE_METHODS, URLENCODED
from martlet.testing.cookie_jar import CookieJar, Place
from martlet.testing.exchange import Received, Sent
from martlet.testing.form_bodies import SentFile, multipart, urlencoded
from martlet.testing.rsgi_transport import RSGITransport
from martlet.testing.sockets import SocketClient
from martlet.testing.transports import ASGITransport, WSGITransport

T = TypeVar("T")
ProtocolName: TypeAlias = Literal["asgi", "wsgi", "rsgi"]
UNSENDABLE: Final = frozenset("\r\n")  # in a field: it would end there (RFC 9112, Section 5)
TRANSPORTS: Final[Mapping[str, Callable[[Any, Any], ASGITransport | WSGITransport | RSGITransport]]] = {
    "asgi": ASGITransport,
    "wsgi": WSGITransport,
    "rsgi": RSGITransport,
}


class SendOptions(TypedDict, total=False):
    """What a request may carry.

    query: added to the target. json, form, data, content: the body, one of them; `content` may be chunks.
    data: the fields of a form, as `form`; beside `files` it is written with parts.
    files: by field; each its content, a path, or a tuple of a name, the content and, if need be, the type; None is a field that
        was left empty, a list a field with several.
    breaks_off: the client leaves before the body's end.
    """

    query: Mapping[str, Any]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]
    json: Any
    form: Mapping[str, Any]
    data: Mapping[str, Any]
    files: Mapping[str, SentFile | list[SentFile]]
    content: bytes | str | Iterable[bytes]
    breaks_off: bool


class SocketOptions(TypedDict, total=False):
    """What a handshake may carry: as a request."""

    query: Mapping[str, Any]
    headers: Mapping[str, str] | Iterable[tuple[str, str]]


class Client:
    """Calls an application in memory; as a context manager it runs the application's lifespan too.

    protocol: how the application is called; every answer is the same over all three.
    scheme: what the server says the request came by.
    Cookies that answers set are sent back, as a browser would; `cookies` holds them, and takes others by name. What changes
    something is then sent with an Origin, that of the application, unless the headers say another.
    What an application does after its answer is waited for.

    >>> from martlet import App
    >>> app = App()
    >>> @app.get("/")
    ... def home() -> str:
    ...     return "Hello"
    >>> with Client(app, protocol="wsgi") as client:
    ...     client.get("/").text
    'Hello'
    """

    def __init__(
        self,
        app: Any,
        *,
        protocol: ProtocolName = "asgi",
        headers: Mapping[str, str] | None = None,
        scheme: Literal["http", "https"] = "http",
    ) -> None:
        """headers: sent with every request."""
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=self._loop.run_forever, name="martlet-client", daemon=True)
        thread.start()
        self._sockets: list[asyncio.Task[None]] = []  # a loop does not hold its tasks
        self._ended = weakref.finalize(self, _end_loop, self._loop, thread, self._sockets)
        self._app = app
        self._transport = TRANSPORTS[protocol](app, self._run)
        self._headers = dict(headers or {})
        self._scheme: Final = scheme
        self.cookies = CookieJar()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Self:
        """Start the application; raises FreezeError for one that cannot start."""
        freeze = getattr(self._app, "freeze", None)
        if freeze is not None:
            freeze()
        self._transport.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop the application and the client's loop."""
        try:
            self._transport.stop()
        finally:
            self._ended()

    def request(self, method: str, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send a request; `target` is a path, percent-encoded or not, with or without a query.

        Raises TypeError for an option it does not know, which would otherwise be left out without a word, and ValueError for a
        field that no client could send.
        """
        _check_options(options)
        sent, place = self._sent(method, target, options)
        received = self._transport.send(sent)
        self._wait_for_after()
        self.cookies.receive(received.headers.get_list("set-cookie"), place)
        return received

    def websocket(self, target: str, *, subprotocols: Sequence[str] = (), **options: Unpack[SocketOptions]) -> SocketClient:
        """Open a WebSocket; raises HandshakeRefusedError where the answer is a response.

        subprotocols: that the client names, the best first.
        """
        sent, place = self._sent("GET", target, cast("SendOptions", options), is_socket=True)
        socket = self._transport.connect(sent, subprotocols)
        self._sockets.append(socket.task)
        self.cookies.receive(socket.headers.get_list("set-cookie"), place)
        return socket

    def _sent(self, method: str, target: str, options: SendOptions, *, is_socket: bool = False) -> tuple[Sent, Place]:
        query = options.get("query")
        if query:
            target = f"{target}{'&' if '?' in target else '?'}{urlencoded(query)}"
        target = quote(target, safe="/%?#&=+:@!$'()*,;~[]")
        headers = self._fields(options)
        place = _place(target, headers, self._scheme)
        cookies = self.cookies.field_for(place)
        if cookies and not any(name.lower() == "cookie" for name, _ in headers):
            headers.append(("cookie", cookies))
            if is_socket or method not in SAFE_METHODS:
                self._name_origin(headers)
        chunks = _body(options, headers)
        lines = [(name, value) for name, value in headers if name.lower() != "content-length" or value]
        return Sent(method, target, lines, chunks, options.get("breaks_off", False), self._scheme), place

    def _name_origin(self, headers: list[tuple[str, str]]) -> None:
        """Say which page sends what may change something, as browsers do: one of the application itself."""
        if "origin" not in (given := {name.lower(): value for name, value in headers}):
            headers.append(("origin", f"{self._scheme}://{given.get('host', '')}"))

    def _wait_for_after(self) -> None:
        """Wait for what the application does after its answer."""
        freeze = getattr(self._app, "freeze", None)
        after = None if freeze is None else freeze().after
        if after is not None and after.loop is not None and after.loop.is_running():
            asyncio.run_coroutine_threadsafe(after.idle(), after.loop).result()

    def get(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send GET."""
        return self.request("GET", target, **options)

    def head(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send HEAD."""
        return self.request("HEAD", target, **options)

    def options(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send OPTIONS."""
        return self.request("OPTIONS", target, **options)

    def post(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send POST."""
        return self.request("POST", target, **options)

    def put(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send PUT."""
        return self.request("PUT", target, **options)

    def patch(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send PATCH."""
        return self.request("PATCH", target, **options)

    def delete(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send DELETE."""
        return self.request("DELETE", target, **options)

    def query(self, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send QUERY, a GET with a body."""
        return self.request("QUERY", target, **options)

    def _fields(self, options: SendOptions) -> list[tuple[str, str]]:
        given = options.get("headers", {})
        own: list[tuple[str, str]] = list(cast("Mapping[str, str]", given).items() if isinstance(given, Mapping) else given)
        names = {name.lower() for name, _ in own}
        for field in own:
            if not UNSENDABLE.isdisjoint("".join(field)):
                raise ValueError(f"The field {field[0]!r:.80} has a line break in it, so that no client could send it.")
        usual = {"host": "testserver", "user-agent": "martlet-client", **self._headers}
        return [*((name, value) for name, value in usual.items() if name.lower() not in names), *own]


def _place(target: str, headers: list[tuple[str, str]], scheme: str) -> Place:
    host = next((value for name, value in headers if name.lower() == "host"), "").lower()
    return Place(re.sub(":[0-9]*$", "", host), target.partition("?")[0], scheme == "https")


def _body(options: SendOptions, headers: list[tuple[str, str]]) -> list[bytes]:
    """Make the body's chunks, and add the fields that go with it; chunks of the caller's own are sent without a length."""
    names = {name.lower() for name, _ in headers}
    if "json" in options:
        content, kind = msgspec.json.encode(options["json"]), "application/json"
    elif "files" in options:
        kind, content = multipart(options.get("data") or options.get("form") or {}, options["files"])
    elif "form" in options or "data" in options:
        content, kind = urlencoded(options.get("form") or options.get("data") or {}).encode(), URLENCODED
    else:
        given = options.get("content", b"")
        if not isinstance(given, bytes | str):
            headers.append(("transfer-encoding", "chunked"))
            return list(given)
        content, kind = given.encode() if isinstance(given, str) else given, ""
    if kind and "content-type" not in names:
        headers.append(("content-type", kind))
    if (content or kind) and "content-length" not in names:
        headers.append(("content-length", str(len(content))))
    return [content] if content else []


def _check_options(options: SendOptions) -> None:
    for name in options:
        if name not in SendOptions.__annotations__:
            hint = {"params": "query", "body": "content"}.get(name)
            known = ", ".join(sorted(SendOptions.__annotations__))
            raise TypeError(f"A request has no option {name!r}; {f'write {hint!r}' if hint else f'known are {known}'}.")


def _end_loop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, sockets: list[asyncio.Task[None]]) -> None:
    async def stop() -> None:
        for socket in sockets:  # that nobody closed
            socket.cancel()
        if sockets:
            await asyncio.wait(sockets, timeout=5)
        loop.stop()

    asyncio.run_coroutine_threadsafe(stop(), loop)
    thread.join(5)
    if not loop.is_running():
        loop.close()
