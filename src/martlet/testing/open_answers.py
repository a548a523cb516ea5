"""An answer that is read while it is sent, and left when its reader has had enough: on the client's loop, or in a thread."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final, Literal, Protocol, TypeAlias

from martlet.http import Headers
from martlet.testing.exchange import Received, Run

__all__ = ["LEAVE_SECONDS", "LoopAnswer", "OpenAnswer", "StreamWire", "ThreadAnswer", "begun_answer"]

LEAVE_SECONDS: Final = 10.0  # that an application may take to notice that its client left, and to clean up
WORD_SECONDS: Final = 0.5  # that one may take over WSGI to say the word that it was asked for
StartResponse: TypeAlias = Callable[..., None]


class OpenAnswer(Protocol):
    """What every transport gives of an answer that is not read whole."""

    def begin(self, seconds: float) -> Received:
        """Wait for status and fields, the content still empty; raises TimeoutError, and what the application raised."""
        ...

    def take(self, seconds: float) -> bytes:
        """Wait for the next chunk; empty at the end. Raises TimeoutError, and what the application raised."""
        ...

    def leave(self) -> None:
        """Go, and wait until the application has closed what it sent; raises TimeoutError, and what it raised meanwhile."""
        ...


class StreamWire:
    """What an application says over one connection, on the client's loop; `left` is set once nobody listens."""

    def __init__(self) -> None:
        """Begin empty."""
        self.said: asyncio.Queue[Received | bytes] = asyncio.Queue()
        self.left = asyncio.Event()

    def begin(self, status: int, fields: list[tuple[str, str]]) -> None:
        """Say status and fields."""
        self.said.put_nowait(Received(status, Headers.from_wire(fields), b""))

    def say(self, chunk: bytes) -> None:
        """Say a chunk that is not empty."""
        if chunk:
            self.said.put_nowait(bytes(chunk))

    def end(self) -> None:
        """Say that nothing follows."""
        self.said.put_nowait(b"")


class LoopAnswer:
    """The answer of a coroutine that runs on the client's loop."""

    def __init__(self, carry: Callable[[StreamWire], Coroutine[Any, Any, None]], run: Run) -> None:
        """Start it."""
        self._run = run
        self._wire, self._task = run(_start(carry))
        self._has_failed = False

    def begin(self, seconds: float) -> Received:
        """See OpenAnswer."""
        return begun_answer(self._run(self._next(seconds)))

    def take(self, seconds: float) -> bytes:
        """See OpenAnswer."""
        said: Received | bytes = self._run(self._next(seconds))
        if not isinstance(said, bytes):
            raise TypeError(f"The application answered twice: {said!r}")
        return said

    def leave(self) -> None:
        """See OpenAnswer."""
        self._run(self._leave())

    async def _leave(self) -> None:
        self._wire.left.set()
        await asyncio.wait([self._task], timeout=LEAVE_SECONDS)
        if not self._task.done():
            self._task.cancel()
            raise TimeoutError(f"The application goes on {LEAVE_SECONDS:g} seconds after its client left.")
        if not self._has_failed:  # which was told
            with suppress(OSError, asyncio.CancelledError):  # that the client left
                self._task.result()

    async def _next(self, seconds: float) -> Received | bytes:
        waiting: asyncio.Task[Received | bytes] = asyncio.ensure_future(self._wire.said.get())
        await asyncio.wait({waiting, self._task}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done() or not self._wire.said.empty():
            return await waiting
        waiting.cancel()
        if not self._task.done():
            raise TimeoutError
        self._has_failed = True
        self._task.result()
        self._has_failed = False
        return b""  # it returned, and said nothing more


async def _start(carry: Callable[[StreamWire], Coroutine[Any, Any, None]]) -> tuple[StreamWire, asyncio.Task[None]]:
    wire = StreamWire()
    return wire, asyncio.ensure_future(carry(wire))


class ThreadAnswer:
    """The answer of a WSGI application, which is asked for its next chunk when its reader wants one, in a thread of its own."""

    def __init__(self, app: Callable[[dict[str, Any], StartResponse], Iterable[bytes]], environ: dict[str, Any]) -> None:
        """Start it."""
        self._app, self._environ = app, environ
        self._wanted: SimpleQueue[Literal["chunk", "end"]] = SimpleQueue()
        self._said: SimpleQueue[Received | bytes | BaseException] = SimpleQueue()
        self._begun: Received | None = None
        self._chunks: Iterable[bytes] = ()
        self._is_asked = False
        self._has_ended = False
        work = contextvars.copy_context().run
        self._thread = threading.Thread(target=work, args=(self._work,), name="martlet-client-stream", daemon=True)
        self._thread.start()

    def begin(self, seconds: float) -> Received:
        """See OpenAnswer."""
        return begun_answer(self._next(seconds))

    def take(self, seconds: float) -> bytes:
        """See OpenAnswer."""
        if self._has_ended:
            return b""
        if not self._is_asked:
            self._is_asked = True
            self._wanted.put("chunk")
        chunk = self._next(seconds)
        self._is_asked = False
        self._has_ended = not chunk
        return chunk if isinstance(chunk, bytes) else b""

    def leave(self) -> None:
        """See OpenAnswer. A server learns of it by the application's next word; who says none is interrupted."""
        self._wanted.put("end")
        self._thread.join(WORD_SECONDS if self._is_asked else LEAVE_SECONDS)
        if self._is_asked and self._thread.is_alive():
            with suppress(ValueError):  # a generator that is at work in its thread
                _close(self._chunks)
            self._thread.join(LEAVE_SECONDS)
        if self._thread.is_alive():
            raise TimeoutError(
                f"The application goes on {LEAVE_SECONDS:g} seconds after its client left: over WSGI it is told by its next word."
            )
        while not self._is_asked and not self._said.empty():
            said = self._said.get()
            if isinstance(said, BaseException):
                raise said

    def _next(self, seconds: float) -> Received | bytes:
        try:
            said = self._said.get(timeout=min(seconds, threading.TIMEOUT_MAX))
        except Empty:
            raise TimeoutError from None
        if isinstance(said, BaseException):
            self._has_ended, self._is_asked = True, False
            raise said
        return said

    def _work(self) -> None:
        try:
            self._chunks = self._app(self._environ, self._start_response)
            try:
                self._hand_over(self._chunks)
            finally:
                _close(self._chunks)
        except BaseException as error:  # noqa: BLE001  raised in the thread of the reader
            self._said.put(error)

    def _hand_over(self, chunks: Iterable[bytes]) -> None:
        iterator, is_told = iter(chunks), False
        first: list[bytes] = []
        if self._begun is None:  # an application may begin when its first chunk is asked for
            first.append(next(iterator, b""))
        while self._begun is not None:
            if not is_told:
                self._said.put(self._begun)
                is_told = True
            if self._wanted.get() == "end":
                return
            chunk = first.pop() if first else next((chunk for chunk in iterator if chunk), b"")
            self._said.put(chunk)
            if not chunk:
                return
        raise RuntimeError("The application answered without start_response().")

    def _start_response(self, status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        fields = [(name.lower(), value.encode("latin-1").decode()) for name, value in headers]
        self._begun = Received(int(status[:3]), Headers.from_wire(fields), b"")


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close is not None:
        close()


def begun_answer(said: Received | bytes) -> Received:
    """Give the beginning of an answer; raises RuntimeError where there was none."""
    if isinstance(said, Received):
        return said
    raise RuntimeError("The application returned without an answer.")
