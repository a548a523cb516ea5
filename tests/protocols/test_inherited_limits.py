"""A route's Limits take the place of the app's where they say something, and of nothing else."""

from __future__ import annotations

from martlet import App, Group, Limits, Request
from martlet.middleware import BodyLimit
from tests.serving import Serve


def archive(*, ceiling: int | None = None) -> App:
    app = App(limits=Limits(body_bytes=100, query_fields=2, nesting_depth=3))
    group = Group("/group", limits=Limits(query_fields=4, errors_listed=1))
    if ceiling is not None:
        app.use(BodyLimit(ceiling))

    async def bounds(request: Request, limits: Limits) -> list[int]:
        assert limits == request.limits
        return [limits.body_bytes, limits.query_fields, limits.nesting_depth, limits.errors_listed]

    app.get("/plain")(bounds)
    app.get("/own", limits=Limits(body_bytes=500))(bounds)
    group.get("/plain")(bounds)
    group.get("/own", limits=Limits(nesting_depth=5, errors_listed=100))(bounds)
    app.include(group)
    return app


def test_what_a_route_does_not_say_it_inherits(serve: Serve) -> None:
    client = serve(archive())

    found = {path: client.get(path).json() for path in ("/plain", "/own", "/group/plain", "/group/own")}

    assert found == {
        "/plain": [100, 2, 3, 100],
        "/own": [500, 2, 3, 100],
        "/group/plain": [100, 4, 3, 1],
        "/group/own": [100, 4, 5, 100],
    }


def test_a_ceiling_stands_above_all_of_them(serve: Serve) -> None:
    assert serve(archive(ceiling=200)).get("/own").json() == [200, 2, 3, 100]


def test_an_inherited_bound_is_kept_by_the_body_too(serve: Serve) -> None:
    app = App(limits=Limits(nesting_depth=2))

    @app.post("/", limits=Limits(body_bytes=1_000))
    async def take(request: Request) -> None:
        await request.json()

    assert serve(app).post("/", json=[[1]]).status_code == 204
    assert serve(app).post("/", json=[[[1]]]).status_code == 400
