"""A check tells everything that is wrong with all templates, each mistake once."""

from pathlib import Path

from martlet.templates import DictLoader, Finding, TemplateEngine, check
from tests.rows import each
from tests.templates.checking.findings import found, found_in


def test_good_templates_have_no_findings() -> None:
    templates = {
        "base.html": "<title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}",
        "page.html": "{% extends 'base.html' %}{% from 'm.html' import field %}{% block body %}{{ field('a') }}{% endblock %}",
        "m.html": "{% macro field(name, label='') %}<input name='{{ name }}'>{{ label }}{% endmacro %}",
    }

    assert found(templates) == []


def test_one_bad_template_does_not_hide_the_others() -> None:
    told = found({"a.html": "{% if %}", "b.html": "{{ x | uper }}", "c.html": "{{ } }}", "d.html": "{{ 1 is evn }}"})

    assert [line.partition(" ")[0] for line in told] == ["a.html:1", "b.html:1", "c.html:1", "d.html:1"]


def test_one_mistake_does_not_hide_another_in_the_same_template() -> None:
    assert found_in("{{ a | uper }}\n{{ b | lowr }}\n{{ c is evn }}\n{{ d._e }}") == [
        "No filter named 'uper'; did you mean 'upper'?",
        "No filter named 'lowr'; did you mean 'lower'?",
        "No test named 'evn'; did you mean 'even'?",
        "the attribute '_e' begins with an underscore, so that it is nothing for templates",
    ]


def test_a_bad_parent_is_told_once() -> None:
    told = found({"base.html": "{{ x | uper }}\n{% if", **{f"{n}.html": "{% extends 'base.html' %}" for n in range(5)}})

    assert len(told) == 1
    assert told[0].startswith("base.html:2 ")


def test_what_cannot_be_escaped_is_found() -> None:
    told = found_in("<a {% if x %}href='{% endif %}>")

    assert len(told) == 1
    assert "end in different places" in told[0]


def test_a_part_that_ends_inside_of_a_tag_is_judged_where_it_is_included() -> None:
    parts = {"start.html": '<p class="', "page.html": '{% include "start.html" %}{{ x }}">'}

    assert found(parts) == []
    assert len(found({"start.html": '<p class="'})) == 1


@each(
    ("source", "message"),
    [
        ("{% include 'nav.htm' %}", "there is no template 'nav.htm'; did you mean 'nav.html'?"),
        ("{% extends 'nav.htm' %}", "there is no template 'nav.htm'; did you mean 'nav.html'?"),
        ("{% import 'nav.htm' as n %}", "there is no template 'nav.htm'; did you mean 'nav.html'?"),
        ("{% from 'nav.htm' import n %}", "there is no template 'nav.htm'; did you mean 'nav.html'?"),
        ("{% if x %}{% include 'qqqq' %}{% endif %}", "there is no template 'qqqq'"),
        ("{% include ['qqqq', 'vvvv'] %}", "none of these templates is there: 'qqqq', 'vvvv'"),
        ("{% extends 'qqqq' if x else 'nav.html' %}", "there is no template 'qqqq'"),
    ],
)
def test_a_template_that_no_loader_has_is_found(source: str, message: str) -> None:
    assert found({"page.html": source, "nav.html": ""}) == [f"page.html:1 {message}"]


@each(
    "source",
    ["{% include 'qqqq' ignore missing %}", "{% include ['qqqq', 'nav.html'] %}", "{% include name %}", "{% extends name %}"],
)
def test_a_template_that_may_be_missing_or_is_not_named_is_no_mistake(source: str) -> None:
    assert found({"page.html": source, "nav.html": ""}) == []


def test_what_an_if_asks_for_may_be_missing() -> None:
    assert found_in("{% if 'markdown' is filter %}{{ x | markdown }}{% endif %}") == []
    assert found_in("{{ x | markdown if 'markdown' is filter else x }}") == []
    assert found_in("{% if x %}{{ x | markdown }}{% endif %}") == ["No filter named 'markdown'"]


def test_the_engines_own_filters_tests_and_tags_are_known() -> None:
    assert found_in("{{ x | shout }}{{ x is loud }}", filters={"shout": str.upper}, tests={"loud": str.isupper}) == []


def test_a_finding_prints_as_an_error_does() -> None:
    (finding,) = check(TemplateEngine(DictLoader({"page.html": "line\n{{ name | uper }}"})))

    assert str(finding) == (
        "No filter named 'uper'; did you mean 'upper'?\n  page.html, line 2, column 11\n    {{ name | uper }}\n              ^^^^"
    )


def test_a_warning_says_so() -> None:
    assert str(Finding("p", None, 1, None, None, "hm", severity="warning")).startswith("warning: hm\n")


def test_a_folder_is_checked_without_its_images_and_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{{ x | uper }}")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("{% if")
    (tmp_path / "old.txt").write_bytes(b"caf\xe9")

    told = check(TemplateEngine(tmp_path))
    assert [finding.name for finding in told] == ["old.txt", "page.html"]
    assert "is not utf-8" in told[0].message


def test_only_the_templates_that_are_named_are_checked() -> None:
    engine = TemplateEngine(DictLoader({"a": "{{ x | uper }}", "b": "{{ x | uper }}"}))

    assert [finding.name for finding in check(engine, ["a"])] == ["a"]
    assert [finding.message for finding in check(engine, ["c"])] == ["there is no template 'c'"]


@each(
    ("source", "trusted"),
    [
        ("<a href='{{ x | safe }}'>", "SafeURL"),
        ("<a href='/a?q={{ x | safe }}'>", "SafeURL"),
        ("<img srcset='{{ x | safe }}'>", "SafeSrcset"),
        ("<script>let a = {{ x | safe }}</script>", "SafeJS"),
        ("<script>let a = '{{ x | safe }}'</script>", "SafeJSString"),
        ("<b onclick='go({{ x | safe }})'>", "SafeJS"),
        ("<style>a { color: {{ x | safe }} }</style>", "SafeCSS"),
    ],
)
def test_safe_is_warned_of_where_it_has_no_effect(source: str, trusted: str) -> None:
    (finding,) = check(TemplateEngine(DictLoader({"page.html": source})))

    assert finding.severity == "warning"
    assert finding.message.startswith("'safe' has no effect in ")
    assert f"make it a {trusted} where it is made" in finding.message


@each(
    ("source", "said"),
    [
        ("{{ x | safe_js }}", "'safe_js' has no effect in a text: "),
        ("<a href='{{ x | safe_js }}'>", "'safe_js' has no effect in a URL: "),
        ("<p style='{{ x | safe_url }}'>", "'safe_url' has no effect in a style sheet: "),
        ("<p {{ x | safe_html }}>", "'safe_html' has no effect in a tag: "),
        ("<img srcset='{{ x | safe_url }}'>", ""),
        ("<p {{ x | safe_css }}>", "'safe_css' has no effect in a tag: "),
        ("<a href='{{ x | safe }}'>", "or write `| safe_url`"),
    ],
)
def test_what_is_trusted_as_something_else_is_warned_of(source: str, said: str) -> None:
    told = [str(finding) for finding in check(TemplateEngine(DictLoader({"page.html": source})))]

    assert len(told) == bool(said)
    assert said in "".join(told)


@each(
    "source",
    [
        "{{ x | safe }}",
        "{{ x | safe_html }}",
        "<b title='{{ x | safe }}'>",
        "<a href='{{ x }}'>",
        "<a href='{{ x | safe_url }}'>",
        "<script src='{{ x | safe_url }}'></script>",
        "<script>{{ x | safe_js }}</script>",
        "<style>a { color: {{ x | safe_css }} }</style>",
        "<p {{ x | safe_attributes }}>",
        "<p {{ x | safe_attributes }} {{ y | safe_attributes }} hidden>",
    ],
)
def test_safe_is_not_warned_of_elsewhere(source: str) -> None:
    assert found_in(source) == []
