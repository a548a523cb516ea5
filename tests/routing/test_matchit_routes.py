"""The route tables of matchit (Rust): static before parameter before rest, with backtracking; and which routes it refuses."""

import re
from itertools import product
from typing import Any

import pytest

from martlet.routing import BadPatternError, RouteConflictError, Router, RoutingError
from tests.routing.naive_router import read
from tests.rows import each
from tests.shared_cases import conformance

MATCHES: list[dict[str, Any]] = conformance("http/router/matchit_match.json")["cases"]
INSERTS: list[dict[str, Any]] = conformance("http/router/matchit_insert.json")["cases"]

NO_PATTERN_HERE = {
    "": "a pattern starts with a slash",
    "{": "the same",
    "}": "the same",
    "f": "the same",
    "x": "the same",
    "/{ba{{r}": "parameter names are Python names, so they hold no braces",
    "/foo/{ba{{r}": "the same",
    "/bar/{ba}}r}": "the same",
    "/xxx/{x": "the same",
}
"""The beginnings of routes that are refused as patterns here, with the reason."""

NO_REQUEST = {
    ("double_overlap", "/{object}/{id}"): "the recorded row is a route, not a request: as a path it fits that very route",
    ("wildcard", "/cmd/{tool}/"): "the same",
    ("wildcard", "/cmd/{tool}/{sub}"): "the same",
    ("wildcard", "/"): "recorded twice, once as found; it is found",
}

ORDERED_HERE = {
    "4-wildcard_conflict": 9,
    "5-prefix_suffix_conflict": 63,
    "8-child_conflict": 1,
    "15-catchall_static_overlap": 1,
}
"""How many routes of a case matchit refuses and we do not, since their order is clear: one is narrower (`prefix{a}suffix` beside
`{a}suffix`, `{id}` beside `{rest:path}`), or no path fits both (`{a}suffix` and `{a}suffixy`)."""


def as_pattern(route: str) -> str:
    return re.sub(r"\{\*(\w+)\}", r"{\1:path}", route)


def is_no_pattern_here(route: str) -> bool:
    return any(route == start or (start and route.startswith(start)) for start in NO_PATTERN_HERE)


@each("case", [pytest.param(case, id=f"{number}-{case['test']}") for number, case in enumerate(MATCHES)], count=24)
def test_paths_find_the_route_that_matchit_finds(case: dict[str, Any]) -> None:
    router = Router[str]()
    for route in case["routes"]:
        if is_no_pattern_here(route):
            with pytest.raises(BadPatternError):
                router.register("GET", as_pattern(route), route)
        else:
            router.register("GET", as_pattern(route), route, overlaps=True)

    for row in case["matches"]:
        excepted = (case["test"], row["path"]) in NO_REQUEST or (row["route"] is not None and is_no_pattern_here(row["route"]))
        if not excepted:
            assert router.match("GET", row["path"]) == (row["route"], row["params"] or {})


def order_is_clear(one: str, other: str) -> bool:
    """Whether, of paths made from both, none fits both, or all that fit one fit the other."""
    texts = [text for pattern in (one, other) for text in re.split(r"\{\w+:?\w*\}|/", pattern) if text]
    fillings = ["a", *texts, *("".join(pair) for pair in product(["a", *texts], repeat=2)), "a/b"]
    paths = {re.sub(r"\{\w+:?\w*\}", filling, pattern) for pattern in (one, other) for filling in fillings}
    first, second = ({path for path in paths if read(pattern).fits(path) is not None} for pattern in (one, other))
    return not first & second or first <= second or second <= first


@each(("name", "case"), [(f"{number}-{case['test']}", case) for number, case in enumerate(INSERTS)], count=21)
def test_routes_are_refused_where_matchit_refuses_them_unless_their_order_is_clear(name: str, case: dict[str, Any]) -> None:
    accepted: list[str] = []
    ordered: list[str] = []
    kinds: set[tuple[bool, bool, bool]] = set()
    for row in case["inserts"]:
        router = Router[str]()
        for route in accepted:
            router.register("GET", route, route)
        pattern = as_pattern(row["route"])
        try:
            router.register("GET", pattern, pattern)
        except RoutingError as refusal:
            if not is_no_pattern_here(row["route"]):
                kinds.add((type(refusal) is RouteConflictError, str(row["error"]).startswith("conflict"), row["ok"]))
            continue
        if row["ok"]:
            accepted.append(pattern)
        else:
            ordered.append(pattern)
            named = re.search(r'"(.+?)"', str(row["error"]))
            assert named is not None
            assert order_is_clear(pattern, as_pattern(named[1]))

    assert kinds <= {(True, True, False), (False, False, False)}
    assert len(ordered) == ORDERED_HERE.get(name, 0)
