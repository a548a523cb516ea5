"""What may leave an application for its server: nothing that ends the process, nothing it would mistake."""

from __future__ import annotations

import threading

from martlet.messages import Request


def survived(request: Request | None, error: BaseException) -> RuntimeError:
    """Make the failure of one request out of what would end a whole worker: `sys.exit()`, a stray cancellation.

    request: None where a stream is to blame, whose request is answered already.

    >>> str(survived(None, SystemExit(3)))
    'A stream raised SystemExit(3), which is not for a request to raise: raise an HTTPError, or an exception of your own.'
    """
    who = "A stream" if request is None else f"{request.method} {request.path!a}"
    return RuntimeError(
        f"{who} raised {error!r}, which is not for a request to raise: raise an HTTPError, or an exception of your own."
    )


def comes_from_signal(error: BaseException) -> bool:
    """Tell whether a server may have raised this on purpose, under a request that runs in its main thread.

    >>> comes_from_signal(SystemExit()), comes_from_signal(GeneratorExit())
    (True, False)
    """
    return isinstance(error, SystemExit | KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


def not_the_client(error: OSError) -> RuntimeError:
    """Make a failure that a WSGI server logs: some take any OSError for a client that left, and say nothing.

    >>> not_the_client(ConnectionResetError(104, "Connection reset by peer"))
    RuntimeError("The answer failed: ConnectionResetError(104, 'Connection reset by peer')")
    """
    return RuntimeError(f"The answer failed: {error!r}")
