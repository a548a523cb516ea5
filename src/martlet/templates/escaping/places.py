"""Where in a page a point of the source stands: `Place`, a frozen value that the scanners move and the holes are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

__all__ = ["WRAPPINGS", "Kind", "Part", "Place", "Slash", "State", "describe", "start_place", "tag_name_place", "value_place"]

WRAPPINGS: Final = ("jinja", "jinja2", "j2", "tmpl", "tpl")  # endings that only say that a file is a template


class State(Enum):
    """The language and the token that a point stands in."""

    TEXT = "text"
    TAG_NAME = "the name of a tag"
    TAG = "a tag"
    ATTRIBUTE_NAME = "the name of an attribute"
    AFTER_NAME = "a tag, behind the name of an attribute"
    BEFORE_VALUE = "a tag, before the value of an attribute"
    DECLARATION = "a declaration"
    COMMENT = "a comment"
    CDATA = "a CDATA section"
    RCDATA = "an element that holds text only"
    RAW = "an element whose text is taken as it is"
    VALUE = "an attribute"
    URL = "a URL"
    SRCSET = "a list of images"
    META = "the content of a meta element"
    SMIL = "the values of an animation"
    SRCDOC = "a page in an attribute"
    TRIGGER = "a trigger with conditions in brackets"
    SCRIPT = "a script"
    SCRIPT_DOUBLE = 'a script\'s "string"'
    SCRIPT_SINGLE = "a script's 'string'"
    SCRIPT_TEMPLATE = "a script's `template literal`"
    SCRIPT_REGEXP = "a script's regular expression"
    SCRIPT_BLOCK = "a script's comment"
    SCRIPT_LINE = "a script's comment line"
    JSON = "JSON"
    JSON_STRING = "a JSON string"
    STYLE = "a style sheet"
    STYLE_DOUBLE = 'a style sheet\'s "string"'
    STYLE_SINGLE = "a style sheet's 'string'"
    STYLE_URL = "a style sheet's url(…)"
    STYLE_URL_DOUBLE = 'a style sheet\'s url("…")'
    STYLE_URL_SINGLE = "a style sheet's url('…')"
    STYLE_BLOCK = "a style sheet's comment"
    PLAIN = "text that is not escaped"
    ALIKE = "text in which all values are escaped alike"
    DEAD = "what is never reached"


class Kind(Enum):
    """What an attribute's value is."""

    PLAIN = auto()
    URL = auto()
    IMAGE_URL = auto()  # data:image is fine here
    CODE_URL = auto()  # what it names runs in the page, so its host must be the author's
    SCRIPT_URL = auto()  # a script behind `javascript:`
    SRCSET = auto()
    META = auto()
    SMIL = auto()
    SRCDOC = auto()
    STYLE = auto()
    SCRIPT = auto()
    JSON = auto()
    TRIGGER = auto()
    HINT = auto()  # `type` and `rel`: they say what the element is
    COMPUTED = auto()  # its name, or the tag's, is a value, which an escaper lets through only if it is plain


class Part(Enum):
    """How far into a URL a point stands."""

    START = auto()  # nothing yet
    OPEN = auto()  # behind something that a colon would turn into a scheme
    SLASH = auto()  # behind one slash, which a second would turn into a host
    SCHEME = auto()  # behind a value that is the scheme, whose colon is still to come
    AUTHORITY = auto()  # where a host begins, whatever slashes are to come
    HOST = auto()
    PATH = auto()
    QUERY = auto()  # or the fragment: both are encoded alike
    DATA = auto()  # behind `data:` and a type that is an image, a sound or a font
    FORBIDDEN = auto()  # behind a scheme that nothing makes safe
    UNKNOWN = auto()  # branches came from different parts


class Slash(Enum):
    """What the last token of a script was, which decides what a slash and a brace mean."""

    START = auto()  # of a statement
    OPERATOR = auto()
    COLON = auto()
    ARROW = auto()
    CONTROL = auto()  # `if`, `for`, `while`, `with`
    VALUE = auto()
    DOT = auto()  # and what else a name follows, such as `let`
    RETURN = auto()  # `return`, which the end of its line ends
    DEFAULT = auto()  # `default`, of a `switch` or an `export`
    UNKNOWN = auto()

    @property
    def divides(self) -> bool:
        """Whether a slash divides; otherwise it begins a regular expression."""
        return self in (Slash.VALUE, Slash.DOT)


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a page, as far as it matters for what may be written there.

    delimiter: of the attribute that the point is in: a quote, a space if it has none, nothing outside of attributes.
    element: whose tag or text this is, in small letters; an end tag's begins with a slash.
    kind: of the attribute; of a style sheet, a code URL in an `@import`. name: of the attribute, as far as it is written.
    hint: the element's `type` or `rel`, nothing if there is none so far, `?` in it for what a value says; of a `meta`, what it is
    for; of a script or a style sheet in XML, whether its text is in a CDATA section, or is not what it looks like.
    part: of the URL. slash, brackets, fresh: of the script; its last token, its open brackets, whether its line is empty so far.
    started: whether something of the attribute's value is written. inner: the place in the page that an attribute holds.
    within: open elements in which HTML reads others differently, outermost first, with blanks between; see elements.py.
    In a comment and in a CDATA section, fresh tells that what stands before could be the beginning of its end.
    """

    state: State = State.TEXT
    delimiter: str = ""
    element: str = ""
    kind: Kind = Kind.PLAIN
    name: str = ""
    hint: str = ""
    part: Part = Part.START
    slash: Slash = Slash.START
    brackets: str = ""
    fresh: bool = False
    started: bool = False
    inner: Place | None = None
    xml: bool = False
    within: str = ""


def start_place(name: str | None, escaping: str = "contextual") -> Place:
    """Where a template begins, by what its file is; escaping: "contextual", "html" (all values alike) or "off".

    >>> start_place("mail.txt").state.name, start_place("js/app.js").state.name, start_place("page.html.jinja").state.name
    ('PLAIN', 'SCRIPT', 'TEXT')
    """
    if escaping != "contextual":
        return Place(State.ALIKE if escaping == "html" else State.PLAIN)
    words = [word for word in (name or "").rpartition("/")[2].lower().split(".")[1:] if word not in WRAPPINGS]
    return _STARTS.get(words[-1] if words else "", Place())


def value_place(place: Place) -> Place:
    """Where the text of a value begins that is made here, such as a macro's: a text of HTML, if this is escaped by its place."""
    return place if place.state in (State.PLAIN, State.ALIKE) else Place(xml=place.xml)


_STARTS = {
    "xml": Place(xml=True),
    "svg": Place(xml=True),
    "rss": Place(xml=True),
    "atom": Place(xml=True),
    "js": Place(State.SCRIPT, fresh=True),
    "mjs": Place(State.SCRIPT, fresh=True),
    "css": Place(State.STYLE),
    "json": Place(State.JSON),
    "txt": Place(State.PLAIN),
    "text": Place(State.PLAIN),
    "md": Place(State.PLAIN),
    "csv": Place(State.PLAIN),
}


def tag_name_place(place: Place, opening: str) -> Place:
    """Behind a `<` or `</`, before a value that is the name of the tag; `started` when it is written."""
    return Place(State.TAG_NAME, element=opening[1:], kind=Kind.COMPUTED, xml=place.xml, within=place.within)


def describe(place: Place) -> str:
    """A place in words, for errors.

    >>> describe(Place(State.URL, '"', "a", name="href"))
    'a URL (the attribute "href" of <a>)'
    """
    if place.delimiter:
        of = f" of <{place.element}>" if place.element else ""
        return (
            f'{place.state.value} (the attribute "{place.name}"{of})'
            if place.name
            else f"{place.state.value} in an attribute{of}"
        )
    if place.state in (State.TAG, State.TAG_NAME, State.AFTER_NAME, State.BEFORE_VALUE, State.ATTRIBUTE_NAME) and place.element:
        return f"{place.state.value} (<{place.element}>)"
    return place.state.value
