"""Cookies as jshttp writes them: the same attributes, or refused where a browser would make something else of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from martlet.http import BadCookieError, SetCookie
from tests.rows import each
from tests.shared_cases import conformance

CASES = conformance("http/cookies/jshttp_stringifySetCookie.json")["cases"]
WRITTEN = [case for case in CASES if "want" in case]

NO_TOKEN = "a name is a token (RFC 6265bis section 4.1.1)"
AS_IT_IS = "a value is written as it is or refused; what decodes it must have encoded it"
# By the arguments' name, value or path: why ours differs.
EXCEPTIONS = {
    **dict.fromkeys(["foo,bar", "foo/bar", "foo@bar", "foo[bar", "foo]bar", "foo:bar", "foo{bar", "foo}bar"], NO_TOKEN),
    **dict.fromkeys(['foo"bar', "foo<bar", "foo>bar", "foo?bar", "foo\\bar"], NO_TOKEN),
    "bar +baz": AS_IT_IS,
    "100%": AS_IT_IS,
    "../foo/": "a path that begins with no slash is ignored by browsers (RFC 6265bis section 5.6.4)",
    "./": "the same",
}
NO_ATTRIBUTE = "priority"  # is no attribute of RFC 6265bis; 4 rows


def build(arguments: dict[str, Any]) -> SetCookie:
    same_site: Any = arguments.get("sameSite")
    same_site = "strict" if same_site is True else same_site and same_site.lower()
    expires = arguments.get("expires")
    return SetCookie(
        arguments["name"],
        arguments["value"],
        max_age=arguments.get("maxAge"),
        expires=datetime.fromisoformat(expires) if expires else None,
        path=arguments.get("path"),
        domain=arguments.get("domain"),
        secure=arguments.get("secure", False) or same_site == "none",  # theirs lets SameSite=None stand alone, browsers do not
        http_only=arguments.get("httpOnly", False),
        same_site=same_site,
        partitioned=arguments.get("partitioned", False),
    )


def reason(case: dict[str, Any]) -> str | None:
    arguments = case["args"][0]
    return next((EXCEPTIONS[text] for text in map(arguments.get, ("name", "value", "path")) if text in EXCEPTIONS), None)


def test_the_table_is_whole() -> None:
    assert (len(CASES), len(WRITTEN)) == (86, 62)
    assert sum(reason(case) is not None for case in WRITTEN) == len(EXCEPTIONS) == 17


WRITTEN_ALIKE = [case for case in WRITTEN if reason(case) is None and NO_ATTRIBUTE not in case["args"][0]]
REFUSED = [case for case in WRITTEN if reason(case) not in {None, AS_IT_IS}]


@each("case", WRITTEN_ALIKE, ids=[f"row {row}" for row in range(len(WRITTEN_ALIKE))], count=41)
def test_the_same_attributes_are_written(case: dict[str, Any]) -> None:
    ours, theirs = str(build(case["args"][0])).split("; "), case["want"].split("; ")
    if case["args"][0].get("sameSite") == "none":
        theirs.append("Secure")

    assert (ours[0], sorted(ours)) == (theirs[0], sorted(theirs))


@each("case", REFUSED, ids=lambda case: case["want"], count=15)
def test_what_browsers_would_read_otherwise_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BadCookieError):
        build(case["args"][0])


def test_values_are_not_encoded() -> None:
    assert str(build({"name": "foo", "value": "100%"})) == "foo=100%"
    with pytest.raises(BadCookieError, match=r"urllib\.parse\.quote"):
        build({"name": "foo", "value": "bar +baz"})
