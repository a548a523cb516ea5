"""From an exception to an answer: the nearest class in its MRO decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from martlet.http import HTTPStatus, InternalServerError

Handler = TypeVar("Handler", bound=Callable[..., Any])


class ExceptionHandlerRegistry(Generic[Handler]):
    """Which handler answers which exception.

    An app fills one and asks it with `find`; by itself it also calls: `handle(error, request)`.

    >>> registry = ExceptionHandlerRegistry()
    >>> registry.register(LookupError, lambda error, request: {"status": 404, "body": str(error)})
    >>> registry.handle(KeyError("shelf"), {})
    {'status': 404, 'body': "'shelf'"}
    >>> registry.handle(RuntimeError("burst pipe"), {})
    {'status': 500, 'body': '500: Internal Server Error - burst pipe'}
    """

    def __init__(self) -> None:
        """Begin with no handler."""
        self._handlers: dict[type[BaseException], Handler] = {}
        self._found: dict[type[BaseException], Handler | None] = {}

    def register(self, exception_type: type[BaseException], handler: Handler) -> None:
        """Let `handler(error, request)` answer this class and those below it that have none of their own.

        Raises TypeError for what is no exception class.
        """
        check_exception_class(exception_type)
        self._handlers[exception_type] = handler
        self._found.clear()

    def find(self, exception_type: type[BaseException]) -> Handler | None:
        """Give the handler of the nearest class in the MRO, None if there is none."""
        try:
            return self._found[exception_type]
        except KeyError:
            nearest = next((self._handlers[kind] for kind in exception_type.__mro__ if kind in self._handlers), None)
            self._found[exception_type] = nearest
            return nearest

    def handle(self, error: BaseException, request: Any) -> Any:
        """Answer an error; without a handler for it, as `{"status": 500, …}` with its text.

        The text is for tests and tools. An app never shows it unless `debug` is on.
        """
        handler = self.find(type(error))
        if handler is not None:
            return handler(error, request)
        status = InternalServerError.status_code
        return {"status": status, "body": f"{status}: {HTTPStatus.reason(status)} - {error}"}


def check_exception_class(candidate: object, where: str = "") -> None:
    """Raise TypeError for what is no exception class, and so can have no handler."""
    if not (isinstance(candidate, type) and issubclass(candidate, BaseException)):
        place = f"{where}: " if where else ""
        raise TypeError(f"{place}{candidate!r} is no exception class, so it can have no handler; write one, as in KeyError.")
