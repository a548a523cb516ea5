"""The path of a request as it can be sent again: percent-encoded as it came, where the server tells that.

A path is matched decoded, and `%2F` or a byte that is no UTF-8 cannot be told from what it was decoded to.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote

from martlet.http import format_path


class Located(Protocol):
    """Of a request, what tells where it leads."""

    path: str

    @property
    def root_path(self) -> str:
        """Where the application lies."""
        ...

    @property
    def raw_path(self) -> str | None:
        """The path as it was sent, where the server tells."""
        ...


def sent_path(request: Located) -> str:
    """Give the path with the root path before it, encoded; what no server told is encoded anew."""
    encoded_root, path = format_path(request.root_path), request.path
    raw = request.raw_path
    if raw is not None and raw.isascii():
        decoded = unquote(raw, errors="replace")
        if decoded == path:  # servers differ in whether the root path belongs to it
            return encoded_root + raw
        if decoded == request.root_path + path:
            return raw
    return encoded_root + format_path(path)
