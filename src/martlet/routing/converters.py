"""The text of a path to a value and back: the converters a pattern may name, and what one must offer.

One law holds for all of them: `parse(format(value)) == value`. The other way round text may change: `007` is 7.
All regular expressions are read in ASCII, and fit the whole text or nothing: no digit of another script, no trailing newline.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol, TypeVar
from uuid import UUID

from martlet.routing.errors import BadConverterError

T = TypeVar("T")

MAX_INTEGER = 2**63 - 1  # beyond it databases overflow
MAX_INTEGER_DIGITS = 19
MAX_DECIMAL_DIGITS = 28  # on each side of the point: the default precision of `decimal`

_DATE = r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"


class Converter(Protocol[T]):
    """One hole of a pattern to a value and back; `parse(format(value)) == value` for all that it formats.

    A converter whose class also says `spans_segments = True` may take in "/", and stands only at the end of a pattern.
    """

    @property
    def regex(self) -> str:
        """What it accepts, read in ASCII and as a whole; precedence and conflicts of routes are decided from it."""
        ...

    def parse(self, text: str) -> T:
        """The value of a text that fits `regex`; raises ValueError where there is none, which is no match."""
        ...

    def format(self, value: T) -> str:
        """The text for a value, not yet percent-encoded; raises ValueError or TypeError where there is none."""
        ...


def spans_segments(converter: Converter[Any]) -> bool:
    """True for a converter that may take in "/", as `path` does."""
    return bool(getattr(converter, "spans_segments", False))


def check_converter(name: str, converter: Converter[Any]) -> None:
    """Raise BadConverterError for what cannot serve as a converter."""
    problem = None
    if not name.isidentifier():
        problem = "its name is no Python name, so that no pattern can say it"
    elif isinstance(converter, type):
        problem = f"it is a class; give an object, as in {converter.__name__}()"
    elif not isinstance(getattr(converter, "regex", None), str):
        problem = "it has no `regex`, the expression of what it accepts"
    elif not (callable(getattr(converter, "parse", None)) and callable(getattr(converter, "format", None))):
        problem = "it needs the methods `parse` and `format`"
    else:
        try:
            # In a group, since it will stand beside other text: flags for the whole expression cannot.
            re.compile(f"(?:{converter.regex})", re.ASCII)
        except (re.error, OverflowError, RecursionError) as error:
            problem = f"its regex {converter.regex!r} cannot be compiled ({error})"
    if problem:
        raise BadConverterError(name, problem)


def fitting(regex: re.Pattern[str], text: str) -> str:
    """The text, if it fits the expression as a whole; else ValueError."""
    if regex.fullmatch(text) is None:
        raise ValueError(f"{text[:100]!r} does not fit {regex.pattern}")
    return text


def expect(value: object, *kinds: type) -> None:
    """Raise TypeError unless the value is of one of these types; a bool is no int, and a datetime no date, here."""
    refused = tuple({bool, datetime} - set(kinds))
    if not isinstance(value, kinds) or isinstance(value, refused):
        raise TypeError(f"expected {kinds[0].__name__}, not {type(value).__name__}")


class StrConverter:
    """One or more characters other than "/"."""

    regex = r"[^/]+"

    def parse(self, text: str) -> str:
        """The text itself."""
        return fitting(_STR, text)

    def format(self, value: str) -> str:
        """The text itself; raises ValueError when it is empty or holds a "/"."""
        expect(value, str)
        return fitting(_STR, value)


class PathConverter:
    """One or more characters of any kind, "/" among them; only at the end of a pattern."""

    regex = r"(?s:.+)"
    spans_segments = True

    def parse(self, text: str) -> str:
        """The text itself."""
        return fitting(_PATH, text)

    def format(self, value: str) -> str:
        """The text itself; raises ValueError when it is empty."""
        expect(value, str)
        return fitting(_PATH, value)


class IntConverter:
    """Whole numbers from 0 to 2**63 - 1 in at most 19 ASCII digits; leading zeros are read over.

    >>> IntConverter().parse("007")
    7
    """

    regex = r"[0-9]{1,19}"

    def parse(self, text: str) -> int:
        """The number; a sign, a space or another script's digit is no match."""
        value = int(fitting(_INT, text))
        if value > MAX_INTEGER:
            raise ValueError(f"{text} is more than 2**63 - 1")
        return value

    def format(self, value: int) -> str:
        """Its digits; raises ValueError below 0 and above 2**63 - 1."""
        expect(value, int)
        if not 0 <= value <= MAX_INTEGER:
            raise ValueError(f"{value} is not from 0 to 2**63 - 1")
        return str(value)


class FloatConverter:
    """Finite numbers as `1`, `-2.5` or `1.5e3`; neither `inf` and `nan`, nor `.5` and `5.`.

    >>> FloatConverter().parse("-1.6e1")
    -16.0
    """

    regex = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"

    def parse(self, text: str) -> float:
        """The nearest double; a number too large for one is no match."""
        value = float(fitting(_FLOAT, text))
        if math.isinf(value):
            raise ValueError(f"{text[:100]} is too large")
        return value

    def format(self, value: float) -> str:
        """The shortest text that reads back the same; raises ValueError for inf, nan and an int too large."""
        expect(value, float, int)
        try:
            return fitting(_FLOAT, repr(float(value)))
        except OverflowError:
            raise ValueError(f"{type(value).__name__} too large for a float") from None


class DecimalConverter:
    """Plain decimal notation as `-12.50`, up to 28 digits on each side of the point; no exponent.

    >>> DecimalConverter().parse("12.50")
    Decimal('12.50')
    """

    regex = r"-?[0-9]{1,28}(?:\.[0-9]{1,28})?"

    def parse(self, text: str) -> Decimal:
        """The exact number, its trailing zeros kept."""
        return Decimal(fitting(_DECIMAL, text))

    def format(self, value: Decimal) -> str:
        """Plain notation; raises ValueError for more digits, infinities and NaN."""
        expect(value, Decimal, int)
        number = Decimal(value)
        # The size goes first: 1E+999999 in plain notation would be a megabyte.
        if not number.is_finite() or number.adjusted() >= MAX_DECIMAL_DIGITS or number.adjusted() < -MAX_DECIMAL_DIGITS:
            raise ValueError(f"{value} has no plain notation of {MAX_DECIMAL_DIGITS} digits on each side of the point")
        return fitting(_DECIMAL, f"{number:f}")


class UUIDConverter:
    """A UUID in the 8-4-4-4-12 form of RFC 9562, in either case; no braces, no `urn:uuid:`, no bare 32 digits."""

    regex = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

    def parse(self, text: str) -> UUID:
        """The UUID."""
        return UUID(fitting(_UUID, text))

    def format(self, value: UUID) -> str:
        """The same form, in lower case."""
        expect(value, UUID)
        return str(value)


class DateConverter:
    """A real day as `2024-02-29` (ISO 8601, RFC 3339 full-date)."""

    regex = _DATE

    def parse(self, text: str) -> date:
        """The day; 30 February is no match."""
        return date.fromisoformat(fitting(_DATE_REGEX, text))

    def format(self, value: date) -> str:
        """The same form; a datetime is refused, since its time would be lost."""
        expect(value, date)
        return value.isoformat()


class DatetimeConverter:
    """A moment as `2024-02-29T12:30:00Z` (RFC 3339); seconds, fraction (to microseconds) and offset may be left out.

    With `Z` or an offset the value is aware, without one it is naive: nothing is assumed.
    """

    regex = rf"{_DATE}T{_TIME}(?::[0-5][0-9](?:\.[0-9]{{1,6}})?)?(?:Z|[+-]{_TIME})?"

    def parse(self, text: str) -> datetime:
        """The moment; a day that does not exist and a leap second are no match."""
        return datetime.fromisoformat(fitting(_DATETIME, text))

    def format(self, value: datetime) -> str:
        """The same form; raises ValueError for an offset with seconds."""
        expect(value, datetime)
        return fitting(_DATETIME, value.isoformat())


class SlugConverter:
    """Lower-case ASCII words and digits joined by single hyphens, as `a-title-of-2024`."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"

    def parse(self, text: str) -> str:
        """The text itself."""
        return fitting(_SLUG, text)

    def format(self, value: str) -> str:
        """The text itself; raises ValueError when it is no slug."""
        expect(value, str)
        return fitting(_SLUG, value)


_STR = re.compile(StrConverter.regex, re.ASCII)
_PATH = re.compile(PathConverter.regex, re.ASCII)
_INT = re.compile(IntConverter.regex, re.ASCII)
_FLOAT = re.compile(FloatConverter.regex, re.ASCII)
_DECIMAL = re.compile(DecimalConverter.regex, re.ASCII)
_UUID = re.compile(UUIDConverter.regex, re.ASCII)
_DATE_REGEX = re.compile(DateConverter.regex, re.ASCII)
_DATETIME = re.compile(DatetimeConverter.regex, re.ASCII)
_SLUG = re.compile(SlugConverter.regex, re.ASCII)

BUILT_IN: Mapping[str, Converter[Any]] = MappingProxyType(
    {
        "str": StrConverter(),
        "int": IntConverter(),
        "float": FloatConverter(),
        "path": PathConverter(),
        "uuid": UUIDConverter(),
        "date": DateConverter(),
        "datetime": DatetimeConverter(),
        "decimal": DecimalConverter(),
        "slug": SlugConverter(),
    }
)
"""The converters every pattern may name; a parameter that names none is `str`."""
