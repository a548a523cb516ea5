"""The cookies that a test client keeps, and what it sends back of them: as a browser does, so that a test sees what a user would.

Source: RFC 6265bis, Sections 5.6 to 5.8. Every request is one of the same site, made by the user; cookies without a name, which
could pose as any other, are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from martlet.http import missing_for_prefix, parse_cookie_date
from martlet.http.cookies import MAX_ATTRIBUTE_BYTES, MAX_COOKIE_BYTES

EVERY_HOST = ""  # the domain of a cookie that the test itself put into the jar
LONGEST_LIFE = timedelta(days=400)  # RFC 6265bis, Section 5.5

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ADDRESS = re.compile(r"[0-9.]+|\[.*\]")
_MAX_AGE = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Whom a request goes to, or an answer comes from; `path` is the one on the wire, without a query."""

    host: str
    path: str
    https: bool = False

    @property
    def is_trustworthy(self) -> bool:
        """Whether Secure cookies are taken and sent: over https, and without it on the machine itself (W3C Secure Contexts)."""
        return self.https or self.host in {"localhost", "127.0.0.1", "[::1]", "testserver"} or self.host.endswith(".localhost")


@dataclass(frozen=True, slots=True)
class Kept:
    """A cookie as the jar holds it."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires: datetime | None
    age: int  # a number for each, larger for the later ones

    @property
    def key(self) -> tuple[str, str, bool, str]:
        """What a later cookie must share to take this one's place."""
        return self.name, self.domain, self.host_only, self.path

    def goes_to(self, place: Place) -> bool:
        """Tell whether a request carries it there."""
        if self.secure and not place.is_trustworthy:
            return False
        at_home = place.host == self.domain if self.host_only else _is_below(place.host, self.domain)
        return (at_home or self.domain == EVERY_HOST) and _path_matches(place.path, self.path)


class CookieJar(MutableMapping[str, str]):
    """Cookies by name; what the test sets itself goes to every host and path.

    clock: gives the moment by which cookies expire, with a zone.

    >>> jar = CookieJar()
    >>> jar.receive(["theme=dark; Path=/books", "session=1; Max-Age=0"], Place("localhost", "/"))
    >>> dict(jar), jar.field_for(Place("localhost", "/books/7")), jar.field_for(Place("localhost", "/"))
    ({'theme': 'dark'}, 'theme=dark', '')
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Begin empty."""
        self._clock = clock
        self._ages = count()
        self._kept: dict[tuple[str, str, bool, str], Kept] = {}

    def receive(self, values: list[str], place: Place) -> None:
        """Take the Set-Cookie fields of an answer; what a browser would refuse is left out without a word."""
        for value in values:
            cookie = self._read(value, place)
            if cookie is not None:
                self._keep(cookie, place)

    def field_for(self, place: Place) -> str:
        """The Cookie field of a request: longer paths first, then the older cookies; empty if none goes there."""
        going = [cookie for cookie in self._alive() if cookie.goes_to(place)]
        going.sort(key=lambda cookie: (-len(cookie.path), cookie.age))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in going)

    def _read(self, text: str, place: Place) -> Kept | None:
        pair, _, rest = text.partition(";")
        name, sign, value = (piece.strip(" \t") for piece in pair.partition("="))
        if not sign or not name or len((name + value).encode()) > MAX_COOKIE_BYTES or _CONTROL.search(text):
            return None
        attributes = _attributes(rest)
        domain = attributes.get("domain", "").removeprefix(".").lower()
        path = attributes.get("path", "")
        return (
            Kept(
                name,
                value,
                domain or place.host,
                not domain,
                path if path.startswith("/") else _default_path(place.path),
                "secure" in attributes,
                self._expiry(attributes),
                next(self._ages),
            )
            if _is_allowed(name, attributes, domain, place)
            else None
        )

    def _expiry(self, attributes: dict[str, str]) -> datetime | None:
        now = self._clock()
        seconds = attributes.get("max-age", "")
        if _MAX_AGE.fullmatch(seconds):
            return now + timedelta(seconds=max(-1.0, min(float(seconds), LONGEST_LIFE.total_seconds())))
        moment = parse_cookie_date(attributes.get("expires", ""))
        return None if moment is None else min(moment, now + LONGEST_LIFE)

    def _keep(self, cookie: Kept, place: Place) -> None:
        if not place.is_trustworthy and any(_covers(kept, cookie) for kept in self._alive()):
            return
        replaced = self._kept.get(cookie.key)
        self._kept[cookie.key] = cookie if replaced is None else replace(cookie, age=replaced.age)
        if cookie.expires is not None and cookie.expires <= self._clock():
            del self._kept[cookie.key]

    def _alive(self) -> list[Kept]:
        now = self._clock()
        return [cookie for cookie in self._kept.values() if cookie.expires is None or cookie.expires > now]

    def __getitem__(self, name: str) -> str:
        """The value of the newest cookie of this name."""
        found = [cookie for cookie in self._alive() if cookie.name == name]
        if not found:
            raise KeyError(name)
        return max(found, key=lambda cookie: cookie.age).value

    def __setitem__(self, name: str, value: str) -> None:
        """Put a cookie in that goes everywhere, in the place of all of its name."""
        self._forget(name)
        age = next(self._ages)
        cookie = Kept(name, value, EVERY_HOST, host_only=False, path="/", secure=False, expires=None, age=age)
        self._kept[cookie.key] = cookie

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._forget(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(cookie.name for cookie in self._alive()))

    def __len__(self) -> int:
        return len({cookie.name for cookie in self._alive()})

    def __repr__(self) -> str:
        return f"CookieJar({dict(self)!r})"

    def _forget(self, name: str) -> None:
        self._kept = {key: cookie for key, cookie in self._kept.items() if cookie.name != name}


def _attributes(text: str) -> dict[str, str]:
    """The attributes by their names in lower case, the last of each; an empty Domain says nothing (RFC 6265, Section 5.2.3)."""
    attributes: dict[str, str] = {}
    for piece in text.split(";"):
        name, _, value = (part.strip(" \t") for part in piece.partition("="))
        if len(value.encode()) <= MAX_ATTRIBUTE_BYTES and (value or name.lower() != "domain"):
            attributes[name.lower()] = value
    return attributes


def _is_allowed(name: str, attributes: dict[str, str], domain: str, place: Place) -> bool:
    """Tell whether the place may set such a cookie."""
    secure = "secure" in attributes
    if secure and not place.is_trustworthy:
        return False
    if not secure and ("partitioned" in attributes or attributes.get("samesite", "").lower() == "none"):
        return False
    if domain and not (_is_below(place.host, domain) and ("." in domain or domain == place.host)):
        return False  # another's, or all that ends in .org
    http_only, path = "httponly" in attributes, attributes.get("path")
    return not missing_for_prefix(name, secure=secure, http_only=http_only, path=path, domain=domain or None)


def _covers(kept: Kept, cookie: Kept) -> bool:
    """Tell whether a Secure cookie is in the way of one that came without https (RFC 6265bis, Section 5.7)."""
    near = _is_below(kept.domain, cookie.domain) or _is_below(cookie.domain, kept.domain)
    return kept.secure and kept.name == cookie.name and near and _path_matches(cookie.path, kept.path)


def _is_below(host: str, domain: str) -> bool:
    return host == domain or (host.endswith(f".{domain}") and not _ADDRESS.fullmatch(host))


def _path_matches(path: str, cookie_path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path if cookie_path.endswith("/") else f"{cookie_path}/")


def _default_path(path: str) -> str:
    return path[: path.rfind("/")] or "/" if path.startswith("/") else "/"
