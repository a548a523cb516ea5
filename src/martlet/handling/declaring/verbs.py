"""The decorators that declare routes: one for each usual method, one for any others, one for WebSockets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, Unpack, cast

from martlet.handling.declaring.options import RouteOptions, SocketOptions
from martlet.handling.signatures.functions import caller_place
from martlet.routing import WEBSOCKET

H = TypeVar("H", bound=Callable[..., Any])


class Verbs(ABC):
    """What `App` and `Group` declare routes with."""

    @abstractmethod
    def declare(
        self, methods: tuple[str, ...], pattern: str, options: RouteOptions, known: type[Any] = RouteOptions
    ) -> Callable[[H], H]:
        """Declare a route of these methods; called by the decorators, whose caller's line is the route's place."""

    def get(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer GET, and HEAD with it (RFC 9110 section 9.3.1); see RouteOptions for the options."""
        return self.declare(("GET",), pattern, options)

    def post(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer POST (RFC 9110 section 9.3.3); see RouteOptions for the options."""
        return self.declare(("POST",), pattern, options)

    def put(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer PUT (RFC 9110 section 9.3.4); see RouteOptions for the options."""
        return self.declare(("PUT",), pattern, options)

    def patch(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer PATCH (RFC 5789); see RouteOptions for the options."""
        return self.declare(("PATCH",), pattern, options)

    def delete(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer DELETE (RFC 9110 section 9.3.5); see RouteOptions for the options."""
        return self.declare(("DELETE",), pattern, options)

    def query(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer QUERY, which asks as GET does, and says in its body what it asks for (RFC 10008); see RouteOptions."""
        return self.declare(("QUERY",), pattern, options)

    def head(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer HEAD in a way of its own, in place of the GET handler's without its body."""
        return self.declare(("HEAD",), pattern, options)

    def options(self, pattern: str, **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer OPTIONS in a way of its own, in place of the list of allowed methods."""
        return self.declare(("OPTIONS",), pattern, options)

    def route(self, pattern: str, methods: Iterable[str], **options: Unpack[RouteOptions]) -> Callable[[H], H]:
        """Answer several methods, or one that has no decorator of its own; `*` is all that no other route of the pattern has."""
        return self.declare(_several(methods, caller_place(1)), pattern, options)

    def websocket(self, pattern: str, **options: Unpack[SocketOptions]) -> Callable[[H], H]:
        """Open a WebSocket (RFC 6455) and hand it to the handler; see SocketOptions for the options.

        Until the handler first uses it, what the handler raises is answered as for any request.
        """
        return self.declare((WEBSOCKET,), pattern, cast("RouteOptions", options), SocketOptions)


def _several(methods: Iterable[str], where: str) -> tuple[str, ...]:
    """Read the methods of a route; raises TypeError for a text, whose letters would be taken for them, and for none at all."""
    if isinstance(methods, str):
        raise TypeError(f"{where}: methods={methods!r} is one text; write a list, as in methods=[{methods!r}].")
    found = tuple(method.upper() for method in methods)
    if not found:
        raise TypeError(f'{where}: methods is empty, so that nothing would ever be answered; name one, as in methods=["GET"].')
    return found
