"""Compress answers as Accept-Encoding asks (RFC 9110, Sections 8.4, 12.5.3 and 12.5.5).

Worth it is content of a compressible type, from a size on. Never touched are parts (206, Content-Range), no content (204, 205,
304), what its author has coded or ruled out already, `Cache-Control: no-transform`, and content whose digest is in its fields.
Not here: files that were compressed ahead (files/), coded bodies of requests (messages/).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Final

from martlet.codings import Coding, find_coding, installed_codings
from martlet.http import AcceptEncoding, ETag, Headers, NotAcceptableError, received_etags
from martlet.messages import Body, FieldName, File, Request, Respond, Response, Stream, prepared_response
from martlet.middleware.compressible_types import COMPRESSIBLE_TYPES, is_compressible
from martlet.middleware.encoded_chunks import encoded_file, encoded_stream
from martlet.middleware.treatments import Judge, Treatment, Wish

ACCEPT_ENCODING: Final = FieldName("accept-encoding")
IF_NONE_MATCH: Final = FieldName("if-none-match")
OFFERED: Final = ("zstd", "br", "gzip")  # deflate only by name: clients disagree on what it is
MEMORY: Final = 256  # field values that are remembered; the browsers of one day send a dozen
MEMORABLE: Final = 200  # characters of one that is remembered


class Compression:
    """A middleware that compresses what is worth it, with the best coding that a client takes.

    codings: names, best first; by default those of zstd, br and gzip that are installed.
    min_bytes: what is smaller goes as it is; the fields and the work would cost more than is saved.
    media_types: `text/*`, `+json` and whole names; all others are taken to be compressed in themselves.
    levels: by a coding's name, in place of those at which a server is quicker than the line.
    A route declared with `compress=False`, and an answer with `Content-Encoding: identity`, are left alone: say so where a
    secret stands beside text that a stranger chooses, since the size of compressed content tells of both (BREACH).
    Raises MissingExtraError and UnknownCodingError for a coding that cannot be had, ValueError for a level that is none.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> _ = app.use(Compression(["gzip"]))
    >>> @app.get("/")
    ... def birds() -> str:
    ...     return "swift " * 1_000
    >>> answer = Client(app).get("/", headers={"accept-encoding": "gzip"})
    >>> answer.headers["content-encoding"], len(answer.content) < 100
    ('gzip', True)
    """

    inline: ClassVar[bool] = True  # where no loop runs it awaits nothing of its own

    def __init__(
        self,
        codings: Iterable[str] | None = None,
        *,
        min_bytes: int = 500,
        media_types: AbstractSet[str] = COMPRESSIBLE_TYPES,
        levels: Mapping[str, int] | None = None,
    ) -> None:
        """See the class."""
        if type(min_bytes) is not int or min_bytes < 0:
            raise ValueError(f"min_bytes is {min_bytes!r}: write bytes as a whole number, 0 to code even the smallest answer.")
        chosen = [name for name in OFFERED if name in installed_codings()] if codings is None else codings
        self._codings = {coding.name: coding for coding in map(find_coding, chosen)}
        self._levels = dict(levels or {})
        for name, level in self._levels.items():
            find_coding(name).encoder(level)  # a level that is none is told now
        self._media_types = media_types
        self._judge = Judge(min_bytes, self._is_worthwhile)
        self._wishes: dict[str | None, Wish] = {}
        self._worthwhile: dict[str, bool] = {}
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="martlet-compression")

    @property
    def codings(self) -> tuple[str, ...]:
        """The names of the codings on offer, best first."""
        return tuple(self._codings)

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Answer, compressed if it is worth it.

        Raises NotAcceptableError (406) where a client rules out every coding on offer and `identity` too, unless the request
        may have changed something, whose answer must not be lost.
        """
        response = await respond(request)
        accept = request.field(ACCEPT_ENCODING)
        wish = self._wishes.get(accept) or self._read_wish(accept)
        treatment = self._judge.treatment(request, response, wish)
        if treatment is Treatment.LEFT:
            return response
        headers, body = Headers(response.headers), response.body  # an author may give one response again and again
        if treatment is Treatment.UNMARKED:
            headers.remove("content-encoding")
            return prepared_response(response.status_code, headers, body)
        headers.add_member("vary", "accept-encoding")
        if treatment is Treatment.REFUSED:
            known = ", ".join([*self._codings, "identity"])
            raise NotAcceptableError(
                f"This can be had as {known}; Accept-Encoding rules out all of them.", headers={"vary": headers["vary"]}
            )
        if treatment is Treatment.REVALIDATED:
            _weaken_as_received(headers, request.field(IF_NONE_MATCH), is_coded=wish.coding is not None)
        elif treatment is Treatment.ENCODED and wish.coding is not None:
            encoded = await self._encoded(request, body, wish.coding)
            if not isinstance(body, bytes) or not isinstance(encoded, bytes) or _is_worth(body, encoded, wish):
                body = encoded
                _tell_coding(headers, wish.coding.name)
        return prepared_response(response.status_code, headers, body)

    async def _encoded(self, request: Request, body: Body, coding: Coding) -> Body:
        """Give the body in a coding; what takes long is encoded in a thread."""
        level = self._levels.get(coding.name)
        match body:
            case File():
                return encoded_file(body, coding, level)
            case Stream():
                return encoded_stream(body, coding, level, self._threads)
            case b"":
                return Stream(())  # an answer to HEAD by who knows the length only of what is not encoded
            case _ if len(body) > coding.bytes_per_millisecond and request.is_on_loop:
                return await asyncio.get_running_loop().run_in_executor(self._threads, coding.encode, body, level)
            case _:
                return coding.encode(body, level)

    def _read_wish(self, accept: str | None) -> Wish:
        ranked = AcceptEncoding.parse(accept).rank([*self._codings, "identity"])
        best = ranked[0] if ranked else "identity"
        wish = Wish(self._codings.get(best), "identity" in ranked)
        if accept is None or len(accept) <= MEMORABLE:
            if len(self._wishes) >= MEMORY:
                self._wishes.clear()
            self._wishes[accept] = wish
        return wish

    def _is_worthwhile(self, content_type: str) -> bool:
        known = self._worthwhile.get(content_type)
        if known is None:
            known = is_compressible(content_type, self._media_types)
            if len(self._worthwhile) >= MEMORY:
                self._worthwhile.clear()
            self._worthwhile[content_type] = known
        return known


def _is_worth(content: bytes, encoded: bytes, wish: Wish) -> bool:
    return len(encoded) < len(content) or not wish.takes_identity


def _tell_coding(headers: Headers, name: str) -> None:
    """Make the fields those of the coded content: other bytes, so that its tag is weak and its parts are not to be had."""
    headers.set("content-encoding", name)
    headers.remove("content-length")
    headers.remove("accept-ranges")
    tag = ETag.parse(headers.get("etag", ""))
    if tag is not None:
        headers.set("etag", str(tag.weakened()))


def _weaken_as_received(headers: Headers, received: str | None, *, is_coded: bool) -> None:
    """Let a 304 name the tag that its 200 would have, as far as what the client holds tells (RFC 9111, Section 4.3.4).

    It holds the weak one if what it was given was coded, and both if it had the content either way; then its wish decides.
    """
    tag = ETag.parse(headers.get("etag", ""))
    if tag is not None and received is not None:
        held = set(received_etags(received))
        if (True, tag.value) in held and (is_coded or (False, tag.value) not in held):
            headers.set("etag", str(tag.weakened()))
