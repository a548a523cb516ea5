"""Validators: what tells one state of a representation from another, an entity tag or the time of its last change.

Source: RFC 9110, Section 8.8. Not here: what a condition on them means (preconditions.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, cast

from martlet.http.dates import format_http_date, parse_http_date
from martlet.http.grammar import excerpt
from martlet.http.headers import Headers

__all__ = ["BadETagError", "ETag", "Validators", "received_etags"]

# obs-text is left out: servers differ in how they send it, so that a tag with it would never come back as it went.
_OPAQUE = re.compile(r"[!#-~]*").fullmatch
_ENTITY_TAG = re.compile(r'(W/)?"([!#-~]*)"').fullmatch
_RECEIVED_TAG = re.compile(r'([Ww]/)?"([^"]*)"')
_WORD = re.compile(r"[^, \t]+")
_TOLD_OTHERWISE: Final = {"etag": "etag", "last-modified": "last_modified"}
_DIGEST_BYTES: Final = 15  # 20 characters; two of a billion representations share a tag once in 10^18 years of work


class BadETagError(ValueError):
    """What cannot be an entity tag, and why."""


@dataclass(frozen=True, slots=True)
class ETag:
    """An entity tag: an opaque value that changes with the representation (RFC 9110, Section 8.8.3).

    weak: equal for representations that may stand for each other, though their bytes may differ.
    Raises BadETagError for a value with quotes, spaces, control characters or more than ASCII.

    >>> str(ETag("v7")), str(ETag("v7", weak=True))
    ('"v7"', 'W/"v7"')
    """

    value: str
    weak: bool = False

    def __post_init__(self) -> None:
        """Check the value, so that a tag always fits a field."""
        if not _OPAQUE(self.value):
            raise BadETagError(
                f"{excerpt(self.value)} is no entity tag: use visible ASCII without quotes and spaces, such as a version's "
                "number, or make one of the content with ETag.of(data)."
            )

    @classmethod
    def of(cls, data: bytes, *, weak: bool = False) -> ETag:
        """A tag made of the content itself: the same bytes have the same tag on every machine.

        >>> ETag.of(b"content") == ETag.of(b"content") != ETag.of(b"other")
        True
        """
        return cls(blake2b(data, digest_size=_DIGEST_BYTES).hexdigest(), weak)

    @classmethod
    def parse(cls, text: str) -> ETag | None:
        """The tag that an ETag field holds; None for what is none.

        >>> ETag.parse('W/"v7"'), ETag.parse("v7")
        (ETag(value='v7', weak=True), None)
        """
        found = _ENTITY_TAG(text)
        return None if found is None else cls(found[2], found[1] is not None)

    def matches_strongly(self, other: ETag) -> bool:
        """True if both are strong and equal: the representations have the same bytes (Section 8.8.3.2).

        >>> ETag("1").matches_strongly(ETag("1")), ETag("1").matches_strongly(ETag("1", weak=True))
        (True, False)
        """
        return not self.weak and not other.weak and self.value == other.value

    def matches_weakly(self, other: ETag) -> bool:
        """True if the values are equal: one representation may stand for the other (Section 8.8.3.2).

        >>> ETag("1").matches_weakly(ETag("1", weak=True))
        True
        """
        return self.value == other.value

    def weakened(self) -> ETag:
        """The same tag for a representation whose bytes were changed on the way, as compressing does."""
        return self if self.weak else ETag(self.value, weak=True)

    def __str__(self) -> str:
        """The tag as a field's value."""
        return f'W/"{self.value}"' if self.weak else f'"{self.value}"'


@dataclass(frozen=True, slots=True)
class Validators:
    """What is known of a representation's state: its tag, the time of its last change, both, or neither.

    last_modified: cut to whole seconds of UTC; raises ValueError for a moment without a zone.
    headers: what a 200 and its 304 say alike, as Cache-Control, Content-Location, Expires and Vary (Section 15.4.5); kept as
    pairs with names in lower case. Raises BadHeaderError, ValueError for ETag and Last-Modified, which are told by the others.
    `fields` are the header fields that tell the tag and the time; made once, these cost a request nothing.

    >>> Validators(ETag("7"), datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)).fields
    (('etag', '"7"'), ('last-modified', 'Sun, 06 Nov 1994 08:49:37 GMT'))
    """

    etag: ETag | None = None
    last_modified: datetime | None = None
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = field(default=(), repr=False)
    etag_text: str | None = field(init=False, repr=False, compare=False)
    last_modified_text: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Write the fields' values now, since nearly every condition repeats one of them."""
        changed = self.last_modified
        text = None if changed is None else format_http_date(changed)
        if changed is not None:
            object.__setattr__(self, "last_modified", changed.astimezone(UTC).replace(microsecond=0))
        object.__setattr__(self, "etag_text", None if self.etag is None else str(self.etag))
        object.__setattr__(self, "last_modified_text", text)
        if self.headers:
            object.__setattr__(self, "headers", _checked_headers(self.headers))

    @classmethod
    def from_fields(cls, etag: str | None, last_modified: str | None) -> Validators | None:
        """What the two fields of a response say; None if they say nothing that can be read.

        >>> Validators.from_fields('"7"', "last week")
        Validators(etag=ETag(value='7', weak=False), last_modified=None)
        """
        tag = None if etag is None else ETag.parse(etag)
        changed = None if last_modified is None else parse_http_date(last_modified)
        return None if tag is None and changed is None else cls(tag, changed)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The header fields ETag and Last-Modified, those of them that are known."""
        pairs = (("etag", self.etag_text), ("last-modified", self.last_modified_text))
        return tuple((name, value) for name, value in pairs if value is not None)

    @property
    def header_fields(self) -> tuple[tuple[str, str], ...]:
        """The pairs of `headers`.

        >>> Validators(ETag("7"), headers={"Cache-Control": "max-age=60"}).header_fields
        (('cache-control', 'max-age=60'),)
        """
        return cast("tuple[tuple[str, str], ...]", self.headers)


def _checked_headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = tuple(Headers(headers).items())
    for name, _ in pairs:
        if name in _TOLD_OTHERWISE:
            raise ValueError(f"Validators(headers=…) has {name} in it: give {_TOLD_OTHERWISE[name]}= in its place.")
    return pairs


def received_etags(text: str) -> Iterator[tuple[bool, str]]:
    """The entity tags a condition lists, as (weak, value); what stands between them is passed over.

    Where nothing is quoted, the words are taken for strong tags, since programs forget the quotes. Work is linear in the text.

    >>> list(received_etags('"a", w/"b"')), list(received_etags("a, b"))
    ([(False, 'a'), (True, 'b')], [(False, 'a'), (False, 'b')])
    """
    if '"' in text:
        return ((found[1] is not None, found[2]) for found in _RECEIVED_TAG.finditer(text))
    return ((False, found[0]) for found in _WORD.finditer(text))
