"""The object of security fields: its defaults, what it refuses with which cure, and policies with a nonce."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http import Headers, SecurityHeaders, make_nonce
from tests.rows import each

NOTHING: dict[str, Any] = dict.fromkeys(SecurityHeaders.__dataclass_fields__)
NONCE = "0123456789abcdef"


def with_fields(given: dict[str, Any]) -> SecurityHeaders:
    return SecurityHeaders(**given)


def test_everything_is_on_by_default() -> None:
    assert SecurityHeaders().fields(is_secure=True) == (
        ("content-security-policy", "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-site"),
    )


def test_hsts_is_sent_over_https_alone() -> None:
    secure, plain = (dict(SecurityHeaders().fields(is_secure)) for is_secure in (True, False))

    assert set(secure) - set(plain) == {"strict-transport-security"}  # RFC 6797 section 7.2


def test_what_is_none_is_not_sent() -> None:
    assert SecurityHeaders(**NOTHING).fields(is_secure=True) == ()


@each(
    "policy",
    [
        pytest.param("default-src 'self'", id="a keyword"),
        pytest.param("default-src 'none'", id="none, alone"),
        pytest.param("img-src * data: blob:", id="a star and schemes"),
        pytest.param("script-src https://*.example.org:8443/js/", id="a host with everything"),
        pytest.param("connect-src wss://example.org:* localhost:8000", id="ports"),
        pytest.param("script-src 'strict-dynamic' 'unsafe-inline' https:", id="several keywords"),
        pytest.param("style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='", id="a hash"),
        pytest.param("upgrade-insecure-requests", id="a directive without a value"),
        pytest.param("sandbox", id="a sandbox that allows nothing"),
        pytest.param("sandbox allow-forms allow-top-navigation-by-user-activation", id="a sandbox that allows something"),
        pytest.param("require-trusted-types-for 'script'; trusted-types default", id="trusted types"),
        pytest.param("default-src 'self'; report-to csp; report-uri /csp", id="reports"),
        pytest.param("  default-src   'self' ;; img-src *;", id="blanks and empty directives"),
        pytest.param("script-src 'nonce-{nonce}'", id="a nonce"),
    ],
)
@each("name", ["content_security_policy", "content_security_policy_report_only"])
def test_a_policy_is_taken(name: str, policy: str) -> None:
    with_fields({name: policy})


@each(
    ("policy", "cure"),
    [
        pytest.param("", "write None to send none", id="empty"),
        pytest.param(" ; ", "write None to send none", id="only a semicolon"),
        pytest.param("script-scr 'self'", "did you mean script-src", id="a misspelt directive"),
        pytest.param("zzzz 'self'", "leave it out", id="a directive nobody knows"),
        pytest.param("Script-Src 'self'", "did you mean script-src", id="capitals"),
        pytest.param("img-src self", "write \"'self'\"", id="a keyword without quotes"),
        pytest.param("img-src none", "write \"'none'\"", id="none without quotes"),
        pytest.param("script-src unsafe-inline", "write \"'unsafe-inline'\"", id="unsafe-inline without quotes"),
        pytest.param("script-src 'unsafe-inlin'", "did you mean \"'unsafe-inline'\"", id="a misspelt keyword"),
        pytest.param("script-src 'sha256-???'", "leave it out", id="no hash"),
        pytest.param("script-src 'none' https:", "'none' beside other sources", id="none and something"),
        pytest.param("script-src", "allows nothing", id="no source"),
        pytest.param("script-src 'nonce-abc'", "a fixed nonce", id="a nonce for everybody"),
        pytest.param("script-src {nonce}", "no keyword in quotes, no scheme and no host", id="a nonce without its word"),
        pytest.param("img-src 'self'; img-src *", "directive img-src twice", id="a directive twice"),
        pytest.param("default-src 'self', img-src *", "a comma", id="a comma for a semicolon"),
        pytest.param("default-src 'self'\r\nx: y", "a character in it that no policy may have", id="a line break"),
        pytest.param("img-src bücher.example", "a character in it that no policy may have", id="not ASCII"),
        pytest.param("upgrade-insecure-requests 1", "leave the value out", id="a value too much"),
        pytest.param("report-to", "needs a value", id="no value"),
        pytest.param("sandbox forms", "which it does not know", id="no sandbox word"),
        pytest.param("require-trusted-types-for script", "which it does not know", id="trusted types without quotes"),
        pytest.param("img-src '", "leave it out", id="a quote alone"),
    ],
)
def test_a_policy_that_browsers_would_misread_is_refused(policy: str, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        SecurityHeaders(content_security_policy=policy)


@each(
    ("name", "value", "cure"),
    [
        pytest.param("strict_transport_security", "31536000", "write 'max-age=31536000'", id="HSTS: a number alone"),
        pytest.param("strict_transport_security", "max-age=1; includesubdomains", "write 'max-age", id="HSTS: another case"),
        pytest.param("strict_transport_security", "max-age=1; preload", "only with includeSubDomains", id="HSTS: preload alone"),
        pytest.param(
            "strict_transport_security",
            "max-age=1; includeSubDomains; preload",
            "max-age=31536000 or more",
            id="HSTS: preload, too short",
        ),
        pytest.param("strict_transport_security", "max-age=1; preload; preload", "a word twice", id="HSTS: a word twice"),
        pytest.param("x_content_type_options", "no-sniff", "choose 'nosniff'", id="nosniff misspelt"),
        pytest.param("referrer_policy", "never", "choose from", id="an older referrer policy"),
        pytest.param("referrer_policy", "", "choose from", id="an empty referrer policy"),
        pytest.param(
            "permissions_policy", "geolocation 'none'", r"'geolocation=\(\)' for nobody", id="the syntax of Feature-Policy"
        ),
        pytest.param("permissions_policy", "geolocation=('self')", r"'geolocation=\(self\)'", id="quotes around self"),
        pytest.param("permissions_policy", "geolocation=(https://a.example)", "'geolocation=", id="an origin without quotes"),
        pytest.param("permissions_policy", "usb=(), usb=*", "usb is there twice", id="a feature twice"),
        pytest.param("permissions_policy", "", "write None", id="an empty permissions policy"),
        pytest.param("cross_origin_opener_policy", "same-site", "choose 'same-origin'", id="no opener policy"),
        pytest.param("cross_origin_resource_policy", "*", "choose 'same-origin'", id="no resource policy"),
        pytest.param("cross_origin_embedder_policy", "none", "choose 'require-corp'", id="no embedder policy"),
    ],
)
def test_a_value_that_browsers_would_leave_out_is_refused(name: str, value: str, cure: str) -> None:
    with pytest.raises(ValueError, match=cure) as caught:
        with_fields({name: value})

    assert str(caught.value).startswith(f"{name}: ")


@each("value", [True, 0, b"same-origin", ("same-origin",)])
def test_what_is_no_text_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="write text, or None"):
        SecurityHeaders(cross_origin_opener_policy=value)


@each(
    ("name", "value"),
    [
        ("strict_transport_security", "max-age=0"),
        ("strict_transport_security", "max-age=63072000; includeSubDomains; preload"),
        ("referrer_policy", "no-referrer, strict-origin-when-cross-origin"),
        ("permissions_policy", 'geolocation=(self "https://maps.example"), fullscreen=*, usb=self, camera="https://a.example"'),
        ("cross_origin_opener_policy", "noopener-allow-popups"),
        ("cross_origin_embedder_policy", "credentialless"),
    ],
)
def test_other_values_of_the_standards_are_taken(name: str, value: str) -> None:
    assert (name.replace("_", "-"), value) in SecurityHeaders(**{**NOTHING, name: value}).fields(is_secure=True)


def test_an_answer_without_a_nonce_has_a_policy_without_one() -> None:
    policy = SecurityHeaders(
        **{**NOTHING, "content_security_policy": "script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'"}
    )

    assert policy.uses_nonce
    assert policy.fields(is_secure=False) == (("content-security-policy", "script-src 'none'; style-src 'self'"),)


def test_an_answer_with_a_nonce_has_it_in_each_policy_that_asks() -> None:
    policies = {
        "content_security_policy": "script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'",
        "content_security_policy_report_only": "default-src 'nonce-{nonce}'",
    }

    assert with_fields(policies).nonce_fields(NONCE) == (
        ("content-security-policy", f"script-src 'nonce-{NONCE}'; style-src 'nonce-{NONCE}'"),
        ("content-security-policy-report-only", f"default-src 'nonce-{NONCE}'"),
    )


def test_no_nonce_is_put_where_none_is_asked_for() -> None:
    assert not SecurityHeaders().uses_nonce
    assert SecurityHeaders().nonce_fields(NONCE) == ()


@each("nonce", ["", "short", "0123456789abcde'; script-src *", "0123456789abcdef\n", "0123456789abcdefé"])
def test_what_is_no_nonce_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="use make_nonce"):
        SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'").nonce_fields(nonce)


def test_nonces_differ_and_fit() -> None:
    nonces = {make_nonce() for _ in range(100)}

    assert len(nonces) == 100
    for nonce in nonces:
        SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'").nonce_fields(nonce)


words = st.sampled_from(
    ["default-src", "img-src", "'self'", "'none'", "self", "https:", "a.example", ";", "'nonce-{nonce}'", "\n", "é", "*"]
)


@given(st.lists(words, max_size=8).map(" ".join) | st.text())
def test_whatever_policy_is_taken_may_be_sent(text: str) -> None:
    try:
        policy = SecurityHeaders(content_security_policy=text)
    except ValueError:
        return

    Headers([*policy.fields(is_secure=True), *policy.nonce_fields(NONCE)])
    SecurityHeaders(content_security_policy=dict(policy.fields(is_secure=True))["content-security-policy"])
