"""The JSON grammar through an app: what a parser must take is 200, what it must not is 400, the rest is no mistake of ours."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest

from martlet import App, Body
from martlet.testing import Client
from tests.shared_cases import conformance_file

CASES = sorted(conformance_file("http/json/test_parsing").glob("*.json"))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    app = App()

    @app.post("/")
    async def take(data: Annotated[Any, Body()]) -> str:
        return "taken"

    with Client(app) as client:
        yield client


@pytest.mark.parametrize(
    ("prefix", "statuses"),
    [
        pytest.param("y_", {200}, id="what a parser must take"),
        pytest.param("n_", {400}, id="what a parser must not take"),
        pytest.param("i_", {200, 400, 422}, id="what is left to the parser"),  # 422: a number that no float holds
    ],
)
def test_the_grammar_of_json_is_kept(client: Client, prefix: str, statuses: set[int]) -> None:
    answered = {
        path.name: client.post("/", content=path.read_bytes(), headers={"content-type": "application/json"}).status_code
        for path in CASES
        if path.name.startswith(prefix)
    }

    assert {name: status for name, status in answered.items() if status not in statuses} == {}


def test_the_tables_are_there() -> None:
    assert len(CASES) > 300
