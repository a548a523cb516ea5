"""Write forms as browsers do, urlencoded or with files.

Source: the WHATWG HTML Standard, https://html.spec.whatwg.org/#multipart/form-data-encoding-algorithm.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from martlet.http import QueryString

Content: TypeAlias = bytes | str
# A file's content; its name with it; its type too. None is a field for a file that was left empty.
SentFile: TypeAlias = Content | Path | tuple[str, Content] | tuple[str, Content, str] | None

_LINE_END: Final = re.compile("\r\n|\r|\n")
_ESCAPES: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def urlencoded(fields: Mapping[str, Any]) -> str:
    """Write fields as a query or a form; a list is a field that is repeated.

    >>> urlencoded({"q": "a b", "tag": ["x", "y"]})
    'q=a+b&tag=x&tag=y'
    """
    return str(QueryString.from_pairs((name, str(value)) for name, value in _pairs(fields)))


def multipart(fields: Mapping[str, Any], files: Mapping[str, SentFile | list[SentFile]]) -> tuple[str, bytes]:
    """Write a form with files: its Content-Type, and the body.

    >>> content_type, body = multipart({"title": "Swifts"}, {"photo": ("a.png", b"...")})
    >>> content_type.partition(";")[0], body.count(b"Content-Disposition"), b"Content-Type: image/png" in body
    ('multipart/form-data', 2, True)
    """
    boundary = f"----martlet{secrets.token_hex(8)}"
    written = [_part(boundary, _head(name), _bytes(_LINE_END.sub("\r\n", str(value)))) for name, value in _pairs(fields)]
    written += [_file(boundary, name, file) for name, file in _pairs(files)]
    return f"multipart/form-data; boundary={boundary}", b"".join([*written, f"--{boundary}--\r\n".encode()])


def _pairs(fields: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in fields.items():
        for item in cast("list[Any]", value) if isinstance(value, list) else [value]:
            yield name, item


def _file(boundary: str, name: str, file: SentFile) -> bytes:
    filename, content, kind = _taken_apart(name, file)
    kind = kind or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    head = f'{_head(name)}; filename="{filename.translate(_ESCAPES)}"\r\nContent-Type: {kind}'
    return _part(boundary, head, _bytes(content))


def _taken_apart(name: str, file: SentFile) -> tuple[str, Content, str]:
    match file:
        case None:
            return "", b"", ""
        case Path():
            return file.name, file.read_bytes(), ""
        case (filename, content):
            return filename, content, ""
        case (filename, content, kind):
            return filename, content, kind
        case _:
            return name, file, ""


def _head(name: str) -> str:
    return f'Content-Disposition: form-data; name="{_LINE_END.sub(chr(13) + chr(10), name).translate(_ESCAPES)}"'


def _part(boundary: str, head: str, content: bytes) -> bytes:
    return f"--{boundary}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"


def _bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content
