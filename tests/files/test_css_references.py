"""What a stylesheet refers to, by the grammar of CSS: no comment and no string is taken for a reference."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.files.css_references import css_references, replace_references
from tests.rows import each


@each(
    ("text", "expected"),
    [
        pytest.param("a { b: url(c.png) }", ["c.png"], id="without quotes"),
        pytest.param("a { b: URL( 'c.png' ) }", ["c.png"], id="with quotes, blanks and capitals"),
        pytest.param('a { b: url("c d.png") }', ["c d.png"], id="a blank in quotes"),
        pytest.param(r"a { b: url(c\ d.png), url('\65 .png') }", ["c d.png", "e.png"], id="escapes"),
        pytest.param(r"""a { b: url("c\"d.png") }""", ['c"d.png'], id="an escaped quote"),
        pytest.param('a { b: "url(c.png)" }', [], id="in a string"),
        pytest.param("/* url(c.png) */ a { b: url(d.png) }", ["d.png"], id="in a comment"),
        pytest.param("a { b: my-url(c.png) }", [], id="another function"),
        pytest.param("a { b: url(c'd.png) } e { f: url(g.png) }", ["g.png"], id="a bad URL"),
        pytest.param("@import 'a.css' screen; b { c: 'd' }", ["a.css"], id="an import by string"),
        pytest.param('@import/**/ "a.css";', ["a.css"], id="a comment behind @import"),
        pytest.param("@import url(a.css);", ["a.css"], id="an import by url"),
        pytest.param("@IMPORT\n'a.css'", ["a.css"], id="an import in capitals"),
        pytest.param("@import; 'a.css'; @important 'b.css'", [], id="no import"),
        pytest.param("@font-face { src: url(f.woff2) format('woff2'), local('F') }", ["f.woff2"], id="a font"),
        pytest.param("a { b: url('f.eot?#iefix') }", ["f.eot?#iefix"], id="a query and a fragment"),
        pytest.param("a{b:image-set('c.png' 1x, 'd.avif' type('image/avif'))}", ["c.png", "d.avif"], id="image-set"),
        pytest.param("a { b: url(data:image/png;base64,AA=) }", ["data:image/png;base64,AA="], id="data"),
        pytest.param("a { b: src('c.png') }", ["c.png"], id="src"),
        pytest.param("/* url(c.png)", [], id="a comment without its end"),
        pytest.param("a { b: 'c\n} d { e: url(f.png) }", ["f.png"], id="a string without its end"),
        pytest.param("@import 'a\\\nb.css';", ["ab.css"], id="an escaped line break"),
        pytest.param("a { b: url('\\110000 \\0 ') }", ["\ufffd\ufffd"], id="escapes of no character"),
        pytest.param(") url(a.png) )", ["a.png"], id="closed more often than opened"),
    ],
)
def test_references_are_found(text: str, expected: list[str]) -> None:
    assert [found.url for found in css_references(text)] == expected


@given(
    st.lists(st.sampled_from(["url(", "a.png", ")", "'", '"', "/*", "*/", "\\", "\n", " ", "@import", "x", "(", "image-set("]))
)
def test_replacing_by_itself_changes_nothing_and_by_others_only_the_references(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = list(css_references(text))

    assert replace_references(text, lambda _: None) == text
    replaced = replace_references(text, lambda _: "new")
    assert len(replaced) == len(text) + sum(3 - (stop - start) for start, stop, _ in found)
    assert [each.url for each in css_references(replaced)] == ["new"] * len(found)


@each("part", ["url(", "url( ", '"\\a', "/**", "a\\", "(", "-", "url(\\a", "@import ", "'\n", '"a\n'])
def test_the_work_is_linear_in_the_text(part: str) -> None:
    began = time.process_time()
    for _ in css_references(part * 30_000):
        pass

    assert time.process_time() - began < 1.5  # a second power would take minutes
