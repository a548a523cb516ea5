"""Bearer tokens, API keys and HTTP Basic: exactly one of them is somebody's, whatever else stands in the field is nobody's."""

from __future__ import annotations

import hmac
import io
import re
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import APIKeys, App, Request, WSGIRequest, basic_challenge, basic_credentials, bearer_token, require_basic
from martlet.security import make_api_key
from tests.rows import each
from tests.serving import Serve


def request_with(**fields: str) -> Request:
    return WSGIRequest({"REQUEST_METHOD": "GET", "wsgi.input": io.BytesIO(), **{f"HTTP_{k}": v for k, v in fields.items()}})


def asking() -> App:
    app = App()

    @app.get("/token")
    def token(request: Request) -> list[str | None]:
        return [bearer_token(request)]

    @app.get("/basic")
    def basic(request: Request) -> list[str]:
        return list(basic_credentials(request) or ())

    return app


TOKENS: dict[str, tuple[str, str | None]] = {
    "a token": ("Bearer abc", "abc"),
    "all characters that one has": ("Bearer azAZ09-._~+/==", "azAZ09-._~+/=="),
    "a scheme in lower case": ("bearer abc", "abc"),
    "a scheme in capitals": ("BEARER abc", "abc"),
    "several blanks": ("Bearer   abc", "abc"),
    "no token": ("Bearer", None),
    "a blank and no token": ("Bearer ", None),
    "nothing": ("", None),
    "another scheme": ("Basic abc", None),
    "a scheme that begins alike": ("Bearers abc", None),
    "no blank": ("Bearerabc", None),
    "a tab": ("Bearer\tabc", None),
    "two tokens": ("Bearer abc def", None),
    "two fields in one": ("Bearer abc, Bearer def", None),
    "a comma": ("Bearer abc,", None),
    "an equals sign inside": ("Bearer a=bc", None),
    "equals signs alone": ("Bearer ==", None),
    "a parameter": ('Bearer token="abc"', None),
    "a letter that is not ASCII": ("Bearer ab\u00e9", None),
    "a quotation mark": ('Bearer "abc"', None),
    "a colon": ("Bearer: abc", None),
}


@each(("field", "token"), TOKENS.values(), ids=TOKENS)
def test_a_bearer_token_is_exactly_that(serve: Serve, field: str, token: str | None) -> None:
    assert serve(asking()).get("/token", headers={"authorization": field}).json() == [token]


def test_several_fields_are_nobodys(serve: Serve) -> None:
    client = serve(asking())

    assert client.get("/token", headers=[("authorization", "Bearer abc"), ("authorization", "Bearer abc")]).json() == [None]
    assert client.get("/token").json() == [None]


@given(st.text(max_size=60))
def test_no_field_is_an_exception(text: str) -> None:
    for prefix in ("", "Bearer ", "Basic ", "mk_"):
        request = request_with(AUTHORIZATION=prefix + text, X_API_KEY=prefix + text)
        found = (bearer_token(request), basic_credentials(request), APIKeys(field="X-API-Key").shown(request))
        assert sum(each is not None for each in found) <= 1


def test_a_long_field_takes_time_in_proportion() -> None:
    for text in ("=" * 100_000, " " * 100_000, "a" * 100_000 + "!", "a=" * 50_000, "AAAA" * 25_000 + "!"):
        assert bearer_token(request_with(AUTHORIZATION=f"Bearer {text}")) is None
        assert basic_credentials(request_with(AUTHORIZATION=f"Basic {text}")) is None


# API keys.


def test_a_key_is_found_by_its_id_and_kept_as_a_hash() -> None:
    key, key_id, kept = make_api_key("shelf")

    assert re.fullmatch(r"shelf_[0-9a-f]{16}_[0-9a-f]{64}", key)
    assert key.split("_")[1] == key_id
    assert key.split("_")[2] not in kept
    assert make_api_key().key != make_api_key().key


@pytest.mark.parametrize(
    ("field", "shown_by"),
    [("Authorization", {"AUTHORIZATION": "Bearer {}"}), ("X-API-Key", {"X_API_KEY": "{}"})],
    ids=["Authorization", "a field of its own"],
)
def test_a_key_is_shown_in_the_field_of_choice(field: str, shown_by: dict[str, str]) -> None:
    keys = APIKeys("shelf", field=field)
    new, another = keys.make(), keys.make()

    shown = keys.shown(request_with(**{name: text.format(new.key) for name, text in shown_by.items()}))
    assert shown is not None
    assert shown.id == new.id
    assert [shown.matches(kept) for kept in (new.hash, another.hash, None, "", "\u00e9", new.hash.upper())] == [True] + [
        False
    ] * 5
    assert new.key.split("_")[2] not in repr(shown)


def test_the_secret_of_one_key_is_no_good_under_the_id_of_another() -> None:
    keys = APIKeys()
    one, other = keys.make(), keys.make()
    mixed = f"mk_{other.id}_{one.key.split('_')[2]}"

    shown = keys.shown(request_with(AUTHORIZATION=f"Bearer {mixed}"))
    assert shown is not None
    assert not shown.matches(other.hash)
    assert not shown.matches(one.hash)


GOOD = f"mk_{'a' * 16}_{'b' * 64}"


@each(
    "text",
    [
        "", "mk", "mk__",
        GOOD[:-1], GOOD + "b", GOOD.upper(), GOOD.replace("mk", "sk"), GOOD.replace("a", "g"), f"{GOOD}, {GOOD}",
        f" {GOOD}", GOOD.replace("_", "-"), f"{GOOD}\n", "x" * 100_000,
    ],
    ids=range(13),
)  # fmt: skip
def test_what_was_never_a_key_is_not_looked_for(text: str) -> None:
    assert APIKeys(field="X-API-Key").shown(request_with(X_API_KEY=text)) is None
    assert APIKeys(field="X-API-Key").shown(request_with(X_API_KEY=GOOD)) is not None


@each("prefix", ["", "a_b", "a-b", "\u00e9", "x" * 17, "7", "a b"])
def test_a_prefix_is_a_word(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        make_api_key(prefix)
    with pytest.raises(ValueError, match="prefix"):
        APIKeys(prefix)


@each("field", ["", "x y", "x:y", "x_y"])
def test_the_field_is_named_as_fields_are(field: str) -> None:
    with pytest.raises(ValueError, match="field"):
        APIKeys(field=field)


# HTTP Basic.


def basic(text: str | bytes) -> str:
    return "Basic " + b64encode(text.encode() if isinstance(text, str) else text).decode()


CREDENTIALS: dict[str, tuple[str, list[str]]] = {
    "a name and a password": (basic("ada:open sesame"), ["ada", "open sesame"]),
    "a scheme in lower case": ("basic" + basic("ada:x")[5:], ["ada", "x"]),
    "a password with colons": (basic("ada:a:b:"), ["ada", "a:b:"]),
    "no password": (basic("ada:"), ["ada", ""]),
    "no name": (basic(":x"), ["", "x"]),
    "letters beyond ASCII": (basic("\u00e5da:\u20ac"), ["\u00e5da", "\u20ac"]),
    "no colon": (basic("ada"), []),
    "not UTF-8": (basic(b"\xe5da:x"), []),
    "a control character": (basic("ada:a\x00b"), []),
    "a line break in the name": (basic("a\nda:x"), []),
    "DEL": (basic("ada:\x7f"), []),
    "no padding": ("Basic YWRhOnh5", ["ada", "xy"]),
    "padding that is missing": ("Basic YWRhOng", []),
    "too much padding": ("Basic YWRhOnh5=", []),
    "base64url": ("Basic YWRhO_-_", []),
    "a blank inside": ("Basic YWRh Onh5", []),
    "nothing": ("Basic ", []),
    "another scheme": ("Bearer YWRhOnh5", []),
    "two fields in one": ("Basic YWRhOnh5, Basic YWRhOnh5", []),
}


@each(("field", "found"), CREDENTIALS.values(), ids=CREDENTIALS)
def test_credentials_are_exactly_that(serve: Serve, field: str, found: list[str]) -> None:
    assert serve(asking()).get("/basic", headers={"authorization": field}).json() == found


def test_credentials_keep_the_password_to_themselves() -> None:
    found = basic_credentials(request_with(AUTHORIZATION=basic("ada:open sesame")))

    assert repr(found) == str(found) == "BasicCredentials(name='ada')"


def metrics() -> App:
    app = App()

    @app.get("/metrics", guards=[require_basic("metrics", {"prometheus": "s3cret", "k\u00e4the": "\u20ac"})])
    async def show() -> str:
        return "up 1"

    return app


@each(
    ("shown", "status"),
    [
        ("prometheus:s3cret", 200),
        ("k\u00e4the:\u20ac", 200),
        ("prometheus:\u20ac", 401),
        ("prometheus:", 401),
        ("prometheus:s3cre", 401),
        ("nobody:s3cret", 401),
        (":", 401),
        ("", 401),
    ],
)
def test_a_guard_lets_tools_in_that_have_a_password(serve: Serve, shown: str, status: int) -> None:
    answer = serve(metrics()).get("/metrics", headers={"authorization": basic(shown)})

    assert answer.status_code == status
    if status == 401:
        assert answer.headers.get_list("www-authenticate") == ['Basic realm="metrics", charset="UTF-8"']


def test_every_name_costs_the_comparison_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 77, for tools."""
    compared: list[bytes] = []
    real = hmac.compare_digest

    def counted(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return real(one, other)

    monkeypatch.setattr("martlet.security.basic.compare_digest", counted)
    view = require_basic("metrics", {"one": "a", "two": "b", "three": "c"})(lambda _: {"status": 200, "body": "up"})

    for shown in ("one:a", "three:c", "two:wrong", "nobody:x", ""):
        compared.clear()
        view({"headers": {"Authorization": basic(shown)}})
        assert len(compared) == 3


def test_a_guarded_view_may_be_called_with_a_mapping() -> None:
    view = require_basic("metrics", {"one": "a"})(lambda _: {"status": 200, "body": "up"})

    assert view({"headers": {"authorization": basic("one:a")}}) == {"status": 200, "body": "up"}
    assert view({})["status"] == view({"headers": {"authorization": "x"}})["status"] == 401


@pytest.mark.parametrize("passwords", [{}, {"ada": ""}, {"a:b": "c"}], ids=str)
def test_passwords_that_would_let_anybody_in_are_refused(passwords: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="require_basic"):
        require_basic("metrics", passwords)


@each("realm", ["", 'a"b', "a\\b", "\u00e9", "a\r\nb"])
def test_a_realm_is_text_that_every_browser_shows_alike(realm: str) -> None:
    with pytest.raises(ValueError, match="realm"):
        basic_challenge(realm)
