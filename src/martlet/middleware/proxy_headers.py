"""Believe what the proxies in front tell of a request: who asked, by which scheme, for which host.

Each proxy adds what it saw behind what it was sent, so a field is read from its end, and only as far as the next proxy is
trusted: everything before that point was written by whoever liked to. How the values look is in forwarded_values.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import lru_cache
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

FORWARDED: Final = "forwarded"
X_FIELDS: Final = tuple(f"x-forwarded-{name}" for name in ("for", "proto", "host", "port", "prefix"))
MOST_REMEMBERED: Final = 1_024  # readings that are kept: those of the clients that are busy right now
LONGEST_REMEMBERED: Final = 300  # characters of the fields of one


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
        self.trusted: Final = Networks(trusted)
        if hops is not None and (type(hops) is not int or hops < 1):
            raise ValueError(f"hops is {hops!r}: write how many proxies are in front, 1 or more.")
        if bool(self.trusted) == (hops is not None):
            raise ValueError(
                "Whom to believe is told by the networks of the proxies, or by hops, their number: give one of the two."
            )
        self._hops: Final = hops
        self._fields: Final = tuple(map(FieldName, _checked_fields(fields)))
        self._reads_port: Final = any(name.text == "x-forwarded-port" for name in self._fields)
        self._needs_exact_names: Final = not drops_underscores and self._fields[0].text != FORWARDED
        read = self._read_forwarded if self._fields[0].text == FORWARDED else self._read_x_fields
        self._read: Final[Callable[..., Origin]] = read
        # PERF: 0.5 µs, where reading takes 5 to 10 µs; a client sends many requests, and its proxy writes the same of each.
        self._recall: Final[Callable[..., Origin]] = lru_cache(MOST_REMEMBERED)(read)
        self._has_warned = False

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Take the proxies' word, if it is one of ours who hands the request over."""
        if self._hops is not None or self.trusted.hold(request.peer):
            if self._needs_exact_names and not request.names_are_as_sent:
                self._warn()
            else:
                texts = [request.field(name) or "" for name in self._fields]
                told = "".join(texts)
                if told:
                    asked, scheme = (request.host, request.peer_scheme) if self._reads_port else ("", "")
                    read = self._recall if len(told) + len(asked) <= LONGEST_REMEMBERED else self._read
                    request.extras.origin = read(asked, scheme, request.limits.forwarded_hops, *texts)
        return await respond(request)

    def _read_forwarded(self, _asked: str, _scheme: str, limit: int, text: str) -> Origin:
        believed: list[Forwarded] = []  # the nearest proxy's first
        for element in reversed(parse_forwarded(text, limit=limit)):
            believed.append(element)
            if element.client is None or not self._trusts(element.client, len(believed)):
                break
        # What the proxy farthest out says of a thing, for it is the one that the client spoke to.
        believed.reverse()
        clients = [element.client for element in believed if element.client is not None]
        return Origin(
            client=_as_peer(clients[0]) if clients else None,
            scheme=believed_scheme(next((element.scheme for element in believed if element.scheme), None)),
            host=next((element.host for element in believed if element.host), None),
        )

    def _read_x_fields(self, asked: str, peer_scheme: str, limit: int, *texts: str) -> Origin:
        told = {name.text.removeprefix("x-forwarded-"): text for name, text in zip(self._fields, texts, strict=True)}
        client: Node | None = None
        for depth, address in enumerate(members_from_the_end(told.get("for"), limit), start=1):
            client = node_of(address)
            if not self._trusts(client, depth):
                break
        scheme = believed_scheme(last_member(told.get("proto")))
        host, port = last_member(told.get("host")), last_member(told.get("port"))
        return Origin(
            client=None if client is None else _as_peer(client),
            scheme=scheme,
            host=believed_host(host, port, asked=asked, scheme=scheme or peer_scheme),
            root_path=root_path(told.get("prefix")),
        )

    def _trusts(self, node: Node, depth: int) -> bool:
        """Tell whether this node, so many hops away, is a proxy of ours, whose word about the hop before it holds."""
        if self._hops is not None:
            return depth < self._hops
        return node.is_address and self.trusted.hold_address(node.name)

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


def _checked_fields(fields: Iterable[str]) -> list[str]:
    if isinstance(fields, str):
        raise TypeError(f"The fields are one text, {fields!r}: write a list, [{fields!r}].")
    known = (FORWARDED, *X_FIELDS)
    given = {field.lower() for field in fields}
    if unknown := given.difference(known):
        raise ValueError(f"{min(unknown)!r} is no field that tells of proxies: choose from {', '.join(known)}.")
    if not given:
        raise ValueError("No field is named, so nothing would be believed: name those that your proxy sets.")
    if FORWARDED in given and len(given) > 1:
        raise ValueError(
            "A proxy that sets Forwarded lets the client's X-Forwarded fields through, or the other way: name one kind."
        )
    return [field for field in known if field in given]
