"""The router as it would be without speed: a list of expressions, sorted by the rules as told, tried one after another."""

import re
from dataclasses import dataclass
from typing import Any

from martlet.routing import BUILT_IN

ORDER = [
    # The kinds of segment used in the tests, from narrow to wide; the kinds of one line are equally wide.
    ["{:date}"],
    ["{:int}"],
    ["{:decimal}"],
    ["{:float}"],
    ["{:slug}"],
    ["a{}b"],
    ["a{}", "{}b"],
    ["a{:path}"],
    ["{}-{}"],
    ["{}"],
    ["{:path}"],
]
"""Which goes first of two segments that a text fits: a plain text goes before all of these."""

TIE_BREAK = ["{}b", "a{}"]
"""Which goes first of two equally wide kinds, when nothing else in the patterns decides."""


@dataclass(frozen=True)
class NaiveRoute:
    """A pattern as an expression, its converters, and its place in the order."""

    pattern: str
    regex: re.Pattern[str]
    converters: dict[str, str]
    rank: tuple[list[int], list[int]]

    def fits(self, path: str) -> dict[str, Any] | None:
        """The parameters, or None."""
        if (match := self.regex.fullmatch(path)) is None:
            return None
        try:
            return {name: BUILT_IN[converter].parse(match[name]) for name, converter in self.converters.items()}
        except ValueError:
            return None


def read(pattern: str) -> NaiveRoute:
    """A pattern of the test's simple kind: `{name}` or `{name:converter}`, no doubled braces."""
    converters = {name: converter or "str" for name, converter in re.findall(r"\{(\w+):?(\w*)\}", pattern)}
    pieces = re.split(r"(\{\w+:?\w*\})", pattern)
    regex = [
        f"(?P<{found[1]}>{BUILT_IN[found[2] or 'str'].regex})"
        if (found := re.match(r"\{(\w+):?(\w*)\}", piece))
        else re.escape(piece)
        for piece in pieces
    ]
    kinds = [re.sub(r"\{\w+", "{", segment) for segment in pattern[1:].split("/")]
    ranks = [next((rank for rank, alike in enumerate(ORDER, 1) if kind in alike), 0) for kind in kinds]
    breaks = [TIE_BREAK.index(kind) if kind in TIE_BREAK else -1 for kind in kinds]
    return NaiveRoute(pattern, re.compile("".join(regex), re.ASCII), converters, (ranks, breaks))


def first_fit(patterns: list[str], path: str) -> tuple[str, dict[str, Any]] | None:
    """The first pattern that fits in the order of the rules, and its parameters."""
    for route in sorted(map(read, patterns), key=lambda route: route.rank):
        params = route.fits(path)
        if params is not None:
            return route.pattern, params
    return None
