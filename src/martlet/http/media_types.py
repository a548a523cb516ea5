"""Media types and media ranges: what Content-Type names, and what Accept asks for.

Source: RFC 9110, Sections 8.3.1 and 12.5.1. Both are values: parsed once, compared without regard to case.
Not here: choosing among several ranges (accept.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from martlet.http.grammar import TCHAR, excerpt, is_token, parse_parameters, quote_if_needed

__all__ = ["BadMediaTypeError", "MediaRange", "MediaType"]

_ESSENCE = re.compile(rf"[ \t]*+({TCHAR}++)/({TCHAR}++)[ \t]*+(?=;|\Z)")
# Some clients print more than the three digits of RFC 9110 (Section 12.4.2), or no leading zero.
_QUALITY = re.compile(r"0(?:\.[0-9]{0,20})?|\.[0-9]{1,20}|1(?:\.0{0,20})?")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class BadMediaTypeError(ValueError):
    """A text that is no media type (or no media range), and why."""


@dataclass(frozen=True, slots=True, eq=False)
class MediaType:
    """One media type with its parameters; type, subtype and parameter names are kept in lower case.

    Two are equal whatever the case of those, and whatever the order of the parameters; a charset's case does not count either.
    Raises BadMediaTypeError for a part that is no token, and for a wildcard, which only a MediaRange may have.

    >>> html = MediaType.parse("Text/HTML; Charset=UTF-8")
    >>> html.essence, html.charset, str(html)
    ('text/html', 'utf-8', 'text/html; charset=UTF-8')
    >>> html == MediaType("text", "html", (("charset", "utf-8"),))
    True
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", self.type.lower())
        object.__setattr__(self, "subtype", self.subtype.lower())
        object.__setattr__(self, "parameters", tuple((name.lower(), value) for name, value in self.parameters))
        _check_parts(self.type, self.subtype, self.parameters)
        if "*" in (self.type, self.subtype):
            raise BadMediaTypeError(f"{self.essence!r} is a media range; a media type names one type. Use MediaRange for it.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a media type, to the letter of RFC 9110.

        Raises BadMediaTypeError, which says what is missing.

        >>> MediaType.parse("json")
        Traceback (most recent call last):
            ...
        martlet.http.media_types.BadMediaTypeError: 'json' is no media type: ...
        """
        head = _ESSENCE.match(text)
        if head is None:
            raise BadMediaTypeError(f"{excerpt(text)} is no media type: write type/subtype, as in 'text/html; charset=utf-8'.")
        parameters = parse_parameters(text, head.end())
        if parameters is None:
            raise BadMediaTypeError(
                f"{excerpt(text)} has a malformed parameter: write ; name=value, and quote a value with spaces or separators."
            )
        return cls(head[1], head[2], tuple(parameters))

    @classmethod
    def parse_or_none(cls, text: str | None) -> Self | None:
        """Read what a client sent: None if it is no media type at all; parameters that make no sense are left out.

        >>> str(MediaType.parse_or_none("text/html; charset; level=1"))
        'text/html; level=1'
        >>> MediaType.parse_or_none("json") is MediaType.parse_or_none(None) is None
        True
        """
        head = _ESSENCE.match(text or "")
        if head is None or text is None or "*" in (head[1], head[2]):
            return None
        return cls(head[1], head[2], tuple(parse_parameters(text, head.end(), skip_malformed=True) or ()))

    @property
    def essence(self) -> str:
        """Type and subtype, without parameters."""
        return f"{self.type}/{self.subtype}"

    @property
    def charset(self) -> str | None:
        """The charset parameter in lower case; None without one."""
        charset = self.parameter("charset")
        return None if charset is None else charset.lower()

    @property
    def suffix(self) -> str | None:
        """The structured syntax suffix (RFC 6838, Section 4.2.8): "json" for application/problem+json."""
        _, plus, suffix = self.subtype.rpartition("+")
        return suffix if plus else None

    @property
    def is_json(self) -> bool:
        """True for application/json, text/json and every type with the suffix +json (WHATWG MIME Sniffing, Section 4.6)."""
        return self.suffix == "json" or (self.subtype == "json" and self.type in ("application", "text"))

    def parameter(self, name: str) -> str | None:
        """The value of a parameter, the first if it was repeated; None without one."""
        wanted = name.lower()
        return next((value for key, value in self.parameters if key == wanted), None)

    def __str__(self) -> str:
        return self.essence + _format_parameters(self.parameters)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, MediaType) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        return self.type, self.subtype, frozenset((name, _comparable(name, value)) for name, value in self.parameters)


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One member of an Accept field: a media type, or a wildcard for several, with a quality from 0 to 1.

    `*/subtype` is taken too, as a range between `*/*` and `type/*`, though RFC 9110 knows no such range.

    >>> text = MediaRange.parse("text/*;q=0.5")
    >>> text.quality, text.matches(MediaType("text", "html")), text.matches(MediaType("image", "png"))
    (0.5, True, False)
    """

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()
    quality: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", self.type.lower())
        object.__setattr__(self, "subtype", self.subtype.lower())
        object.__setattr__(self, "parameters", tuple((name.lower(), value) for name, value in self.parameters))
        _check_parts(self.type, self.subtype, self.parameters)
        if not 0 <= self.quality <= 1:
            raise BadMediaTypeError(f"A quality is a number from 0 to 1, not {self.quality}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one media range; what follows its `q` is ignored, as RFC 9110 has no use for it any more.

        Raises BadMediaTypeError for anything else.

        >>> MediaRange.parse('text/html;level="1";q=0.4;ext=1')
        MediaRange(type='text', subtype='html', parameters=(('level', '1'),), quality=0.4)
        """
        found = cls.parse_or_none(text)
        if found is None:
            raise BadMediaTypeError(
                f"{excerpt(text)} is no media range: write type/subtype, type/* or */*, then ;q= from 0 to 1."
            )
        return found

    @classmethod
    def parse_or_none(cls, text: str) -> Self | None:
        """Read one media range; None for anything else."""
        head = _ESSENCE.match(text)
        if head is None:
            return None
        weighted = parse_weighted_parameters(text, head.end())
        return None if weighted is None else cls(head[1], head[2], tuple(weighted[0]), weighted[1])

    @property
    def specificity(self) -> tuple[int, int]:
        """How much the range says: the greater one overrides the lesser (RFC 9110, Section 12.5.1)."""
        return (self.type != "*") * 2 + (self.subtype != "*"), len(self.parameters)

    def matches(self, media_type: MediaType) -> bool:
        """True if the type fits and has every parameter of the range.

        A charset in the range is no obstacle to a type that names none, since clients add `charset=utf-8` out of habit.

        >>> MediaRange.parse("text/html;level=1").matches(MediaType.parse("text/html"))
        False
        """
        if self.type not in ("*", media_type.type) or self.subtype not in ("*", media_type.subtype):
            return False
        for name, value in dict(reversed(self.parameters)).items():  # the first of a name counts, as in `parameter`
            actual = media_type.parameter(name)
            if actual is None and name == "charset":
                continue
            if actual is None or _comparable(name, actual) != _comparable(name, value):
                return False
        return True

    def __str__(self) -> str:
        weight = "" if self.quality == 1 else f";q={self.quality:.3f}".rstrip("0").rstrip(".")
        return f"{self.type}/{self.subtype}{_format_parameters(self.parameters)}{weight}"


def parse_weighted_parameters(text: str, start: int) -> tuple[list[tuple[str, str]], float] | None:
    """The parameters before `q`, and the quality (1 without a `q`); None if any of it is malformed.

    >>> parse_weighted_parameters(";level=1;q=0.4;ignored", 0)
    ([('level', '1')], 0.4)
    """
    parameters = parse_parameters(text, start, stop_after="q")
    if parameters is None:
        return None
    quality: float | None = 1.0
    if parameters and parameters[-1][0] == "q":
        quality = parse_quality(parameters.pop()[1])
    return None if quality is None else (parameters, quality)


def parse_quality(text: str) -> float | None:
    """A quality from 0 to 1 in thousandths (RFC 9110, Section 12.4.2), further digits cut off; None for anything else.

    >>> parse_quality("0.33333"), parse_quality(".2"), parse_quality("1.5"), parse_quality("nan")
    (0.333, 0.2, None, None)
    """
    return float(f"0{text}"[:5] if text[0] == "." else text[:5]) if _QUALITY.fullmatch(text) else None


def _check_parts(type_: str, subtype: str, parameters: tuple[tuple[str, str], ...]) -> None:
    for token in (type_, subtype, *(name for name, _ in parameters)):
        if not is_token(token):
            raise BadMediaTypeError(
                f"{excerpt(token)} cannot stand in a media type: use letters, digits and !#$%&'*+-.^_`|~ only."
            )
    for name, value in parameters:
        if _CONTROL.search(value):
            raise BadMediaTypeError(f"The value of {name!r} has a control character in it: {excerpt(value)}.")


def _format_parameters(parameters: tuple[tuple[str, str], ...]) -> str:
    return "".join(f"; {name}={quote_if_needed(value)}" for name, value in parameters)


def _comparable(name: str, value: str) -> str:
    """Charset names do not heed case (RFC 9110, Section 8.3.2); of other values only their own definition knows."""
    return value.lower() if name == "charset" else value
