"""Two patterns that some path fits equally well are refused; all others are not, and each answer is the same both ways."""

import pytest

from martlet.routing import RouteConflictError, Router
from martlet.routing.converters import StrConverter
from martlet.routing.precedence import Order, overlap
from tests.rows import each

TIED = [
    pytest.param("/a/{x}/y", "/a/b/{z}", "/a/b/y", id="a literal each"),
    pytest.param("/{x}/b", "/a/{y}", "/a/b", id="crosswise"),
    pytest.param("/{x:slug}", "/{y:uuid}", "/aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", id="a uuid has capitals, a slug has none"),
    pytest.param("/{x:slug}", "/{y:float}", "/1", id="a float has a point, a slug has letters"),
    pytest.param("/a{x}", "/{y}b", "/ab", id="a head and a tail"),
    pytest.param("/ab{x}", "/a{y}c", "/abc", id="a longer head and a tail"),
    pytest.param("/{x:int}/{y}", "/{x}/{y:int}", "/1/1", id="narrower in one segment each"),
    pytest.param("/a/{rest:path}", "/{x}/b", "/a/b", id="all the rest, and a literal in it"),
    pytest.param("/a{rest:path}", "/{x}/b", "/a/b", id="a head before all the rest"),
    pytest.param("/{x}.{y}", "/{x}-{y}", "/a-.a", id="two separators"),
]


@each(("one", "other", "path"), TIED)
def test_tied_patterns_are_refused_in_either_order(one: str, other: str, path: str) -> None:
    for first, second in ((one, other), (other, one)):
        router = Router[str]()
        old = router.register("GET", first, "first", where="shop.py:12")
        with pytest.raises(RouteConflictError) as caught:
            router.register("GET", second, "second", where="shop.py:20")

        conflict = caught.value
        assert (conflict.new.pattern, conflict.old, len(conflict.path or "")) == (second, old, len(path))
        for said in (first, second, "shop.py:12", "shop.py:20", conflict.path or "?", "{id:int}", "overlaps=True"):
            assert said in str(conflict)


@each(("one", "other", "path"), TIED)
def test_overlaps_at_either_of_them_lets_both_in(one: str, other: str, path: str) -> None:
    for first, second in ((True, False), (False, True)):
        router = Router[str]()
        router.register("GET", one, "one", overlaps=first)
        router.register("GET", other, "other", overlaps=second)

        assert router.match("GET", path)[0] is not None


@each(
    ("one", "other"),
    [
        pytest.param("/users/{x:int}", "/users/{y:slug}", id="int is a slug"),
        pytest.param("/users/{x:date}", "/users/{y:slug}", id="date is a slug"),
        pytest.param("/{x:int}", "/{y:decimal}", id="int is a decimal"),
        pytest.param("/{x:decimal}", "/{y:float}", id="decimal is a float"),
        pytest.param("/{x:int}", "/{y:date}", id="nothing is both"),
        pytest.param("/{x:int}/a", "/{y:date}/{z}", id="apart in one segment is apart"),
        pytest.param("/{x:int}/y", "/a/{z}", id="the literal is no number"),
        pytest.param("/{x:int}/y/{z}", "/1/x/{z}", id="other literals"),
        pytest.param("/a{x}", "/b{y}", id="other heads"),
        pytest.param("/a{x}", "/ab{y}", id="a longer head is narrower"),
        pytest.param("/a{x}", "/a{y}b", id="a tail more is narrower"),
        pytest.param("/{x}", "/{rest:path}", id="a segment is narrower than the rest"),
        pytest.param("/{x}/", "/{rest:path}", id="with a slash too"),
        pytest.param("/a/", "/a/{rest:path}", id="the rest is never empty"),
        pytest.param("/{x}/", "/a/{rest:path}", id="so this is no tie either"),
        pytest.param("/a", "/a/b", id="other lengths"),
        pytest.param("/{x}", "/{x}/{y}", id="other lengths of parameters"),
        pytest.param("/{y:int}.{m:int}", "/{x}.{y}", id="narrower in both halves"),
        pytest.param("/{y:int}x{m:int}", "/{x:float}", id="no letter in a float"),
        pytest.param("/a/{x}", "/a/a{y}", id="any head is narrower than none"),
        pytest.param("/{x:user}/posts", "/{y}/{tab}", id="another converter of the same texts, narrower further on"),
        pytest.param("/{x:user}/{tab}", "/{y}/posts", id="and the other way round"),
        pytest.param("/{x:user}/posts/{z}", "/{y}/{tab}/{rest:path}", id="with all the rest"),
    ],
)
def test_patterns_that_do_not_tie_are_let_in_whatever_the_order(one: str, other: str) -> None:
    for first, second in ((one, other), (other, one)):
        router = Router[str](converters={"user": StrConverter()})
        router.register("GET", first, first)
        router.register("GET", second, second)

        assert len(router.routes) == 2


def test_two_converters_of_the_same_texts_do_not_hide_the_narrower_pattern() -> None:
    for custom, built_in in (("/{x:user}/posts", "/{y}/{tab}"), ("/{x:user}/{tab}", "/{y}/posts")):
        router = Router[str](converters={"user": StrConverter()})
        router.register("GET", custom, custom)
        router.register("GET", built_in, built_in)

        assert (router.match("GET", "/me/posts")[0] or "").endswith("/posts")


@each(
    ("one", "other"),
    [
        ("/", "/"),
        ("/a/{x}", "/a/{y}"),
        ("/a{x}", "/a{y}"),
        ("/{a}.{b}", "/{c}.{d}"),
        ("/f/{rest:path}", "/f/{more:path}"),
        ("/{{x}}/{y}", "/{{x}}/{z}"),
    ],
)
def test_the_same_paths_twice_are_refused_even_with_overlaps(one: str, other: str) -> None:
    router = Router[str]()
    router.register("GET", one, "one", overlaps=True)

    with pytest.raises(RouteConflictError, match=r"fit the same paths.*Remove one") as caught:
        router.register("GET", other, "other", overlaps=True)

    assert caught.value.path is not None
    assert router.match("GET", caught.value.path)[0] == "one"


def test_patterns_of_different_methods_do_not_conflict() -> None:
    router = Router[str]()
    router.register("GET", "/a/{x}", "shown")
    router.register("POST", "/{y}/b", "added")

    assert router.match("GET", "/a/b")[0] == "shown"
    assert router.match("POST", "/a/b")[0] == "added"


class Even:
    """Even numbers, which its expression says by look-ahead: no regular language in the sense of ours."""

    regex = r"(?=[0-9]*[02468]$)[0-9]+"

    def parse(self, text: str) -> int:
        return int(text)

    def format(self, value: int) -> str:
        return str(value)


class Never(Even):
    regex = r"(?!)[0-9]+"


def test_an_expression_beyond_comparison_may_overlap_with_whatever_it_cannot_be_told_from() -> None:
    router = Router[str](converters={"even": Even()})
    router.register("GET", "/{x:even}", "even")
    router.register("GET", "/{name}", "any")

    with pytest.raises(RouteConflictError):
        router.register("GET", "/{x:int}", "int")

    router.register("GET", "/{x:int}", "int", overlaps=True)
    assert router.match("GET", "/7") == ("int", {"x": 7})
    assert router.match("GET", "/x") == ("any", {"name": "x"})


def test_where_no_example_can_be_found_the_error_says_so() -> None:
    router = Router[str](converters={"never": Never()})
    router.register("GET", "/{x:never}", "never")

    with pytest.raises(RouteConflictError, match="both fit some path") as caught:
        router.register("GET", "/{x:int}", "int")

    assert caught.value.path is None


@each(
    ("one", "other", "order"),
    [
        ("/a", "/b", Order.APART),
        ("/a", "/a/b", Order.APART),
        ("/a/{rest:path}", "/a", Order.APART),
        ("/a/{x:int}", "/a/{y:date}", Order.APART),
        ("/a", "/{x}", Order.FIRST),
        ("/{x}/b/c", "/{rest:path}", Order.FIRST),
        ("/{x}", "/{y:int}", Order.SECOND),
        ("/{x}/b", "/a/{y}", Order.TIED),
        ("/{x}", "/{y}", Order.TIED),
    ],
)
def test_two_patterns_lie_to_each_other_in_one_of_four_ways(one: str, other: str, order: Order) -> None:
    router = Router[str]()
    routes = [router.register(method, pattern, pattern) for method, pattern in (("GET", one), ("POST", other))]

    assert overlap(routes[0].parts, routes[1].parts).order is order


def test_conflicts_are_found_among_routes_registered_before_and_after() -> None:
    router = Router[str]()
    for number in range(50):
        router.register("GET", f"/a{number}/{{x}}/end", "before")
        router.register("GET", f"/a{number}/{{x:int}}", "beside")

    with pytest.raises(RouteConflictError) as caught:
        router.register("GET", "/a17/b/{y}", "after")
    assert caught.value.old.pattern == "/a17/{x}/end"

    router.register("GET", "/a99/b/{y}", "elsewhere")
    with pytest.raises(RouteConflictError):
        router.register("GET", "/a99/{x}/end", "now tied")


def test_conflicts_that_heads_and_tails_decide_are_found() -> None:
    router = Router[str]()
    for number in range(20):
        router.register("GET", f"/file{number}-{{name}}", "head")

    with pytest.raises(RouteConflictError) as caught:
        router.register("GET", "/{name}.json", "tail")
    assert caught.value.path is not None

    router.register("GET", "/file3-{name}.json", "both")
    with pytest.raises(RouteConflictError):
        router.register("GET", "/file{x}.json", "between")
