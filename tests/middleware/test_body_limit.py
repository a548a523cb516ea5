"""One bound on bodies above all routes: announced ones are refused at once, others where they exceed it (RFC 9110 15.5.14)."""

from typing import Annotated, Any

import pytest

from martlet import App, Body, Limits, Request, UnauthorizedError
from martlet.middleware import BodyLimit
from tests.rows import each
from tests.serving import Serve


def depot(*max_bytes: int, app_bytes: int = 10_000, route_bytes: int | None = None, events: list[str] | None = None) -> App:
    app = App(limits=Limits(body_bytes=app_bytes))
    for bound in max_bytes:
        app.use(BodyLimit(bound))
    options: Any = {} if route_bytes is None else {"limits": Limits(body_bytes=route_bytes)}

    def only_nobody() -> None:
        if events is not None:
            events.append("asked who it is")
            raise UnauthorizedError

    @app.post("/", guards=[only_nobody], **options)
    async def take(data: Annotated[bytes, Body()]) -> int:
        return len(data)

    @app.post("/pieces", **options)
    async def count(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.chunks()])

    return app


@each("path", ["/", "/pieces"])
@each("announced", [True, False])
@each(
    ("bounds", "size", "status"),
    [
        pytest.param({"max_bytes": 10}, 10, 200, id="as much as it takes"),
        pytest.param({"max_bytes": 10}, 11, 413, id="more than it takes"),
        pytest.param({"max_bytes": 20, "app_bytes": 10}, 11, 413, id="more than the app takes"),
        pytest.param({"max_bytes": 10, "route_bytes": 100}, 11, 413, id="a route permits itself more in vain"),
        pytest.param(
            {"max_bytes": 50, "app_bytes": 10, "route_bytes": 100}, 50, 200, id="a route permits itself more than the app"
        ),
        pytest.param({"max_bytes": 10, "route_bytes": 5}, 6, 413, id="a route permits itself less"),
        pytest.param({"max_bytes": 0}, 1, 413, id="none at all"),
        pytest.param({"max_bytes": 0}, 0, 200, id="none at all, and none comes"),
    ],
)
def test_the_smallest_bound_counts(
    serve: Serve, path: str, announced: bool, bounds: dict[str, int], size: int, status: int
) -> None:
    client = serve(depot(bounds["max_bytes"], app_bytes=bounds.get("app_bytes", 10_000), route_bytes=bounds.get("route_bytes")))
    content = b"x" * size

    received = client.post(
        path,
        content=content if announced else [piece for piece in (content[:3], content[3:]) if piece],
        headers={"content-type": "a/b"},
    )

    assert received.status_code == status
    if status == 413:
        assert "larger than" in received.json()["detail"]


def test_of_several_the_smallest_counts(serve: Serve) -> None:
    client = serve(depot(20, 10, 30))

    assert client.post("/pieces", content=[b"x" * 11]).status_code == 413
    assert client.post("/pieces", content=[b"x" * 10]).json() == 10


def test_an_announced_body_is_refused_before_anybody_is_asked_who_he_is(serve: Serve) -> None:
    events: list[str] = []
    client = serve(depot(10, events=events))

    assert client.post("/", content=b"x" * 11).status_code == 413
    assert client.post("/nowhere", content=b"x" * 11).status_code == 413
    assert events == []
    assert client.post("/", content=b"x").status_code == 401


@each("length", ["x", "-1", "1e3", "1, 1", "0x1", "9" * 40])
def test_a_length_that_is_none_is_400(serve: Serve, length: str) -> None:
    assert serve(depot(10)).post("/pieces", content=b"x", headers={"content-length": length}).status_code == 400


@each("max_bytes", [-1, 1.5, "10", True])
def test_a_bound_that_is_none_is_refused(max_bytes: Any) -> None:
    with pytest.raises(ValueError, match="write bytes as a whole number"):
        BodyLimit(max_bytes)
