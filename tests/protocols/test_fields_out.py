"""No CR, LF or NUL reaches a server in a field, whichever door it is tried at (RFC 9110 section 5.5, RFC 9112 section 2.2).

What an author sets is refused at the line that sets it; what a client has a part in is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet import App, NotFoundError, Reply, Response, SetCookie, UnauthorizedError
from martlet.adapters.wsgi.application import WSGIResponse
from martlet.http import ETag, Headers, SecurityHeaders, format_disposition
from martlet.messages import PreparedHeaders
from martlet.middleware import CORS, RequestID, ServerTiming
from tests.rows import each
from tests.serving import Serve, ServeOnce

BREAKS = {"a line break": "\r\n", "a line feed": "\n", "a carriage return": "\r", "a NUL": "\0"}
EVIL = "{}X-Evil: 1"


def assert_whole(headers: Headers) -> None:
    for name, value in headers.items():
        assert name != "x-evil"
        assert not re.search(r"[\r\n\0]", name + value), (name, value)


def change(response: Response, act: Callable[[Headers], object]) -> None:
    act(response.headers)


# Where the author's own text is refused; each is handed a hostile piece of text.
REFUSING: dict[str, Callable[[str], object]] = {
    "Response(headers={name: value})": lambda text: Response(headers={"x-a": f"a{text}"}),
    "Response(headers={name})": lambda text: Response(headers={f"x-a{text}": "a"}),
    "Response(media_type)": lambda text: Response("a", media_type=f"text/plain{text}"),
    "headers[name] = value": lambda text: change(Response(), lambda headers: headers.set("x-a", text)),
    "headers.add": lambda text: change(Response(), lambda headers: headers.add("x-a", f"a{text}b")),
    "headers.add, the name": lambda text: change(Response(), lambda headers: headers.add(f"x{text}", "a")),
    "headers.setdefault": lambda text: change(Response(), lambda headers: headers.setdefault("x-a", text)),
    "headers.update": lambda text: change(Response(), lambda headers: headers.update({"x-a": text})),
    "headers.add_member": lambda text: change(Response(), lambda headers: headers.add_member("vary", f"accept{text}")),
    "SetCookie(name)": lambda text: SetCookie(f"a{text}", "b"),
    "SetCookie(value)": lambda text: SetCookie("a", f"b{text}"),
    "SetCookie(path)": lambda text: SetCookie("a", "b", path=f"/{text}"),
    "SetCookie(domain)": lambda text: SetCookie("a", "b", domain=f"example.org{text}"),
    "SetCookie(same_site)": lambda text: SetCookie("a", "b", same_site=text),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "CORS(allow_origins)": lambda text: CORS([f"https://example.org{text}"]),
    "CORS(allow_methods)": lambda text: CORS(["https://example.org"], allow_methods=[f"GET{text}"]),
    "CORS(allow_headers)": lambda text: CORS(["https://example.org"], allow_headers=[f"x-a{text}"]),
    "CORS(expose_headers)": lambda text: CORS(["https://example.org"], expose_headers=[f"x-a{text}"]),
    "RequestID(field)": lambda text: RequestID(field=f"x-a{text}"),
    "ServerTiming(total)": lambda text: ServerTiming(total=f"total{text}"),
    "ServerTiming.add(name)": lambda text: ServerTiming().add(f"db{text}"),
    "ServerTiming.add(description)": lambda text: ServerTiming().add("db", description=f"a{text}"),
    "SecurityHeaders(policy)": lambda text: SecurityHeaders(content_security_policy=f"default-src 'self'{text}"),
    "SecurityHeaders(referrer)": lambda text: SecurityHeaders(referrer_policy=f"no-referrer{text}"),
    "SecurityHeaders(permissions)": lambda text: SecurityHeaders(permissions_policy=f"usb=(){text}"),
    "SecurityHeaders(transport)": lambda text: SecurityHeaders(strict_transport_security=f"max-age=1{text}"),
    "SecurityHeaders(nonce)": lambda text: SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'").nonce_fields(
        f"dGhpcyBpcyBhIG5vbmNl{text}"
    ),
    "ETag(value)": lambda text: ETag(f"a{text}"),
    "PreparedHeaders": lambda text: PreparedHeaders([("x-a", text)]),
    "WSGIResponse(headers)": lambda text: WSGIResponse(200, "a", {"x-a": text}),
    "static(headers)": lambda text: App().static("/files", ".", headers={"x-a": f"a{text}"}),
    "static(content_types)": lambda text: App().static("/files", ".", content_types={".a": f"text/plain{text}"}),
}


@each("piece", BREAKS.values(), ids=BREAKS)
@each("door", REFUSING)
def test_it_is_refused_where_it_is_written(door: str, piece: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        REFUSING[door](EVIL.format(piece))


def escaping_app() -> App:
    app = App()

    @app.get("/redirect")
    async def lead_on(q: str) -> Response:
        return Response.redirect(q)

    @app.get("/disposition")
    async def save(q: str) -> Response:
        return Response("a", headers={"content-disposition": format_disposition("attachment", q)})

    @app.get("/reply")
    async def reply(q: str) -> Reply[dict[str, int]]:
        return Reply({"a": 1}, headers={"x-a": q})

    @app.get("/named")
    async def name(q: str) -> Reply[dict[str, int]]:
        return Reply({"a": 1}, headers={q: "a"})

    @app.get("/response")
    def respond(q: str) -> Response:
        return Response("a", headers={"x-a": q})

    @app.get("/error")
    async def fail(q: str) -> None:
        raise NotFoundError(q)

    @app.get("/error/field")
    async def fail_with_a_field(q: str) -> None:
        raise UnauthorizedError("No.", headers={"www-authenticate": q})

    @app.get("/path/{rest}/")
    async def show(rest: str) -> str:
        return rest

    return app


@each("piece", BREAKS.values(), ids=BREAKS)
@each(
    ("path", "status"),
    [
        ("/redirect", 303),
        ("/disposition", 200),
        ("/reply", 500),
        ("/named", 500),
        ("/response", 500),
        ("/error", 404),
        ("/error/field", 500),
    ],
)
def test_what_a_client_says_splits_no_answer(serve_once: ServeOnce, path: str, status: int, piece: str) -> None:
    """An author who puts a client's text into a field unescaped is told so in the log: 500, and nothing of it is sent."""
    received = serve_once(escaping_app).get(path, query={"q": EVIL.format(piece)})

    assert received.status_code == status
    assert_whole(received.headers)


@each("piece", BREAKS.values(), ids=BREAKS)
def test_a_redirect_to_the_other_form_of_a_path_splits_no_answer(serve_once: ServeOnce, piece: str) -> None:
    received = serve_once(escaping_app).get(f"/path/{EVIL.format(piece)}")

    assert received.status_code == 308
    assert_whole(received.headers)


@each("piece", BREAKS.values(), ids=BREAKS)
def test_an_identifier_that_an_author_makes_badly_is_not_sent(serve: Serve, piece: str) -> None:
    app = escaping_app()
    app.use(RequestID(make=lambda: EVIL.format(piece)))

    received = serve(app).get("/error", query={"q": "a"})

    assert received.status_code == 500
    assert_whole(received.headers)


@each("piece", BREAKS.values(), ids=BREAKS)
def test_the_fields_of_an_application_below_are_checked(serve: Serve, piece: str) -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        field = (b"x-a", EVIL.format(piece).encode()) if scope["path"].endswith("value") else (EVIL.format(piece).encode(), b"a")
        await send({"type": "http.response.start", "status": 200, "headers": [field]})
        await send({"type": "http.response.body", "body": b"a"})

    def wsgi(environ: Any, start_response: Any) -> Iterator[bytes]:
        is_value = environ["PATH_INFO"].endswith("value")
        start_response("200 OK", [("X-A", EVIL.format(piece)) if is_value else (EVIL.format(piece), "a")])
        yield b"a"

    app = App()
    app.mount("/asgi", asgi)
    app.mount("/wsgi", wsgi)
    client = serve(app)

    for path in ("/asgi/value", "/asgi/name", "/wsgi/value", "/wsgi/name"):
        received = client.get(path)
        assert received.status_code == 500, path
        assert_whole(received.headers)


@pytest.mark.parametrize("piece", ["\r\n", "\n", "\r"], ids=["a line break", "a line feed", "a carriage return"])
def test_a_file_with_such_a_name_splits_no_answer(serve: Serve, tmp_path: Path, piece: str) -> None:
    (tmp_path / f"a{piece}X-Evil: 1.txt").write_text("a")
    (tmp_path / f"folder{piece}X-Evil: 1").mkdir()
    (tmp_path / f"folder{piece}X-Evil: 1" / "index.html").write_text("a")
    app = App()
    app.static("/files", tmp_path)
    app.static("/saved", tmp_path, download=True)
    client = serve(app)

    for path in (f"/files/a{piece}X-Evil: 1.txt", f"/saved/a{piece}X-Evil: 1.txt", f"/files/folder{piece}X-Evil: 1"):
        received = client.get(path)
        assert received.status_code < 500
        assert_whole(received.headers)
