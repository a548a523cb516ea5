"""What pages of other sites make a browser send is refused, over every protocol; the rest passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from hmac import digest
from typing import Any

import pytest
from msgspec import Struct

from martlet import CSRF, App, Form, Group, Session, Sessions, SetCookie, TemplateEngine
from martlet.security import csrf_token, is_csrf_token
from martlet.signing import encode_base64url
from martlet.stores import MemoryStore
from martlet.templates import DictLoader
from martlet.testing import Client
from tests.rows import each
from tests.serving import ProtocolName, Serve

SECRET = "correct horse battery staple, 1234 times over"
TEMPLATES = TemplateEngine(
    DictLoader(
        {
            "base.html": "{% for flash in flashes %}<p>{{ flash.message }}</p>{% endfor %}{% block body %}{% endblock %}",
            "new.html": '{% extends "base.html" %}{% block body %}<form method="post">{{ csrf_field }}</form>{% endblock %}',
            "meta.html": '<meta name="csrf" content="{{ csrf_token }}">',
            "plain.html": "<p>no form</p>",
        }
    )
)


class Note(Struct, forbid_unknown_fields=True):
    text: str = ""


looks = Group("")


@looks.get("/kept")
async def is_kept(session: Session) -> str:
    return str("entered" in session)


@looks.get("/id")
async def show_id(session: Session) -> str:
    return session.id


def board(**options: Any) -> App:
    app = App(secret_keys=[SECRET], templates=TEMPLATES, **options)
    app.include(looks)

    @app.get("/enter")
    async def enter(session: Session) -> None:
        session["entered"] = True

    @app.post("/notes")
    async def add(session: Session) -> str:
        return "added"

    @app.post("/forms")
    async def add_form(form: Form, session: Session) -> str:
        return form.text("text")

    @app.post("/plain-forms")
    def add_form_in_thread(form: Form, session: Session) -> str:
        return form.text("text")

    @app.post("/typed", form="new.html")
    async def add_typed(note: Note, session: Session) -> str:
        return note.text

    @app.post("/hook", csrf=False)
    async def hook(session: Session) -> str:
        return "heard"

    @app.get("/new", template="new.html")
    async def new() -> dict[str, int]:
        return {}

    @app.get("/meta", template="meta.html")
    async def meta() -> dict[str, int]:
        return {}

    @app.get("/plain", template="plain.html")
    async def plain() -> dict[str, int]:
        return {}

    return app


CASES: dict[str, tuple[dict[str, str], int]] = {
    "Sec-Fetch-Site says that it is our own page": ({"sec-fetch-site": "same-origin"}, 200),
    "Sec-Fetch-Site says that nobody's page sent it": ({"sec-fetch-site": "none"}, 200),
    "another site": ({"sec-fetch-site": "cross-site"}, 403),
    "another host of the same site": ({"sec-fetch-site": "same-site"}, 403),
    "another site that names our origin": ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
    "a value that no browser sends": ({"sec-fetch-site": "Same-Origin"}, 403),
    "our own origin": ({"origin": "http://testserver"}, 200),
    "our own origin behind a proxy that ended its https": ({"origin": "https://testserver"}, 200),
    "another origin": ({"origin": "https://evil.example"}, 403),
    "an origin that begins as ours does": ({"origin": "http://testserver.evil.example"}, 403),
    "an origin with our name in front of another": ({"origin": "http://testserver@evil.example"}, 403),
    "our host at another port": ({"origin": "http://testserver:8080"}, 403),
    "no origin that can be told": ({"origin": "null"}, 403),
    "an empty origin": ({"origin": ""}, 403),
    "our host as a scheme": ({"origin": "testserver://testserver"}, 403),
    "a trusted origin": ({"origin": "https://shop.example.org", "sec-fetch-site": "cross-site"}, 200),
    "nothing": ({}, 403),
    "a token that is none": ({"x-csrf-token": "A" * 43}, 403),
    "a token with other letters": ({"x-csrf-token": "!" * 43}, 403),
}


@each(("headers", "status"), CASES.values(), ids=CASES)
def test_a_request_with_a_session_passes_only_from_our_own_pages(serve: Serve, headers: dict[str, str], status: int) -> None:
    client = serve(board(csrf=CSRF(trusted_origins=["https://shop.example.org"])))
    client.get("/enter")
    cookie = f"session={client.cookies['session']}"

    assert client.post("/notes", headers={"cookie": cookie, **headers}).status_code == status


def test_another_sites_request_is_refused_even_without_a_session(serve: Serve) -> None:
    """A login that another site forges would put a visitor into a session of a stranger's."""
    client = serve(board())

    assert client.post("/notes", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/notes", headers={"origin": "https://evil.example"}).status_code == 403


def test_a_program_without_cookies_needs_no_token(serve: Serve) -> None:
    assert serve(board()).post("/notes").status_code == 200


def test_what_changes_nothing_may_come_from_anywhere(serve: Serve) -> None:
    assert serve(board()).get("/new", headers={"sec-fetch-site": "cross-site", "accept": "text/html"}).status_code == 200


def mixed() -> App:
    app, below = board(), App()

    @app.route("/any", methods=["*"])
    async def take_any() -> str:
        return "taken"

    @app.route("/two", methods=["GET", "POST"])
    async def take_two(session: Session) -> str:
        return "taken"

    @below.route("/any", methods=["*"])
    async def take_below() -> str:
        return "taken"

    def old(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"taken"]

    app.mount("/below", below)
    app.mount("/old", old)
    return app


@each("path", ["/any", "/two", "/below/any", "/old/any"])
@each("headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}], ids=str)
def test_where_all_methods_are_taken_only_what_changes_something_is_refused(
    serve: Serve, path: str, headers: dict[str, str]
) -> None:
    client = serve(mixed())

    assert client.get(path, headers=headers).status_code == 200
    assert client.head(path, headers=headers).status_code == 200
    assert client.post(path, headers=headers).status_code == 403
    client.get("/enter")
    assert client.get(path, headers={"cookie": f"session={client.cookies['session']}"}).status_code == 200


@each(
    ("origin", "status"),
    [("https://testserver", 200), ("http://testserver", 403), ("http://testserver:443", 403), ("https://testserver:80", 403)],
)
def test_a_page_that_came_by_http_changes_nothing_over_https(protocol: ProtocolName, origin: str, status: int) -> None:
    """Whoever stands on the way can write such a page."""
    with Client(board(), protocol=protocol, scheme="https") as client:
        assert client.post("/notes", headers={"origin": origin}).status_code == status


@each(
    ("headers", "cookie", "status"),
    [
        ({"authorization": "Bearer abc"}, False, 200),
        ({"authorization": "Bearer abc"}, True, 403),
        ({"authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, False, 403),
        ({"authorization": "Digest username=a"}, False, 403),
        ({"authorization": "Bearer"}, False, 403),
        ({}, False, 403),
    ],
    ids=["a token", "a token beside a session", "what browsers send by themselves", "that too", "no token", "nothing"],
)
@each("says", [{"sec-fetch-site": "cross-site"}, {"origin": "https://spa.example"}], ids=str)
def test_a_token_that_no_browser_sends_by_itself_passes_without_a_session(
    serve: Serve, says: dict[str, str], headers: dict[str, str], cookie: bool, status: int
) -> None:
    """As a page of an origin that CORS allows sends it; the browser asks first whether it may."""
    client = serve(board())
    client.get("/enter")
    cookies = {"cookie": f"session={client.cookies['session']}"} if cookie else {"cookie": "theme=dark"}

    assert client.post("/notes", headers={**cookies, **says, **headers}).status_code == status


def test_a_route_may_take_requests_from_anywhere(serve: Serve) -> None:
    client = serve(board())
    client.get("/enter")

    assert client.post("/hook", headers={"sec-fetch-site": "cross-site"}).status_code == 200


def test_an_app_may_take_requests_from_anywhere(serve: Serve) -> None:
    client = serve(board(csrf=None))
    client.get("/enter")

    assert client.post("/notes", headers={"origin": "https://evil.example"}).status_code == 200


def test_an_app_without_sessions_asks_nobody(serve: Serve) -> None:
    app = App()

    @app.post("/")
    async def take() -> str:
        return "taken"

    assert serve(app).post("/", headers={"origin": "https://evil.example"}).status_code == 200


def token_of(page: str) -> str:
    found = re.search(r'(?:value|content)="([\w-]{43})"', page)
    assert found is not None, page
    return found[1]


PAGES: dict[str, Callable[[], Sessions]] = {"in a cookie": Sessions, "in a store": lambda: Sessions(store=MemoryStore())}


@each("make", PAGES.values(), ids=PAGES)
@each("path", ["/forms", "/plain-forms", "/typed"])
def test_the_token_of_a_page_proves_its_form(serve: Serve, make: Callable[[], Sessions], path: str) -> None:
    """For clients that say neither Origin nor Sec-Fetch-Site: the old ones."""
    client = serve(board(sessions=make()))
    page = client.get("/new", headers={"accept": "text/html"})
    old = {"cookie": f"session={client.cookies['session']}"}

    assert client.post(path, form={"text": "hello"}, headers=old).status_code == 403
    answer = client.post(path, form={"text": "hello", "csrf_token": token_of(page.text)}, headers=old)
    assert (answer.status_code, answer.text) == (200, "hello")


class Counting(MemoryStore):
    kept = 0

    async def set(self, key: str, value: bytes, *, ttl: float | None) -> None:
        self.kept += 1
        await super().set(key, value, ttl=ttl)


PAGE = {"accept": "text/html"}


def test_whoever_asks_for_pages_with_forms_fills_no_store(serve: Serve) -> None:
    store = Counting()
    client = serve(board(sessions=Sessions(store=store)))
    for _ in range(10):
        client.cookies.clear()
        assert "set-cookie" in client.get("/new", headers=PAGE).headers
    assert store.kept == 0

    page = client.get("/new", headers=PAGE)
    assert "set-cookie" not in page.headers
    assert "set-cookie" not in client.post("/notes").headers  # which has no form, and leaves the cookie to pages that do
    old = {"cookie": f"session={client.cookies['session']}", "x-csrf-token": token_of(page.text)}
    assert client.post("/notes", headers=old).status_code == 200
    assert store.kept == 0


@each("make", PAGES.values(), ids=PAGES)
def test_the_token_of_a_page_stays_good_once_something_is_put_in(serve: Serve, make: Callable[[], Sessions]) -> None:
    client = serve(board(sessions=make()))
    token = token_of(client.get("/new", headers=PAGE).text)
    client.get("/enter")

    headers = {"cookie": f"session={client.cookies['session']}", "x-csrf-token": token}
    assert client.post("/notes", headers=headers).status_code == 200


def test_what_a_client_makes_up_becomes_no_token_of_a_session_with_something_in_it(serve: Serve) -> None:
    client = serve(board(sessions=Sessions(store=MemoryStore())))
    made_up = "A" * 22
    client.get("/enter", headers={"cookie": f"session={made_up}"})

    assert len(client.cookies["session"]) == 43
    assert client.get("/kept", headers={"cookie": f"session={made_up}"}).text == "False"
    assert client.get("/kept").text == "True"


@each("make", PAGES.values(), ids=PAGES)
def test_the_id_that_is_shown_proves_nothing(serve: Serve, make: Callable[[], Sessions]) -> None:
    """It stands in lists of a user's devices, and in logs."""
    client = serve(board(sessions=make()))
    client.get("/enter")
    shown = client.get("/id").text
    secret = digest(shown.encode(), b"csrf", "sha256")[:16]
    forged = encode_base64url(bytes(16) + secret)

    headers = {"cookie": f"session={client.cookies['session']}", "x-csrf-token": forged}
    assert client.post("/notes", headers=headers).status_code == 403
    assert client.get("/id").text == shown


@pytest.mark.parametrize(
    "part", [{"form": {"text": "a"}}, {"json": {}}, {"files": {"file": b"a"}}], ids=["form", "JSON", "parts"]
)
def test_a_token_in_a_field_proves_any_body(serve: Serve, part: dict[str, Any]) -> None:
    client = serve(board())
    token = token_of(client.get("/meta", headers={"accept": "text/html"}).text)

    headers = {"cookie": f"session={client.cookies['session']}", "x-csrf-token": token}
    assert client.post("/notes", headers=headers, **part).status_code == 200


def test_the_token_of_another_session_proves_nothing(serve: Serve) -> None:
    own, strange = serve(board()), serve(board())
    own.get("/enter")
    token = token_of(strange.get("/meta", headers={"accept": "text/html"}).text)

    headers = {"cookie": f"session={own.cookies['session']}", "x-csrf-token": token}
    assert own.post("/notes", headers=headers).status_code == 403


def test_the_token_is_another_text_in_each_page(serve: Serve) -> None:
    """SECURITY row 63: a constant secret in compressed pages can be guessed letter by letter (BREACH)."""
    client = serve(board())

    tokens = {token_of(client.get("/meta", headers={"accept": "text/html"}).text) for _ in range(5)}
    assert len(tokens) == 5


def test_a_page_that_names_the_field_has_a_session_and_one_that_does_not_has_none(serve: Serve) -> None:
    client = serve(board())

    assert "set-cookie" not in client.get("/plain", headers={"accept": "text/html"}).headers
    assert "set-cookie" in client.get("/new", headers={"accept": "text/html"}).headers


def test_a_foreign_cookie_of_ours_needs_no_token(serve: Serve) -> None:
    """Only the session's cookie lets somebody in; that of a theme does not."""
    client = serve(board())

    headers = {"cookie": str(SetCookie("theme", "dark")).partition(";")[0]}
    assert client.post("/notes", headers=headers).status_code == 200


def test_tokens_are_good_until_the_session_rotates() -> None:
    session = Session.new()
    token = csrf_token(session)
    assert is_csrf_token(session, token)

    session.rotate()
    assert not is_csrf_token(session, token)


@each("token", ["", "A", "A" * 42, "A" * 43, "A" * 44, "A" * 100_000, "\u00e9" * 43, "-" * 43])
def test_what_is_no_token_is_none(token: str) -> None:
    assert not is_csrf_token(Session.new(), token)


def test_an_origin_that_none_could_be_is_refused_where_it_is_given() -> None:
    with pytest.raises(ValueError, match="no origin"):
        CSRF(trusted_origins=["https://shop.example.org/"])
