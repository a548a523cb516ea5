"""The escape that nearly every value goes through: MarkupSafe's scan in C, by a name that is not public."""

import markupsafe
from hypothesis import given
from hypothesis import strategies as st

from martlet.templates.escaping import ESCAPERS, HTML_LIKE, escape_html
from martlet.templates.escaping.page_values import escape_in_python


def test_markupsafe_still_has_the_scan_where_we_look_for_it() -> None:
    from markupsafe import _speedups

    assert escape_html is vars(_speedups)["_escape_inner"], (
        "MarkupSafe moved its scan: page_values.py falls back to Python, at a third of the speed"
    )


@given(st.text())
def test_the_scan_the_fallback_and_markupsafe_agree(text: str) -> None:
    expected = str(markupsafe.escape(text))

    assert escape_html(text) == expected
    assert escape_in_python(text) == expected


@given(st.text())
def test_a_text_is_escaped_alike_by_all_that_may_be_inlined(text: str) -> None:
    assert {ESCAPERS[name](text) for name in HTML_LIKE} == {escape_html(text)}
