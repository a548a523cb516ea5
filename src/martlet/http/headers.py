"""Header fields: case-insensitive names, repeated fields, and nothing that could split a message.

Source: RFC 9110, Section 5. What we set is checked at the line that sets it; what a server received is trusted to be fields
(`Headers.from_wire`). Names are kept in lower case, as HTTP/2 sends them. Not here: what single fields mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Self, TypeVar, cast, overload

from martlet.http.grammar import excerpt, is_token, split_list

__all__ = ["BadHeaderError", "Headers", "checked_field"]

Default = TypeVar("Default")

FEW = 16  # fields that are looked through without an index
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SEPARATORS = {"cookie": "; "}  # RFC 6265, Section 5.4 writes its pairs so; every other list has commas (RFC 9110, Section 5.3)

# PERF: looking a frequent name up costs a tenth of checking it; the table is fixed, so that nobody can fill it.
_FREQUENT = (
    "Accept Accept-Ranges Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods "
    "Access-Control-Allow-Origin Access-Control-Expose-Headers Access-Control-Max-Age Age Allow Authorization Cache-Control "
    "Connection Content-Disposition Content-Encoding Content-Language Content-Length Content-Location Content-Range "
    "Content-Security-Policy Content-Type Cookie Cross-Origin-Opener-Policy Cross-Origin-Resource-Policy Date ETag Expires Host "
    "Last-Event-ID Last-Modified Link Location Origin Permissions-Policy Referrer-Policy Retry-After Server Set-Cookie "
    "Strict-Transport-Security Transfer-Encoding Vary WWW-Authenticate X-Accel-Buffering X-Content-Type-Options X-Frame-Options "
    "X-Request-ID"
)
_KNOWN_NAMES = {spelling: name.lower() for name in _FREQUENT.split() for spelling in (name, name.lower(), name.title())}


class BadHeaderError(ValueError):
    """A field name or value that must not be sent, and why."""


def checked_field(name: str, value: str) -> tuple[str, str]:
    r"""One field as it may be sent: its name in lower case, its value without space around it.

    Raises BadHeaderError for a name that is no token, and for a value with control characters or beyond Latin-1.

    >>> checked_field("X-Shelf", " 3 ")
    ('x-shelf', '3')
    >>> checked_field("Location", "/\r\nSet-Cookie: a=b")
    Traceback (most recent call last):
        ...
    martlet.http.headers.BadHeaderError: The value of 'location' has a control character in it ...
    """
    known = _KNOWN_NAMES.get(name) or _checked_name(name)
    # PERF: three methods in C, where a regular expression takes thrice the time; true of nearly every value.
    if type(value) is str and value.isascii() and value.isprintable() and value[:1] != " " != value[-1:]:
        return known, value
    return known, _checked_value(known, value)


class _FieldReading:
    """Looking fields up by name, in whatever way."""

    __slots__ = ("_fields", "_index")

    _fields: list[tuple[str, str]]
    _index: dict[str, list[str]] | None  # made when somebody first asks for a name, for many messages are only passed on

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: Default) -> str | Default: ...
    def get(self, name: str, default: object = None) -> object:
        """The value of a field: repeated ones joined by commas (Cookie by semicolons), of Set-Cookie the first alone.

        >>> Headers({"Vary": "Accept"}).get("vary"), Headers().get("vary")
        ('Accept', None)
        """
        name = name.lower()
        values = self._by_name().get(name)
        if values is None:
            return default
        if len(values) == 1 or name == "set-cookie":
            return values[0]
        return _SEPARATORS.get(name, ", ").join(values)

    def get_list(self, name: str) -> list[str]:
        """The value of each field of this name, in order; lists inside a value are not split."""
        return self._by_name().get(name.lower(), []).copy()

    def items(self) -> list[tuple[str, str]]:
        """Every field in order, repeated ones as often as they occur, names in lower case; the list is the caller's own."""
        return self._fields.copy()

    def keys(self) -> list[str]:
        """The distinct names in lower case, in the order of their first field; makes `dict(headers)` work."""
        return list(self._by_name())

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._by_name())

    def __eq__(self, other: object) -> bool:
        """Equal fields under equal names; how different names are mixed means nothing (RFC 9110, Section 5.3)."""
        return self._by_name() == other._by_name() if isinstance(other, _FieldReading) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it may change

    def __repr__(self) -> str:
        return f"Headers({self._fields!r})"

    def _by_name(self) -> dict[str, list[str]]:
        if self._index is None:
            self._index = {}
            for name, value in self._fields:
                self._index.setdefault(name, []).append(value)
        return self._index


class Headers(_FieldReading):
    """The fields of a message, in order; a name may occur several times, and its case does not count.

    fields: a mapping, pairs, or other Headers; each is checked as `add` does.
    Raises BadHeaderError for a field that must not be sent.

    >>> headers = Headers([("Accept", "text/html"), ("accept", "text/plain")])
    >>> headers["ACCEPT"], headers.get_list("accept"), "Host" in headers
    ('text/html, text/plain', ['text/html', 'text/plain'], False)
    """

    __slots__ = ()

    def __init__(self, fields: Headers | Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._index = None
        if isinstance(fields, Headers):
            self._fields = fields._fields.copy()
        else:
            # PERF: the test for the usual list or tuple goes first, since one for Mapping takes longer than the rest together.
            if not isinstance(fields, list | tuple) and isinstance(fields, Mapping):
                fields = cast("Mapping[str, str]", fields).items()
            self._fields = [checked_field(name, value) for name, value in fields]

    @classmethod
    def from_wire(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """The fields of a received message, unchecked: a server has already taken it apart.

        >>> Headers.from_wire([("Host", "example.org")])["host"]
        'example.org'
        """
        return cls.from_checked((name.lower(), value) for name, value in pairs)

    @classmethod
    def from_checked(cls, pairs: Iterable[tuple[str, str]]) -> Self:
        """Fields that were checked before, names in lower case; for those that are made ready at start-up.

        >>> Headers.from_checked((("vary", "accept"),))["Vary"]
        'accept'
        """
        # PERF: 0.4 µs, where the constructor takes 1 µs, of every answer whose prepared fields somebody adds to.
        headers = cls.__new__(cls)
        headers._fields = list(pairs)
        headers._index = None  # noqa: SLF001  of its own class
        return headers

    def add(self, name: str, value: str) -> None:
        """Append a field beside those of the same name. Raises BadHeaderError for what must not be sent."""
        self.add_checked(*checked_field(name, value))

    def add_checked(self, name: str, value: str) -> None:
        """Append a field that was checked before, its name in lower case; the value stays the object that it is."""
        self._fields.append((name, value))
        if self._index is not None:
            self._index.setdefault(name, []).append(value)

    def set(self, name: str, value: str) -> None:
        """Put this field in the place of all of its name. Raises BadHeaderError for what must not be sent.

        >>> headers = Headers([("a", "1"), ("b", "2"), ("a", "3")])
        >>> headers.set("A", "4")
        >>> headers.items()
        [('a', '4'), ('b', '2')]
        """
        name, value = field = checked_field(name, value)
        # PERF: looking through a few fields takes 0.3 µs, an index of them 1 µs; an answer has a few, and is asked for none.
        if self._index is None and len(self._fields) <= FEW:
            for key, _ in self._fields:
                if key == name:
                    break
            else:
                self._fields.append(field)
                return
        index = self._by_name()
        if name in index:
            first = next(position for position, (key, _) in enumerate(self._fields) if key == name)
            if len(index[name]) > 1:
                self._fields[first + 1 :] = [kept for kept in self._fields[first + 1 :] if kept[0] != name]
            self._fields[first] = field
        else:
            self._fields.append(field)
        index[name] = [value]

    def setdefault(self, name: str, value: str) -> str:
        """Set the field unless there is one, and return what it is then. Raises BadHeaderError for what must not be sent."""
        found = self.get(name)
        if found is not None:
            return found
        self.set(name, value)
        return self[name]

    def update(self, fields: Headers | Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        """Put these fields in the place of those with the same names. Raises BadHeaderError for what must not be sent.

        >>> headers = Headers({"vary": "Accept", "age": "1"})
        >>> headers.update([("Vary", "Cookie"), ("Vary", "Origin")])
        >>> headers.items()
        [('age', '1'), ('vary', 'Cookie'), ('vary', 'Origin')]
        """
        new = fields if isinstance(fields, Headers) else Headers(fields)
        replaced = set(new)
        self._fields = [kept for kept in self._fields if kept[0] not in replaced] + new._fields
        self._index = None

    def add_member(self, name: str, member: str) -> None:
        """Add a member to a comma-separated field unless it is there, in any case; a Vary of `*` already says all.

        >>> headers = Headers({"Vary": "Accept"})
        >>> headers.add_member("vary", "Cookie")
        >>> headers.add_member("vary", "accept")
        >>> headers["vary"]
        'Accept, Cookie'
        """
        present = self.get(name)
        if not present:
            self.set(name, member)
            return
        members = {found.lower() for found in split_list(present, limit=len(present))}
        if member.lower() not in members and not ("*" in members and name.lower() == "vary"):
            self.set(name, f"{present}, {member}")

    def change(self, name: str, change: Callable[[str], str]) -> None:
        """Put another value in the place of each of this name, which is in lower case; it is not checked."""
        for place, (key, value) in enumerate(self._fields):
            if key == name:
                self._fields[place], self._index = (key, change(value)), None

    def remove(self, name: str) -> None:
        """Drop every field of this name, if there is any."""
        if self._by_name().pop(name.lower(), None) is not None:
            self._fields = [field for field in self._fields if field[0] != name.lower()]

    def copy(self) -> Headers:
        """Fields of their own, which may be changed without changing these."""
        return Headers(self)

    __copy__ = copy

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self.remove(name)


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not is_token(name):
        raise BadHeaderError(
            f"{excerpt(str(name))} is no field name: use letters, digits and !#$%&'*+-.^_`|~ only, and no colon."
        )
    return name.lower()


def _checked_value(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadHeaderError(f"The value of {name!r} is {value!r}, of type {type(value).__name__}: pass a str.")
    if found := _CONTROL.search(value):
        raise BadHeaderError(
            f"The value of {name!r} has a control character in it, at {found.start()}: {excerpt(value)}. "
            "It would split the message or cut it short: remove it, or percent-encode the value with urllib.parse.quote."
        )
    try:
        value.encode("latin-1")
    except UnicodeEncodeError as error:
        raise BadHeaderError(
            f"The value of {name!r} has a character beyond Latin-1 in it, at {error.start}: {excerpt(value)}. Percent-encode it "
            "with urllib.parse.quote, or in a parameter write name*=UTF-8'' and the percent-encoded value (RFC 8187)."
        ) from None
    return value.strip(" \t")
