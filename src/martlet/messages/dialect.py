"""What an adapter lends to generated code, so that an endpoint may speak the server's protocol itself.

Where nothing stands around routing, nobody looks at a response between the endpoint that makes it and the adapter that sends it.
An endpoint that ends in the adapter's own lines needs neither the object nor the coroutine between them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from martlet.messages.request import Request
from martlet.messages.response import PreparedHeaders, Response

Sending: TypeAlias = Callable[..., Awaitable[None]]  # takes what `Dialect.parameters` says, answers and sends
Direct: TypeAlias = Callable[[str, str], tuple[Sending, Mapping[str, Any]] | None]  # by method and path


class Dialect(Protocol):
    """Lines of code by which an endpoint reads and answers over one protocol; blocks in them are indented by four."""

    @property
    def names(self) -> Mapping[str, Any]:
        """What the lines name, beside the endpoint's own `request` and `failed`, and what the parameters bring."""
        ...

    @property
    def parameters(self) -> str:
        """The parameters of an endpoint, as source."""
        ...

    @property
    def accept(self) -> Sequence[str]:
        """Leave the Accept field in `accept`, as the server gave it."""
        ...

    @property
    def content_type(self) -> Sequence[str]:
        """Leave the Content-Type field in `content_type`, likewise."""
        ...

    @property
    def reading(self) -> Sequence[str]:
        """Leave the whole body in `data`."""
        ...

    @property
    def failure(self) -> Sequence[str]:
        """Answer what was raised: the clauses of a `try`."""
        ...

    def head(self, fields: PreparedHeaders) -> object:
        """Make ready to be sent what stands before the content of a 200."""
        ...

    def ending(self, head: str, fields: str) -> Sequence[str]:
        """Send the bytes `body` as a 200; `head` and `fields` are expressions for what `head` has made, and of what."""
        ...

    def through(self, respond: Callable[[Request], Awaitable[Response]]) -> Sending:
        """Make the same of an endpoint that gives a response."""
        ...
