"""Whom an absolute target asks for, over every protocol that shows it (RFC 9112 section 3.2.2)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from martlet import App, Request, TrustedHosts
from tests.adapters.rsgi_server import Protocol, RSGIHeaders, Scope
from tests.adapters.wsgi_server import environ
from tests.rows import each


def asking_app(*hosts: str) -> App:
    app = App()
    if hosts:
        app.use(TrustedHosts(hosts))

    @app.get("/x")
    async def show(request: Request) -> str:
        return f"{request.host} {request.path} {request.headers.get_list('host')}"

    return app


def over_asgi(app: App, authority: str, fields: list[tuple[str, str]], version: str) -> tuple[int, bytes]:
    """As hypercorn hands it over: the target stands in `path`."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(event: Any) -> None:
        sent.append(event)

    target = f"http://{authority}/x"
    scope = {
        "type": "http",
        "method": "GET",
        "http_version": version,
        "path": target,
        "raw_path": target.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in fields],
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def over_wsgi(app: App, authority: str, fields: list[tuple[str, str]], version: str) -> tuple[int, bytes]:
    """As gunicorn hands it over: the target stands in RAW_URI, and repeated fields are joined."""
    hosts: dict[str, Any] = {"HTTP_HOST": ",".join(value for _, value in fields)} if fields else {}
    described = environ(PATH_INFO="/x", RAW_URI=f"http://{authority}/x", SERVER_PROTOCOL=f"HTTP/{version}", **hosts)
    statuses: list[str] = []
    body = b"".join(app(described, lambda status, _: statuses.append(status)))
    return int(statuses[0][:3]), body


def over_rsgi(app: App, authority: str, fields: list[tuple[str, str]], version: str) -> tuple[int, bytes]:
    """As Granian hands it over: the authority stands by itself."""
    protocol = Protocol()
    described = Scope(path="/x", headers=RSGIHeaders(fields), http_version=version, authority=authority)
    asyncio.run(app.__rsgi__(described, protocol))
    return protocol.calls[0][1], protocol.calls[0][3]


PROTOCOLS = pytest.mark.parametrize("ask", [over_asgi, over_wsgi, over_rsgi], ids=["asgi", "wsgi", "rsgi"])
OTHER = ("host", "b.example")


@PROTOCOLS
@each(
    ("fields", "version"),
    [([OTHER], "1.1"), ([OTHER], "1.0"), ([], "1.0")],
    ids=["another Host", "another Host in HTTP/1.0", "no Host in HTTP/1.0"],
)
def test_the_targets_authority_wins(ask: Any, fields: list[tuple[str, str]], version: str) -> None:
    app = asking_app()

    answers = [ask(app, "a.example:81", fields, version) for _ in range(2)]

    assert answers == [(200, b"a.example:81 /x ['a.example:81']")] * 2


@PROTOCOLS
def test_a_trusted_host_field_opens_no_door_for_another_target(ask: Any) -> None:
    app = asking_app("shop.example")

    assert ask(app, "evil.example", [("host", "shop.example")], "1.1")[0] == 421
    assert ask(app, "shop.example", [("host", "evil.example")], "1.1")[0] == 200


@PROTOCOLS
@each(
    ("authority", "fields"),
    [
        pytest.param("a.example", [], id="a missing Host"),
        pytest.param("a.example", [("host", "")], id="an empty Host"),
        pytest.param("a.example", [OTHER, OTHER], id="two Hosts"),
        pytest.param("a.example", [("host", "b.example/")], id="a Host that is none"),
        pytest.param("user@a.example", [OTHER], id="a user in the target"),
        pytest.param("", [OTHER], id="a target that names nobody"),
        pytest.param("a.example:http", [OTHER], id="a port that is none"),
    ],
)
def test_what_is_wrong_with_either_is_refused(ask: Any, authority: str, fields: list[tuple[str, str]]) -> None:
    app = asking_app()

    assert [ask(app, authority, fields, "1.1")[0] for _ in range(2)] == [400, 400]


@pytest.mark.parametrize("target", ["HTTP://a.example/x", "https://a.example/x", "http://a.example/x?y=http://c.example"])
def test_schemes_are_told_in_any_case_and_a_query_is_not_looked_at(target: str) -> None:
    described = environ(PATH_INFO="/x", RAW_URI=target, HTTP_HOST="b.example", SERVER_PROTOCOL="HTTP/1.1")

    body = b"".join(asking_app()(described, lambda *_: None))

    assert body == b"a.example /x ['a.example']"


@each("target", ["/x", "/x?y=http://a.example/", "*", "", "ftp://a.example/x"])
def test_other_targets_leave_the_host_field_alone(target: str) -> None:
    described = environ(PATH_INFO="/x", RAW_URI=target, HTTP_HOST="b.example", SERVER_PROTOCOL="HTTP/1.1")

    body = b"".join(asking_app()(described, lambda *_: None))

    assert body == b"b.example /x ['b.example']"


def test_a_mounted_application_sees_the_same_path_and_host() -> None:
    seen: list[Any] = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        seen.append((scope["path"], scope["raw_path"], dict(scope["headers"])[b"host"]))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = App()
    app.mount("", inner, kind="asgi")

    assert over_asgi(app, "a.example", [OTHER], "1.1")[0] == 204
    assert seen == [("/x", b"/x", b"a.example")]
