"""A login by OpenID Connect, against a provider on the loopback interface that may lie in every answer."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from joserfc import jwk, jwt

from martlet import App, BadRequestError, Form, Request, Response, Session, login, redirect_to
from martlet.integrations.openid import OpenIDProvider
from martlet.signing import encode_base64url
from martlet.testing import Client
from tests.serving import Serve

KEY = jwk.RSAKey.generate_key(2048, {"kid": "one"}, private=True)
OTHER_KEY = jwk.RSAKey.generate_key(2048, {"kid": "one"}, private=True)
SECRET = "correct horse battery staple, 1234 times over"


class Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None: ...


def answered(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, media_type="application/json")


class FakeProvider:
    """What a provider does, to the letter, but for what a test changes in it."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.metadata: dict[str, Any] = {}  # beside what it is
        self.claims: dict[str, Any] = {}
        self.tokens: dict[str, Any] | None = None
        self.key = KEY
        self.algorithm = "RS256"
        self.status = 200
        self._codes: dict[str, dict[str, str]] = {}

    def app(self) -> App:
        app = App()

        @app.get("/.well-known/openid-configuration")
        def tell() -> Response:
            self.asked.append("metadata")
            paths = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            known = {"issuer": self.url, **{name: self.url + path for name, path in paths.items()}, **self.metadata}
            return answered(known, status=self.status)

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            self.asked.append("keys")
            return {"keys": [KEY.as_dict(private=False)]}

        @app.post("/token")
        def token(sent: Form, request: Request) -> Response:
            self.asked.append("token")
            credentials = b64decode((request.headers.get("authorization") or "").removeprefix("Basic ")).decode()
            asked = self._codes.pop(sent.text("code"), None)
            if credentials != "shop:s3cret":
                return answered({"error": "invalid_client"}, status=401)
            if (
                asked is None
                or sent.text("redirect_uri") != asked["redirect_uri"]
                or not proves(sent.text("code_verifier"), asked)
            ):
                return answered({"error": "invalid_grant"}, status=400)
            return answered(self.tokens if self.tokens is not None else self._made(asked), status=self.status)

        return app

    def _made(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        usual = {"iss": self.url, "aud": "shop", "sub": "ada", "nonce": asked["nonce"], "iat": now, "exp": now + 60}
        claims = {name: value for name, value in {**usual, **self.claims}.items() if value is not None}
        token = jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.key, [self.algorithm])
        return {"id_token": token, "access_token": "for other services", "token_type": "Bearer"}

    def agree(self, url: str) -> dict[str, str]:
        """What a user who agrees brings back; the browser's part."""
        asked = dict(parse_qsl(urlsplit(url).query))
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return {"state": asked["state"], "code": code}


def proves(verifier: str, asked: dict[str, str]) -> bool:
    challenge = encode_base64url(sha256(verifier.encode()).digest())
    return asked["code_challenge_method"] == "S256" and challenge == asked["code_challenge"]


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    with make_server("127.0.0.1", 0, fake.app(), WSGIServer, Silent) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield fake
        server.shutdown()
        thread.join(10)


@pytest.fixture
def open_client() -> Iterator[Callable[[App], Client]]:
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(Client(app))


def shop(provider: FakeProvider, **options: Any) -> App:
    app = App(secret_keys=[SECRET])
    given = {"redirect_url": "http://testserver/login/done", "client_secret": "s3cret", **options}
    known = OpenIDProvider(provider.url, "shop", **given)

    @app.get("/login")
    async def begin_login(session: Session, target: str = "/") -> Response:
        return await known.begin(session, target=target)

    @app.get("/login/done")
    async def finish_login(request: Request, session: Session) -> Response:
        found = await known.finish(request, session)
        login(session, found.claims["sub"])
        session["token"] = found.tokens["access_token"]
        return redirect_to(found.target)

    @app.get("/session")
    async def show(session: Session) -> list[Any]:
        return [session.user_id, sorted(session)]

    return app


def begun(client: Client, target: str = "/") -> str:
    answer = client.get("/login", query={"target": target})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_login_from_its_beginning_to_its_end(serve: Serve, provider: FakeProvider) -> None:
    client = serve(shop(provider))
    url = begun(client, "/cart?page=2")
    asked = dict(parse_qsl(urlsplit(url).query))

    assert url.startswith(f"{provider.url}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["client_id"] == "shop"
    assert asked["scope"] == "openid profile email"
    assert asked["redirect_uri"] == "http://testserver/login/done"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3

    answer = client.get("/login/done", query=provider.agree(url))
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart?page=2")
    assert client.get("/session").json() == ["ada", ["openid", "token"]]


def test_a_second_login_asks_only_for_tokens(open_client: Callable[[App], Client], provider: FakeProvider) -> None:
    client = open_client(shop(provider))
    for _ in range(2):
        assert client.get("/login/done", query=provider.agree(begun(client))).status_code == 303

    assert provider.asked == ["metadata", "token", "keys", "token"]


def test_two_tabs_log_in_side_by_side(open_client: Callable[[App], Client], provider: FakeProvider) -> None:
    client = open_client(shop(provider))
    one, other = begun(client, "/one"), begun(client, "/other")

    assert client.get("/login/done", query=provider.agree(one)).headers["location"] == "/one"
    assert client.get("/login/done", query=provider.agree(other)).headers["location"] == "/other"


def test_many_tabs_do_not_fill_the_session(open_client: Callable[[App], Client], provider: FakeProvider) -> None:
    client = open_client(shop(provider))
    urls = [begun(client) for _ in range(5)]

    statuses = [client.get("/login/done", query=provider.agree(url)).status_code for url in urls]
    assert statuses == [400, 400, 303, 303, 303]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_a_login_leads_to_this_site_only(open_client: Callable[[App], Client], provider: FakeProvider, target: str) -> None:
    client = open_client(shop(provider))

    assert client.get("/login/done", query=provider.agree(begun(client, target))).headers["location"] == "/"


def test_an_answer_is_good_once(open_client: Callable[[App], Client], provider: FakeProvider) -> None:
    client = open_client(shop(provider))
    answer = provider.agree(begun(client))

    assert [client.get("/login/done", query=answer).status_code for _ in range(2)] == [303, 400]


def test_an_answer_to_somebody_else_is_no_login(serve: Serve, provider: FakeProvider) -> None:
    """Login CSRF: a stranger has his own answer opened in a visitor's browser."""
    app = shop(provider)
    stranger, visitor = serve(app), serve(app)
    answer = provider.agree(begun(stranger))
    begun(visitor)

    assert visitor.get("/login/done", query=answer).status_code == 400
    assert visitor.get("/session").json()[0] is None


def test_a_code_that_was_put_into_another_login_is_refused(serve: Serve, provider: FakeProvider) -> None:
    """PKCE: the code was given for another verifier."""
    app = shop(provider)
    victim, thief = serve(app), serve(app)
    stolen = provider.agree(begun(victim))["code"]
    own = provider.agree(begun(thief))

    assert thief.get("/login/done", query={**own, "code": stolen}).status_code == 400
    assert thief.get("/session").json()[0] is None


ANSWERS: dict[str, tuple[dict[str, Any], int]] = {
    "no code": ({"code": ""}, 403),
    "a refusal": ({"code": "", "error": "access_denied"}, 403),
    "a refusal with letters": ({"code": "", "error": "\u00e9\r\n" * 100}, 403),
    "another state": ({"state": "x"}, 400),
    "no state": ({"state": ""}, 400),
    "a code of nobody": ({"code": "x"}, 400),
    "another issuer": ({"iss": "https://evil.example"}, 400),
    "an empty issuer": ({"iss": ""}, 400),
}


@pytest.mark.parametrize(("changes", "status"), ANSWERS.values(), ids=ANSWERS)
def test_answers_that_do_not_fit_are_the_clients_fault(
    open_client: Callable[[App], Client], provider: FakeProvider, changes: dict[str, Any], status: int
) -> None:
    client = open_client(shop(provider))
    answer = {**provider.agree(begun(client)), **changes}

    assert client.get(f"/login/done?{urlencode(answer)}").status_code == status
    assert client.get("/session").json()[0] is None


def test_no_answer_at_all_is_none(open_client: Callable[[App], Client], provider: FakeProvider) -> None:
    assert open_client(shop(provider)).get("/login/done").status_code == 400


@pytest.mark.parametrize(("issuer", "status"), [("own", 303), (None, 400)])
def test_a_provider_that_names_itself_always_has_to(
    open_client: Callable[[App], Client], provider: FakeProvider, issuer: str | None, status: int
) -> None:
    """RFC 9207."""
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    client = open_client(shop(provider))
    answer = provider.agree(begun(client))

    named = {"iss": provider.url} if issuer else {}
    assert client.get("/login/done", query={**answer, **named}).status_code == status


CLAIMS: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another shop"},
    "no audience": {"aud": None},
    "several audiences, and no party": {"aud": ["shop", "another shop"]},
    "another party": {"azp": "another shop"},
    "no user": {"sub": None},
    "a number for a user": {"sub": 7},
    "an end in the past": {"exp": 1},
    "no end": {"exp": None},
    "a future": {"iat": int(time.time()) + 10_000},
}


@pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
def test_an_id_token_that_does_not_fit_is_not_believed(provider: FakeProvider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    with Client(shop(provider)) as client:
        assert client.get("/login/done", query=provider.agree(begun(client))).status_code == 502
        assert client.get("/session").json()[0] is None


def test_several_audiences_are_fine_if_the_party_is_named(provider: FakeProvider) -> None:
    provider.claims = {"aud": ["shop", "another shop"], "azp": "shop"}
    with Client(shop(provider)) as client:
        assert client.get("/login/done", query=provider.agree(begun(client))).status_code == 303


@pytest.mark.parametrize("lie", ["another key", "the secret of the client", "no token", "no answer", "a failure", "no object"])
def test_a_provider_that_lies_or_fails_is_a_502(provider: FakeProvider, lie: str, caplog: pytest.LogCaptureFixture) -> None:
    with Client(shop(provider)) as client:
        answer = provider.agree(begun(client))
        match lie:
            case "another key":
                provider.key = OTHER_KEY
            case "the secret of the client":
                provider.key, provider.algorithm = jwk.OctKey.import_key("s3cret" * 8), "HS256"  # type: ignore[assignment]
            case "no token":
                provider.tokens = {"access_token": "x"}
            case "no answer":
                provider.tokens = {}
            case "a failure":
                provider.status = 500
            case _:
                provider.tokens = {"id_token": {"a": 1}}

        with caplog.at_level(logging.ERROR, "martlet.security"):
            assert client.get("/login/done", query=answer).status_code == 502
        assert f"The provider {provider.url}" in caplog.text
        assert "s3cret" not in caplog.text


def test_a_wrong_secret_of_the_application_is_not_the_clients_fault(provider: FakeProvider) -> None:
    with Client(shop(provider, client_secret="wrong")) as client:
        assert client.get("/login/done", query=provider.agree(begun(client))).status_code == 502


METADATA: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "no issuer": {"issuer": None},
    "no endpoint": {"token_endpoint": None},
    "an endpoint of another kind": {"authorization_endpoint": "javascript:alert(1)"},
}


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
def test_a_provider_that_cannot_be_asked_begins_no_login(provider: FakeProvider, metadata: dict[str, Any]) -> None:
    provider.metadata = metadata
    with Client(shop(provider)) as client:
        assert client.get("/login").status_code == 502


def test_a_provider_that_is_away_begins_no_login_until_it_is_back(provider: FakeProvider) -> None:
    provider.status = 500
    with Client(shop(provider)) as client:
        assert client.get("/login").status_code == 502

        provider.status = 200
        assert client.get("/login").status_code == 303


def test_nobody_listens() -> None:
    fake = FakeProvider()
    fake.url = "http://127.0.0.1:9"
    with Client(shop(fake)) as client:
        assert client.get("/login").status_code == 502


async def test_a_login_is_finished_in_the_session_it_was_begun_in(provider: FakeProvider) -> None:
    known = OpenIDProvider(provider.url, "shop", "s3cret", redirect_url="http://testserver/login/done")
    session = Session.new()
    url = (await known.begin(session)).headers["location"]
    app = App()
    caught: list[BaseException] = []

    @app.get("/")
    async def finish(request: Request) -> str:
        try:
            await known.finish(request, Session.new())
        except BadRequestError as error:
            caught.append(error)
        return str((await known.finish(request, session)).claims["sub"])

    with Client(app) as client:
        assert client.get("/", query=provider.agree(url)).text == "ada"
    assert len(caught) == 1
