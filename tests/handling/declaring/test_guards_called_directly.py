"""A guarded view is an ordinary function: called with a request or a mapping it checks itself, and keeps its name."""

import asyncio
import inspect
import io
from typing import Any

import pytest

from martlet import (
    ForbiddenError,
    Guard,
    MethodNotAllowedError,
    Request,
    UnauthorizedError,
    WSGIRequest,
    require_auth,
    require_methods,
    validate_json_body,
)
from tests.rows import each


@require_auth
@require_methods("POST")
@validate_json_body({"name": str})
def create(request: Any) -> dict[str, Any]:
    """Create something."""
    return {"status": 201, "body": f"made {request['body']['name']}"}


@require_auth
@require_methods("POST")
async def create_waiting(request: Any) -> dict[str, Any]:
    """Create something, later."""
    await asyncio.sleep(0)
    return {"status": 201, "body": "made"}


GOOD: dict[str, Any] = {"user": "ada", "method": "POST", "body": {"name": "Walden"}}


@each(
    ("changes", "status", "body"),
    [
        pytest.param({}, 201, "made Walden", id="all is well"),
        pytest.param({"method": "post"}, 201, "made Walden", id="methods in any case"),
        pytest.param({"user": None}, 401, "Authentication required", id="nobody"),
        pytest.param({"user": None, "method": "GET", "body": None}, 401, "Authentication required", id="the outermost decides"),
        pytest.param({"method": "GET", "body": None}, 405, "Method not allowed", id="then the next"),
        pytest.param({"body": {}}, 400, "Missing required field: name", id="a field is absent"),
        pytest.param({"body": {"name": 7}}, 400, "Invalid type for field: name", id="a field of another type"),
        pytest.param({"body": None}, 400, "The body must be a JSON object", id="no body"),
    ],
)
def test_a_mapping_stands_for_a_request(changes: dict[str, Any], status: int, body: str) -> None:
    assert create({**GOOD, **changes}) == {"status": status, "body": body}


def test_a_mapping_may_lack_every_key() -> None:
    assert create({})["status"] == 401
    assert require_methods("GET")(lambda _: "shown")({}) == "shown"  # GET is what is asked when nothing is said


async def test_an_async_view_is_guarded_the_same() -> None:
    assert await create_waiting(GOOD) == {"status": 201, "body": "made"}
    assert await create_waiting({**GOOD, "user": None}) == {"status": 401, "body": "Authentication required"}
    assert await create_waiting({**GOOD, "method": "GET"}) == {"status": 405, "body": "Method not allowed"}


def request_of(method: str, user: object) -> Request:
    request = WSGIRequest({"REQUEST_METHOD": method, "wsgi.input": io.BytesIO()})
    request.user = user
    return request


def test_with_a_request_a_guard_raises() -> None:
    with pytest.raises(UnauthorizedError):
        create(request_of("POST", None))
    with pytest.raises(MethodNotAllowedError) as caught:
        create(request_of("GET", "ada"))
    assert dict(caught.value.headers) == {"Allow": "POST"}


async def test_with_a_request_an_async_guard_raises() -> None:
    async def only_ada(request: Request) -> None:
        await asyncio.sleep(0)
        if request.user != "ada":
            raise ForbiddenError("Only Ada.")

    @Guard(only_ada)
    async def view(request: Request) -> str:
        return "shown"

    assert await view(request_of("GET", "ada")) == "shown"
    with pytest.raises(ForbiddenError, match="Only Ada"):
        await view(request_of("GET", "eve"))


@each(
    "arguments",
    [(), (1, 2, {"user": None}), ("ada",), (None,), (7, 8)],
    ids=["nothing", "a mapping where no request is", "a text", "None", "numbers"],
)
def test_a_call_without_a_request_does_not_go_past_the_guard(arguments: tuple[Any, ...]) -> None:
    @require_auth
    def view(*_: Any) -> str:
        return "shown"

    @require_auth
    async def waiting(*_: Any) -> str:
        return "shown"

    with pytest.raises(TypeError, match=r"view is guarded by .*without a request.*__wrapped__"):
        view(*arguments)
    with pytest.raises(TypeError, match="without a request"):
        asyncio.run(waiting(*arguments))
    assert view.__wrapped__(*arguments) == "shown"  # type: ignore[attr-defined]


@each("user", [0, "", {}, [], False], ids=repr)
def test_somebody_is_somebody_whatever_its_truth(user: Any) -> None:
    @require_auth
    def view(request: Any) -> str:
        return "shown"

    assert view(request_of("GET", user)) == "shown"


def test_an_async_guard_cannot_check_a_plain_view_without_a_loop() -> None:
    async def look(request: Request) -> None: ...

    @Guard(look)
    def view(request: Request) -> str:
        return "shown"

    with pytest.raises(TypeError, match="async"):
        view(request_of("GET", "ada"))


def test_a_guarded_function_keeps_its_name_its_text_and_its_signature() -> None:
    assert (create.__name__, create.__doc__, create.__module__) == ("create", "Create something.", __name__)
    assert (create_waiting.__name__, create_waiting.__doc__) == ("create_waiting", "Create something, later.")
    assert list(inspect.signature(create).parameters) == ["request"]
    assert inspect.iscoroutinefunction(create_waiting)
    assert not inspect.iscoroutinefunction(create)


def test_a_guard_is_named_after_its_check() -> None:
    assert "require_auth" in repr(require_auth) or "require_user" in repr(require_auth)
    assert require_methods("GET").__name__ == "check_method"  # type: ignore[attr-defined]
