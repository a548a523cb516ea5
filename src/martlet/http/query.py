"""Query strings and urlencoded forms, read and written as browsers do.

Source: the WHATWG URL Standard, https://url.spec.whatwg.org/#application/x-www-form-urlencoded. Only `&`
separates; what is no valid escape stays as it is, what is no UTF-8 becomes U+FFFD. A QueryString never changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import cast
from urllib.parse import quote_plus

from martlet.http.errors import BadRequestError, ContentTooLargeError
from martlet.http.limits import Limits
from martlet.http.multi_mapping import MultiMapping

__all__ = ["URLENCODED", "QueryString", "parse_form", "parse_urlencoded"]

URLENCODED = "application/x-www-form-urlencoded"

Values = str | int | Iterable[str]

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_HEX = "0123456789abcdefABCDEF"
_OCTETS = {(high + low).encode(): bytes.fromhex(high + low) for high in _HEX for low in _HEX}
_PIECE = re.compile(r"[^&]++")


class QueryString(MultiMapping[str]):
    """The fields of a query string, in order; a name may occur several times.

    raw: the text behind the question mark, which itself may be there; a name without `=` has the value "".
    max_fields: pairs read before giving up, the bound on work for hostile input.
    Raises BadRequestError beyond that bound, and for nothing else.

    >>> query = QueryString("?tag=a&tag=b+c&caf%C3%A9&page=2")
    >>> query["tag"], query.get_list("tag"), query.get("size", "10")
    ('a', ['a', 'b c'], '10')
    >>> query.all()
    {'tag': ['a', 'b c'], 'café': [''], 'page': ['2']}
    """

    __slots__ = ()

    def __init__(self, raw: str = "", *, max_fields: int = 1_000) -> None:
        self._index = None
        self._pairs = tuple(_parse(_scalar_values(raw.removeprefix("?")), max_fields)) if raw else ()

    @classmethod
    def from_pairs(cls, pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> QueryString:
        """A query string of these fields.

        >>> str(QueryString.from_pairs([("q", "a&b"), ("page", "2")]))
        'q=a%26b&page=2'
        """
        given = cast("Mapping[str, str]", pairs).items() if isinstance(pairs, Mapping) else pairs
        query = cls()
        query._pairs = tuple((_scalar_values(name), _scalar_values(value)) for name, value in given)
        return query

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every pair in order, repeated names as often as they occur.

        >>> QueryString("a=1&b=2&a=3").items()
        (('a', '1'), ('b', '2'), ('a', '3'))
        """
        return self._pairs

    def replacing(self, /, **values: Values) -> QueryString:
        """A query string with these values in the place of those of the same names: a link to the next page, and its like.

        A list is a repeated name, an empty list none at all. Names that are no Python names go in as `**{"per-page": 20}`.

        >>> query = QueryString("q=swift&page=2&tag=a&tag=b")
        >>> str(query.replacing(page=3, tag=["c", "d"], sort="year"))
        'q=swift&page=3&tag=c&tag=d&sort=year'
        """
        new = {name: _as_list(value) for name, value in values.items()}
        pairs: list[tuple[str, str]] = []
        for name, value in self._pairs:
            if name not in values:
                pairs.append((name, value))
            else:
                pairs.extend((name, replacement) for replacement in new.pop(name, ()))
        pairs.extend((name, value) for name, added in new.items() for value in added)
        return QueryString.from_pairs(pairs)

    def adding(self, /, **values: Values) -> QueryString:
        """A query string with these values behind the present ones.

        >>> str(QueryString("tag=a").adding(tag="b"))
        'tag=a&tag=b'
        """
        added = [(name, value) for name, given in values.items() for value in _as_list(given)]
        return QueryString.from_pairs([*self._pairs, *added])

    def without(self, *names: str) -> QueryString:
        """A query string without the fields of these names.

        >>> str(QueryString("q=swift&page=2").without("page"))
        'q=swift'
        """
        return QueryString.from_pairs(pair for pair in self._pairs if pair[0] not in names)

    def __str__(self) -> str:
        """The urlencoded serialiser: without a question mark, and reading back as the same fields."""
        return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in self._pairs)

    def __repr__(self) -> str:
        return f"QueryString({str(self)!r})"


def parse_urlencoded(data: bytes, *, max_fields: int = 1_000) -> QueryString:
    """Read the content of an application/x-www-form-urlencoded message; a question mark has no meaning here.

    Its charset is UTF-8, whatever a parameter or a `_charset_` field claims, as in every browser.
    max_fields: pairs read before giving up. Raises BadRequestError beyond that bound, and for nothing else.

    >>> parse_urlencoded(b"name=Ann+Lee&city=Z%C3%BCrich").items()
    (('name', 'Ann Lee'), ('city', 'Zürich'))
    """
    # Raw bytes and escapes may make up one character together: the raw ones wait, as Latin-1, until the others are bytes too.
    return QueryString.from_pairs(_parse(data.decode("latin-1"), max_fields, "latin-1"))


def parse_form(data: bytes, limits: Limits) -> QueryString:
    """Read an urlencoded body within the bounds that hold for forms of either kind.

    Raises BadRequestError beyond `query_fields`; ContentTooLargeError beyond `form_memory_bytes`, and beyond `field_bytes` for
    one pair as it came.

    >>> parse_form(b"name=Ann+Lee", Limits())["name"]
    'Ann Lee'
    """
    if len(data) > limits.form_memory_bytes:
        raise ContentTooLargeError(f"The form is larger than {limits.form_memory_bytes:,} bytes.")
    start = 0
    while len(data) - start > limits.field_bytes:
        end = data.rfind(b"&", start, start + limits.field_bytes + 1)
        if end < 0:
            raise ContentTooLargeError(f"A field of the form is larger than {limits.field_bytes:,} bytes.")
        start = end + 1
    return parse_urlencoded(data, max_fields=limits.query_fields)


def _parse(raw: str, max_fields: int, codec: str = "utf-8") -> list[tuple[str, str]]:
    """The pairs of a text that stands for bytes in this codec."""
    if raw.count("&") < max_fields:
        pieces = raw.split("&")
    else:
        # Separators alone are no fields, but splitting at millions of them would take their number in memory.
        pieces = [match[0] for match in islice(_PIECE.finditer(raw), max_fields + 1)]
        if len(pieces) > max_fields:
            raise BadRequestError(f"There are more than {max_fields} fields in the query or form: send fewer.")
    split = [piece.partition("=") for piece in pieces if piece]
    # PERF: most queries have nothing to decode, and then are done in half the time.
    if raw.isascii() and "%" not in raw and "+" not in raw:
        return [(name, value) for name, _, value in split]
    return [(_decode(name, codec), _decode(value, codec)) for name, _, value in split]


def _decode(text: str, codec: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if text.isascii() and "%" not in text:
        return text
    return _ESCAPE.sub(_octet, text.encode(codec)).decode("utf-8", "replace")


def _octet(escape: re.Match[bytes]) -> bytes:
    return _OCTETS[escape[1]]


def _encode(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


def _scalar_values(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which no UTF-8 can say (https://infra.spec.whatwg.org/#scalar-value-string)."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _as_list(value: Values) -> list[str]:
    return [str(value)] if isinstance(value, str | int) else list(value)
