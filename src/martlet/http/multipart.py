"""The body of a form with files, taken apart as it arrives: multipart/form-data.

Source: RFC 7578, RFC 2046 (Section 5.1). However a body is cut into pieces, what comes out is the same. Boundaries are found by
the `multipart` library; what a part's header section may be is decided here and in part_headers.py. Not here: where the bytes
come from, and where they go.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from multipart import MultipartError, PushMultipartParser

from martlet.http.errors import BadRequestError, ContentTooLargeError
from martlet.http.grammar import excerpt
from martlet.http.limits import Limits
from martlet.http.media_types import MediaType
from martlet.http.part_headers import BadPartError, PartHead, read_header_line

__all__ = ["MULTIPART", "MultipartParser", "PartEvent", "multipart_boundary"]

MULTIPART: Final = "multipart/form-data"
MAX_BOUNDARY: Final = 70  # letters (RFC 2046, Section 5.1.1)

PartEvent: TypeAlias = PartHead | bytes | None  # a part begins; some of its content; it has ended

_DEFAULT_LIMITS: Final = Limits()


class MultipartParser:
    r"""Takes pieces of a body, gives what has become clear: heads of parts, pieces of content, None at each part's end.

    boundary: as Content-Type says it, see `multipart_boundary`.
    limits: `query_fields`, `form_files`, `field_bytes`, `file_bytes`, `part_headers` and `part_header_bytes` hold here; the
    length of the whole body is counted where it is received. What stands before the first part or behind the last is no part.

    >>> parser = MultipartParser("x")
    >>> head, *content = parser.feed(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--')
    >>> head.name, content
    ('a', [b'b', None])
    >>> parser.finish()
    """

    __slots__ = ("_boundary", "_fields", "_files", "_limits", "_part", "_preamble", "_reader")

    def __init__(self, boundary: str, limits: Limits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._boundary = b"\r\n--" + boundary.encode("ascii")
        self._reader: Any = _Reader(boundary, limits)
        self._preamble: bytes | None = b""  # None as soon as the first boundary was seen
        self._part: PartHead | None = None
        self._fields = 0
        self._files = 0

    def feed(self, data: bytes) -> list[PartEvent]:
        """What the next piece of the body has made clear.

        Raises BadRequestError for what is no form, and beyond the limits on numbers and headers; ContentTooLargeError for a
        field or a file that is too large.
        """
        if self._preamble is not None:
            data = self._without_preamble(self._preamble + data)
        if not data:
            return []
        if self._part is not None and self._is_content(self._part, data):
            self._check(data)
            return [data]
        events: list[PartEvent] = []
        try:
            for event in self._reader.parse(data):
                self._check(event)
                events.append(event)
        except MultipartError as error:
            raise self._refusal(str(error)) from error
        except BadPartError as error:
            raise BadRequestError(f"Part {self._reader.number} of the form {error}.") from error
        return events

    def finish(self) -> None:
        """Check that the body has ended where it should; raises BadRequestError."""
        if self._preamble is not None:
            raise BadRequestError("The form ends before its first boundary. Is the Content-Type's boundary that of the body?")
        try:
            self._reader.close()
        except MultipartError as error:
            raise self._refusal(str(error)) from error

    def _without_preamble(self, seen: bytes) -> bytes:
        """What the library is to see: from the first boundary on, which it would miss behind some of what may come before."""
        found = seen.find(self._boundary)
        if seen.startswith(self._boundary[2:]) or 0 <= found <= self._limits.part_header_bytes:
            self._preamble = None
            return seen if seen.startswith(self._boundary[2:]) else seen[found + 2 :]
        if found >= 0 or len(seen) > self._limits.part_header_bytes + len(self._boundary):
            raise BadRequestError(
                f"The form has no boundary in its first {self._limits.part_header_bytes:,} bytes. "
                "Is the Content-Type's boundary that of the body?"
            )
        self._preamble = seen
        return b""

    def _is_content(self, part: PartHead, data: bytes) -> bool:
        """Tell, and count, what is a part's content from end to end and cannot be the beginning of a boundary.

        PERF: the library would find the same in three times the time, the search aside: 10 % of an upload that nobody stores.
        And whether there is a boundary is told by a search from the end in half the time of one from the beginning, which
        CPython does another way: 3.6 ms against 7 ms for 64 MiB of a film. (Texts take longer so, a second per GB at most.)
        """
        if part.complete or self._reader.has_rest or data.rfind(b"\r", -len(self._boundary)) >= 0:
            return False
        if data.rfind(self._boundary) >= 0:
            return False
        part.bytes_received += len(data)
        return True

    def _check(self, event: PartEvent) -> None:
        """Hold what comes to its limits."""
        if event is None:
            return
        limits, part = self._limits, self._part
        if isinstance(event, PartHead):
            self._part = event
            self._files += event.is_file
            self._fields += not event.is_file
            if self._files > limits.form_files:
                raise BadRequestError(f"There are more than {limits.form_files} files in the form: send fewer.")
            if self._fields > limits.query_fields:
                raise BadRequestError(f"There are more than {limits.query_fields} fields in the query or form: send fewer.")
        elif part is not None:
            limit = limits.file_bytes if part.is_file else limits.field_bytes
            if limit is not None and part.bytes_received > limit:
                kind = "file" if part.is_file else "field"
                raise ContentTooLargeError(f"The {kind} {excerpt(part.name)} of the form is larger than {limit:,} bytes.")

    def _refusal(self, reason: str) -> BadRequestError:
        number, part = self._reader.number, self._part
        where = f"in part {number}" if number else "at its beginning"
        named = f" ({excerpt(part.name)})" if part is not None and not part.complete else ""
        return BadRequestError(f"The form is broken {where}{named}: {_REASONS.get(reason, reason)}.")


def multipart_boundary(content_type: MediaType) -> str:
    """The boundary that a Content-Type field tells; raises BadRequestError.

    >>> multipart_boundary(MediaType.parse('multipart/form-data; boundary="a b"'))
    'a b'
    """
    found = [value for name, value in content_type.parameters if name == "boundary"]
    if len(found) != 1:
        raise BadRequestError(f"The Content-Type of a form with parts must tell one boundary, and tells {len(found) or 'none'}.")
    boundary = found[0]
    if not 0 < len(boundary) <= MAX_BOUNDARY or not boundary.isascii() or not boundary.isprintable() or boundary[-1] == " ":
        raise BadRequestError(
            f"The boundary {excerpt(boundary)} is none: it has 1 to {MAX_BOUNDARY} letters of ASCII, the last no blank."
        )
    return boundary


_BAD_BOUNDARY: Final = "a boundary is followed by something else than a line's end or two hyphens"
_BAD_LINE: Final = "lines must end in CRLF, not in LF alone"
_LINE_BREAK_IN_HEADER: Final = "Invalid line break in segment header"
_REASONS: Final = {
    "Unexpected end of multipart stream (parser closed)": "the body ends before the last boundary",
    "Unexpected bytes after boundary": _BAD_BOUNDARY,
    "Unexpected byte after first boundary": _BAD_BOUNDARY,
    "Invalid line break after first boundary": _BAD_LINE,
    _LINE_BREAK_IN_HEADER: _BAD_LINE,
    "Maximum segment header length exceeded": "a header line is too long",
}


class _Reader(PushMultipartParser):
    """The library's parser with our own reading of header sections; what it overrides is called once for each part or line."""

    def __init__(self, boundary: str, limits: Limits) -> None:
        super().__init__(boundary, max_header_size=limits.part_header_bytes + 1)  # it counts the CR of a line that just fits
        self._limits = limits
        self._header_bytes = self._header_lines = 0

    @property
    def number(self) -> int:
        """The number of the part that is being read, from 1; 0 before it."""
        return self._segment_count

    @property
    def has_rest(self) -> bool:
        """Whether some of what came before may be the beginning of a boundary."""
        return bool(self._buffer)

    def _on_segment_start(self) -> None:
        super()._on_segment_start()
        self._header_bytes = self._header_lines = 0

    def _on_segment_headerline(self, line: bytes) -> None:
        if b"\n" in line:  # which the library tells only where the line's end has not come yet; the answer is to be the same
            raise MultipartError(_LINE_BREAK_IN_HEADER)
        limits = self._limits
        self._header_bytes += len(line) + (2 if self._header_lines else 0)  # the line's end before it counted in
        self._header_lines += 1
        if self._header_bytes > limits.part_header_bytes:
            raise BadPartError(f"has a header section of more than {limits.part_header_bytes:,} bytes")
        if self._header_lines > limits.part_headers:
            raise BadPartError(f"has a header section of more than {limits.part_headers} lines")
        read_header_line(line, self._segment_headerlist)

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> PartHead:
        return PartHead(headerlist)
