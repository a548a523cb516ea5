"""Choose a media type by the Accept field: highest quality first, and among equals the server's own order.

Source: RFC 9110, Section 12.5.1. A field that is absent, empty or has no member that makes sense accepts everything; members that
make no sense are skipped, and so are those beyond MAX_MEMBERS. Not here: the other Accept fields (preferences.py).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import TypeVar

from martlet.http.grammar import split_list
from martlet.http.media_types import MediaRange, MediaType

__all__ = ["MAX_MEMBERS", "Negotiation", "best_match", "parse_accept", "quality", "rank"]

MAX_MEMBERS = 200  # members of one field that are read; no honest client lists more, and each is compared with each offer
MAX_CACHED = 256  # fields a Negotiation remembers; the browsers and tools of one day send some dozens
MAX_CACHED_LENGTH = 512  # characters of a field that is remembered; bounds the cache at about 256 KiB

Offer = TypeVar("Offer", MediaType, str)
_ANYTHING = (MediaRange("*", "*"),)


def parse_accept(header: str | None) -> tuple[MediaRange, ...]:
    """The media ranges of an Accept field, in its order; `*/*` alone where it says nothing.

    >>> [str(found) for found in parse_accept("text/html, nonsense, */*;q=0.1")]
    ['text/html', '*/*;q=0.1']
    >>> parse_accept(None)
    (MediaRange(type='*', subtype='*', parameters=(), quality=1.0),)
    """
    if not header:
        return _ANYTHING
    members = split_list(header, limit=MAX_MEMBERS)
    return tuple(found for found in map(MediaRange.parse_or_none, members) if found is not None) or _ANYTHING


def quality(header: str | None, media_type: MediaType | str) -> float:
    """How much the client wants a media type, from 0 (not acceptable) to 1: the most specific range that fits it decides.

    Raises BadMediaTypeError for a media type that is none.

    >>> quality("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "text/html")
    0.7
    """
    return _quality(parse_accept(header), _media_type(media_type))


def rank(header: str | None, offers: Iterable[MediaType | str]) -> list[int]:
    """The positions of the acceptable offers, the best first; among equals the one offered first.

    Raises BadMediaTypeError for an offer that is no media type.

    >>> rank("text/*;q=0.5, application/json", ["text/html", "image/png", "application/json"])
    [2, 0]
    """
    ranges = parse_accept(header)
    qualities = [_quality(ranges, _media_type(offer)) for offer in offers]
    return sorted((index for index, wanted in enumerate(qualities) if wanted > 0), key=lambda index: -qualities[index])


def best_match(header: str | None, offers: Sequence[Offer]) -> Offer | None:
    """The offer the client wants most, as it was given; None if it accepts none of them.

    Raises BadMediaTypeError for an offer that is no media type.

    >>> best_match("application/json, text/html", ["text/html", "application/json"])
    'text/html'
    >>> best_match("application/xml", ["text/html"]) is None
    True
    """
    ranked = rank(header, offers)
    return offers[ranked[0]] if ranked else None


class Negotiation:
    """The choice among offers that are known beforehand; what a field has led to before is looked up, not worked out again.

    The memory is bounded in entries and in the length of a field, and may be used from several threads.
    Raises BadMediaTypeError for an offer that is no media type.

    >>> choice = Negotiation(["text/html", "application/json"])
    >>> choice.choose("application/json, text/html;q=0.9"), choice.choose(None), choice.choose("image/png")
    (1, 0, None)
    """

    __slots__ = ("_answers", "_lock", "offers")

    offers: tuple[MediaType, ...]

    def __init__(self, offers: Iterable[MediaType | str]) -> None:
        self.offers = tuple(_media_type(offer) for offer in offers)
        self._answers: dict[str | None, int | None] = {}
        self._lock = threading.Lock()

    def choose(self, header: str | None) -> int | None:
        """The position of the offer the client wants most; None if it accepts none of them."""
        try:
            return self._answers[header]
        except KeyError:
            return self._work_out(header)

    def _work_out(self, header: str | None) -> int | None:
        ranked = rank(header, self.offers)
        answer = ranked[0] if ranked else None
        if header is None or len(header) <= MAX_CACHED_LENGTH:
            with self._lock:
                # Emptied as a whole: who sends ever new fields costs the others one working-out in 256, and no bookkeeping.
                if len(self._answers) >= MAX_CACHED:
                    self._answers.clear()
                self._answers[header] = answer
        return answer


def _media_type(offer: MediaType | str) -> MediaType:
    return MediaType.parse(offer) if isinstance(offer, str) else offer


def _quality(ranges: Iterable[MediaRange], media_type: MediaType) -> float:
    fitting = [(found.specificity, found.quality) for found in ranges if found.matches(media_type)]
    return max(fitting)[1] if fitting else 0.0
