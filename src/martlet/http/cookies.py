"""Cookies: lenient with what a client sends, strict with what we set.

Source: RFC 6265bis (draft-ietf-httpbis-rfc6265bis). A value is what stands between the signs: quotes belong to it, and nothing is
percent-decoded, so a value of ours comes back as it was set. Not here: signing and sessions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, Self, cast

from martlet.http.dates import format_http_date
from martlet.http.grammar import excerpt, is_token

__all__ = ["MAX_COOKIE_BYTES", "BadCookieError", "SetCookie", "UndecidedCookie", "missing_for_prefix", "parse_cookies"]

MAX_COOKIE_BYTES = 4096  # name and value together; browsers drop what is larger without a word (RFC 6265bis, Section 5.7)
MAX_ATTRIBUTE_BYTES = 1024  # one attribute's value; browsers ignore the attribute beyond it (RFC 6265bis, Section 5.6)

_VALUE = re.compile(r'[!#-+\--:<-\[\]-~]*+|"[!#-+\--:<-\[\]-~]*+"')
_PATH = re.compile(r"/[!-:=-~]*+")
_DOMAIN = re.compile(r"\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# What a browser demands of a name that begins so, in any case (RFC 6265bis, Section 4.1.3).
_PREFIXES: dict[str, tuple[str, ...]] = {
    "__secure-": ("secure",),
    "__host-": ("secure", "path='/'", "domain=None"),
    "__http-": ("secure", "http_only"),
    "__host-http-": ("secure", "http_only", "path='/'", "domain=None"),
}
_LONGEST_FIRST = sorted(_PREFIXES, key=len, reverse=True)


class BadCookieError(ValueError):
    """A cookie that a browser would refuse, or that would split the field it stands in."""


class UndecidedCookie(str):
    """The text of a cookie with Secure in it, and `plain`, the text without: which of them is sent depends on the request.

    >>> SetCookie("theme", "dark").field_value().plain
    'theme=dark; Path=/; HttpOnly; SameSite=Lax'
    """

    __slots__ = ("plain",)

    plain: str


def parse_cookies(header: str) -> dict[str, str]:
    """Read a Cookie field; of cookies with one name the first counts, which is the one of the most specific path.

    Pieces without `=` or without a name are dropped: a nameless cookie could pose as any other (RFC 6265bis, Section 8.8).
    Never raises, and takes linear time.

    >>> parse_cookies('session=abc; theme="dark"; session=older; odd')
    {'session': 'abc', 'theme': '"dark"'}
    """
    if ";" not in header:  # PERF: the usual one cookie, which may be long, without a list and a copy of it: 0.3 µs of 0.7
        name, sign, value = header.partition("=")
        name = name.strip(" \t")
        return {name: value.strip(" \t")} if sign and name else {}
    cookies: dict[str, str] = {}
    for piece in header.split(";"):
        name, sign, value = piece.partition("=")
        name = name.strip(" \t")
        if sign and name and name not in cookies:
            cookies[name] = value.strip(" \t")
    return cookies


def cookie_values(header: str, name: str) -> list[str]:
    """Give the values of all cookies with one name in a Cookie field, in their order.

    >>> cookie_values("session=abc; theme=dark; session=older", "session")
    ['abc', 'older']
    """
    pieces = (piece.partition("=") for piece in header.split(";"))
    return [value.strip(" \t") for found, sign, value in pieces if sign and found.strip(" \t") == name]


@dataclass(frozen=True, slots=True)
class SetCookie:
    """One cookie to be set; its text is the value of a Set-Cookie field.

    max_age: whole seconds to live, or a timedelta; 0 or less removes it. expires: the same as a moment, with a zone. Neither:
    until the browser closes.
    path: None is the directory of the request. domain: None is this host alone, a name is that host and all below it.
    secure: only over https. None decides when the answer is sent: True, unless the request came by plain http, where browsers
    would drop the cookie without a word; a name or another attribute that demands it settles it.
    http_only: out of reach of scripts. same_site: when other sites' requests carry it.
    Raises BadCookieError for whatever a browser would refuse, and for characters that would begin another attribute or field.

    >>> str(SetCookie("theme", "dark", max_age=3600))
    'theme=dark; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax'
    """

    name: str
    value: str
    max_age: int | timedelta | None = None
    expires: datetime | None = None
    path: str | None = "/"
    domain: str | None = None
    secure: bool | None = None
    http_only: bool = True
    same_site: Literal["strict", "lax", "none"] | None = "lax"
    partitioned: bool = False

    def __post_init__(self) -> None:
        self._check_lifetime()
        self._check_characters()
        self._check_lengths()
        self._check_prefix()
        if self.secure is False and (self.same_site == "none" or self.partitioned):
            cause = "partitioned" if self.partitioned else "same_site='none'"
            raise BadCookieError(f"The cookie {self.name!r} has {cause}, which browsers take only with secure=True.")

    def removed(self) -> Self:
        """The cookie that makes a browser forget this one: the same place, no value, long expired.

        >>> str(SetCookie("theme", "dark", secure=False).removed())
        'theme=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax'
        """
        return replace(self, value="", max_age=0, expires=_LONG_AGO)

    def __str__(self) -> str:
        """The text over https."""
        return self._text(secure=self.secure is not False)

    def field_value(self) -> str | UndecidedCookie:
        """The value of a Set-Cookie field; an UndecidedCookie where the scheme of the request has a say.

        >>> type(SetCookie("__Host-id", "7").field_value()).__name__
        'str'
        """
        text = str(self)
        if self.secure is not None or self._demands_secure():
            return text
        undecided = UndecidedCookie(text)
        undecided.plain = self._text(secure=False)
        return undecided

    def _demands_secure(self) -> bool:
        return self.same_site == "none" or self.partitioned or _prefix_of(self.name) is not None

    def _text(self, *, secure: bool) -> str:
        attributes = (
            f"{self.name}={self.value}",
            "" if self.max_age is None else f"Max-Age={self.max_age}",
            "" if self.expires is None else f"Expires={format_http_date(self.expires)}",
            "" if self.path is None else f"Path={self.path}",
            "" if self.domain is None else f"Domain={self.domain}",
            "Secure" if secure else "",
            "HttpOnly" if self.http_only else "",
            f"SameSite={self.same_site.capitalize()}" if self.same_site else "",
            "Partitioned" if self.partitioned else "",
        )
        return "; ".join(filter(None, attributes))

    def _check_characters(self) -> None:
        if not is_token(self.name):
            raise BadCookieError(f"{excerpt(self.name)} is no cookie name: use letters, digits and !#$%&'*+-.^_`|~ only.")
        if not _VALUE.fullmatch(self.value):
            raise BadCookieError(
                f"The cookie {self.name!r} has the value {excerpt(self.value)}, with a space, quote, comma, semicolon, "
                "backslash, control or non-ASCII character in it: write it with urllib.parse.quote, and read it with unquote."
            )
        if self.path is not None and not _PATH.fullmatch(self.path):
            raise BadCookieError(
                f"The cookie {self.name!r} has the path {excerpt(self.path)}: begin it with a slash, and percent-encode "
                "spaces, semicolons, angle brackets, control and non-ASCII characters."
            )
        if self.domain is not None and not _DOMAIN.fullmatch(self.domain):
            raise BadCookieError(
                f"The cookie {self.name!r} has the domain {excerpt(self.domain)}: write a host name, such as 'example.org'."
            )
        if self.same_site not in (None, "strict", "lax", "none"):
            raise BadCookieError(
                f"The cookie {self.name!r} has same_site={self.same_site!r}: choose 'strict', 'lax', 'none' or None."
            )

    def _check_lifetime(self) -> None:
        max_age, expires = self.max_age, cast("object", self.expires)
        if isinstance(max_age, timedelta):
            object.__setattr__(self, "max_age", -(-max_age // timedelta(seconds=1)))
        elif max_age is not None and type(max_age) is not int:
            raise BadCookieError(
                f"The cookie {self.name!r} has max_age={max_age!r:.80}: write whole seconds, or a timedelta such as "
                "timedelta(days=30)."
            )
        if expires is None:
            return
        if not isinstance(expires, datetime):
            raise BadCookieError(
                f"The cookie {self.name!r} has expires={expires!r:.80}: write a datetime with its zone, or max_age in seconds."
            )
        if expires.tzinfo is None:
            raise BadCookieError(f"The cookie {self.name!r} expires at {expires!r}, without a time zone: say which one is meant.")

    def _check_lengths(self) -> None:
        if len(self.name) + len(self.value) > MAX_COOKIE_BYTES:
            raise BadCookieError(
                f"The cookie {excerpt(self.name)} takes {len(self.name) + len(self.value)} bytes with its value; "
                f"browsers drop what exceeds {MAX_COOKIE_BYTES}. Keep the data in a store, and its key in the cookie."
            )
        if max(len(self.path or ""), len(self.domain or "")) > MAX_ATTRIBUTE_BYTES:
            raise BadCookieError(f"The cookie {self.name!r} has a path or domain beyond {MAX_ATTRIBUTE_BYTES} bytes: shorten it.")

    def _check_prefix(self) -> None:
        missing = missing_for_prefix(
            self.name, secure=self.secure is not False, http_only=self.http_only, path=self.path, domain=self.domain
        )
        if missing:
            raise BadCookieError(
                f"The cookie {self.name!r} begins with {self.name[: len(_prefix_of(self.name) or '')]!r}, which browsers take "
                f"only with {' and '.join(missing)}."
            )


def _prefix_of(name: str) -> str | None:
    # The longest prefix first, since __Host-Http- begins with __Host- too.
    return next((found for found in _LONGEST_FIRST if name[: len(found)].lower() == found), None)


def missing_for_prefix(name: str, *, secure: bool, http_only: bool, path: str | None, domain: str | None) -> list[str]:
    """What a browser misses in a cookie whose name begins with a prefix that promises it (RFC 6265bis, Section 4.1.3).

    >>> missing_for_prefix("__Host-id", secure=True, http_only=False, path="/", domain="example.org")
    ['domain=None']
    """
    prefix = _prefix_of(name)
    if prefix is None:
        return []
    met = {"secure": secure, "http_only": http_only, "path='/'": path == "/", "domain=None": domain is None}
    return [demand for demand in _PREFIXES[prefix] if not met[demand]]
