"""Values in whole templates: branches, loops, captured texts, units, and the switches."""

from typing import Any

import pytest

from martlet.templates.engine import TemplateEngine
from martlet.templates.errors import EscapingError
from martlet.templates.escaping import SafeAttributes, SafeCSS, SafeHTML, SafeJS, SafeURL
from martlet.templates.loading import DictLoader
from tests.rows import each
from tests.templates.escaping.pages import page

X = "<a.b> \"c'"


def test_each_place_has_its_own_escaping() -> None:
    source = '<a href="/s?q={{ x }}" title="{{ x }}" onclick="f({{ x }})">{{ x }}</a><script>var x = "{{ x }}"</script>'

    assert page(source, x="a&'b") == (
        '<a href="/s?q=a%26%27b" title="a&amp;&#39;b" onclick="f(&#34;a\\u0026&#39;b&#34;)">a&amp;&#39;b</a>'
        '<script>var x = "a\\u0026\\u0027b"</script>'
    )


# Branches


def test_branches_that_open_different_attributes_take_what_follows_with_them() -> None:
    source = '<a {% if t %}href="{% else %}title="{% endif %}{{ x }}">{{ x }}</a>'

    assert page(source, t=True, x="javascript:x") == '<a href="#zBlocked">javascript:x</a>'
    assert page(source, t=False, x="javascript:x") == '<a title="javascript:x">javascript:x</a>'


def test_branches_may_be_nested_and_meet_far_behind() -> None:
    source = (
        '<p {% if a %}{% if b %}title="{% else %}style="{% endif %}{% else %}onclick="{% endif %}{{ x }}" b="{{ x }}">{{ x }}'
    )

    assert page(source, a=1, b=1, x="a b") == '<p title="a b" b="a b">a b'
    assert page(source, a=1, b=0, x="a;b") == '<p style="zBlocked" b="a;b">a;b'
    assert page(source, a=0, b=0, x="a b") == '<p onclick="&#34;a b&#34;" b="a b">a b'


def test_half_a_tag_in_each_branch_is_one_tag() -> None:
    source = "{% if t %}<a href='/'>{% else %}<b{% endif %} class='{{ x }}'>{{ x }}"

    assert page(source, t=False, x="<") == "<b class='&lt;'>&lt;"
    assert page(source, t=True, x="<") == "<a href='/'> class='&lt;'>&lt;"


def test_what_follows_the_branches_is_written_once_if_it_is_the_same() -> None:
    template = TemplateEngine().from_string("<p{% if t %} hidden{% endif %}>{{ x }} and a long text behind")

    assert template.code.count("and a long text behind") == 1


def test_what_is_duplicated_ends_where_the_branches_meet() -> None:
    template = TemplateEngine().from_string("<a {% if t %}href='{% else %}title='{% endif %}{{ x }}'>and a long text behind")

    assert template.code.count("and a long text behind") == 1


def test_different_parts_of_a_url_are_told_apart() -> None:
    source = '<a href="/{% if t %}p/{% else %}p?q={% endif %}{{ x }}">'

    assert page(source, t=True, x="a/b&c") == '<a href="/p/a/b&amp;c">'
    assert page(source, t=False, x="a/b&c") == '<a href="/p?q=a%2Fb%26c">'


REFUSED_BRANCHES = [
    "{% if t %}<a{% endif %}",
    "{% if t %}<script>{% endif %}{{ x }}",
    "<p {% if t %}>{% endif %}{{ x }}>",
    "{% for a in l %}<a {% endfor %}",
    "{% for a in l %}<a{% if a %}{% break %}{% endif %}>{% endfor %}",
    "{% for a in l %}<a{% if a %}{% continue %}{% endif %}>{% endfor %}",
    "{% macro m() %}<a {% endmacro %}",
    "{% set v %}<script>{% endset %}",
    "{% with a = 1 %}{% if t %}<a {% endif %}{% endwith %}>",
    "<a b='{% include name %}'>",
    "<p title='",
    "<script>",
    "<!-- ",
]


@each("source", REFUSED_BRANCHES)
def test_what_ends_in_a_place_that_is_not_known_is_refused(source: str) -> None:
    with pytest.raises(EscapingError):
        page(source, t=False, l=[], name="a")


def test_a_refusal_names_both_lines() -> None:
    with pytest.raises(EscapingError, match=r"at line 3 in a tag .*, at line 4 in text") as caught:
        page("{% if t %}\n<a\n{% else %}\n<b>{% endif %}")

    assert caught.value.line == 1


def test_a_refusal_shows_where_the_text_goes_wrong() -> None:
    with pytest.raises(EscapingError) as caught:
        page('<p>\n<a b="c"d\n e=`f`>')

    assert (caught.value.line, caught.value.column) == (3, 3)


def test_too_many_copies_are_refused() -> None:
    fork = "<a {% if t %}href='{% else %}title='{% endif %}"

    with pytest.raises(EscapingError, match="end in different places"):
        page(fork + "{{ x }}" * 2_000 + "'>")


def test_branches_that_differ_in_each_other_attribute_do_not_multiply() -> None:
    source = "<a" + "{% if t %} href='{% else %} title='{% endif %}{{ x }}'" * 50 + ">"

    assert page(source, t=True, x="a") == "<a" + " href='a'" * 50 + ">"


# Loops


def test_a_loop_comes_back_to_where_it_began() -> None:
    source = "<script>x = [{% for a in l %}{{ a }}{% if not loop.last %},{% endif %}{% endfor %}]</script>"

    assert page(source, l=["a", 1]) == '<script>x = ["a", 1 ]</script>'


def test_a_loop_may_write_attributes() -> None:
    source = "<p{% for a in l %} {{ a }}='{{ a }}'{% endfor %}>"

    assert page(source, l=["lang", "onclick"]) == "<p lang='lang' zBlocked='onclick'>"


def test_a_loop_may_write_flags() -> None:
    assert page("<input{% for a in l %} {{ a }}{% endfor %}>", l=["checked", "autofocus"]) == "<input checked autofocus>"


def test_a_loop_in_a_url_gives_no_value_a_scheme() -> None:
    source = "<a href='{% for a in l %}{{ a }}{% endfor %}'>"

    assert page(source, l=["java", "script:x"]) == "<a href='java#zBlocked'>"


def test_leaving_a_loop_early_is_fine_where_it_is_left_in_its_place() -> None:
    source = "{% for a in l %}<b>{% if a == 2 %}</b>{% break %}{% endif %}{{ a }}</b>{% else %}none{% endfor %}{{ x }}"

    assert page(source, l=[1, 2, 3], x="<") == "<b>1</b><b></b>&lt;"
    assert page(source, l=[], x="<") == "none&lt;"


def test_a_slash_that_depends_on_a_loop_is_refused() -> None:
    with pytest.raises(EscapingError, match="slash"):
        page("<script>{% for a in l %}/x/{{ a }}{% endfor %}</script>")


# Texts that become values


def test_a_captured_text_is_html() -> None:
    assert page("{% set v %}<b>{{ x }}</b>{% endset %}{{ v }}<p title='{{ v }}'>", x="<") == "<b>&lt;</b><p title='&lt;'>"


def test_a_captured_text_begins_in_text_wherever_it_is() -> None:
    source = "<script>{% set v %}<b>{{ x }}</b>{% endset %}f({{ v }})</script>"

    assert page(source, x="<") == '<script>f("\\u003cb\\u003e\\u0026lt;\\u003c/b\\u003e")</script>'


def test_a_macro_is_html_wherever_it_is_called() -> None:
    source = "{% macro m(a) %}<i>{{ a }}</i>{% endmacro %}{{ m(x) }}<p title='{{ m(x) }}'>"

    assert page(source, x="'") == "<i>&#39;</i><p title='&#39;'>"


def test_a_call_a_filter_and_a_translation_are_escaped_for_their_place() -> None:
    source = "{% macro m() %}<i>{{ caller() }}</i>{% endmacro %}{% call m() %}<b>{{ x }}{% endcall %}"
    attribute = "<p title='{% call m() %}<b>{{ x }}{% endcall %}{% filter upper %}<b>{{ x }}{% endfilter %}'>"

    assert page(source + attribute, x="'") == "<i><b>&#39;</i><p title='&#39;&#39;'>"


# Units


def test_an_included_template_is_placed_where_it_stands() -> None:
    templates = {"value": "{{ x }}"}

    assert (
        page("{% include 'value' %}<script>{% include 'value' %}</script>", templates, x="<") == '&lt;<script>"\\u003c"</script>'
    )


def test_a_template_that_includes_itself_ends_where_it_began() -> None:
    templates = {"t": "{% for c in n.c %}<b>{% with n = c %}{% include 't' %}{% endwith %}</b>{% endfor %}{{ n.x }}"}

    assert page("{% include 't' %}", templates, n={"x": "<", "c": [{"x": ">", "c": []}]}) == "<b>&gt;</b>&lt;"


def test_a_template_that_includes_itself_and_ends_elsewhere_is_refused() -> None:
    templates = {"t": '{% if n %}{% include "t" %}{% endif %}{{ x }}",'}

    with pytest.raises(EscapingError):
        page('<script>a = [{% include "t" %}]</script>', templates)


def test_a_block_is_placed_where_its_parent_has_it() -> None:
    templates = {
        "base": "<script>x = {% block v %}1{% endblock %}</script>",
        "child": "{% extends 'base' %}{% block v %}{{ x }}{% endblock %}",
    }
    engine = TemplateEngine(DictLoader(templates))

    assert engine.get_template("child").render(x="</script>") == '<script>x = "\\u003c/script\\u003e"</script>'


# Safe values


def test_a_safe_value_is_honoured_in_its_own_place_only() -> None:
    values: dict[str, Any] = {
        "h": SafeHTML("<b>"),
        "u": SafeURL("javascript:f()"),
        "j": SafeJS("f()"),
        "c": SafeCSS("url(x)"),
        "a": SafeAttributes("a='b'"),
    }
    own = page("{{ h }}<a href='{{ u }}' onclick='{{ j }}' style='{{ c }}' {{ a }}>", **values)
    foreign = page(
        "<script>{{ h }}</script><p onclick='{{ u }}' style='{{ j }}'>{{ c }}<a href='{{ h }}' {{ h }}>{{ a }}", **values
    )

    assert own == "<b><a href='javascript:f%28%29' onclick='f()' style='url(x)' a='b'>"
    assert foreign == (
        "<script>\"\\u003cb\\u003e\"</script><p onclick='&#34;javascript:f()&#34;' style='zBlocked'>url(x)"
        "<a href='%3Cb%3E' zBlocked>a=&#39;b&#39;"
    )


def test_filters_that_escape_are_not_escaped_again() -> None:
    assert page("<script>x = {{ x|tojson }}</script>", x="<") == '<script>x = "\\u003c"</script>'
    assert page("<p x='{{ x|tojson }}'>{{ x|tojson }}", x="<'") == "<p x='&#34;\\u003c\\u0027&#34;'>\"\\u003c\\u0027\""
    assert page("<a href='?q={{ x|urlencode }}'>", x="a&b").lower() == "<a href='?q=a%26b'>"
    assert page("<ul{{ {'id': x}|xmlattr }}>", x="'") == '<ul id="&#39;">'
    assert page("{{ x|e }}{{ x|safe }}<p title='{{ x|e }}'>", x="<") == "&lt;<<p title='&lt;'>"


# Switches


def test_what_is_not_to_be_escaped_is_not() -> None:
    source = "{% autoescape false %}{{ x }}<p title='{{ x }}'>{% endautoescape %}{{ x }}"

    assert page(source, x="<") == "<<p title='<'>&lt;"


def test_the_switch_may_depend_on_a_value() -> None:
    source = "{% autoescape on %}{{ x }}{% endautoescape %}"

    assert page(source, on=True, x="<") == "&lt;"
    assert page(source, on=False, x="<") == "<"


def test_all_values_alike_is_how_older_engines_do_it() -> None:
    source = "a < b <a href='{{ x }}' {{ x }}><script>{{ x }}"

    assert page(source, escaping="html", x="<") == "a < b <a href='&lt;' &lt;><script>&lt;"
    assert page(source, escaping="off", x="<") == "a < b <a href='<' <><script><"
    assert page("{% autoescape true %}{{ x }}{% endautoescape %}", escaping="off", x="<") == "&lt;"


def test_a_text_file_is_not_escaped_and_a_script_file_is_a_script() -> None:
    engine = TemplateEngine(
        DictLoader({"a.txt": "{{ x }} < ", "a.js": "f({{ x }})", "a.css": "a{b:{{ x }}}", "a.json": '{"a": {{ x }}}'})
    )

    assert engine.get_template("a.txt").render(x="<") == "< < "
    assert engine.get_template("a.js").render(x="<") == 'f("\\u003c")'
    assert engine.get_template("a.css").render(x="<") == "a{b:zBlocked}"
    assert engine.get_template("a.json").render(x=None) == '{"a":  null }'


# Values that are written out


def test_a_value_that_is_written_out_is_escaped_before_anything_is_rendered() -> None:
    template = TemplateEngine().from_string("<a href=\"{{ '/a b' }}\">{{ '<' }}</a>")

    assert "/a%20b" in template.code
    assert template.render() == '<a href="/a%20b">&lt;</a>'


def test_a_missing_value_is_nothing() -> None:
    assert page("<p title={{ x }} {{ y }}>{{ z }}<script>{{ x }}</script>") == '<p title="" ><script> null </script>'
