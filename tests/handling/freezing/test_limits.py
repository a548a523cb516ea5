"""Bounds on what clients may send: the app's, or a route's own in their place."""

from typing import Annotated, Any

import pytest

from martlet import App, Body, Limits, Request, Respond, Response
from tests.rows import each
from tests.serving import Serve


def depot(*, app_limits: Limits | None = None, route_limits: Limits | None = None) -> App:
    app = App(limits=app_limits)
    options: Any = {} if route_limits is None else {"limits": route_limits}

    @app.post("/data", **options)
    def take(data: Annotated[bytes, Body()]) -> int:
        return len(data)

    @app.post("/json", **options)
    async def take_json(data: Annotated[Any, Body()]) -> str:
        return "taken"

    @app.post("/numbers", **options)
    async def take_numbers(data: Annotated[list[int], Body()]) -> str:
        return "taken"

    @app.get("/query", **options)
    def search(q: str = "") -> str:
        return q

    @app.post("/pieces", **options)
    async def count(request: Request) -> int:
        return len([chunk async for chunk in request.chunks()])

    return app


JSON = {"content-type": "application/json"}


@each(
    ("app_bytes", "route_bytes", "sent", "status"),
    [
        pytest.param(10, None, 10, 200, id="as much as the app takes"),
        pytest.param(10, None, 11, 413, id="more than the app takes"),
        pytest.param(10, 20, 20, 200, id="as much as the route takes"),
        pytest.param(10, 20, 21, 413, id="more than the route takes"),
        pytest.param(20, 10, 11, 413, id="a route that takes less than the app"),
    ],
)
@each("announced", [True, False])
@each("path", ["/data", "/pieces"])
def test_a_body_beyond_the_limit_is_413(
    serve: Serve, app_bytes: int, route_bytes: int | None, sent: int, status: int, announced: bool, path: str
) -> None:
    route_limits = None if route_bytes is None else Limits(body_bytes=route_bytes)
    client = serve(depot(app_limits=Limits(body_bytes=app_bytes), route_limits=route_limits))
    content = b"x" * sent

    received = client.post(path, content=content if announced else [content[:5], content[5:]])

    assert received.status_code == status
    if status == 413:
        assert f"{route_bytes or app_bytes} bytes" in received.json()["detail"]


@pytest.mark.parametrize(("depth", "status"), [(3, 200), (4, 400)])
def test_nesting_beyond_the_limit_is_400(serve: Serve, depth: int, status: int) -> None:
    client = serve(depot(route_limits=Limits(nesting_depth=3)))

    assert client.post("/json", headers=JSON, content=b"[" * depth + b"]" * depth).status_code == status


@pytest.mark.parametrize(("fields", "status"), [(3, 200), (4, 400)])
def test_more_fields_in_the_query_than_the_limit_are_400(serve: Serve, fields: int, status: int) -> None:
    client = serve(depot(route_limits=Limits(query_fields=3)))

    assert client.get("/query?" + "&".join(["q=a"] * fields)).status_code == status


def test_no_more_errors_are_listed_than_the_limit_says(serve: Serve) -> None:
    client = serve(depot(route_limits=Limits(errors_listed=3)))

    received = client.post("/numbers", json=["x"] * 50)

    errors = received.json()["errors"]
    assert received.status_code == 422
    assert [error["pointer"] for error in errors[:3]] == ["/0", "/1", "/2"]
    assert [error["detail"] for error in errors[3:]] == ["Only the first 3 errors are listed"]


def test_limits_of_a_route_do_not_reach_the_next_request(serve: Serve) -> None:
    app = App(limits=Limits(body_bytes=10))
    seen: list[int] = []

    async def look(request: Request, respond: Respond) -> Response:
        seen.append(request.limits.body_bytes)
        response = await respond(request)
        seen.append(request.limits.body_bytes)
        return response

    app.use(look)
    app.get("/own", limits=Limits(body_bytes=20))(lambda: "")
    app.get("/")(lambda: "")
    client = serve(app)
    client.get("/own")
    client.get("/")

    assert seen == [10, 20, 10, 10]


def test_the_limits_of_the_app_may_be_asked_for(serve: Serve) -> None:
    app = App(limits=Limits(body_bytes=10))

    @app.get("/")
    def show(limits: Limits) -> int:
        return limits.body_bytes

    assert serve(app).get("/").json() == 10
