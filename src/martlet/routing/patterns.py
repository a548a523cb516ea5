"""Read a path with holes, as `/users/{id:int}`, into segments: plain text, or text with parameters in it.

`{name}` is a str (or what the caller infers), `{name:converter}` says it, `{{` and `}}` are braces. A path and a path with a
slash at its end differ. A parameter that takes in "/" ends the pattern; other parameters of one segment have text between them.
Not here: which segment is narrower (precedence.py), and how a path is matched (decisions.py).
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from martlet.routing.automata import Text
from martlet.routing.converters import Converter, check_converter, spans_segments
from martlet.routing.errors import BadPatternError, UnknownConverterError
from martlet.routing.languages import Language
from martlet.routing.taking import AmbiguousSegmentError, Parameter, taker

MAX_SEGMENTS = 32  # of one pattern: the decision nests with them, and Python sets a limit to that

_PIECES = re.compile(r"(?P<brace>\{\{|\}\})|\{(?P<hole>[^{}]*)\}|(?P<text>[^{}]+)|(?P<stray>[{}])")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
# As Flask and Django write parameters: no browser sends these characters, so nobody means them as text.
_OTHERS_PARAMETER = re.compile(r"<(?:(?P<converter>[A-Za-z_]\w*)(?:\([^<>]*\))?:)?(?P<name>[A-Za-z_]\w*)>", re.ASCII)


class Segment:
    """What stands between two slashes and holds at least one parameter.

    Its `head` is the text before the first parameter, its `tail` the text after the last, its `core` what lies between. Two
    segments of one `shape` have the same core, and heads and tails of the same lengths: these decide between them as texts do.
    """

    __slots__ = ("core", "core_language", "head", "language", "names", "shape", "spans", "tail", "take")

    def __init__(self, pieces: tuple[str | Parameter, ...]) -> None:
        first, last = pieces[0], pieces[-1]
        self.head = first if isinstance(first, str) else ""
        self.tail = last if isinstance(last, str) else ""
        self.core = pieces[bool(self.head) : len(pieces) - bool(self.tail)]
        self.names = tuple(piece.name for piece in pieces if isinstance(piece, Parameter))
        self.spans = isinstance(last, Parameter) and spans_segments(last.converter)
        """True where the last parameter takes in all the rest of a path, "/" among it."""
        self.core_language: Language = tuple(Text(piece) if isinstance(piece, str) else piece.hole for piece in self.core)
        self.language = tuple(piece for piece in (Text(self.head), *self.core_language, Text(self.tail)) if piece != Text(""))
        self.take = taker(self.core)
        """The values of its parameters from the text of its core, or None where that does not fit."""
        self.shape = "".join([f"{len(self.head)}", *map(shape_of, self.core), f"{len(self.tail)}"])

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, from left to right."""
        return tuple(piece for piece in self.core if isinstance(piece, Parameter))


def shape_of(piece: str | Parameter) -> str:
    """A key for one piece: parameters are alike when they have the very same converter."""
    return piece.replace("{", "{{") if isinstance(piece, str) else f"{{{id(piece.converter)}}}"


Part = str | Segment
"""One segment of a pattern: its text where it is plain (braces read), else its pieces."""


Signature = tuple[str | None, ...]
"""The shape of each segment of a pattern, None for a plain text."""


def signature_of(parts: Sequence[Part]) -> Signature:
    """The shapes of a pattern: patterns with the same ones differ in their texts and the names of their parameters alone."""
    return tuple([None if isinstance(part, str) else part.shape for part in parts])


class PatternReader:
    """Reads patterns with one set of converters; each distinct segment is read once and shared."""

    def __init__(self, converters: Mapping[str, Converter[Any]]) -> None:
        for name, converter in converters.items():
            check_converter(name, converter)
        self.converters = converters
        self._read: dict[tuple[str, str], Part] = {}

    def read(self, pattern: str, where: str, inferred: Mapping[str, str | Converter[Any]]) -> tuple[Part, ...]:
        """The segments of a pattern, that before the first slash left out.

        inferred: parameter name to a converter or its name, for parameters that name no converter.
        Raises BadPatternError and UnknownConverterError.

        >>> from martlet.routing.converters import BUILT_IN
        >>> PatternReader(BUILT_IN).read("/robots.txt", "shop.py:12", {})
        ('robots.txt',)
        """
        check_text(pattern, where)
        texts = pattern[1:].split("/")
        if "{" not in pattern and "}" not in pattern:
            return tuple(texts)
        hints = ",".join(hint(name, inferred[name]) for name in sorted(inferred)) if inferred else ""
        try:
            parts = tuple([self._part(text, hints, inferred) if "{" in text or "}" in text else text for text in texts])
            check_parameters(parts)
        except UnreadableSegmentError as error:
            raise BadPatternError(str(error), pattern, where) from None
        except MissingConverterError as error:
            raise UnknownConverterError(error.name, self.converters, pattern, where) from None
        return parts

    def join(self, prefix: str, where: str, parts: tuple[Part, ...], pattern: str) -> tuple[Part, ...]:
        """The segments of a prefix, and those of a pattern after it; raises BadPatternError where they do not go together."""
        if prefix.endswith("/"):
            raise BadPatternError(f"a prefix ends without a slash, since {pattern!r} starts with one.", prefix, where)
        joined = (*self.read(prefix, where, {}), *parts)
        try:
            check_parameters(joined)
        except UnreadableSegmentError as error:
            raise BadPatternError(str(error), prefix + pattern, where) from None
        check_text(prefix + pattern, where)
        return joined

    def _part(self, text: str, hints: str, inferred: Mapping[str, str | Converter[Any]]) -> Part:
        part = self._read.get((text, hints))
        if part is None:
            part = self._read[text, hints] = self._read_segment(text, inferred)
        return part

    def _read_segment(self, text: str, inferred: Mapping[str, str | Converter[Any]]) -> Part:
        pieces: list[str | Parameter] = []
        for match in _PIECES.finditer(text):
            piece: str | Parameter
            if match["stray"]:
                raise UnreadableSegmentError(
                    f"a brace without its partner in {text!r}; a brace that is meant is doubled: {{{{ or }}}}."
                )
            piece = match["text"] or match["brace"][:1] if match["hole"] is None else self._parameter(match["hole"], inferred)
            if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += piece
            else:
                pieces.append(piece)
        if len(pieces) == 1 and isinstance(pieces[0], str):
            return pieces[0]
        check_pieces(pieces)
        try:
            return Segment(tuple(pieces))
        except AmbiguousSegmentError as error:
            problem = f"{text!r} could be split in many ways: {error}. Put a text between that one of them cannot hold."
            raise UnreadableSegmentError(problem) from None

    def _parameter(self, hole: str, inferred: Mapping[str, str | Converter[Any]]) -> Parameter:
        name, colon, converter_name = hole.partition(":")
        if name.startswith("*"):
            raise UnreadableSegmentError(f"{{{hole}}} has a star; a parameter for all the rest is {{{name[1:] or 'rest'}:path}}.")
        if not name.isidentifier():
            raise UnreadableSegmentError(f"the parameter name {name!r} is no Python name, as in {{book_id}} or {{book_id:int}}.")
        if not colon:
            found = inferred.get(name, "str")
            if not isinstance(found, str):
                return Parameter(name, str(getattr(found, "name", type(found).__name__)), found)
            converter_name = found
        converter = self.converters.get(converter_name)
        if converter is None:
            raise MissingConverterError(converter_name)
        return Parameter(name, converter_name, converter)


def hint(name: str, converter: str | Converter[Any]) -> str:
    """A key for the converter inferred for one parameter."""
    return f"{name}:{converter}" if isinstance(converter, str) else f"{name}:{id(converter)}"


class UnreadableSegmentError(ValueError):
    """A segment that cannot be read; the reader adds pattern and place."""


class MissingConverterError(LookupError):
    """A converter that is not defined; the reader adds pattern and place."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def check_text(pattern: str, where: str) -> None:
    """Refuse a pattern that no path can ever fit, before its braces are looked at."""
    problem = None
    if not pattern.startswith("/"):
        problem = f"a pattern starts with a slash: write {'/' + pattern!r}."
    elif "//" in pattern:
        problem = "an empty segment. Write one slash; a path with two is another path, and clients do not send it."
    elif "?" in pattern or "#" in pattern:
        problem = "a query or a fragment is no part of the path; leave it out, and take query parameters in the handler."
    elif found := _OTHERS_PARAMETER.search(pattern):
        converter = f":{found['converter']}" if found["converter"] else ""
        problem = f"{found[0]!r} is no parameter here: write {{{found['name']}{converter}}}."
    elif _PERCENT.search(pattern):
        problem = "paths are matched after percent-decoding; write the character itself."
    elif pattern.count("/") > MAX_SEGMENTS:
        problem = f"more than {MAX_SEGMENTS} segments. Take the rest in one parameter, as in {{rest:path}}."
    if problem:
        raise BadPatternError(problem, pattern, where)


def check_pieces(pieces: Sequence[str | Parameter]) -> None:
    """Refuse parameters without text between them, and one that spans segments before the end."""
    for piece, following in pairwise(pieces):
        if not isinstance(piece, Parameter):
            continue
        if isinstance(following, Parameter):
            raise UnreadableSegmentError(f"nothing stands between {piece.name!r} and {following.name!r}; put text between them.")
        if spans_segments(piece.converter):
            raise UnreadableSegmentError(after_the_rest(piece))


def check_parameters(parts: Sequence[Part]) -> None:
    """Refuse a name used twice, and a parameter that spans segments before the last."""
    seen: set[str] = set()
    for position, part in enumerate(parts, 1):
        if isinstance(part, str):
            continue
        for name in part.names:
            if name in seen:
                raise UnreadableSegmentError(f"the parameter {name!r} stands twice. Give each its own name.")
            seen.add(name)
        if part.spans and position < len(parts):
            raise UnreadableSegmentError(after_the_rest(part.parameters[-1]))


def after_the_rest(parameter: Parameter) -> str:
    """The complaint about what follows a parameter that leaves nothing."""
    hole = f"{{{parameter.name}:{parameter.converter_name}}}"
    return f"{hole} takes in all the rest of the path, so nothing can follow it. Put it last."
