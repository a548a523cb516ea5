"""Ranges of bytes: which parts of a representation a Range field asks for, and how several travel in one answer.

Source: RFC 9110, Section 14. A list that is malformed or longer than its bound is None, which means the whole: a server may
always answer so (Section 14.2). Not here: which answers may be cut (messages/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from secrets import token_hex
from typing import Final, NamedTuple

from martlet.http.dates import parse_http_date
from martlet.http.validators import Validators, received_etags

__all__ = ["ByteRange", "MultipartRanges", "if_range_holds", "requested_ranges", "unsatisfied_range"]

_UNIT = re.compile(r"bytes=", re.IGNORECASE).match
_MEMBER = re.compile(r"[ \t]*+(?:([0-9]++)-([0-9]*+)|-([0-9]++))[ \t]*+").fullmatch
_MOST_DIGITS: Final = 18  # no file is longer than a number of so many; what is larger counts as that
_BEYOND_ANY_SIZE: Final = 10**_MOST_DIGITS


class ByteRange(NamedTuple):
    """A part of a representation: offsets in bytes, `stop` exclusive.

    >>> ByteRange(0, 500).content_range(1234)
    'bytes 0-499/1234'
    """

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes it has."""
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        """The value of Content-Range for this part of a representation of `size` bytes (Section 14.4)."""
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def unsatisfied_range(size: int) -> str:
    """The value of Content-Range in a 416 answer: only the size (Section 14.4).

    >>> unsatisfied_range(47022)
    'bytes */47022'
    """
    return f"bytes */{size}"


def requested_ranges(text: str, size: int, *, limit: int) -> list[ByteRange] | None:
    """The parts of `size` bytes that a Range field asks for, in its order; empty if it can be satisfied by none (416).

    None where it is not understood, and where its parts are the whole anyway: then the whole is the answer. Parts that overlap or
    touch are joined, so that no byte is sent twice, whatever was asked for (Sections 14.2 and 15.3.7.2).
    limit: members of the list, beyond which it is not looked at.

    >>> requested_ranges("bytes=0-1, -2", 10, limit=5), requested_ranges("bytes=10-", 10, limit=5)
    ([ByteRange(start=0, stop=2), ByteRange(start=8, stop=10)], [])
    >>> requested_ranges("bytes=5-4", 10, limit=5), requested_ranges("lines=1-2", 10, limit=5)
    (None, None)
    """
    unit = _UNIT(text)
    if unit is None or text.count(",") >= limit:
        return None
    members = [member for member in text[unit.end() :].split(",") if member.strip(" \t")]
    parts: list[ByteRange] = []
    for member in members:
        part = _part(member, size)
        if part is None:
            return None
        if part.length > 0:
            parts.append(part)
    parts = _joined(parts)
    asks_for_whole = not members or (len(members) > 1 and parts == [(0, size)])
    return None if asks_for_whole else parts


def if_range_holds(text: str, validators: Validators | None) -> bool:
    """Whether If-Range names the current representation, so that the client may put a part to those it has (Section 13.1.5).

    A tag is compared strongly. A date must be the very one of Last-Modified, and is then believed to be a strong validator: that
    it was a minute old when it was sent, without which it is a weak one (Section 8.8.2.2), nobody here could tell, and a client
    must not send another. Most servers do the same; who wants to be sure gives an ETag, which nobody has to believe.

    >>> from martlet.http.validators import ETag
    >>> if_range_holds('"7"', Validators(ETag("7"))), if_range_holds('W/"7"', Validators(ETag("7", weak=True)))
    (True, False)
    """
    if validators is None:
        return False
    text = text.strip(" \t")
    moment = parse_http_date(text)
    if moment is not None:
        return moment == validators.last_modified
    given = list(islice(received_etags(text), 2))
    tag = validators.etag
    return tag is not None and not tag.weak and given == [(False, tag.value)]


@dataclass(frozen=True, slots=True)
class MultipartRanges:
    r"""Several parts of one representation, framed as multipart/byteranges (Sections 14.6 and 15.3.7.2).

    size: of the whole representation, in bytes. media_type: its Content-Type, repeated before each part; None where it has none.
    Each part is its head, then its bytes; `end` follows the last. `length` counts all of it.

    >>> parts = MultipartRanges([ByteRange(0, 2), ByteRange(8, 10)], 10, "text/plain", boundary="B")
    >>> parts.heads[1], parts.end, parts.length
    (b'\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n', b'\r\n--B--\r\n', 139)
    """

    ranges: Sequence[ByteRange]
    size: int
    media_type: str | None
    boundary: str = field(default_factory=lambda: token_hex(12))  # nobody can put it into the content beforehand
    heads: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write the heads now, since their length is part of Content-Length."""
        lines = f"--{self.boundary}\r\n" + ("" if self.media_type is None else f"Content-Type: {self.media_type}\r\n")
        heads = [f"\r\n{lines}Content-Range: {part.content_range(self.size)}\r\n\r\n".encode() for part in self.ranges]
        heads[:1] = [heads[0].removeprefix(b"\r\n")]
        object.__setattr__(self, "heads", tuple(heads))

    def pieces(self) -> Iterator[tuple[bytes, ByteRange]]:
        """Each part's head, and the part that follows it."""
        return zip(self.heads, self.ranges, strict=True)

    @property
    def content_type(self) -> str:
        """The answer's own Content-Type."""
        return f"multipart/byteranges; boundary={self.boundary}"

    @property
    def end(self) -> bytes:
        """What follows the last part."""
        return f"\r\n--{self.boundary}--\r\n".encode()

    @property
    def length(self) -> int:
        """Bytes in all, framing included."""
        return sum(map(len, self.heads)) + sum(part.length for part in self.ranges) + len(self.end)


def _part(member: str, size: int) -> ByteRange | None:
    """What a member of the list asks for, cut to the size; empty where it lies outside, None if it is none (Section 14.1.2)."""
    found = _MEMBER(member)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = _number(suffix)
        # The end of nothing is nothing: satisfied by an empty representation, though no part can say so.
        return None if size == 0 < length else ByteRange(max(size - length, 0), size)
    start = _number(first)
    stop = _number(last) + 1 if last else size
    if last and stop <= start:
        return None
    return ByteRange(min(start, size), min(stop, size))


def _number(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _MOST_DIGITS else _BEYOND_ANY_SIZE


def _joined(parts: list[ByteRange]) -> list[ByteRange]:
    """Parts without overlaps, each in the place of the earliest it is made of."""
    joined: list[tuple[int, ByteRange]] = []
    for place, part in sorted(enumerate(parts), key=lambda entry: entry[1]):
        if joined and part.start <= joined[-1][1].stop:
            before, other = joined[-1]
            joined[-1] = (min(place, before), ByteRange(other.start, max(part.stop, other.stop)))
        else:
            joined.append((place, part))
    return [part for _, part in sorted(joined)]
