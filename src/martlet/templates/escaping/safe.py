"""Values that are trusted in one kind of place, and are plain text in every other.

Make one only from what you wrote yourself or have cleaned; a value's type is your word for it.
The filters `tojson`, `xmlattr` and `urlencode` return the last three, so that what they made is not escaped twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from markupsafe import Markup

__all__ = [
    "EncodedURLPart",
    "JSONText",
    "RenderedAttributes",
    "SafeAttributes",
    "SafeCSS",
    "SafeHTML",
    "SafeJS",
    "SafeJSString",
    "SafeSrcset",
    "SafeURL",
]

SafeHTML = Markup


class SafeAttributes(str):
    """Attributes as they stand in a tag: `dir="ltr" hidden`."""

    __slots__ = ()


class SafeCSS(str):
    """A piece of a style sheet: a declaration, a selector, a value."""

    __slots__ = ()


class SafeJS(str):
    """An expression of JavaScript."""

    __slots__ = ()


class SafeJSString(str):
    """What stands between the quotes of a JavaScript string, its escapes written already."""

    __slots__ = ()


class SafeSrcset(str):
    """The value of a `srcset` attribute."""

    __slots__ = ()


class SafeURL(str):
    """A URL of any scheme and any host."""

    __slots__ = ()


class EncodedURLPart(str):
    """A piece of a URL whose reserved characters are percent-encoded already."""

    __slots__ = ()


class JSONText(SafeJS, Markup):
    """JSON without `<`, `>`, `&` and `'`: an expression of JavaScript that may stand in a page's text as well."""

    __slots__ = ()


class RenderedAttributes(SafeAttributes, Markup):
    """Attributes whose values are escaped, which may stand in a page's text as well.

    pairs: their names and values, which a tag escapes by what each attribute is; None if the text is to be taken as it is.
    lead: the blank before them, or nothing.
    """

    __slots__ = ("lead", "pairs")
    pairs: Sequence[tuple[str, Any]] | None
    lead: str

    def __new__(cls, text: str, pairs: Sequence[tuple[str, Any]] | None = None, lead: str = "") -> Self:
        """A text of attributes."""
        made = super().__new__(cls, text)
        made.pairs = pairs
        made.lead = lead
        return made
