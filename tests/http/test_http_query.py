"""Query strings and urlencoded forms, against the tables of browsers and of other servers."""

import time
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.errors import BadRequestError
from martlet.http.query import QueryString, parse_urlencoded
from tests.rows import each
from tests.shared_cases import conformance, conformance_file

TEXTS = st.text(max_size=8) | st.text(st.sampled_from("a&=+%;? ~*é\ud800\udc00"), max_size=8)
PAIRS = st.lists(st.tuples(TEXTS, TEXTS), max_size=6)

# Rows of busboy where we answer otherwise, and why.
OTHER_CHARSET = "the charset is UTF-8 whatever is declared, as the URL Standard has it"
TRUNCATING = "a field beyond a limit is refused, never cut"
BUSBOY_EXCEPTIONS = {
    "Encoded value with multi-byte charset": OTHER_CHARSET,
    "Encoded value with single-byte, ASCII-compatible, non-UTF8 charset": OTHER_CHARSET,
    "Limits: zero fields": TRUNCATING,
    "Limits: one field": TRUNCATING,
    "Limits: truncated field name": TRUNCATING,
    "Limits: truncated field value": TRUNCATING,
    "Limits: truncated field name and value": TRUNCATING,
    "Limits: truncated field name and zero value limit": TRUNCATING,
    "Limits: truncated zero field name and zero value limit": TRUNCATING,
}


def listed(query: QueryString) -> list[list[str]]:
    return [list(pair) for pair in query.items()]


def falcons_shape(query: QueryString, *, keep_blank: bool) -> dict[str, object]:
    """A lone value bare, several as a list; Falcon may drop the empty ones."""
    kept = QueryString.from_pairs((name, value) for name, value in query.items() if keep_blank or value)
    return {name: values[0] if len(values) == 1 else values for name, values in kept.all().items()}


@each("case", conformance("http/query/wpt_urlencoded_parser.json")["cases"], ids=lambda case: repr(case["input"]), count=35)
def test_browsers_read_it_the_same(case: dict[str, Any]) -> None:
    assert listed(QueryString(case["input"])) == case["output"]
    assert listed(parse_urlencoded(case["input"].encode())) == case["output"]


@each("case", conformance("http/query/busboy_urlencoded.json")["cases"], ids=lambda case: case["what"], count=25)
def test_busboy_reads_it_the_same(case: dict[str, Any]) -> None:
    query = parse_urlencoded("".join(case["source"]).encode())
    same = listed(query) == [pair[:2] for pair in case["expected"]]

    assert same is (case["what"] not in BUSBOY_EXCEPTIONS)


@pytest.mark.parametrize("table", ["falcon_bad_coding", "falcon_bad_unicode"])
def test_falcon_decodes_what_is_malformed_the_same(table: str) -> None:
    for case in conformance(f"http/query/{table}.json")["cases"]:
        assert QueryString(f"field={case['encoded']}")["field"] == case["expected"]


@each(
    "case",
    conformance("http/query/falcon_edge_cases.json")["cases"],
    ids=lambda case: f"{case['query_string']!r:.40} {case['keep_blank']}",
    count=15,
)
def test_falcon_splits_it_the_same(case: dict[str, Any]) -> None:
    assert falcons_shape(QueryString(case["query_string"]), keep_blank=case["keep_blank"]) == case["expected"]


@each("case", conformance("http/query/falcon_urlencoded_form.json")["cases"], ids=lambda case: case["body"], count=5)
def test_falcon_reads_a_form_the_same(case: dict[str, Any]) -> None:
    assert falcons_shape(parse_urlencoded(case["body"].encode()), keep_blank=True) == case["expected"]


@each(
    ("raw", "pairs"),
    [
        pytest.param("?a=1", [("a", "1")], id="a leading question mark"),
        pytest.param("??a=1", [("?a", "1")], id="only the first one"),
        pytest.param("a;b=1;c", [("a;b", "1;c")], id="a semicolon does not separate"),
        pytest.param("a[]=1&a[0]=2", [("a[]", "1"), ("a[0]", "2")], id="brackets are letters"),
        pytest.param("a=%u0041", [("a", "%u0041")], id="an escape of old browsers"),
        pytest.param("a=%EF%BB%BFb", [("a", "\ufeffb")], id="a byte order mark stays"),
        pytest.param("a=%ED%A0%80", [("a", "\ufffd\ufffd\ufffd")], id="an encoded surrogate"),
        pytest.param("a=%F0%9F%98", [("a", "\ufffd")], id="a character cut short is one mistake"),
        pytest.param("a=\ud83d", [("a", "\ufffd")], id="half a surrogate pair"),
        pytest.param("a=é%CC%81", [("a", "é\u0301")], id="letters and escapes"),
        pytest.param("a=%00", [("a", "\x00")], id="NUL"),
        pytest.param("a=%2541", [("a", "%41")], id="decoded once"),
        pytest.param("%3D=%26", [("=", "&")], id="escaped separators"),
    ],
)
def test_it_is_read(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert list(QueryString(raw).items()) == pairs


@each(
    ("data", "value"),
    [
        pytest.param(b"a=\xc3\xa9", "é", id="raw bytes"),
        pytest.param(b"a=\xc3%A9", "é", id="one character, half raw and half escaped"),
        pytest.param(b"a=\xff", "\ufffd", id="no UTF-8"),
        pytest.param(b"a=?", "?", id="a question mark inside"),
    ],
)
def test_bytes_are_read_from_the_wire(data: bytes, value: str) -> None:
    assert parse_urlencoded(data)["a"] == value


def test_a_form_keeps_its_leading_question_mark() -> None:
    assert parse_urlencoded(b"?a=1").items() == (("?a", "1"),)
    assert parse_urlencoded(b"").items() == ()


@given(st.text(st.sampled_from("ab&=+%4G"), max_size=20))
def test_the_standard_library_reads_it_the_same(raw: str) -> None:
    assert list(QueryString(raw).items()) == parse_qsl(raw, keep_blank_values=True)


@given(PAIRS)
def test_what_is_written_reads_back_the_same(pairs: list[tuple[str, str]]) -> None:
    query = QueryString.from_pairs(pairs)

    assert QueryString(str(query)) == query
    assert parse_urlencoded(str(query).encode()) == query


@given(st.text() | st.binary())
def test_nothing_a_client_sends_is_another_error(raw: str | bytes) -> None:
    query = QueryString(raw) if isinstance(raw, str) else parse_urlencoded(raw)

    "".join(name + value for name, value in query.items()).encode()


def test_naughty_text_comes_through_whole() -> None:
    for line in conformance_file("http/payloads/naughty_unicode.txt").read_bytes().splitlines():
        text = line.decode("utf-8", "replace")

        assert QueryString(str(QueryString.from_pairs({"a": text})))["a"] == text


def test_a_serialised_field_is_as_a_browser_writes_it() -> None:
    assert str(QueryString.from_pairs({"a b": "*-._~ é/?"})) == "a+b=*-._%7E+%C3%A9%2F%3F"


@each(
    ("raw", "allowed"),
    [
        pytest.param("a&b", True, id="as many as allowed"),
        pytest.param("&&a&&&b&&", True, id="empty ones do not count"),
        pytest.param("a&b&c", False, id="one more"),
        pytest.param("&a&b&c", False, id="one more behind an empty one"),
    ],
)
def test_fields_are_counted(raw: str, allowed: bool) -> None:
    if allowed:
        assert QueryString(raw, max_fields=2).keys() == ["a", "b"]
        return
    with pytest.raises(BadRequestError, match="more than 2 fields"):
        QueryString(raw, max_fields=2)
    with pytest.raises(BadRequestError, match="more than 2 fields"):
        parse_urlencoded(raw.encode(), max_fields=2)


def test_it_behaves_as_a_mapping_of_first_values() -> None:
    query = QueryString("b=1&a=2&b=3")

    assert dict(query) == {"b": "1", "a": "2"}
    assert (list(query), len(query), "a" in query, "c" in query, query.get("c")) == (["b", "a"], 2, True, False, None)
    with pytest.raises(KeyError, match="'c'"):
        query["c"]


def test_its_lists_are_the_callers_own() -> None:
    query = QueryString("a=1")
    query.all()["a"].append("2")
    query.get_list("a").append("2")

    assert query.all() == {"a": ["1"]}
    assert query.get_list("b") == []


def test_equal_fields_make_equal_queries() -> None:
    query = QueryString("a=1+2")

    assert query == QueryString("?a=1%202")
    assert hash(query) == hash(QueryString("a=1%202"))
    assert query != QueryString("a=1&a=2")
    assert query != "a=1+2"
    assert repr(query) == "QueryString('a=1+2')"


@each(
    ("before", "values", "after"),
    [
        pytest.param("a=1&page=2&b=3", {"page": 3}, "a=1&page=3&b=3", id="in its place"),
        pytest.param("a=1&b=2&a=3", {"a": "4"}, "a=4&b=2", id="one for several"),
        pytest.param("a=1", {"b": ["2", "3"]}, "a=1&b=2&b=3", id="a new name goes last"),
        pytest.param("a=1&b=2", {"a": []}, "b=2", id="an empty list removes"),
        pytest.param("", {"self": "1"}, "self=1", id="any name"),
    ],
)
def test_values_are_replaced_in_a_new_query(before: str, values: dict[str, Any], after: str) -> None:
    query = QueryString(before)

    assert str(query.replacing(**values)) == after
    assert str(query) == before


def test_values_are_added_behind_and_names_left_out_in_a_new_query() -> None:
    query = QueryString("a=1&b=2&a=3")

    assert str(query.adding(a=4, c=["5", "6"])) == "a=1&b=2&a=3&a=4&c=5&c=6"
    assert str(query.without("a", "missing")) == "b=2"
    assert str(query) == "a=1&b=2&a=3"


@each("piece", ["&", "%", "+", "%41", "%4", "=", "a=b&", "%41x", "\xff", "é", "%FF", "%E2%82"], ids=repr)
def test_a_quarter_megabyte_of_anything_takes_linear_time(piece: str) -> None:
    raw = piece * (250_000 // len(piece))

    started = time.process_time()
    parse_urlencoded(raw.encode(), max_fields=10_000_000)
    QueryString(raw, max_fields=10_000_000)

    assert time.process_time() - started < 0.8  # seconds; anything quadratic takes many


def test_separators_alone_take_no_memory_of_their_number() -> None:
    assert QueryString("&" * 5_000_000).items() == ()
