"""References: what may stand in one, and which of them a browser keeps on the site."""

from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from martlet.http import format_location, format_path, is_local_reference
from tests.rows import each
from tests.shared_cases import conformance

BROWSERS_READING = conformance("http/url/redirect_oracle.json")["cases"]
LEADING_AWAY = [case for case in BROWSERS_READING if not case.get("same_origin")]  # those without a verdict are no references


def test_what_leads_a_browser_away_is_not_local() -> None:
    assert [case["next"] for case in LEADING_AWAY if is_local_reference(case["next"])] == []


def test_most_absolute_paths_that_keep_a_browser_here_are_local() -> None:
    kept = [case["next"] for case in BROWSERS_READING if case.get("same_origin") and case["next"].startswith("/")]

    assert sum(map(is_local_reference, kept)) > len(kept) * 0.9


@each(
    "reference",
    [
        "",
        " /books",
        "books",
        "?page=2",
        "#top",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/books\x00",
        "/books\x7f",
        "/a b",
        "/a\\b",
        "javascript:alert(1)",
        "https:/evil.example",
        "http://evil.example/",
    ],
    ids=ascii,
)
def test_what_could_be_read_in_two_ways_is_not_local(reference: str) -> None:
    assert not is_local_reference(reference)


@each("reference", ["/", "/books", "/books?next=//a", "/a//b", "/@a", "/a:b", "/#//a", "/%2F%2Fa", "/é"])
def test_a_path_on_this_site_is_local(reference: str) -> None:
    assert is_local_reference(reference)


@given(st.text().filter(lambda text: text.isprintable() or "\n" in text))
def test_an_escaped_path_leads_back_to_itself(path: str) -> None:
    escaped = format_path(path)

    assert unquote(escaped) == path
    assert escaped.isascii()
    assert format_location(escaped) == escaped
    assert is_local_reference(f"/{escaped}") or path.startswith("/")
