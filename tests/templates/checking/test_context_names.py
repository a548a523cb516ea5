"""What a template wants from its context."""

import pytest

from martlet.templates import TemplateEngine, TemplateSyntaxError, find_undeclared
from tests.rows import each

ENGINE = TemplateEngine(globals={"site": "Martlet"})


@each(
    ("source", "names"),
    [
        ("{{ a.b[c] | default(d) }}{{ 'x' is sameas e }}", "a c d e"),
        ("{% set a = b %}{{ a }}", "b"),
        ("{{ a }}{% set a = 1 %}", "a"),
        ("{% set a = a %}{{ a }}", "a"),
        ("{% set n.x = 1 %}{{ range(3) }}{{ site }}", "n"),
        ("{% if a %}{% set b = 1 %}{% endif %}{{ b }}", "a b"),
        ("{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}", "a"),
        ("{% for a, b in c if a and loop.first %}{{ b }}{% set d = 1 %}{{ d }}{% endfor %}{{ a }}{{ d }}", "a c d"),
        ("{% for a in b %}{% else %}{{ a }}{% endfor %}", "a b"),
        ("{% with a = b, c = a %}{{ a }}{{ c }}{% endwith %}{{ c }}", "a b c"),
        ("{% macro m(a, b=c) %}{{ a }}{{ b }}{{ varargs }}{{ kwargs }}{{ caller() }}{{ d }}{% endmacro %}{{ m(1) }}", "c d"),
        ("{% call(a) m(b) %}{{ a }}{% endcall %}", "b m"),
        ("{% import 'x' as a %}{% from b import c as d %}{{ a }}{{ c }}{{ d }}", "b c"),
        ("{% set a = 1 %}{% block b %}{{ a }}{{ super() }}{{ self.b() }}{{ c }}{% endblock %}", "c"),
        ("{% for a in b %}{% block c scoped %}{{ a }}{% endblock %}{% endfor %}", "b"),
        ("{% for a in b %}{% block c %}{{ a }}{% endblock %}{% endfor %}", "a b"),
        ("{% set a %}{{ b }}{% endset %}{% filter replace(c, a) %}{{ d }}{% endfilter %}", "b c d"),
        ("{% include a %}{% extends b %}{% autoescape c %}{{ d }}{% endautoescape %}", "a b c d"),
        ("{% trans a=b %}{{ a }}{% endtrans %}", "b"),
        ("{{ a | default:unknown }}", "a"),
        ("{% context a: str, b = 1 %}{{ b }}{{ c }}", "a c"),
    ],
)
def test_it_is_what_nothing_has_set(source: str, names: str) -> None:
    assert find_undeclared(ENGINE, source) == set(names.split())


def test_a_source_that_is_no_template_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        find_undeclared(ENGINE, "{% if %}")
