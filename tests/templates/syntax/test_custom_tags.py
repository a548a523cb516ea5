"""An application's own tags are functions like those of the language."""

import pytest

from martlet.templates.errors import TemplateSyntaxError, UnknownNameError
from martlet.templates.syntax import Tag, TagParser, parse
from martlet.templates.syntax.nodes import Arguments, Call, Flush, If, Name, Print, Span, Statement, Text
from tests.rows import each
from tests.templates.syntax.written import written


def parse_cached(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    """`{% cached key for 60 %}…{% otherwise %}…{% endcached %}`: what is kept, or else what is written anew."""
    key = parser.parse_expression()
    start = parser.start
    arguments: tuple[str, ...] = ()
    if parser.skip("for"):
        arguments = (written(parser.parse_expression()),)
    if parser.at("!"):
        parser.fail("'!' has no meaning here")
    body, ended_by = parser.parse_body(until=("otherwise", "endcached"))
    otherwise = parser.parse_body(until=("endcached",))[0] if ended_by == "otherwise" else ()
    test = Call(parser.since(start), Name(at, "cached"), Arguments((key,)))
    return (Text(at, f"{arguments}"), If(at, ((test, body),), otherwise))


TAGS: dict[str, Tag] = {"cached": parse_cached}


def test_a_tag_reads_expressions_and_bodies() -> None:
    text, node = parse("{% cached a ~ b for 60 %}1{% otherwise %}2{% endcached %}", tags=TAGS).body

    assert isinstance(text, Text)
    assert text.text == "('60',)"
    assert isinstance(node, If)
    assert [written(test) for test, _ in node.branches] == ["cached((a ~ b))"]
    assert isinstance(node.otherwise[0], Text)


def test_tags_may_stand_in_each_other() -> None:
    body = parse("{% if a %}{% cached b %}{% if c %}{% endif %}{% endcached %}{% endif %}", tags=TAGS).body

    assert len(body) == 1


@each(
    ("source", "message"),
    [
        pytest.param("{% cached %}", "a value was expected", id="no key"),
        pytest.param(
            "{% cached a %}", "'cached', opened on line 1, is still open and waits for 'otherwise' or 'endcached'", id="open"
        ),
        pytest.param("{% cached a b %}", "the end of the tag was expected, not 'b'", id="more than it reads"),
        pytest.param("{% endcached %}", "'endcached' closes nothing here; no 'cached' is open", id="an end too many"),
        pytest.param("{% cashed a %}", "did you mean 'cached'", id="a slip"),
    ],
)
def test_mistakes_in_a_tag_are_told_as_any_others(source: str, message: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=message):
        parse(source, tags=TAGS)


def test_a_tag_may_take_the_place_of_one_of_the_language() -> None:
    def parse_debug(parser: TagParser, at: Span) -> tuple[Statement, ...]:
        return (Flush(at), Print(at, Name(at, parser.expect_name())))

    body = parse("{% debug page %}", tags={"debug": parse_debug}).body

    assert [type(node) for node in body] == [Flush, Print]


def test_a_tag_is_known_only_where_it_is_given() -> None:
    with pytest.raises(UnknownNameError):
        parse("{% cached a %}{% endcached %}")
