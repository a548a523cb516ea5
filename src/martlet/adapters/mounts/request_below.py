"""The request as a Martlet application sees it that is mounted below a prefix of another."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Iterable
from contextlib import aclosing

from martlet.http import Limits
from martlet.messages import FieldName, Request, RequestExtras


class RequestBelow(Request):
    """Another request with a path and limits of its own; everything else is that one's, its body too."""

    __slots__ = ("_root_path", "outer")

    def __init__(self, outer: Request, root_path: str, path: str, limits: Limits) -> None:
        """root_path: all before the mounted application. path: what is left for it."""
        super().__init__(outer.method, path, limits)
        self.outer = outer
        self.user = outer.user
        self._root_path = root_path

    @property
    def has_extras(self) -> bool:
        """Whether anybody needed them yet."""
        return self.outer.has_extras

    @property
    def extras(self) -> RequestExtras:
        """The outer request's."""
        return self.outer.extras

    @property
    def query_string(self) -> str:
        """The query as it was sent."""
        return self.outer.query_string

    @property
    def raw_path(self) -> str | None:
        """The path as it was sent, with that of the mount."""
        return self.outer.raw_path

    @property
    def client(self) -> tuple[str, int] | None:
        """The client's address and port."""
        return self.outer.client

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return self.outer.scheme

    @property
    def host(self) -> str:
        """The authority the client asked for."""
        return self.outer.host

    @property
    def root_path(self) -> str:
        """Where the mounted application lies."""
        return self._root_path

    @property
    def server_root_path(self) -> str:
        """What the server was told."""
        return self.outer.server_root_path

    @property
    def peer(self) -> tuple[str, int] | None:
        """The address and port of whoever holds the connection."""
        return self.outer.peer

    @property
    def peer_scheme(self) -> str:
        """`http` or `https`, as the server received it."""
        return self.outer.peer_scheme

    @property
    def http_version(self) -> str:
        """The protocol's version."""
        return self.outer.http_version

    @property
    def names_are_as_sent(self) -> bool:
        """Whether a field's name is the one that was sent."""
        return self.outer.names_are_as_sent

    @property
    def is_on_loop(self) -> bool:
        """Whether an event loop runs whatever answers this request."""
        return self.outer.is_on_loop

    @property
    def body(self) -> bytes:
        """The body once it was read."""
        return self.outer.body

    async def early_hints(self, links: Iterable[str]) -> bool:
        """Tell the client what it will need."""
        return await self.outer.early_hints(links)

    def client_leaving(self) -> Awaitable[object] | None:
        """Give what waits until the client has left."""
        return self.outer.client_leaving()

    def field(self, name: FieldName) -> str | None:
        """One header field's combined value."""
        return self.outer.field(name)

    def _field_lines(self) -> list[tuple[str, str]]:
        return self.outer.headers.items()

    async def _receive(self) -> AsyncGenerator[bytes]:
        async with aclosing(self.outer.chunks()) as arriving:
            async for chunk in arriving:
                yield chunk

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Give the body piece by piece, within this application's limits; raises as the outer request does."""
        self.outer.limits = self.limits
        async with aclosing(self.outer.chunks()) as arriving:
            async for chunk in arriving:
                yield chunk

    async def read(self) -> bytes:
        """Read the whole body, within this application's limits; raises as the outer request does."""
        self.outer.limits = self.limits
        return await self.outer.read()
