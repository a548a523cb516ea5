"""The generated decision answers as a sorted list of expressions does, for any table of routes and any path."""

import random
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from martlet.routing import ANY_METHOD, RouteConflictError, Router, decisions
from tests.routing.naive_router import first_fit, read

PLAIN = ["a", "b", "ab", "aab", "a-b", "1", "x"]
KINDS = ["{:date}", "{:int}", "{:decimal}", "{:float}", "{:slug}", "a{}b", "a{}", "{}b", "{}-{}", "{}"]
LAST_KINDS = [*KINDS, "a{:path}", "{:path}", ""]
TEXTS = [
    *PLAIN,
    "",
    "aXb",
    "aX",
    "Xb",
    "007",
    "-1.5",
    "1e3",
    "2024-02-29",
    "2024-02-30",
    "99999999999999999999",
    "-",
    "a-",
    "--a",
    "é",
    "a\n",
]


def numbered(segments: list[str]) -> str:
    """Segments as a pattern, with a name of its own for each parameter."""
    parts = re.split(r"(?<=\{)", "/" + "/".join(segments))
    return parts[0] + "".join(f"p{number}{part}" for number, part in enumerate(parts[1:], 1))


@st.composite
def patterns(draw: st.DrawFn) -> str:
    first = draw(st.lists(st.sampled_from(PLAIN) | st.sampled_from(KINDS), max_size=3))
    return numbered([*first, draw(st.sampled_from(PLAIN) | st.sampled_from(LAST_KINDS))])


paths = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5).map(lambda segments: "/" + "/".join(segments)) | st.text(
    "/a-1X", max_size=8
)
tables = st.lists(patterns(), min_size=1, max_size=12, unique=True)


def register_all(given_patterns: list[str]) -> Router[str]:
    router = Router[str]()
    for pattern in given_patterns:
        router.register("GET", pattern, pattern, overlaps=True)
    return router


@pytest.mark.parametrize("copies", [pytest.param(decisions.COPIES, id="told apart early"), pytest.param(0, id="all by table")])
@given(tables, st.lists(paths, min_size=1, max_size=8), st.randoms(use_true_random=False))
@example(["/a{p1}/b", "/{p1}b/{p2}"], ["/ab/b", "/aab/b"], random.Random(0))
@example(["/{p1:path}", "/a/{p1}"], ["/a/b/c", "/a/b", "/", "//"], random.Random(0))
def test_the_router_answers_as_the_naive_list(
    copies: int, given_patterns: list[str], asked: list[str], luck: random.Random
) -> None:
    luck.shuffle(given_patterns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisions, "COPIES", copies)
        router = register_all(given_patterns)
        lookup = router.compile()

    for path in asked:
        assert lookup("GET", path) == first_fit(given_patterns, path)


@given(tables, paths, st.randoms(use_true_random=False))
def test_the_order_of_registration_never_changes_the_winner(given_patterns: list[str], path: str, luck: random.Random) -> None:
    shuffled = list(given_patterns)
    luck.shuffle(shuffled)

    assert register_all(given_patterns).match("GET", path) == register_all(shuffled).match("GET", path)


@given(patterns(), patterns())
def test_a_conflict_is_the_same_both_ways_and_its_example_fits_both(one: str, other: str) -> None:
    refusals = [refusal(first, second) for first, second in ((one, other), (other, one))]

    assert (refusals[0] is None) == (refusals[1] is None)
    for conflict in refusals:
        if conflict is not None:
            assert conflict.path is not None
            assert read(one).fits(conflict.path) is not None
            assert read(other).fits(conflict.path) is not None


@given(tables)
def test_a_conflict_among_many_is_one_between_two(given_patterns: list[str]) -> None:
    router = Router[str]()
    accepted: list[str] = []
    for pattern in given_patterns:
        tied = any(refusal(old, pattern) for old in accepted)
        try:
            router.register("GET", pattern, pattern)
        except RouteConflictError:
            refused = True
        else:
            refused = False
            accepted.append(pattern)

        assert refused == tied


@given(tables, st.lists(paths, min_size=1, max_size=8))
def test_without_overlaps_what_fits_first_is_included_in_all_else_that_fits(given_patterns: list[str], asked: list[str]) -> None:
    router = Router[str]()
    accepted: list[str] = []
    for pattern in given_patterns:
        try:
            router.register("GET", pattern, pattern)
        except RouteConflictError:
            continue
        accepted.append(pattern)

    for path in asked:
        fitting = [pattern for pattern in accepted if read(pattern).fits(path) is not None]
        winner, _ = router.match("GET", path)
        assert (winner is None) == (not fitting)
        for other in fitting:
            # Nothing that fits the winner is refused by a pattern that also fits here.
            assert winner is not None
            for candidate in asked:
                if read(winner).fits(candidate) is not None:
                    assert other == winner or read(other).regex.fullmatch(candidate) is not None


def refusal(first: str, second: str) -> RouteConflictError | None:
    router = Router[str]()
    router.register("GET", first, first)
    try:
        router.register("GET", second, second)
    except RouteConflictError as conflict:
        return conflict
    return None


@given(tables, tables, st.lists(paths, min_size=1, max_size=8), st.randoms(use_true_random=False))
@example(["/a/{p1}"], ["/{p1:path}", "/a/{p1}"], ["/a/b", "/a/b/c", "/a"], random.Random(0))
def test_routes_for_any_method_stand_beside_those_for_one(
    posted: list[str], any_method: list[str], asked: list[str], luck: random.Random
) -> None:
    router = Router[str]()
    registered = [("POST", pattern) for pattern in posted] + [(ANY_METHOD, pattern) for pattern in any_method]
    luck.shuffle(registered)
    for method, pattern in registered:
        router.register(method, pattern, f"{method} {pattern}", overlaps=True)

    for path in asked:
        posts = first_fit(list({*posted, *any_method}), path)
        assert router.match("BREW", path) == prefixed(ANY_METHOD, first_fit(any_method, path))
        assert router.match("POST", path) == prefixed("POST" if posts and posts[0] in posted else ANY_METHOD, posts)


def prefixed(method: str, fit: tuple[str, dict[str, object]] | None) -> tuple[str | None, dict[str, object]]:
    return (None, {}) if fit is None else (f"{method} {fit[0]}", fit[1])
