"""Every node knows where it stands, in lines and columns of the source."""

import pytest

from martlet.templates.syntax import parse
from martlet.templates.syntax.nodes import Node, Span, Text, walk
from tests.rows import each


def places(source: str) -> list[tuple[str, str]]:
    """Each node's kind, and what stands at its place; a place that spans lines is cut at the line's end."""
    lines = source.split("\n")
    found = []
    for node in walk(parse(source).body):
        end = node.at.end_column if node.at.end_line == node.at.line else None
        found.append((type(node).__name__, lines[node.at.line - 1][node.at.column : end]))
    return found


@each(
    ("source", "expected"),
    [
        pytest.param(
            "a\n {{ b.c + -d }}",
            [
                ("Text", "a"),
                ("Print", "{{ b.c + -d }}"),
                ("Binary", "b.c + -d"),
                ("Attribute", "b.c"),
                ("Name", "b"),
                ("Unary", "-d"),
                ("Name", "d"),
            ],
            id="operators",
        ),
        pytest.param(
            "{{ f(a)[1:]|g('h', i=2) }}",
            [
                ("Print", "{{ f(a)[1:]|g('h', i=2) }}"),
                ("Filter", "g('h', i=2)"),
                ("Item", "f(a)[1:]"),
                ("Call", "f(a)"),
                ("Name", "f"),
                ("Name", "a"),
                ("Slice", "1:"),
                ("Literal", "1"),
                ("Literal", "'h'"),
                ("Literal", "2"),
            ],
            id="a filter stands where its name does",
        ),
        pytest.param(
            "{{ a\n .b\n |c }}",
            [("Print", "{{ a"), ("Filter", "c"), ("Attribute", ".b"), ("Name", "a")],
            id="what follows on another line stands there",
        ),
        pytest.param(
            "{% for a, b in c %}d{% endfor %}",
            [("For", "for"), ("TupleDisplay", "a, b"), ("Name", "a"), ("Name", "b"), ("Name", "c"), ("Text", "d")],
            id="a statement stands where its tag's name does",
        ),
        pytest.param(
            "{{ a is not b 1 }}",
            [("Print", "{{ a is not b 1 }}"), ("Unary", "a is not b 1"), ("Test", "b 1"), ("Name", "a"), ("Literal", "1")],
            id="a test stands where its name does",
        ),
    ],
)
def test_nodes_stand_where_they_are_written(source: str, expected: list[tuple[str, str]]) -> None:
    assert places(source)[: len(expected)] == expected


def test_text_across_lines_has_its_end() -> None:
    (node,) = parse("a\nbc\n\nd").body

    assert node == Text(Span(1, 0, 4, 1), "a\nbc\n\nd")


def test_lines_are_found_forwards_and_backwards() -> None:
    (first, second) = parse("{{ [a,\n b,\n c] }}{{ d }}").body

    assert (first.at, second.at) == (Span(1, 0, 3, 6), Span(3, 6, 3, 13))


def test_a_template_covers_its_source() -> None:
    template: Node = parse("a\nbcd", name="page.html")

    assert template.at == Span(1, 0, 2, 3)
