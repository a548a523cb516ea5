"""Every bound on what a client may send, in one frozen object.

A bound says its unit in its name, its reason in its comment and its answer beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final, Self

# Of the others, 0 means that nothing of the kind is taken.
LEAST: Final = {
    "errors_listed": 1,
    "nesting_depth": 1,
    "handshake_seconds": 0.01,
    "keep_alive_seconds": 0.01,
    "stalled_seconds": 0.01,
    "wsgi_stream_seconds": 0.01,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds an application sets on its clients; a route or a group may carry its own.

    Whose bounds a route's Limits do not give, those the group's and then the app's hold, and what is written here at last.
    Raises TypeError for a bound that is no whole number, or no number of seconds, and ValueError for one below 0.

    >>> Limits(body_bytes=1_000).body_bytes
    1000
    """

    body_bytes: int = (
        10 * 1024 * 1024  # one request body, as received and as decoded; beyond it 413. Room for a photograph, not for a film.
    )
    body_codings: int = 3  # content codings of one body, applied to each other; beyond it 415. Clients apply one.
    body_ratio: int = (
        200  # decoded bytes for each one received, once there is a megabyte; beyond it 413. Text compresses to a fiftieth.
    )
    query_fields: int = (
        1_000  # pairs in a query string, or fields in a form of either kind; beyond it 400. Bounds the work per byte.
    )
    form_files: int = 100  # files in one form; beyond it 400. A holiday's photographs, chosen at once.
    field_bytes: int = 1024 * 1024  # one field of a form that is no file; beyond it 413. It is in memory; a novel's text fits in.
    file_bytes: int | None = None  # one file of a form; beyond it 413. None: as much as `body_bytes` lets through.
    form_memory_bytes: int = (
        2 * 1024 * 1024  # of one form in memory, names counted in; beyond it 413 for fields, and to disk for files.
    )
    part_headers: int = 16  # lines of the header section of one part of a form; beyond it 400. Browsers send two.
    part_header_bytes: int = (
        16 * 1024  # the header section of one part, and what stands before the first; beyond it 400. Long names of files fit in.
    )
    nesting_depth: int = (
        100  # arrays and objects inside each other; beyond it 400. C decoders overflow a 2 MiB thread stack near 5,000.
    )
    errors_listed: int = (
        100  # field errors in one 422 answer. A hostile list of a million wrong items must not make a huge answer.
    )
    ranges: int = 50  # members of a Range field; beyond it the field is ignored. Readers of long documents ask for a dozen.
    unguarded_bytes: int = (
        64 * 1024  # a body up to here is read before guards have spoken that run in threads; a larger one after them. Never an
        # answer of its own: it is what a stranger may have us hold, no more than the header section of some servers.
    )
    message_bytes: int = (
        1024
        * 1024  # one message of a WebSocket; beyond it the socket is closed with 1009. It is in memory, and so is what it says.
    )
    handshake_seconds: float = (
        30.0  # for a WebSocket's handler to use or refuse it; beyond it 503. Some servers tell of no leaving.
    )
    forwarded_hops: int = 50  # proxies that a believed Forwarded or X-Forwarded-For lists; beyond it 400. Each is looked up.
    keep_alive_seconds: float = (
        15.0  # that a stream which waits says nothing; then what shows that it lives. Proxies cut silence after 30 or 60.
    )
    stalled_seconds: float = (
        120.0  # for one chunk of a stream to be taken; then its client counts as gone. 64 KiB over the slowest of lines take one.
    )
    rsgi_stream_bytes: int = (
        1024 * 1024  # one stream of events over RSGI, which holds what its client has not read; then the client comes back.
    )
    rsgi_download_bytes: int = (
        64 * 1024 * 1024  # any other stream of unknown length over RSGI; beyond it the stream fails. ASGI has no such bound.
    )
    wsgi_streams: int = 8  # that wait for their next chunk over WSGI, each in a thread of its own; beyond it 503.
    wsgi_stream_seconds: float = 60.0  # of one stream of events over WSGI; then the client comes back, and others had their turn.
    _given: frozenset[str] = field(init=False, repr=False, compare=False)  # the names of the bounds that were written

    def __new__(cls, **given: float | None) -> Self:
        """Remember which bounds were written, since one may be written that is the default."""
        limits = object.__new__(cls)
        object.__setattr__(limits, "_given", frozenset(given))
        return limits

    def __post_init__(self) -> None:
        """Check every bound."""
        for each in BOUNDS:
            bound, least = getattr(self, each.name), LEAST.get(each.name, 0)
            if bound is None and each.default is None:
                continue
            is_time = isinstance(each.default, float)
            if type(bound) is not int and not (is_time and type(bound) is float):
                right = f"seconds, as in {each.name}=15.0" if is_time else f"a whole number, as in {each.name}=1_000"
                raise TypeError(f"Limits({each.name}={bound!r:.80}) is no bound: write {right}.")
            if not bound >= least:  # so is what is not a number
                raise ValueError(f"Limits({each.name}={bound}) is no bound: write {least} or more.")

    def over(self, outer: Limits) -> Limits:
        """These bounds, and those of `outer` in the place of the ones that were not written here.

        >>> Limits(query_fields=5).over(Limits(query_fields=9, body_bytes=7))
        Limits(body_bytes=7, ..., query_fields=5, ...)
        """
        given = self._given | outer._given
        return Limits(**{name: getattr(self if name in self._given else outer, name) for name in given})


BOUNDS: Final = tuple(each for each in fields(Limits) if each.init)
