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


@pytest.mark.parametrize("name", [path.name for path in CASES])
def test_the_grammar_of_json_is_kept(client: Client, name: str) -> None:
    content = (conformance_file("http/json/test_parsing") / name).read_bytes()

    status = client.post("/", content=content, headers={"content-type": "application/json"}).status_code

    if name.startswith("y_"):
        assert status == 200
    elif name.startswith("n_"):
        assert status == 400
    else:
        assert status in {200, 400, 422}  # 422: a number that no float holds


def test_the_tables_are_there() -> None:
    assert len(CASES) > 300
