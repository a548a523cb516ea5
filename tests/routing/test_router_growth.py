"""What many routes cost: no more code, no quadratic work, and nothing hostile in a path takes long."""

import random
import re
import time

import pytest

from martlet.routing import Router, decisions
from tests.rows import each

TABLES = {
    "texts at both ends": "/r{0}/items/{{id}}/x{0}",
    "a number under each text": "/api/v1/things{0}/{{id:int}}",
    "heads and tails": "/files/r{0}-{{id}}.x{0}.json",
    "all the rest under each text": "/t{0}/{{rest:path}}",
    "names of their own": "/u{0}/{{id{0}}}",
    "parameters first": "/{{tenant}}/a{0}/{{id}}",
    "plain": "/s/{0}/x",
}


def build(pattern: str, count: int) -> Router[str]:
    router = Router[str]()
    for number in range(count):
        registered = pattern.format(number)
        router.register("GET", registered, registered)
    router.compile()
    return router


@each("pattern", [pytest.param(pattern, id=name) for name, pattern in TABLES.items()])
def test_more_routes_of_a_kind_make_tables_not_code(pattern: str) -> None:
    few, many = build(pattern, 20), build(pattern, 2_000)

    assert len(many.code.splitlines()) <= len(few.code.splitlines()) + 40


def test_ten_thousand_routes_are_registered_and_compiled_at_once() -> None:
    started = time.process_time()
    router = Router[int]()
    for number in range(2_500):
        router.register("GET", f"/r{number}", number)
        router.register("GET", f"/r{number}/{{id:int}}", number)
        router.register("POST", f"/r{number}/{{id:int}}", number)
        router.register("GET", f"/r{number}/{{id:int}}/x{number % 7}", number)
    lookup = router.compile()
    spent = time.process_time() - started

    assert lookup("GET", "/r1234/7/x2") == (1234, {"id": 7})
    assert spent < 2, "far more than the 0.2 s it takes, and far less than quadratic work would"


def test_routes_told_apart_by_many_texts_in_many_ways_share_their_code() -> None:
    router = Router[str]()
    patterns = [
        "/" + "/".join(f"t{number}" if number >> place & 1 else f"{{p{place}}}" for place in range(7)) for number in range(128)
    ]
    for pattern in patterns:
        router.register("GET", pattern, pattern, overlaps=True)

    assert len(router.code.splitlines()) < 8 * decisions.COPIES * len(patterns)
    for number, pattern in enumerate(patterns):
        path = "/" + "/".join(f"t{number}" if number >> place & 1 else "x" for place in range(7))
        assert router.match("GET", path)[0] == pattern


def test_texts_that_each_lead_elsewhere_are_told_apart() -> None:
    luck = random.Random(7)
    router = Router[str]()
    patterns = [
        f"/r{number}/" + "/".join(luck.choice([f"l{place}", f"{{p{place}}}", f"{{p{place}:int}}"]) for place in range(5))
        for number in range(300)
    ]
    for pattern in patterns:
        router.register("GET", pattern, pattern)

    assert "if group < " in router.code
    for pattern in patterns:
        path = re.sub(r"\{.*?\}", "7", pattern)
        assert router.match("GET", path)[0] == pattern
    assert router.match("GET", "/r300/l0/l1/l2/l3/l4") == (None, {})


HOSTILE = [
    pytest.param("/{a}.{b}.{c}.{d}x", "/" + "." * 60_000, id="dots"),
    pytest.param("/{a}-{b}-{c}", "/" + "-" * 60_000, id="hyphens"),
    pytest.param("/{s:slug}-{t:slug}", "/" + "a-" * 30_000, id="slugs"),
    pytest.param("/{s:slug}-{n:int}", "/" + "1-" * 30_000, id="a slug and a number"),
    pytest.param("/{title}-{day:date}", "/" + "2024-" * 12_000, id="a title and a day"),
    pytest.param("/{n:int}", "/" + "9" * 60_000, id="a large number"),
    pytest.param("/{n:float}", "/" + "9" * 60_000, id="a large float"),
    pytest.param("/{n:decimal}", "/" + "9" * 60_000, id="a large decimal"),
    pytest.param("/{s:slug}", "/" + "a" * 60_000 + "!", id="nearly a slug"),
    pytest.param("/a/{rest:path}", "/" * 60_000, id="slashes"),
    pytest.param("/{a}/{b}/{rest:path}", "/a" * 60_000, id="segments"),
]


@each(("pattern", "path"), HOSTILE)
def test_a_hostile_path_takes_no_time(pattern: str, path: str) -> None:
    router = Router[str]()
    router.register("GET", pattern, "target")
    router.compile()
    started = time.process_time()

    router.find("GET", path)

    assert time.process_time() - started < 0.2
