"""A client that calls an application in memory, over any of the three protocols."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar, Unpack, cast

from martlet.testing.cookie_jar import CookieJar
from martlet.testing.event_clients import EventClient, event_stream_lines
from martlet.testing.exchange import Received
from martlet.testing.outgoing import Outgoing, SendOptions, SocketOptions, check_options, field_lines
from martlet.testing.rsgi_transport import RSGITransport
from martlet.testing.sockets import SocketClient
from martlet.testing.transports import ASGITransport
from martlet.testing.wsgi_transport import WSGITransport

T = TypeVar("T")
ProtocolName: TypeAlias = Literal["asgi", "wsgi", "rsgi"]
TRANSPORTS: Final[Mapping[str, Callable[[Any, Any], ASGITransport | WSGITransport | RSGITransport]]] = {
    "asgi": ASGITransport,
    "wsgi": WSGITransport,
    "rsgi": RSGITransport,
}


class Client:
    """Calls an application in memory; as a context manager it runs the application's lifespan too.

    protocol: how the application is called; every answer is the same over all three.
    scheme: what the server says the request came by.
    timeout: in seconds; so long may an answer that has begun take to its end, and a stream to its next event.
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
        timeout: float = 10.0,
    ) -> None:
        """headers: sent with every request."""
        self._loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_run_loop, args=(self._loop,), name="martlet-client", daemon=True)
        thread.start()
        self._sockets: list[asyncio.Task[None]] = []  # a loop does not hold its tasks
        self._ended = weakref.finalize(self, _end_loop, self._loop, thread, self._sockets)
        self._app = app
        self._transport = TRANSPORTS[protocol](app, self._run)
        self._outgoing = Outgoing(dict(headers or {}), scheme)
        self._timeout = timeout
        self._streams: list[EventClient] = []
        self.cookies = CookieJar()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def __enter__(self) -> Self:
        """Start the application; raises FreezeError for one that cannot start."""
        with ExitStack() as stack:
            stack.callback(self._ended)
            if hasattr(self._app, "freeze"):
                self._app.freeze()
            self._transport.start()
            stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop the application and the client's loop; streams that are still open are left."""
        with ExitStack() as stack:
            stack.callback(self._ended)
            stack.callback(self._transport.stop)
            for stream in self._streams:
                stack.callback(stream.close)

    def request(self, method: str, target: str, **options: Unpack[SendOptions]) -> Received:
        """Send a request; `target` is a path, percent-encoded or not, with or without a query.

        Raises TypeError for an option it does not know, which would otherwise be left out without a word, and ValueError for a
        field that no client could send. Raises TimeoutError for an answer that begins and does not end: `events` is for those.
        """
        check_options(options)
        sent, place = self._outgoing.sent(method, target, options, self.cookies)
        received = self._transport.send(sent, self._timeout)
        self._wait_for_after()
        self.cookies.receive(received.headers.get_list("set-cookie"), place)
        return received

    def websocket(self, target: str, *, subprotocols: Sequence[str] = (), **options: Unpack[SocketOptions]) -> SocketClient:
        """Open a WebSocket; raises HandshakeRefusedError where the answer is a response.

        subprotocols: that the client names, the best first.
        """
        sent, place = self._outgoing.sent("GET", target, cast("SendOptions", options), self.cookies, is_socket=True)
        socket = self._transport.connect(sent, subprotocols)
        self._sockets.append(socket.task)
        self.cookies.receive(socket.headers.get_list("set-cookie"), place)
        return socket

    def events(
        self, target: str, *, last_event_id: str | None = None, timeout: float | None = None, **options: Unpack[SocketOptions]
    ) -> EventClient:
        """Open a stream of events, as a browser does; raises EventsRefusedError where the answer is none, and TimeoutError.

        last_event_id: of the last event that the client has. timeout: the client's own, for this stream.

        >>> import itertools
        >>> from martlet import App, Event, StreamingResponse
        >>> app = App()
        >>> @app.get("/counter")
        ... async def counter() -> StreamingResponse:
        ...     return StreamingResponse.sse(Event(number, id=str(number)) for number in itertools.count())
        >>> with Client(app) as client, client.events("/counter") as events:
        ...     next(events).data, next(events).id
        ('0', '1')
        """
        lines = event_stream_lines(field_lines(options), last_event_id)
        sent, place = self._outgoing.sent("GET", target, {**cast("SendOptions", options), "headers": lines}, self.cookies)
        seconds = self._timeout if timeout is None else timeout
        stream = EventClient(self._transport.open(sent), f"GET {sent.raw_path}", seconds, self._wait_for_after)
        self._streams.append(stream)
        self.cookies.receive(stream.headers.get_list("set-cookie"), place)
        return stream

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


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


def _end_loop(loop: asyncio.AbstractEventLoop, thread: threading.Thread, sockets: list[asyncio.Task[None]]) -> None:
    async def stop() -> None:
        for socket in sockets:  # that nobody closed
            socket.cancel()
        if sockets:
            await asyncio.wait(sockets, timeout=5)
        loop.stop()

    asyncio.run_coroutine_threadsafe(stop(), loop)
    if thread is not threading.current_thread():  # a client that nobody closed is collected wherever that happens
        thread.join(5)
