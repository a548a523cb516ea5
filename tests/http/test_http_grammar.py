"""The words field values are made of, against slower readers that look at one character after the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.grammar import excerpt, is_token, parse_parameters, quote_if_needed, split_list
from tests.rows import each


def members_one_by_one(text: str) -> list[str]:
    """A list split as RFC 9110, Section 5.6.1 says, with one state: whether we are in quotes."""
    members, current, quoted, escaped = list[str](), "", False, False
    for character in text:
        if character == "," and not quoted:
            members.append(current)
            current = ""
            continue
        current += character
        if escaped:
            escaped = False
        elif character == "\\" and quoted:
            escaped = True
        elif character == '"':
            quoted = not quoted
    stripped = (member.strip(" \t") for member in [*members, current])
    return [member for member in stripped if member]


@given(st.text(st.sampled_from('a,"\\ \t;\n'), max_size=30))
def test_a_list_is_split_where_a_slow_reader_splits_it(text: str) -> None:
    assert list(split_list(text, limit=100)) == members_one_by_one(text)


@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"], exclude_characters="\x7f")))
def test_a_quoted_value_reads_back_the_same(value: str) -> None:
    assert parse_parameters(f"; name={quote_if_needed(value)} ; last=1") == [("name", value), ("last", "1")]


@given(st.text(st.sampled_from('a=";\\ \x00'), max_size=24))
def test_skipping_agrees_with_refusing_where_nothing_is_skipped(text: str) -> None:
    strict = parse_parameters(text)

    assert strict is None or strict == parse_parameters(text, skip_malformed=True)


@pytest.mark.parametrize(
    ("limit", "members"),
    [
        pytest.param(0, [], id="none"),
        pytest.param(2, ["a", "b"], id="empty ones do not count"),
        pytest.param(9, ["a", "b", "c"], id="all"),
    ],
)
def test_a_list_is_read_up_to_its_limit(limit: int, members: list[str]) -> None:
    assert list(split_list(",a,, b ,c,", limit=limit)) == members


@each("text", ["", " ", "a b", "a,b", "é", "a\n", '"a"'])
def test_what_needs_quotes_is_no_token(text: str) -> None:
    assert not is_token(text)


def test_an_excerpt_is_escaped_and_short() -> None:
    assert excerpt("a\n" * 100, 4) == r"'a\na\n…'"
