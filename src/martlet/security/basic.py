"""HTTP Basic (RFC 7617): a name and a password with every request. For tools, over https; sessions serve people better.

What is not exactly that is nobody's: broken base64, no colon, control characters, anything but UTF-8, which the challenge names.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NamedTuple

from martlet.http import UnauthorizedError
from martlet.messages import Request
from martlet.security.bearer import AUTHORIZATION
from martlet.security.guards import Asked, Guard

__all__ = ["BasicCredentials", "basic_challenge", "basic_credentials", "require_basic"]

_BASIC: Final = re.compile(r"[Bb][Aa][Ss][Ii][Cc] ++((?:[A-Za-z0-9+/]{4})*+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_REALM: Final = re.compile(r"[ !#-\[\]-~]+")  # ASCII without `"` and `\`, which browsers show differently when escaped


class BasicCredentials(NamedTuple):
    """A name and a password, as a request shows them."""

    name: str
    password: str

    def __repr__(self) -> str:
        """Name the user, and keep the password to itself."""
        return f"BasicCredentials(name={self.name!r})"


def basic_challenge(realm: str) -> str:
    """Write the challenge that makes browsers ask for a name and a password (RFC 7617, Section 2); ValueError for an unfit realm.

    >>> basic_challenge("metrics")
    'Basic realm="metrics", charset="UTF-8"'
    """
    if not _REALM.fullmatch(realm):
        raise ValueError(f"{realm!r:.80} is no realm: write ASCII text without quotation marks and backslashes.")
    return f'Basic realm="{realm}", charset="UTF-8"'


def basic_credentials(request: Request | Asked) -> BasicCredentials | None:
    """Give the name and the password that a request shows, None if it shows none; a password may have colons, a name has none.

    >>> from martlet import WSGIRequest
    >>> basic_credentials(WSGIRequest({"HTTP_AUTHORIZATION": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})).password
    'open sesame'
    """
    found = _BASIC.fullmatch(request.field(AUTHORIZATION) or "")
    if found is None:
        return None
    try:
        name, colon, password = b64decode(found[1]).decode().partition(":")
    except UnicodeDecodeError:
        return None
    return None if not colon or _CONTROLS.search(name + password) else BasicCredentials(name, password)


def require_basic(realm: str, passwords: Mapping[str, str]) -> Guard:
    """Let only these through, a name with its password; anyone else gets 401 and is asked. For tools, whose passwords are random.

    passwords: by name, from the environment rather than the source. What people chose belongs into a PasswordHasher. Each request
    costs the comparisons with all of them, so that its time tells nothing of which names there are.
    Raises ValueError where there are none, for an empty one, and for a name with a colon, which nobody could show.

    >>> guard = require_basic("metrics", {"prometheus": "e3b0c44298fc1c149afbf4c8"})
    """
    challenge = basic_challenge(realm)
    if not passwords or not all(passwords.values()):
        raise ValueError("require_basic needs a password for each name, and at least one: an empty one would let anybody in.")
    if any(":" in name for name in passwords):
        raise ValueError("A name in require_basic has a colon, which HTTP Basic puts behind the name: choose another.")
    known = [_fingerprint(name, password) for name, password in passwords.items()]

    def check_basic(request: Request | Asked) -> None:
        shown = basic_credentials(request) or BasicCredentials("", "")
        fingerprint = _fingerprint(*shown)
        matches = [compare_digest(fingerprint, each) for each in known]  # all of them, whichever it is
        if not any(matches):
            raise UnauthorizedError("Authentication required", challenge=challenge)

    return Guard(check_basic, inline=True)


def _fingerprint(name: str, password: str) -> bytes:
    """Make texts of any length comparable in constant time; a name has no colon, so that no two pairs are one text."""
    return sha256(f"{name}:{password}".encode()).digest()
