"""Believe what the proxies in front tell of a request: who asked, by which scheme, for which host.

Each proxy adds what it saw behind what it was sent, so a field is read from its end, and only as far as the next proxy is
trusted: everything before that point was written by whoever liked to. How the values look is in forwarded_values.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from martlet.http import Forwarded, Node, parse_forwarded
from martlet.messages import FieldName, Origin, Request, Respond, Response
from martlet.middleware.forwarded_values import (
    believed_host,
    believed_scheme,
    last_member,
    members_from_the_end,
    node_of,
    root_path,
)
from martlet.middleware.networks import Network, Networks

log: Final = logging.getLogger("martlet.proxies")

FORWARDED: Final = FieldName("forwarded")
FORWARDED_FOR: Final = FieldName("x-forwarded-for")
FORWARDED_PROTO: Final = FieldName("x-forwarded-proto")
FORWARDED_HOST: Final = FieldName("x-forwarded-host")
FORWARDED_PORT: Final = FieldName("x-forwarded-port")
FORWARDED_PREFIX: Final = FieldName("x-forwarded-prefix")
X_FIELDS: Final = (FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST, FORWARDED_PORT, FORWARDED_PREFIX)
NO_FIELD: Final = FieldName("")  # in place of one that is not believed: no request has it


class ProxyHeaders:
    """Gives `request.client`, `scheme`, `host` and `root_path` as the proxies in front saw them; put it before all others.

    trusted: networks of your proxies, `unix` for one that comes by a Unix socket; from anybody else nothing is believed.
    hops: in place of `trusted`, how many proxies are in front, where their addresses are not known and nobody can go round them.
    fields: those that the proxy next to the application sets or removes in every request; one that it lets through is the
    client's word. Either `forwarded`, or of `x-forwarded-for`, `-proto`, `-host`, `-port` and `-prefix` the ones that hold.
    drops_underscores: the proxy removes names such as `X_Forwarded_For`, as nginx does. Most WSGI servers cannot tell them
    from those with hyphens, so there nothing but Forwarded is believed without this; gunicorn removes them itself.
    A client that is named but has no address is `("unknown", 0)`, or the identifier its proxy gave it (RFC 7239, section 6).
    Believed values that are none are 400. Raises ValueError and TypeError for what cannot be meant.

    >>> from martlet import App, Request
    >>> from martlet.testing import Client
    >>> app = App()
    >>> proxies = app.use(ProxyHeaders(["127.0.0.1"], fields=["forwarded"]))
    >>> @app.get("/")
    ... async def show(request: Request) -> list[str]:
    ...     return [request.client[0], request.scheme, request.host]
    >>> Client(app).get("/", headers={"forwarded": "for=192.0.2.7;proto=https;host=shop.example"}).json()
    ['192.0.2.7', 'https', 'shop.example']
    """

    inline = True

    def __init__(
        self,
        trusted: Iterable[Network] = (),
        *,
        hops: int | None = None,
        fields: Iterable[str] = ("x-forwarded-for", "x-forwarded-proto"),
        drops_underscores: bool = False,
    ) -> None:
        """Check what was given; see the class."""
        self._networks: Final = Networks(trusted)
        if hops is not None and (type(hops) is not int or hops < 1):
            raise ValueError(f"hops is {hops!r}: write how many proxies are in front, 1 or more.")
        if bool(self._networks) == (hops is not None):
            raise ValueError(
                "Whom to believe is told by the networks of the proxies, or by hops, their number: give one of the two."
            )
        self._hops: Final = hops
        believed = _checked_fields(fields)
        self._reads_forwarded: Final = FORWARDED.text in believed
        self._for, self._proto, self._host, self._port, self._prefix = (
            field if field.text in believed else NO_FIELD for field in X_FIELDS
        )
        self._drops_underscores: Final = drops_underscores
        self._has_warned = False

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Take the proxies' word, if it is one of ours who hands the request over."""
        if self._hops is not None or self._networks.hold(request.peer):
            if self._reads_forwarded:
                self._read_forwarded(request)
            elif self._drops_underscores or request.names_are_as_sent:
                self._read_x_fields(request)
            else:
                self._warn()
        return await respond(request)

    def _read_forwarded(self, request: Request) -> None:
        text = request.field(FORWARDED)
        if not text:
            return
        believed: list[Forwarded] = []  # the nearest proxy's first
        for element in reversed(parse_forwarded(text, limit=request.limits.forwarded_hops)):
            believed.append(element)
            if element.client is None or not self._trusts(element.client, len(believed)):
                break
        # What the proxy farthest out says of a thing, for it is the one that the client spoke to.
        believed.reverse()
        clients = [element.client for element in believed if element.client is not None]
        request.extras.origin = Origin(
            client=_as_peer(clients[0]) if clients else None,
            scheme=believed_scheme(next((element.scheme for element in believed if element.scheme), None)),
            host=next((element.host for element in believed if element.host), None),
        )

    def _read_x_fields(self, request: Request) -> None:
        client: Node | None = None
        addresses = members_from_the_end(request.field(self._for), request.limits.forwarded_hops)
        for depth, address in enumerate(addresses, start=1):
            client = node_of(address)
            if not self._trusts(client, depth):
                break
        scheme = believed_scheme(last_member(request.field(self._proto)))
        host, port = last_member(request.field(self._host)), last_member(request.field(self._port))
        request.extras.origin = Origin(
            client=None if client is None else _as_peer(client),
            scheme=scheme,
            host=believed_host(host, port, asked=request.host, scheme=scheme or request.peer_scheme),
            root_path=root_path(request.field(self._prefix)),
        )

    def _trusts(self, node: Node, depth: int) -> bool:
        """Tell whether this node, so many hops away, is a proxy of ours, whose word about the hop before it holds."""
        if self._hops is not None:
            return depth < self._hops
        return node.is_address and self._networks.hold_address(node.name)

    def _warn(self) -> None:
        """Say once why nothing is believed: the application would otherwise seem to be reached by http, by its proxy."""
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                "This WSGI server cannot tell X_Forwarded_For from X-Forwarded-For, so no such field is believed: have the proxy "
                "send Forwarded, or remove names with underscores and write ProxyHeaders(drops_underscores=True)."
            )


def _as_peer(node: Node) -> tuple[str, int]:
    return node.name, node.port or 0


def _checked_fields(fields: Iterable[str]) -> set[str]:
    if isinstance(fields, str):
        raise TypeError(f"The fields are one text, {fields!r}: write a list, [{fields!r}].")
    known = {field.text for field in (FORWARDED, *X_FIELDS)}
    given = {field.lower() for field in fields}
    if unknown := given - known:
        raise ValueError(f"{min(unknown)!r} is no field that tells of proxies: choose from {', '.join(sorted(known))}.")
    if not given:
        raise ValueError("No field is named, so nothing would be believed: name those that your proxy sets.")
    if FORWARDED.text in given and len(given) > 1:
        raise ValueError(
            "A proxy that sets Forwarded lets the client's X-Forwarded fields through, or the other way: name one kind."
        )
    return given
