"""What only some requests need: made when it is asked for, so that the others do not pay for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from martlet.http import Headers, QueryString
from martlet.messages.after import AfterTask
from martlet.messages.body import Stream
from martlet.messages.incoming.forms import Form
from martlet.messages.sockets.connection import SocketConnection


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as a trusted proxy tells it; None where it does not tell."""

    client: tuple[str, int] | None = None
    scheme: str | None = None
    host: str | None = None
    root_path: str | None = None


class RequestExtras:
    """What only some requests need; made when the first of it is asked for, so that the others do not pay for it.

    streams: those that a middleware was given for an answer, and may put aside.
    origin: set by a middleware that trusts the proxy in front.
    root_path: the app's own, where the server tells none.
    after: what runs once the answer has been sent.
    refusal: what is wrong with a request that no route will see.
    nonce: of the answer's content security policy, where its page asked for one.
    policy_is_out: whether a policy without it is being sent, while a stream goes on.
    uncompressed: whether the route keeps its answers from being compressed.
    owes_token: whether nothing tells which page the request comes from, so that a token of the session must.
    socket: of a handshake whose handler has been called.
    fields: that the answer is to carry, whatever becomes of the request.
    session: of a route that asks for one; this room knows nothing of sessions.
    """

    # PERF: defaults stand in the class, and only the lists are made: 0.3 µs where a dataclass with slots takes 1.2.
    headers: Headers | None = None
    query: QueryString | None = None
    cookies: dict[str, str] | None = None
    form: Form | None = None
    origin: Origin | None = None
    root_path: str = ""
    uncompressed: bool = False
    nonce: str | None = None
    policy_is_out: bool = False
    refusal: Exception | None = None
    session: Any = None
    owes_token: bool = False
    socket: SocketConnection | None = None

    def __init__(self) -> None:
        """Begin with nothing."""
        self.streams: list[Stream] = []
        self.after: list[AfterTask] = []
        self.fields: list[tuple[str, str]] = []
