"""The four Accept fields against negotiator's table, and what is ours about encodings and languages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.accept import MAX_MEMBERS, parse_accept, rank
from martlet.http.media_types import BadMediaTypeError
from martlet.http.preferences import AcceptCharset, AcceptEncoding, AcceptLanguage
from tests.rows import each
from tests.shared_cases import conformance

FIELDS: dict[str, type[AcceptCharset | AcceptEncoding | AcceptLanguage]] = {
    "charset": AcceptCharset,
    "encoding": AcceptEncoding,
    "language": AcceptLanguage,
}

# Rows where RFC 9110 leaves the choice, by (method, header, offers), and why ours is another.
TIE = "equal qualities: the server's order decides, negotiator takes the client's"
REFUSED = "an offer that is no media type is refused at start-up, not passed over in silence"
PLAIN_THEN_HTML = "text/plain, application/json;q=0.5, text/html, */*;q=0.1"
MANY_OFFERS = (
    "application/json text/html text/plain text/xml application/xml image/gif image/jpeg image/png audio/mp3 "
    "application/javascript text/javascript"
)
EXCEPTIONS = {
    ("encodings", "*, gzip", "compress gzip"): TIE,
    ("encoding", "*, gzip", "compress gzip"): TIE,
    ("encodings", "gzip, deflate", "deflate gzip"): TIE,
    (
        "mediaTypes",
        "*/*;q=0.8, text/*, image/*",
        MANY_OFFERS,
    ): TIE,
    ("mediaTypes", "text/html;level=2, text/html", "text/html text/html;level=2"): TIE,
    ("mediaTypes", PLAIN_THEN_HTML, "text/html text/plain"): TIE,
    ("mediaTypes", PLAIN_THEN_HTML, "application/json text/html text/plain"): TIE,
    ("mediaTypes", PLAIN_THEN_HTML, "image/jpeg text/html text/plain"): TIE,
    ("mediaTypes", "application/json", "boom application/json"): REFUSED,
}


def accepted(field: str, header: str | None) -> list[str]:
    """What a client takes, the most wanted first, without regard to any offer."""
    if field == "mediaType":
        ranges = sorted(parse_accept(header), key=lambda found: -found.quality)
        return [f"{found.type}/{found.subtype}" for found in ranges if found.quality > 0]
    members = sorted(FIELDS[field].parse(header).members, key=lambda member: -member.quality)
    return [member.value for member in members if member.quality > 0] if members else ["*"]


def answer(case: dict[str, Any]) -> object:
    field = case["method"].removesuffix("s")
    offers = case["offers"]
    if case["opts"]:  # what negotiator calls preferred, is earlier in our order of offers
        offers = sorted(offers, key=lambda offer: offer not in case["opts"]["preferred"])
    if offers is None:
        ranked = accepted(field, case["header"])
    elif field == "mediaType":
        ranked = [offers[index] for index in rank(case["header"], offers)]
    else:
        ranked = FIELDS[field].parse(case["header"]).rank(offers)
    return ranked if case["method"].endswith("s") else next(iter(ranked), None)


@each("method", ["mediaType", "mediaTypes", "charset", "charsets", "encoding", "encodings", "language", "languages"])
def test_negotiator_decides_the_same(method: str) -> None:
    cases = [case for case in conformance("http/accept/negotiator.json")["cases"] if case["method"] == method]
    assert cases
    for case in cases:
        row = (method, case["header"], " ".join(case["offers"] or ()))
        reason = None if case["opts"] else EXCEPTIONS.get(row)
        if reason == REFUSED:
            with pytest.raises(BadMediaTypeError):
                answer(case)
        else:
            assert (answer(case) == case["want"]) is (reason is None), case


@each(
    ("header", "offers", "ranked"),
    [
        pytest.param("gzip, br, zstd", "zstd br gzip identity", "zstd br gzip identity", id="the server's order, identity last"),
        pytest.param("gzip;q=0.001", "identity gzip", "gzip identity", id="whatever was asked for comes before identity"),
        pytest.param("gzip;q=0", "gzip identity", "identity", id="identity stays"),
        pytest.param("gzip, *;q=0", "identity gzip", "gzip", id="the star rules identity out"),
        pytest.param("", "gzip identity", "identity", id="an empty field wants no coding, RFC 9110 12.5.3"),
        pytest.param(None, "gzip identity", "identity", id="who sends no field may not know any"),
        pytest.param("x-gzip", "gzip", "gzip", id="an old name, RFC 9110 8.4.1.3"),
        pytest.param("compress", "x-compress", "x-compress", id="an old name on offer"),
        pytest.param("!?, gzip;q=high, br", "gzip br", "br", id="members without sense are skipped"),
        pytest.param("GZIP", "gzip", "gzip", id="case does not count"),
    ],
)
def test_an_encoding_is_chosen(header: str | None, offers: str, ranked: str) -> None:
    field = AcceptEncoding.parse(header)

    assert field.rank(offers.split()) == ranked.split()
    assert field.choose(offers.split()) == ranked.split(maxsplit=1)[0]


@each(
    ("header", "offers", "ranked"),
    [
        pytest.param("de-CH", "en de", "de", id="lookup falls back, RFC 4647 3.4"),
        pytest.param("zh-Hant-TW", "zh zh-Hant", "zh-Hant zh", id="the longer one is closer"),
        pytest.param("de", "de-CH de-DE", "de-CH de-DE", id="filtering takes all, RFC 4647 3.3.1"),
        pytest.param("de-de", "de-Deva", "", id="a part of a subtag is another one"),
        pytest.param("de-CH;q=0, de", "de-CH de", "de", id="one kind of German ruled out"),
        pytest.param("de-CH;q=0, *", "de de-CH", "de", id="and the others not"),
        pytest.param("de;q=0, *", "de-CH fr", "fr", id="all German ruled out"),
        pytest.param("fr, de", "de fr", "fr de", id="the reader's order among equals"),
        pytest.param("en-US,en;q=0.9,de;q=0.8", "de en", "en de", id="a browser"),
        pytest.param(None, "de en", "de en", id="absent"),
        pytest.param("", "de en", "de en", id="empty"),
    ],
)
def test_a_language_is_chosen(header: str | None, offers: str, ranked: str) -> None:
    assert AcceptLanguage.parse(header).rank(offers.split()) == ranked.split()


def test_a_quality_is_told() -> None:
    field = AcceptCharset.parse("utf-8, *;q=0.3")

    assert (field.quality("UTF-8"), field.quality("latin1"), AcceptCharset.parse("utf-8").quality("latin1")) == (1.0, 0.3, 0.0)


def test_nothing_acceptable_is_none() -> None:
    assert AcceptCharset.parse("utf-8").choose(["latin1"]) is None


@given(st.text() | st.text(st.sampled_from('ab-*;=", q01.\\'), max_size=60), st.sampled_from([*FIELDS.values()]))
def test_no_field_makes_choosing_fail(header: str, field: type[AcceptCharset | AcceptEncoding | AcceptLanguage]) -> None:
    parsed = field.parse(header)

    assert set(parsed.rank(["a", "b-a", "*"])) <= {"a", "b-a", "*"}
    assert len(parsed.members) <= MAX_MEMBERS + 1
