"""Blocks by themselves: each sees what it sees in its page, and nothing else of the page runs."""

# ruff: noqa: E501 -- a template and its block stand side by side
import asyncio
from pathlib import Path
from typing import Any

import pytest

from martlet.templates import BudgetError, DictLoader, Sandbox, TemplateEngine
from martlet.templates.loading import CodeCache
from tests.rows import each

LAYOUTS = {
    "lib": "{% macro field(name) %}<{{ name }}>{% endmacro %}{% set version = 7 %}",
    "part": "({{ v }})",
    "base": "{% import 'lib' as lib %}{% set v = 'b' %}{{ boom() }}{% block a %}a0{{ v }}{% endblock %}{% set w = 1 %}{% block b %}{{ w }}{{ lib.version }}{% endblock %}{% set v = 'late' %}",
    "middle": "{% extends 'base' %}{% set m = 'm' %}{% block a %}{{ m }}{{ super() }}{% endblock %}",
}


def boom() -> None:
    raise AssertionError("this is nothing that the block reads")


def fragment(source: str, *blocks: str, **variables: Any) -> str:
    engine = TemplateEngine(DictLoader({**LAYOUTS, "page": source}), escaping="off", globals={"boom": boom})
    template = engine.get_template("page")
    written = template.block(*blocks).render(variables)
    assert asyncio.run(template.block(*blocks).render_async(variables)) == written
    return written


@each(
    ("source", "expected"),
    [
        pytest.param("{% import 'lib' as lib %}{% block a %}{{ lib.field('x') }}{% endblock %}", "<x>", id="import"),
        pytest.param("{% from 'lib' import field as f %}{% block a %}{{ f('x') }}{% endblock %}", "<x>", id="from"),
        pytest.param("{% macro m(x) %}[{{ x }}]{% endmacro %}{% block a %}{{ m(1) }}{% endblock %}", "[1]", id="macro"),
        pytest.param("{% set v = 1 %}{% block a %}{{ v }}{% endblock %}", "1", id="set"),
        pytest.param("{% set v %}{{ 1 }}!{% endset %}{% block a %}{{ v }}{% endblock %}", "1!", id="set of a text"),
        pytest.param("{% set v, w = 1, 2 %}{% block a %}{{ v }}{% endblock %}", "1", id="set of two"),
        pytest.param("{% context z: int = 3 %}{% block a %}{{ z }}{% endblock %}", "3", id="declared with a value"),
        pytest.param("{% macro m() %}{{ n() }}{% endmacro %}{% macro n() %}{{ v }}{% endmacro %}{% set v = 1 %}{% block a %}{{ m() }}{% endblock %}", "1", id="what a macro reads that is set behind it"),
        pytest.param("{% set u = 1 %}{% set v = u + 1 %}{% block a %}{{ v }}{% endblock %}", "2", id="what is read for it"),
        pytest.param("{% set v = 1 %}{% block a %}{{ v }}{% endblock %}{% set v = 2 %}", "1", id="set anew behind it"),
        pytest.param("{% if x %}{% set v = 1 %}{{ boom() }}{% else %}{% set v = 2 %}{% endif %}{% block a %}{{ v }}{% endblock %}", "1", id="in a branch"),
        pytest.param("{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{{ boom() }}{% set ns.n = ns.n + i %}{% endfor %}{% block a %}{{ ns.n }}{% endblock %}", "3", id="added up in a loop"),
        pytest.param("{% set l = [] %}{% do l.append(1) %}{% block a %}{{ l }}{% endblock %}", "[1]", id="changed by do"),
        pytest.param("{% set v = 1 %}{% block a %}{% include 'part' %}{% endblock %}", "(1)", id="for an included template"),
        pytest.param("{% set v = 1 %}{% block a %}{% include part %}{% endblock %}", "(1)", id="for one that is known late"),
        pytest.param("{% set v = 1 %}{% macro m() %}{% include 'part' %}{% endmacro %}{% block a %}{{ m() }}{% endblock %}", "(1)", id="by way of a macro"),
        pytest.param("{% set v = 1 %}{% block o %}{% block a %}{{ v }}{% endblock %}{% endblock %}", "1", id="inside of another block"),
        pytest.param("{% set v = 1 %}{% block b %}{{ v }}{% endblock %}{% block a %}{{ self.b() }}{{ self.b()|upper }}{% endblock %}", "11", id="by way of self"),
        pytest.param("{% set v = 1 %}{% for v in [2] %}{% block a scoped %}{{ v }}{% endblock %}{% endfor %}", "given", id="given by the loop around"),
        pytest.param("{% set v = 1 %}{% for v in [2] %}{% block a %}{{ v }}{% endblock %}{% endfor %}", "1", id="not given by the loop around"),
        pytest.param("{% extends 'base' %}", "a0b", id="of the parent"),
        pytest.param("{% extends 'middle' %}", "ma0b", id="of two parents"),
        pytest.param("{% extends 'middle' %}{% set v = 'p' %}{% set m = 2 %}{% block a %}{{ v }}{{ super() }}{% endblock %}", "bma0b", id="the parent has the last word"),
        pytest.param("{% extends base %}{% set v = 1 %}{% block a %}{{ v }}{% endblock %}", "1", id="below a parent that is known late"),
        pytest.param("{{ boom() }}{% set x = boom() %}{% call boom() %}{% endcall %}{% block a %}a{% endblock %}", "a", id="nothing"),
    ],
)  # fmt: skip
def test_what_a_block_sees_by_itself(source: str, expected: str) -> None:
    assert fragment(source, "a", x=True, v="given", part="part", base="base") == expected


def test_several_blocks_see_each_its_own() -> None:
    source = "{% set v = v + 1 %}{% block a %}{{ v }}{% endblock %}{% set v = v + 1 %}{% block b %}{{ v }}{% endblock %}"

    assert fragment(source, "a", "b", "a", v=1) == "232"


def test_what_is_given_stays_as_it_was() -> None:
    given = {"v": 1}

    assert fragment("{% set w = v %}{% block a %}{{ w }}{% endblock %}", "a", **given) == "1"
    assert given == {"v": 1}


def test_what_is_set_before_a_block_is_escaped_where_it_stands() -> None:
    source = "{% macro m(x) %}<b title='{{ x }}'>{{ x }}</b>{% endmacro %}{% set v = '<' %}<p>{% block a %}{{ m(v) }}{{ v }}{% endblock %}"

    assert TemplateEngine().from_string(source).block("a").render() == "<b title='&lt;'>&lt;</b>&lt;"


def test_what_is_set_before_a_block_spends_the_budget_too() -> None:
    engine = TemplateEngine(sandbox=Sandbox(iterations=10))
    source = "{% set ns = namespace(n=0) %}{% for i in range(9) %}{% set ns.n = i %}{% endfor %}{% block a %}{{ ns.n }}{% for i in range(9) %}{% endfor %}{% endblock %}"

    with pytest.raises(BudgetError):
        engine.from_string(source).block("a").render()


def test_a_block_by_itself_is_kept_in_the_code_cache(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("{% set v = 1 %}{% block a %}{{ v }}{% endblock %}")

    for _ in range(2):
        engine = TemplateEngine(tmp_path, code_cache=CodeCache(tmp_path / "compiled"))
        assert engine.get_template("page.html").block("a").render() == "1"
        assert engine.get_template("page.html").render() == "1"
