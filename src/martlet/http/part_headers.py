"""The header section of one part of a form: its name, the name of its file, its type.

Source: RFC 7578, and the WHATWG HTML Standard for how browsers write names into a Content-Disposition field:
https://html.spec.whatwg.org/#multipart/form-data-encoding-algorithm. Names are UTF-8 whatever the part is; `name*` and
`filename*` mean nothing here (RFC 7578, Section 4.2). Not here: where a part begins and ends (multipart.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from martlet.http.charsets import decode_text, find_codec
from martlet.http.errors import BadRequestError
from martlet.http.filenames import safe_filename
from martlet.http.grammar import TCHAR, excerpt, is_token
from martlet.http.headers import Headers
from martlet.http.media_types import MediaType

__all__ = ["BadPartError", "PartHead", "read_header_line"]

_KIND: Final = re.compile(r"[ \t]*+form-data[ \t]*+(?=;|\Z)", re.IGNORECASE)
# A quoted value ends at the quote that a semicolon or the end follows: browsers escape quotes, older programs let some stand.
_PARAMETER: Final = re.compile(
    rf'[ \t]*+;[ \t]*+(?:({TCHAR}++)[ \t]*+=[ \t]*+(?:"((?:[^"]++|"(?![ \t]*+(?:;|\Z)))*)"|([^";]*+))[ \t]*+)?(?=;|\Z)'
)
_BLANKS: Final = " \t"
_FORBIDDEN: Final = re.compile("[\r\n\0]")
_ESCAPES: Final = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))  # all that browsers escape, and just so
# RFC 7578 has no use for codings, and calls the field deprecated (Section 4.7); these three change nothing.
_PLAIN_CODINGS: Final = frozenset({"", "7bit", "8bit", "binary"})
_FREQUENT: Final = {"Content-Disposition": "content-disposition", "Content-Type": "content-type"}
_TEXT: Final = MediaType("text", "plain")
_OCTETS: Final = MediaType("application", "octet-stream")


class BadPartError(ValueError):
    """A header section that no form's part can have; the message is the end of a sentence about the part."""


class PartHead:
    """What stands before a part's content: `name`, `raw_filename` (None for a field), `headers`.

    lines: names and values as they came, each byte a letter of Latin-1.
    Raises BadPartError.

    >>> head = PartHead([("Content-Disposition", 'form-data; name="photo"; filename="a/b.png"')])
    >>> head.name, head.filename, head.raw_filename, head.content_type.essence
    ('photo', 'b.png', 'a/b.png', 'application/octet-stream')
    """

    __slots__ = ("_claimed", "_filename", "_lines", "_name", "bytes_received", "complete", "is_file", "size")

    is_file: bool  # as soon as it has a file's name, an empty one too (RFC 7578, Section 4.2)
    size: int  # letters of the header section, which somebody may keep

    def __init__(self, lines: Sequence[tuple[str, str]]) -> None:
        self._lines = lines
        self.bytes_received = 0  # these two belong to the parser
        self.complete = False
        self.size = 0
        self._claimed: str | None = None  # as its media type
        disposition: str | None = None
        for name, value in lines:
            self.size += len(name) + len(value)
            lower = _FREQUENT.get(name) or name.lower()
            if lower == "content-disposition":
                if disposition is not None:
                    raise BadPartError("has two Content-Disposition fields")
                disposition = value
            elif lower == "content-type":
                self._claimed = self._claimed or value
            elif lower == "content-transfer-encoding" and value.lower() not in _PLAIN_CODINGS:
                raise BadPartError(
                    f"has the Content-Transfer-Encoding {excerpt(value)}, which forms do not use: send the content as it is"
                )
        if disposition is None:
            raise BadPartError("has no Content-Disposition field")
        self._name, self._filename = parse_disposition(disposition)
        self.is_file = self._filename is not None

    @property
    def name(self) -> str:
        """The name of the form's field."""
        return self._name if self._name.isascii() else self.name_in("utf-8")

    def name_in(self, codec: str) -> str:
        """The name, if the form's own charset is not UTF-8."""
        return self._name if self._name.isascii() else decode_text(self._name.encode("latin-1"), codec)

    @property
    def raw_filename(self) -> str | None:
        """The file's name exactly as its sender gave it; it may be a path, to anywhere."""
        return None if self._filename is None else decode_text(self._filename.encode("latin-1"))

    @property
    def filename(self) -> str | None:
        """The file's name without folders and without what a file system might mind."""
        raw = self.raw_filename
        return None if raw is None else safe_filename(raw)

    @property
    def headers(self) -> Headers:
        """All fields of the header section."""
        return Headers.from_wire((name, decode_text(value.encode("latin-1"))) for name, value in self._lines)

    @property
    def content_type(self) -> MediaType:
        """The media type its sender claims; without one, text/plain for a field and application/octet-stream for a file."""
        plain = _OCTETS if self.is_file else _TEXT
        return plain if self._claimed is None else MediaType.parse_or_none(self._claimed) or plain

    def codec(self, default: str = "utf-8") -> str:
        """The codec of the content, if it is text: that of its charset, else the default.

        Raises BadRequestError for a charset nobody knows.
        """
        label = None if self._claimed is None else self.content_type.charset
        if label is None:
            return default
        codec = find_codec(label)
        if codec is None:
            raise BadRequestError(
                f"The field {excerpt(self.name)} is in the charset {excerpt(label)}, which nobody knows: send UTF-8."
            )
        return codec


def parse_disposition(value: str) -> tuple[str, str | None]:
    """The name and the file's name of a Content-Disposition field; raises BadPartError.

    >>> parse_disposition('form-data; name="say %22hi%22"')
    ('say "hi"', None)
    >>> parse_disposition("form-data; name=photo; filename=swift.jpg; filename*=UTF-8''evil.sh")
    ('photo', 'swift.jpg')
    """
    # PERF: as browsers write it, in a quarter of the time; whatever looks otherwise is taken apart with care.
    pieces = value.split('"')
    if pieces[0] == "form-data; name=" and pieces[-1] == "" and "\\" not in value:
        if len(pieces) == 3:
            return _unescaped(pieces[1]), None
        if len(pieces) == 5 and pieces[2] == "; filename=":
            return _unescaped(pieces[1]), _unescaped(pieces[3])
    kind = _KIND.match(value)
    if kind is None:
        raise BadPartError(f"has the Content-Disposition {excerpt(value)}, which is not form-data")
    found: dict[str, str] = {}
    position = kind.end()
    while position < len(value):
        parameter = _PARAMETER.match(value, position)
        if parameter is None:
            raise BadPartError(f"has a malformed Content-Disposition, from {excerpt(value[position:], 40)} on")
        position = parameter.end()
        name, quoted, bare = parameter.groups()
        if name is None or (name := name.lower()) not in ("name", "filename"):
            continue
        if name in found:
            raise BadPartError(f"has a Content-Disposition that says {name!r} twice")
        found[name] = bare.rstrip(_BLANKS) if quoted is None else _unescaped(quoted)
    if "name" not in found:
        raise BadPartError("has a Content-Disposition without a name")
    return found["name"], found.get("filename")


def read_header_line(line: bytes, lines: list[tuple[str, str]]) -> None:
    r"""Read one line, without its end, and append it to `lines`; a line that begins with a blank goes on with the one before.

    Raises BadPartError.

    >>> lines = []
    >>> read_header_line(b"Content-Type: text/plain;", lines)
    >>> read_header_line(b" charset=utf-8", lines)
    >>> lines
    [('Content-Type', 'text/plain; charset=utf-8')]
    """
    text = line.decode("latin-1")
    if _FORBIDDEN.search(text):
        raise BadPartError(f"has a bare CR, LF or NUL in its header section: {excerpt(text, 40)}")
    if text[0] in " \t":
        if not lines:
            raise BadPartError("has a header section that begins with a blank")
        name, value = lines.pop()
        lines.append((name, f"{value} {text.strip(_BLANKS)}".lstrip(_BLANKS)))
        return
    name, colon, value = text.partition(":")
    if not colon or not (name in _FREQUENT or is_token(name)):
        raise BadPartError(f"has a header line that is no `name: value`: {excerpt(text, 40)}")
    lines.append((name, value.strip(_BLANKS)))


def _unescaped(quoted: str) -> str:
    if '\\"' in quoted:  # as programs wrote it before browsers agreed on percent signs
        return quoted.replace("\\\\", "\\").replace('\\"', '"')
    if "%" in quoted:
        for escape, character in _ESCAPES:
            quoted = quoted.replace(escape, character)
    return quoted
