"""What may become of an answer that a client would take compressed: decided from its status, its fields and its size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from martlet.codings import Coding
from martlet.http import RETRIEVALS, Headers
from martlet.messages import Request, Response

DIGESTS: Final = ("content-digest", "repr-digest", "digest", "content-md5")  # of the bytes as they are (RFC 9530)


class Treatment(Enum):
    """What becomes of an answer."""

    LEFT = auto()
    UNMARKED = auto()  # left, but for the mark that says so
    VARIED = auto()  # left, and told that another client gets another
    REVALIDATED = auto()  # a 304, which speaks of what the client has
    ENCODED = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client takes: the best of the codings on offer, None for none, and whether content without any."""

    coding: Coding | None
    takes_identity: bool


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides what becomes of answers.

    min_bytes: what is smaller goes as it is. is_worthwhile: tells whether a Content-Type is compressible.
    """

    min_bytes: int
    is_worthwhile: Callable[[str], bool]

    def treatment(self, request: Request, response: Response, wish: Wish) -> Treatment:
        """Decide for one answer."""
        body, status = response.body, response.status_code
        # PERF: nearly every answer is small and leaves here, after 0.3 µs; building `headers` would cost 1 µs.
        if type(body) is bytes and len(body) < self.min_bytes and wish.takes_identity and status not in (206, 304):
            is_empty_head = not body and request.method == "HEAD"
            if not is_empty_head and (not isinstance(response.fields, Headers) or "content-encoding" not in response.fields):
                return Treatment.LEFT
        coded = response.headers.get("content-encoding")
        if coded is not None:
            return Treatment.UNMARKED if coded.lower() == "identity" else Treatment.LEFT
        if status in (204, 205) or _is_ruled_out(request) or _is_fixed(response.headers):
            return Treatment.LEFT
        if status == 304:
            return Treatment.REVALIDATED
        return self._of_content(request, response, wish)

    def _of_content(self, request: Request, response: Response, wish: Wish) -> Treatment:
        """Decide for an answer whose content may be coded."""
        content_type = response.headers.get("content-type", "")
        if response.status_code == 206 or "content-range" in response.headers:
            # Several parts tell the type of what they are of inside only.
            varies = content_type.startswith("multipart/byteranges") or self.is_worthwhile(content_type)
            return Treatment.VARIED if varies else Treatment.LEFT
        size = content_size(request, response)
        if size == 0:
            return Treatment.LEFT
        if not wish.takes_identity:
            return _without_identity(request, response, wish)
        if not self.is_worthwhile(content_type) or (size is not None and size < self.min_bytes):
            return Treatment.LEFT
        return Treatment.VARIED if wish.coding is None else Treatment.ENCODED


def content_size(request: Request, response: Response) -> int | None:
    """Tell how many bytes a GET would get; None where nobody knows. An answer to HEAD may just say so in its Content-Length."""
    body = response.body
    if not isinstance(body, bytes):
        return body.length
    if body or request.method != "HEAD":
        return len(body)
    stated = response.headers.get("content-length", "")
    return int(stated) if stated.isdecimal() else 0


def _without_identity(request: Request, response: Response, wish: Wish) -> Treatment:
    """Decide where the client rules out content as it is: nothing is too small then, and nothing of a wrong type."""
    if wish.coding is not None:
        return Treatment.ENCODED
    can_be_taken_back = request.method in RETRIEVALS and 200 <= response.status_code <= 299
    return Treatment.REFUSED if can_be_taken_back else Treatment.LEFT


def _is_ruled_out(request: Request) -> bool:
    """Tell whether the route keeps its answers from being compressed."""
    return request.has_extras and request.extras.uncompressed


def _is_fixed(headers: Headers) -> bool:
    """Tell whether the bytes must go as they are (RFC 9111, Section 5.2.2.6; RFC 9530)."""
    return "no-transform" in headers.get("cache-control", "").lower() or any(name in headers for name in DIGESTS)
