"""An absolute target says whom a request is for, whatever its Host field says (RFC 9112 section 3.2.2).

The field is still a duty, and must be one authority (section 3.2): what is wrong with it is left in place, to be refused.
Not here: that refusal (hosts.py), and the scheme of the target, which says nothing about the connection that it came by.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any, Final

from martlet.http import BadRequestError, parse_authority

ABSOLUTE: Final = re.compile(r"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
HOST_IS_A_DUTY: Final = frozenset({"1.1", "HTTP/1.1"})


def authority_in(target: str) -> str | None:
    """The authority of an absolute target; None for a target in another form.

    >>> authority_in("http://a.example:81/x?y=/"), authority_in("HTTP://a.example"), authority_in("/http://a.example")
    ('a.example:81', 'a.example', None)
    """
    match = ABSOLUTE.match(target)
    return None if match is None else match[1]


def path_in(target: str) -> str:
    """The path of a target without its query, absolute or not.

    >>> path_in("http://a.example/x"), path_in("http://a.example"), path_in("/x")
    ('/x', '/', '/x')
    """
    match = ABSOLUTE.match(target)
    return target if match is None else match[2] or "/"


def host_asked_for(received: str | None, authority: str, version: str | None) -> str | None:
    """The host to go by: the target's, or the received field where that must be refused.

    version: as the server tells it; from HTTP/1.1 alone the field may not be missing.

    >>> host_asked_for("b.example", "a.example", "1.1"), host_asked_for(None, "a.example", "1.0")
    ('a.example', 'a.example')
    >>> host_asked_for(None, "a.example", "1.1"), host_asked_for("b.example, c.example", "a.example", "1.1")
    (None, 'b.example, c.example')
    """
    if not received:
        return received if version in HOST_IS_A_DUTY else authority
    try:
        parse_authority(received)
    except BadRequestError:
        return received
    return authority


def scope_for_target(scope: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give an ASGI scope whose Host field is the one to go by; a server that keeps absolute targets has them in `path`.

    `raw_path` is then without the authority, for applications that are mounted.

    >>> scope_for_target({"path": "http://a.example/x", "headers": [(b"host", b"b.example")]})["headers"]
    [(b'host', b'a.example')]
    """
    authority = authority_in(scope["path"])
    if authority is None:
        return scope
    received = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    host = host_asked_for(", ".join(received) or None, authority, scope.get("http_version"))
    if host != authority:
        return scope
    others = [line for line in scope["headers"] if line[0] != b"host"]
    raw_path = path_in((scope.get("raw_path") or b"").decode("latin-1")).encode("latin-1")
    return {**scope, "raw_path": raw_path, "headers": [(b"host", authority.encode("utf-8")), *others]}


def heed_target(environ: dict[str, Any]) -> None:
    """Put the host to go by into a WSGI environ, where the server shows the target as it came: RAW_URI, or REQUEST_URI.

    >>> environ = {"RAW_URI": "http://a.example/x", "HTTP_HOST": "b.example"}
    >>> heed_target(environ)
    >>> environ["HTTP_HOST"]
    'a.example'
    """
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target or target[0] == "/":
        return
    authority = authority_in(target)
    if authority is not None:
        host = host_asked_for(environ.get("HTTP_HOST"), authority, environ.get("SERVER_PROTOCOL"))
        if host == authority:
            environ["HTTP_HOST"] = authority
