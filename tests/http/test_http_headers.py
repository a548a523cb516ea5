"""Header fields: names without case, repeats in order, and refusals at the line that sets them."""

import copy
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.headers import BadHeaderError, Headers, checked_field
from tests.rows import each
from tests.shared_cases import conformance_file

NAMES = st.sampled_from(["accept", "Accept", "vary", "X-One", "set-cookie", "cookie"])
VALUES = st.text(st.sampled_from("ab,; \xe9"), max_size=4)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)


def test_fields_come_from_a_mapping_from_pairs_or_from_others() -> None:
    from_mapping = Headers({"Accept": "text/html", "Vary": "Cookie"})
    from_pairs = Headers([("Accept", "text/html"), ("Vary", "Cookie")])

    assert from_mapping == from_pairs == Headers(from_pairs)
    assert Headers(from_pairs) is not from_pairs
    assert Headers() == Headers({}) == Headers([])


@pytest.mark.parametrize(
    ("name", "combined"),
    [
        pytest.param("Accept", "a, b", id="a list is joined by commas, RFC 9110 5.3"),
        pytest.param("Cookie", "a; b", id="cookies by semicolons, as one field would have them"),
        pytest.param("Set-Cookie", "a", id="of Set-Cookie the first, for commas stand inside"),
    ],
)
def test_repeated_fields_are_combined(name: str, combined: str) -> None:
    headers = Headers([(name, "a"), ("x-other", "1"), (name.upper(), "b")])

    assert headers[name] == headers.get(name.lower()) == combined
    assert headers.get_list(name) == ["a", "b"]


def test_all_fields_keep_their_order() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3")])
    headers.add("b", "4")

    assert headers.items() == [("a", "1"), ("b", "2"), ("a", "3"), ("b", "4")]
    assert list(headers) == headers.keys() == ["a", "b"]
    assert dict(headers) == {"a": "1, 3", "b": "2, 4"}
    assert len(headers) == 2


def test_a_set_field_takes_the_place_of_all_of_its_name() -> None:
    headers = Headers([("a", "1"), ("b", "2"), ("A", "3")])
    headers["A"] = "4"
    headers["c"] = "5"

    assert headers.items() == [("a", "4"), ("b", "2"), ("c", "5")]
    assert headers["a"] == "4"


def test_a_field_that_is_there_is_not_set_by_default() -> None:
    headers = Headers({"a": "1"})

    assert headers.setdefault("A", "2") == "1"
    assert headers.setdefault("B", " 3 ") == "3"
    assert headers.items() == [("a", "1"), ("b", "3")]


def test_removing_takes_every_field_of_the_name() -> None:
    headers = Headers([("a", "1"), ("b", "2"), ("A", "3")])
    headers.remove("A")
    headers.remove("a")

    assert headers.items() == [("b", "2")]
    assert "a" not in headers


def test_a_name_that_is_not_there_is_a_key_error_where_python_says_so() -> None:
    headers = Headers()

    assert headers.get("a") is None
    assert headers.get("a", "b") == "b"
    assert headers.get_list("a") == []
    assert 7 not in headers
    with pytest.raises(KeyError, match="'A'"):
        headers["A"]
    with pytest.raises(KeyError, match="'A'"):
        del headers["A"]


def test_deleting_works_as_removing() -> None:
    headers = Headers([("a", "1"), ("a", "2")])
    del headers["A"]

    assert headers == Headers()


def test_an_update_replaces_names_and_keeps_repeats() -> None:
    headers = Headers([("a", "1"), ("b", "2")])
    headers.update(Headers([("B", "3"), ("b", "4")]))
    headers.update({"c": "5"})

    assert headers.items() == [("a", "1"), ("b", "3"), ("b", "4"), ("c", "5")]
    assert headers["b"] == "3, 4"


@each(
    ("before", "member", "after"),
    [
        pytest.param([], "Cookie", ["Cookie"], id="the first"),
        pytest.param([""], "Cookie", ["Cookie"], id="an empty field"),
        pytest.param(["Accept"], "Cookie", ["Accept, Cookie"], id="one more"),
        pytest.param(["Accept, cookie"], "Cookie", ["Accept, cookie"], id="present in another case"),
        pytest.param(["Accept", "Origin"], "Cookie", ["Accept, Origin, Cookie"], id="repeated fields become one"),
        pytest.param(["*"], "Cookie", ["*"], id="the star says all, RFC 9110 12.5.5"),
        pytest.param(["X-Cookie"], "Cookie", ["X-Cookie, Cookie"], id="a part of a name is not the name"),
    ],
)
def test_a_member_joins_vary_once(before: list[str], member: str, after: list[str]) -> None:
    headers = Headers([("Vary", value) for value in before])
    headers.add_member("vary", member)

    assert headers.get_list("vary") == after


def test_the_star_is_an_ordinary_member_elsewhere() -> None:
    headers = Headers({"Accept-Encoding": "*"})
    headers.add_member("Accept-Encoding", "gzip")

    assert headers["accept-encoding"] == "*, gzip"


def test_a_copy_has_fields_of_its_own() -> None:
    headers = Headers({"a": "1"})
    for twin in (headers.copy(), copy.copy(headers), copy.deepcopy(headers)):
        twin.add("a", "2")
        twin["b"] = "3"

    headers.items().clear()
    headers.get_list("a").clear()
    assert headers.items() == [("a", "1")]
    assert headers["a"] == "1"


def test_how_names_are_mixed_does_not_count_but_the_order_within_a_name_does() -> None:
    headers = Headers([("a", "1"), ("b", "2"), ("a", "3")])

    assert headers == Headers([("b", "2"), ("A", "1"), ("A", "3")])
    assert headers != Headers([("b", "2"), ("A", "3"), ("A", "1")])
    assert headers != {"a": "1"}
    with pytest.raises(TypeError, match="unhashable"):
        hash(headers)


def test_the_representation_shows_every_field() -> None:
    assert (
        repr(Headers([("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")])) == "Headers([('set-cookie', 'a=b'), ('set-cookie', 'c=d')])"
    )


@each("name", ["", " ", "a b", "a:", "a\r\nb", "é", "a\x00", "(a)", "a\n"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(BadHeaderError, match="is no field name"):
        Headers().set(name, "1")
    with pytest.raises(BadHeaderError, match="is no field name"):
        Headers({name: "1"})


@each("control", [chr(code) for code in (*range(9), *range(10, 32), 127)], ids=repr, count=32)
def test_a_control_character_is_refused(control: str) -> None:
    headers = Headers()

    for value in (f"a{control}b", control, f"a{control}"):
        with pytest.raises(BadHeaderError, match="The value of 'x' has a control character"):
            headers.add("X", value)
    assert headers.items() == []


@each("line", conformance_file("http/payloads/crlf.txt").read_bytes().splitlines(), ids=repr, count=36)
def test_no_payload_that_decodes_to_a_line_break_passes(line: bytes) -> None:
    value = "/" + line.decode("latin-1") + "\r\nSet-Cookie: a=b"

    with pytest.raises(BadHeaderError):
        Headers({"Location": value})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("caf\u00e9 \u20ac", "beyond Latin-1 in it, at 5", id="the euro"),
        pytest.param("\ud800", "beyond Latin-1", id="half a surrogate pair"),
    ],
)
def test_what_latin_1_cannot_say_is_refused_with_a_cure(value: str, message: str) -> None:
    with pytest.raises(BadHeaderError, match=message) as caught:
        Headers({"x": value})
    assert "RFC 8187" in str(caught.value)


@pytest.mark.parametrize("value", [5, None, b"bytes"], ids=repr)
def test_a_value_that_is_no_text_is_refused(value: str) -> None:
    with pytest.raises(BadHeaderError, match=r"of type \w+: pass a str"):
        Headers().set("content-length", value)


@each(
    ("value", "kept"),
    [("", ""), (" a ", "a"), ("\ta\tb\t", "a\tb"), ("a b", "a b"), ("\xe9", "\xe9"), (" ", ""), (" \xa0", "\xa0")],
)
def test_a_value_is_kept_without_the_space_around_it(value: str, kept: str) -> None:
    assert Headers({"x": value})["x"] == kept


def test_received_fields_are_taken_as_they_are() -> None:
    headers = Headers.from_wire([("Host", "a"), ("X-Odd", "\x01 ")])

    assert headers.items() == [("host", "a"), ("x-odd", "\x01 ")]


@given(
    FIELDS, st.lists(st.tuples(st.sampled_from(["add", "set", "remove", "setdefault", "add_member"]), NAMES, VALUES), max_size=6)
)
def test_the_index_never_disagrees_with_the_fields(fields: list[tuple[str, str]], changes: list[tuple[str, str, str]]) -> None:
    asked, unasked = Headers(fields), Headers(fields)
    for change, name, value in changes:
        for headers in (asked, unasked):
            getattr(headers, change)(*((name,) if change == "remove" else (name, value)))
        fresh = Headers.from_wire(asked.items())
        assert (asked, asked.keys()) == (fresh, fresh.keys())

    assert asked.items() == unasked.items()


@given(FIELDS)
def test_a_checked_field_passes_again_unchanged(fields: list[tuple[str, str]]) -> None:
    for name, value in fields:
        checked = checked_field(name, value)

        assert checked_field(*checked) == checked


def test_ten_thousand_equal_fields_take_linear_time() -> None:
    equal = Headers.from_wire([("x-repeated", "v" * 20)] * 10_000)
    distinct = Headers.from_wire([(f"x-{number}", "v") for number in range(10_000)])

    started = time.process_time()
    for _ in range(100):
        assert len(equal["x-repeated"]) == 219_998
    assert len(dict(distinct)) == 10_000
    equal.set("x-repeated", "1")
    equal.add_member("x-repeated", "2")
    assert equal.items() == [("x-repeated", "1, 2")]

    assert time.process_time() - started < 1  # seconds; anything quadratic takes minutes
