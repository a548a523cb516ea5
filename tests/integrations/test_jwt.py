"""JSON Web Tokens: what a verifier believes, and the attacks that others have fallen for."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import digest
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe, jwk, jwt
from msgspec import Struct

from martlet import App, Request, ServiceUnavailableError, bearer_token
from martlet.integrations.jwt import FetchedJWTVerifier, JWTError, JWTSigner, JWTVerifier
from martlet.signing import WeakSecretError, decode_base64url, encode_base64url
from tests.rows import each
from tests.serving import Serve

NOW = 1_800_000_000
SECRET = "correct horse battery staple, 1234 times over"
LONG_SECRET = SECRET * 2
RSA = jwk.RSAKey.generate_key(2048, private=True)
OTHER_RSA = jwk.RSAKey.generate_key(2048, private=True)
EC = {name: jwk.ECKey.generate_key(name, private=True) for name in ("P-256", "P-384", "P-521")}
OKP = {name: jwk.OKPKey.generate_key(name, private=True) for name in ("Ed25519", "Ed448")}

KEYS: dict[str, Any] = {
    **dict.fromkeys(("HS256", "HS384", "HS512"), LONG_SECRET),
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": EC["P-256"],
    "ES384": EC["P-384"],
    "ES512": EC["P-521"],
    "Ed25519": OKP["Ed25519"],
    "Ed448": OKP["Ed448"],
}


def clock() -> float:
    return NOW


def signer(algorithm: str = "HS256", key: Any = None, **options: Any) -> JWTSigner:
    return JWTSigner(key or KEYS[algorithm], algorithm=algorithm, clock=clock, **{"lifetime_seconds": 900, **options})


def verifier(algorithm: str = "HS256", key: Any = None, **options: Any) -> JWTVerifier:
    return JWTVerifier(key or KEYS[algorithm], algorithms=[algorithm], clock=clock, **options)


def part(value: Any) -> str:
    return encode_base64url(value if isinstance(value, bytes) else json.dumps(value).encode())


def forged(head: Any, claims: Any, key: bytes = LONG_SECRET.encode()) -> str:
    """A token whose every byte is ours, signed by HMAC with a key of choice."""
    text = f"{part(head)}.{part(claims)}"
    return f"{text}.{encode_base64url(digest(key, text.encode(), sha256))}"


@each("algorithm", KEYS)
def test_what_was_signed_verifies(algorithm: str) -> None:
    token = signer(algorithm).sign({"sub": "7", "roles": ["clerk"]})

    assert verifier(algorithm).verify(token) == {"sub": "7", "roles": ["clerk"], "iat": NOW, "exp": NOW + 900}


@each("algorithm", ["RS256", "ES256", "Ed25519"])
@each("form", ["PEM", "PEM in bytes", "a private PEM", "JWK", "JWKS", "a set of joserfc"])
def test_a_key_comes_in_many_forms(algorithm: str, form: str) -> None:
    key = KEYS[algorithm]
    forms: dict[str, Callable[[], Any]] = {
        "PEM": lambda: key.as_pem(private=False).decode(),
        "PEM in bytes": lambda: key.as_pem(private=False),
        "a private PEM": lambda: key.as_pem(private=True),
        "JWK": lambda: key.as_dict(private=False),
        "JWKS": lambda: signer(algorithm).public_keys,
        "a set of joserfc": lambda: jwk.KeySet([key]),
    }

    assert verifier(algorithm, forms[form]()).verify(signer(algorithm).sign({"sub": "7"})) is not None


def test_what_joserfc_signs_verifies() -> None:
    token = jwt.encode({"alg": "ES256"}, {"sub": "7", "exp": NOW + 1}, EC["P-256"])

    assert verifier("ES256").verify(token) == {"sub": "7", "exp": NOW + 1}


# Attacks.


GOOD = {"sub": "7", "exp": NOW + 900}
HEAD = {"alg": "HS256", "typ": "JWT"}


def test_the_forger_of_these_tests_would_succeed_with_the_key() -> None:
    assert verifier().verify(forged(HEAD, GOOD)) == GOOD


@each("name", ["none", "None", "NONE", "nOnE", ""])
@each("signature", ["", "AAAA"])
@each("algorithm", ["HS256", "RS256"])
def test_no_signature_is_no_token(name: str, signature: str, algorithm: str) -> None:
    token = f"{part({'alg': name})}.{part(GOOD)}.{signature}"

    assert verifier(algorithm).verify(token) is None


@each("algorithm", ["RS256", "ES256", "Ed25519", "PS256"])
def test_a_public_key_is_no_secret(algorithm: str) -> None:
    """A token by HMAC with the bytes of the public key, which everybody has."""
    key = KEYS[algorithm]
    for public in (key.as_pem(private=False), key.as_pem(private=False).strip(), key.as_der(private=False)):
        assert verifier(algorithm).verify(forged(HEAD, GOOD, public)) is None
        assert verifier(algorithm).verify(forged({"alg": algorithm}, GOOD, public)) is None
        with pytest.raises(ValueError, match=r"suits HS256|cannot be read"):
            JWTVerifier(public, algorithms=["HS256"])


def test_algorithms_of_secrets_and_of_pairs_are_not_taken_together() -> None:
    keys = {"keys": [RSA.as_dict(private=False), jwk.OctKey.import_key(SECRET).as_dict(private=True)]}

    with pytest.raises(ValueError, match="do not go together"):
        JWTVerifier(keys, algorithms=["RS256", "HS256"])


def test_an_algorithm_of_the_same_key_that_was_not_named_is_refused() -> None:
    assert verifier("RS256").verify(signer("PS256").sign({})) is None
    assert verifier("HS256").verify(signer("HS512").sign({})) is None


@each(
    "extra",
    [
        {"jwk": RSA.as_dict(private=False)},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/x.pem"},
        {"jwk": RSA.as_dict(private=False), "kid": "evil"},
    ],
    ids=" and ".join,
)
def test_a_token_does_not_bring_its_own_key(extra: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "RS256", **extra}, GOOD, OTHER_RSA)

    assert verifier("RS256").verify(token) is None


@each(
    "key_id",
    ["../../../dev/null", "' OR 1=1 --", "", "\x00", "x" * 257, "\u00e9", 7, None, ["a"], {"a": 1}, True],
    ids=lambda value: ascii(value)[:20],
)
def test_a_key_id_is_only_looked_up(key_id: Any) -> None:
    """With an empty secret, such as the content of /dev/null, and with a key of the forger's."""
    keys = {"keys": [{**RSA.as_dict(private=False), "kid": "good"}]}
    good = verifier("RS256", keys)

    assert good.verify(jwt.encode({"alg": "RS256", "kid": "good"}, GOOD, RSA)) == GOOD
    for secret in (b"", b"\n", LONG_SECRET.encode()):
        assert good.verify(forged({"alg": "RS256", "kid": key_id}, GOOD, secret)) is None
        assert good.verify(forged({"alg": "HS256", "kid": key_id}, GOOD, secret)) is None


@each(
    "extra",
    [
        {"crit": ["exp"], "exp": NOW},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"b64": True},
        {"crit": "x"},
        {"crit": ["http://example.org/unknown"], "http://example.org/unknown": 1},
        {"cty": "JWT"},
        {"cty": "application/jwt"},
        {"cty": 7},
        {"kid": 7},
        {"alg": None},
        {"alg": ["HS256"]},
        {"alg": "hs256"},
        {"alg": "HS256\x00"},
    ],
    ids=str,
)
def test_extensions_and_nested_tokens_are_refused(extra: dict[str, Any]) -> None:
    assert verifier().verify(forged({**HEAD, **extra}, GOOD)) is None


def test_an_unencoded_payload_is_refused() -> None:
    """RFC 7797: the text that is signed is then another than the one that is read."""
    head = part({"alg": "HS256", "b64": False, "crit": ["b64"]})
    payload = json.dumps(GOOD).replace(".", "")
    signature = encode_base64url(digest(LONG_SECRET.encode(), f"{head}.{payload}".encode(), sha256))

    assert verifier().verify(f"{head}.{payload}.{signature}") is None


def test_a_token_inside_of_a_token_is_refused() -> None:
    inner = forged(HEAD, GOOD)

    assert verifier().verify(forged(HEAD, inner.encode())) is None
    assert verifier().verify(forged(HEAD, inner)) is None


def test_an_encrypted_token_is_refused() -> None:
    """Of those that everybody can make who has the public key."""
    token = jwe.encrypt_compact({"alg": "RSA-OAEP", "enc": "A128GCM"}, json.dumps(GOOD).encode(), RSA)

    assert token.count(".") == 4
    assert verifier("RS256").verify(token) is None


def test_the_json_forms_are_refused() -> None:
    head, payload, signature = forged(HEAD, GOOD).split(".")

    assert verifier().verify(json.dumps({"protected": head, "payload": payload, "signature": signature})) is None


@each(
    "make",
    [
        lambda: "a" * 1_000_000,
        lambda: "." * 1_000_000,
        lambda: f"{part(HEAD)}.{part({**GOOD, 'x': 'y' * 10_000})}.AAAA",
        lambda: forged(b"[" * 4_000, GOOD),
        lambda: forged(HEAD, b"[" * 4_000),
        lambda: forged(HEAD, b'{"exp":' + b"9" * 4_000 + b"}"),
        lambda: forged(HEAD, b'{"exp":1e999}'),
        lambda: forged({**HEAD, "x": [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]}, GOOD),
    ],
    ids=["long", "dots", "long claims", "a deep head", "deep claims", "a long number", "an endless number", "deep enough"],
)
def test_huge_and_deep_tokens_are_refused(make: Any) -> None:
    assert verifier().verify(make()) is None


@each("other", ["", ".", "..", "...", "a.b.c", "e30.e30.e30", " ", "\u00e9.\u00e9.\u00e9", "=.=.=", "\x00"])
def test_what_is_no_token_is_none(other: str) -> None:
    assert verifier().verify(other) is None
    assert verifier("RS256").verify(other) is None


@given(st.text(max_size=200), st.text(max_size=50))
def test_nothing_in_a_token_is_an_exception(text: str, name: str) -> None:
    for token in (text, f"{text}.{name}.{text}", forged({"alg": name}, {name: text}), forged(text, name)):
        assert verifier().verify(token) is None
        assert verifier("ES256").verify(token) is None


@given(st.data())
def test_no_other_text_verifies_in_place_of_a_token(data: st.DataObject) -> None:
    """Nor one that decodes to the same bytes."""
    token = signer().sign({"sub": "7"})
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCDwxyz0189-_.=+/ \n"))
    changed = token[:place] + letter + token[place + 1 :]

    assert (verifier().verify(changed) is None) == (changed != token)
    assert verifier().verify(token + letter) is None


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512"])
def test_a_signature_of_noughts_is_none(algorithm: str) -> None:
    """CVE-2022-21449: r and s of 0 fitted every text in Java."""
    head, payload, signature = signer(algorithm).sign({}).split(".")
    size = len(decode_base64url(signature))

    for forgery in (b"\0" * size, b"", b"\xff" * size, b"\0" * (size - 1) + b"\x01"):
        assert verifier(algorithm).verify(f"{head}.{payload}.{encode_base64url(forgery)}") is None


# Claims.


def claimed(claims: dict[str, Any], **options: Any) -> bool:
    return verifier(**options).verify(forged(HEAD, claims)) is not None


@each(
    ("claims", "fits"),
    [
        ({"exp": NOW + 1}, True),
        ({"exp": NOW + 0.5}, True),
        ({"exp": NOW - 9}, True),
        ({"exp": NOW - 10}, False),
        ({}, False),
        ({"exp": None}, False),
        ({"exp": str(NOW + 1)}, False),
        ({"exp": True}, False),
        ({"exp": [NOW + 1]}, False),
        ({"exp": 10**300}, False),
        ({"exp": -(10**300)}, False),
        ({"exp": 10**400}, False),
        ({"exp": NOW + 1, "nbf": NOW + 10}, True),
        ({"exp": NOW + 1, "nbf": NOW + 11}, False),
        ({"exp": NOW + 1, "nbf": "0"}, False),
        ({"exp": NOW + 1, "nbf": None}, False),
        ({"exp": NOW + 1, "iat": NOW + 10}, True),
        ({"exp": NOW + 1, "iat": NOW + 11}, False),
        ({"exp": NOW + 1, "iat": False}, False),
        ({"exp": NOW + 1, "sub": 7}, False),
        ({"exp": NOW + 1, "jti": ["a"]}, False),
    ],
    ids=str,
)
def test_times_are_numbers_and_fit(claims: dict[str, Any], fits: bool) -> None:
    assert claimed(claims) == fits


@each(
    ("claims", "options", "fits"),
    [
        ({"iss": "shelf"}, {"issuer": "shelf"}, True),
        ({"iss": "other"}, {"issuer": "shelf"}, False),
        ({}, {"issuer": "shelf"}, False),
        ({"iss": ["shelf"]}, {"issuer": "shelf"}, False),
        ({"iss": {"a": 1}}, {"issuer": "shelf"}, False),
        ({"iss": "shelf2"}, {"issuer": ["shelf", "shelf2"]}, True),
        ({"iss": "anybody"}, {}, True),
        ({"aud": "web"}, {"audience": "web"}, True),
        ({"aud": ["app", "web"]}, {"audience": "web"}, True),
        ({"aud": ["app"]}, {"audience": "web"}, False),
        ({"aud": "webs"}, {"audience": "web"}, False),
        ({"aud": []}, {"audience": "web"}, False),
        ({"aud": ["web", 7]}, {"audience": "web"}, False),
        ({"aud": 7}, {"audience": "web"}, False),
        ({"aud": None}, {"audience": "web"}, False),
        ({}, {"audience": "web"}, False),
        ({"aud": "web"}, {}, False),
        ({"aud": "app"}, {"audience": ["web", "app"]}, True),
        ({}, {"required": ["exp", "sub"]}, False),
        ({}, {"required": ["sub"]}, False),
        ({"sub": "7"}, {"required": ["sub"]}, True),
        ({"sub": "7"}, {"required": ["exp", "sub"]}, True),
        ({"sub": "7", "exp": NOW - 100}, {"leeway_seconds": 101}, True),
        ({"sub": "7", "exp": NOW}, {"leeway_seconds": 0}, False),
    ],
    ids=str,
)
def test_who_made_it_for_whom(claims: dict[str, Any], options: dict[str, Any], fits: bool) -> None:
    assert claimed({"exp": NOW + 1, **claims}, **options) == fits


def test_a_token_that_never_expires_is_taken_only_if_you_say_so() -> None:
    assert not claimed({"sub": "7"})
    assert not claimed({"sub": "7"}, required=["sub"])
    assert claimed({"sub": "7"}, expires=False)
    assert claimed({"sub": "7"}, required=["sub"], expires=False)
    assert not claimed({}, required=["sub"], expires=False)
    assert not claimed({"exp": NOW - 100}, expires=False)


@each(
    ("typ", "fits"),
    [("at+jwt", True), ("application/at+jwt", True), ("AT+JWT", True), ("JWT", False), (None, False), (7, False)],
)
def test_the_type_may_be_asked_for(typ: Any, fits: bool) -> None:
    token = forged({"alg": "HS256", "typ": typ}, GOOD)

    assert (verifier(typ="at+jwt").verify(token) is not None) == fits


def test_the_reason_is_for_the_log_and_never_the_token(caplog: pytest.LogCaptureFixture) -> None:
    token = forged(HEAD, {"exp": 1, "sub": "a secret"})
    with caplog.at_level(logging.INFO, "martlet.security"):
        assert verifier().verify(token) is None

    assert caplog.messages == ["A token is refused: it has expired."]
    with pytest.raises(JWTError, match="it has expired"):
        verifier().check(token)
    assert verifier().verify(None) is None


# Keys and algorithms of the author.


@each(
    ("key", "algorithms", "said"),
    [
        (SECRET, [], "Name the algorithms"),
        (SECRET, "HS256", "Name the algorithms"),
        (SECRET, ["none"], "'none' is no algorithm"),
        (SECRET, ["HS256", "none"], "'none' is no algorithm"),
        (SECRET, ["HS1"], "'HS1' is no algorithm"),
        (SECRET, ["RS256"], "No key suits RS256"),
        (RSA, ["HS256"], "No key suits HS256"),
        (RSA, ["ES256"], "No key suits ES256"),
        (EC["P-256"], ["ES384"], "No key suits ES384"),
        (OKP["Ed448"], ["Ed25519"], "No key suits Ed25519"),
        ({"kty": "oct"}, ["HS256"], "cannot be read"),
        ({"kty": "weird"}, ["HS256"], "cannot be read"),
        ({"keys": []}, ["HS256"], "No key suits"),
        ({"keys": "x"}, ["HS256"], "JWKS"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", ["RS256"], "cannot be read"),
        ({**RSA.as_dict(private=False), "use": "enc"}, ["RS256"], "No key suits"),
        ({**RSA.as_dict(private=False), "alg": "PS256"}, ["RS256"], "No key suits"),
        ({**RSA.as_dict(private=False), "key_ops": ["encrypt"]}, ["RS256"], "No key suits"),
    ],
    ids=range(18),
)
def test_what_cannot_be_trusted_is_refused_at_once(key: Any, algorithms: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        JWTVerifier(key, algorithms=algorithms)


@each(
    ("options", "error", "said"),
    [
        ({"isuer": "shelf"}, TypeError, "no option 'isuer': write 'issuer'"),
        ({"verify": False}, TypeError, "no option 'verify'"),
        ({"issuer": None}, TypeError, "issuer=None: write a list"),
        ({"issuer": ""}, TypeError, "issuer has '' in it"),
        ({"issuer": ["shelf", None]}, TypeError, "issuer has None in it"),
        ({"issuer": []}, ValueError, "issuer is empty"),
        ({"audience": None}, TypeError, "audience=None"),
        ({"audience": ()}, ValueError, "audience is empty"),
        ({"audience": b"web"}, TypeError, "audience=b'web'"),
        ({"required": "sub"}, TypeError, "required='sub'"),
        ({"required": [7]}, TypeError, "required has 7"),
        ({"typ": None}, TypeError, "typ=None"),
        ({"expires": None}, TypeError, "expires=None"),
        ({"expires": 0}, TypeError, "expires=0"),
        ({"leeway_seconds": float("inf")}, ValueError, "leeway_seconds=inf"),
        ({"leeway_seconds": float("nan")}, ValueError, "leeway_seconds=nan"),
        ({"leeway_seconds": -1}, ValueError, "leeway_seconds=-1"),
        ({"leeway_seconds": "10"}, TypeError, "leeway_seconds='10'"),
        ({"leeway_seconds": True}, TypeError, "leeway_seconds=True"),
        ({"clock": 7}, TypeError, "clock=7"),
    ],
    ids=str,
)
def test_options_that_would_ask_less_than_they_say_are_refused(options: Any, error: type[Exception], said: str) -> None:
    async def fetch() -> Mapping[str, Any]:
        return {}

    given: Any = {"algorithms": ["ES256"], **options}
    with pytest.raises(error, match=said):
        JWTVerifier(EC["P-256"], **given)
    with pytest.raises(error, match=said):
        FetchedJWTVerifier(fetch, **given)


def test_a_verifier_must_be_told_the_algorithms() -> None:
    nothing: Any = {}
    with pytest.raises(TypeError, match="must be told the algorithms"):
        JWTVerifier(SECRET, **nothing)


@pytest.mark.filterwarnings("ignore::Warning")
def test_weak_keys_are_refused() -> None:
    with pytest.raises(WeakSecretError, match="HS256 needs 32"):
        JWTVerifier("too short", algorithms=["HS256"])
    with pytest.raises(WeakSecretError, match="HS512 needs 64"):
        JWTVerifier(SECRET, algorithms=["HS512"])
    with pytest.raises(ValueError, match="too short"):
        JWTVerifier(jwk.RSAKey.generate_key(1024, private=True), algorithms=["RS256"])


def test_a_signer_needs_a_private_key_and_makes_its_own_claims() -> None:
    with pytest.raises(ValueError, match="a private one"):
        signer("RS256", RSA.as_pem(private=False))
    with pytest.raises(ValueError, match="'exp' is the signer's"):
        signer().sign({"exp": 1})
    with pytest.raises(TypeError):
        signer().sign({"x": object()})
    with pytest.raises(ValueError, match="published to nobody"):
        _ = signer().public_keys


def test_a_signer_publishes_what_verifies() -> None:
    made = signer("ES256", issuer="shelf", audience=["web"])
    published = made.public_keys

    assert "d" not in published["keys"][0]
    assert published["keys"][0]["kid"] == EC["P-256"].thumbprint()
    claims = verifier("ES256", json.loads(json.dumps(published)), issuer="shelf", audience="web").verify(made.sign({}))
    assert claims == {"iss": "shelf", "aud": ["web"], "iat": NOW, "exp": NOW + 900}


# Keys that are fetched.


class Provider:
    """Publishes keys, and counts who asks."""

    def __init__(self, *signers: JWTSigner) -> None:
        self.signers = list(signers)
        self.asked = 0
        self.is_away = False
        self.extra: list[Any] = []

    async def __call__(self) -> Mapping[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise OSError("no route to host")
        return {"keys": [*(key for each in self.signers for key in each.public_keys["keys"]), *self.extra]}


OLD, NEW = signer("RS256"), signer("RS256", OTHER_RSA)


async def test_keys_are_fetched_once_and_again_for_a_new_one() -> None:
    provider = Provider(OLD)
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock, retry_seconds=0)

    assert [await fetched.verify(OLD.sign({"sub": str(number)})) is not None for number in range(3)] == [True] * 3
    assert provider.asked == 1

    assert await fetched.verify(NEW.sign({})) is None
    assert provider.asked == 2
    provider.signers.append(NEW)
    assert await fetched.verify(NEW.sign({})) is not None
    assert provider.asked == 3


async def test_made_up_key_ids_make_nobody_fetch() -> None:
    provider = Provider(OLD)
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock)

    for number in range(100):
        assert await fetched.verify(jwt.encode({"alg": "RS256", "kid": f"made up {number}"}, GOOD, OTHER_RSA)) is None
    assert provider.asked == 1


async def test_many_who_come_at_once_fetch_once() -> None:
    provider = Provider(OLD)
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock)

    found = await asyncio.gather(*(fetched.verify(OLD.sign({})) for _ in range(50)))
    assert None not in found
    assert provider.asked == 1


async def test_old_keys_are_used_on_while_the_provider_is_away(caplog: pytest.LogCaptureFixture) -> None:
    provider = Provider(OLD)
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock, fresh_seconds=0, retry_seconds=0)
    assert await fetched.verify(OLD.sign({})) is not None

    provider.is_away = True
    assert await fetched.verify(OLD.sign({})) is not None
    assert provider.asked == 2
    assert "cannot be fetched" in caplog.text


async def test_without_any_keys_it_is_a_503_and_no_flood() -> None:
    provider = Provider(OLD)
    provider.is_away = True
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock)

    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            await fetched.verify(OLD.sign({}))
    assert provider.asked == 1


async def test_what_cannot_be_a_token_fetches_nothing() -> None:
    provider = Provider(OLD)
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock)

    for token in (None, "", "a.b.c", forged(HEAD, GOOD), "x" * 10_000):
        assert await fetched.verify(token) is None
    assert provider.asked == 0


async def test_keys_that_cannot_be_read_are_left_out() -> None:
    provider = Provider(OLD)
    provider.extra = [
        {"kty": "AKP"},
        {"kty": "RSA", "n": 7},
        "x",
        None,
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "x"},
    ]
    fetched = FetchedJWTVerifier(provider, algorithms=["RS256"], clock=clock)

    assert await fetched.verify(OLD.sign({})) is not None


@pytest.mark.parametrize("answer", [{}, {"keys": None}, {"keys": [{}] * 101}, [], {"keys": []}], ids=range(5))
async def test_what_is_no_set_of_keys_is_told_to_the_log(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def fetch() -> Any:
        return answer

    with pytest.raises(ServiceUnavailableError):
        await FetchedJWTVerifier(fetch, algorithms=["RS256"]).verify(OLD.sign({}))
    assert "keys of tokens" in caplog.text


def test_nobody_fetches_a_secret() -> None:
    with pytest.raises(ValueError, match="published by nobody"):
        FetchedJWTVerifier(Provider(), algorithms=["HS256"])


# In an app.


class User(Struct):
    id: str


def test_a_user_by_a_token(serve: Serve) -> None:
    app, fetched = App(), FetchedJWTVerifier(Provider(NEW), algorithms=["RS256"], clock=clock)

    @app.authenticator(inline=True)
    def by_own_token(request: Request) -> User | None:
        claims = verifier().verify(bearer_token(request))
        return User(claims["sub"]) if claims else None

    @app.authenticator
    async def by_providers_token(request: Request) -> User | None:
        claims = await fetched.verify(bearer_token(request))
        return User(f"provider's {claims['sub']}") if claims else None

    @app.get("/me")
    async def me(user: User) -> str:
        return user.id

    client = serve(app)

    def asked(token: str) -> Any:
        return client.get("/me", headers={"authorization": f"Bearer {token}"})

    assert asked(signer().sign({"sub": "7"})).text == "7"
    assert asked(NEW.sign({"sub": "8"})).text == "provider's 8"
    refused = asked(forged(HEAD, {**GOOD, "exp": 1}))
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
