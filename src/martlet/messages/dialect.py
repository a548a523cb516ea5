"""What an adapter lends to generated code, so that an endpoint may speak the server's protocol itself.

Where nothing stands around routing, nobody looks at a response between the endpoint that makes it and the adapter that sends it.
An endpoint that ends in the adapter's own lines needs neither the object nor the coroutine between them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from martlet.messages.request import Request
from martlet.messages.response import PreparedHeaders, Response

Sending: TypeAlias = Callable[..., Awaitable[None]]  # takes what `Dialect.parameters` says, answers and sends
Direct: TypeAlias = Callable[[str, str], tuple[Sending, Mapping[str, Any]] | None]  # by method and path


@dataclass(frozen=True, slots=True)
class RequestUse:
    """What an endpoint uses of its request; what it does not use is not made.

    is_made: the request itself, as `request`; without it there is no need for the object. limits: its bounds, as source.
    """

    is_made: bool
    accept: bool
    content: bool
    limits: str


class Dialect(Protocol):
    """Lines of code by which an endpoint reads and answers over one protocol; blocks in them are indented by four."""

    @property
    def names(self) -> Mapping[str, Any]:
        """What the lines name, beside the endpoint's own `failed`, and what the parameters bring."""
        ...

    @property
    def parameters(self) -> str:
        """The parameters of an endpoint, as source; `params`, those of the route, among them."""
        ...

    def entry(self, use: RequestUse) -> Sequence[str]:
        """Make what an endpoint uses, first of all: `accept` and `content_type` as the server gave them, and `request`."""
        ...

    @property
    def reading(self) -> Sequence[str]:
        """Leave the whole body in `data`."""
        ...

    def failure(self, use: RequestUse) -> Sequence[str]:
        """Answer what was raised: the clauses of a `try`."""
        ...

    def client(self, use: RequestUse) -> str:
        """Give an expression for the request, for whoever looks out for its client."""
        ...

    def head(self, fields: PreparedHeaders) -> object:
        """Make ready to be sent what stands before the content of a 200."""
        ...

    def ending(self, use: RequestUse, head: str, fields: str) -> Sequence[str]:
        """Send the bytes `body` as a 200; `head` and `fields` are expressions for what `head` has made, and of what."""
        ...

    def through(self, respond: Callable[[Request], Awaitable[Response]]) -> Sending:
        """Make the same of an endpoint that gives a response."""
        ...
