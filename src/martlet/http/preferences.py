"""Accept-Encoding, Accept-Language and Accept-Charset: what a client prefers, and the choice among what there is.

Source: RFC 9110, Sections 12.5.2 to 12.5.4. Members that make no sense are skipped, and so are those beyond MAX_MEMBERS.
Among equals the server's order decides; for languages the client's, which is how people fill in that list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from martlet.http.accept import MAX_MEMBERS
from martlet.http.grammar import TCHAR, split_list
from martlet.http.media_types import parse_weighted_parameters

__all__ = ["AcceptCharset", "AcceptEncoding", "AcceptLanguage", "Preference"]

_VALUE = re.compile(rf"({TCHAR}++)[ \t]*+(?=;|\Z)")

# No client writes a quality so small: what nobody asked for comes behind all that somebody did.
UNASKED = 0.0001


class Preference(NamedTuple):
    """One member of such a field: a name, or `*` for every other one, and how much it is wanted, from 0 to 1."""

    value: str
    quality: float


class Fit(NamedTuple):
    """How well a member fits an offer: compared by closeness first."""

    closeness: tuple[int, int]
    quality: float
    place: int  # in the field, negative so that the earlier is the greater


@dataclass(frozen=True, slots=True)
class _Preferences:
    """The members of a field, in its order; none stands for a client that takes anything."""

    members: tuple[Preference, ...]

    client_order: ClassVar[bool] = False

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Read the field; an absent or empty one, or one without any sense, accepts everything."""
        return cls(_parse_members(header))

    def quality(self, offer: str) -> float:
        """How much an offer is wanted, from 0 (not acceptable) to 1: the member that fits it most closely decides."""
        fit = self._fit(offer)
        return fit.quality if fit else 0.0

    def rank(self, offers: Sequence[str]) -> list[str]:
        """The acceptable offers, the best first."""
        fits = [(offer, fit) for offer in offers if (fit := self._fit(offer)) and fit.quality > 0]
        if self.client_order:
            fits.sort(key=lambda found: (found[1].quality, found[1].closeness, found[1].place), reverse=True)
        else:
            fits.sort(key=lambda found: found[1].quality, reverse=True)
        return [offer for offer, _ in fits]

    def choose(self, offers: Sequence[str]) -> str | None:
        """The best offer; None if none is acceptable."""
        ranked = self.rank(offers)
        return ranked[0] if ranked else None

    def _fit(self, offer: str) -> Fit | None:
        if not self.members:
            return Fit((0, 0), 1.0, 0)
        wanted = self._comparable(offer)
        fits = [
            Fit(closeness, member.quality, -place)
            for place, member in enumerate(self.members)
            if (closeness := self._closeness(self._comparable(member.value), wanted, member.quality)) is not None
        ]
        return max(fits, default=None)

    @staticmethod
    def _comparable(name: str) -> str:
        return name.lower()

    @staticmethod
    def _closeness(member: str, offer: str, quality: float) -> tuple[int, int] | None:
        """The greater the closer; None where the member does not speak of the offer at all."""
        del quality
        return (1, 0) if member == offer else (0, 0) if member == "*" else None


class AcceptCharset(_Preferences):
    """The charsets a client takes; browsers have long ceased to send this (RFC 9110, Section 12.5.2).

    >>> AcceptCharset.parse("utf-8, *;q=0.1").choose(["iso-8859-1", "UTF-8"])
    'UTF-8'
    """

    __slots__ = ()


class AcceptEncoding(_Preferences):
    """The content codings a client takes (RFC 9110, Section 12.5.3).

    No coding (`identity`) is acceptable unless the field rules it out, but comes behind what was asked for. Without the field
    nothing else is chosen: any coding would be allowed then, but who sends no such field can seldom decode one.

    >>> AcceptEncoding.parse("gzip, br;q=0.9").choose(["br", "gzip", "identity"])
    'gzip'
    >>> AcceptEncoding.parse("identity;q=0").choose(["identity"]) is None
    True
    """

    __slots__ = ()

    @classmethod
    def parse(cls, header: str | None) -> Self:
        """Read the field, and add `identity` where neither it nor `*` is in it."""
        members = _parse_members(header)
        if not any(member.value.lower() in ("identity", "*") for member in members):
            members = (*members, Preference("identity", UNASKED if members else 1.0))
        return cls(members)

    @staticmethod
    def _comparable(name: str) -> str:
        """Two codings have an older name, which must be taken as the same (RFC 9110, Sections 8.4.1.1 and 8.4.1.3)."""
        lower = name.lower()
        return lower[2:] if lower in ("x-gzip", "x-compress") else lower


class AcceptLanguage(_Preferences):
    """The languages a reader wants (RFC 9110, Section 12.5.4; RFC 4647).

    `en` takes an offer of en-GB (basic filtering), and en-GB, if need be, one of en (lookup); the exact tag is always closest.

    >>> AcceptLanguage.parse("de-CH, fr;q=0.5").choose(["en", "fr", "de"])
    'de'
    >>> AcceptLanguage.parse("en").rank(["en-GB", "fr", "en"])
    ['en', 'en-GB']
    """

    __slots__ = ()

    client_order = True

    @staticmethod
    def _closeness(member: str, offer: str, quality: float) -> tuple[int, int] | None:
        if member == offer:
            return 3, 0
        # Who rules out de-CH has said nothing about de.
        if quality > 0 and member.startswith(offer + "-"):
            return 2, len(offer)
        if offer.startswith(member + "-"):
            return 1, len(member)
        return (0, 0) if member == "*" else None


def _parse_members(header: str | None) -> tuple[Preference, ...]:
    members = (_parse_member(text) for text in split_list(header or "", limit=MAX_MEMBERS))
    return tuple(member for member in members if member is not None)


def _parse_member(text: str) -> Preference | None:
    """A name and its quality; other parameters, which these fields do not have, are ignored."""
    head = _VALUE.match(text)
    weighted = parse_weighted_parameters(text, head.end()) if head else None
    return Preference(head[1], weighted[1]) if head and weighted else None
