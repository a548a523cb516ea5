"""The route tables of four real sites, as Go's routers are measured by: each route is found at its own address."""

from __future__ import annotations

import re

from martlet.routing import Router
from tests.rows import each
from tests.shared_cases import conformance

SETS: dict[str, list[tuple[str, str]]] = conformance("http/router/benchmark_route_sets.json")["sets"]


def ours(pattern: str) -> str:
    """`:name` and `*name` in our words."""
    return re.sub(r"\*(\w+)", r"{\1:path}", re.sub(r":(\w+)", r"{\1}", pattern))


@each("name", SETS, count=4)
def test_every_route_is_found_at_its_own_address(name: str) -> None:
    router = Router[tuple[str, str]]()
    for method, pattern in SETS[name]:
        router.register(method, ours(pattern), (method, pattern), overlaps=True)
    lookup = router.compile()

    for method, pattern in SETS[name]:
        address = re.sub(r"[:*](\w+)", r"value-of-\1", pattern)
        found = lookup(method, address)
        assert found is not None, (method, address)
        target, params = found
        assert target == (method, pattern)
        assert params == {parameter: f"value-of-{parameter}" for parameter in re.findall(r"[:*](\w+)", pattern)}
