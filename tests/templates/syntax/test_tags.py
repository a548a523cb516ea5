"""Each tag becomes its statement."""

import pytest

from martlet.templates.syntax import parse
from martlet.templates.syntax.nodes import (
    AutoEscape,
    Block,
    Body,
    Break,
    CallBlock,
    ContextDeclaration,
    Continue,
    Debug,
    Do,
    Extends,
    FilterBlock,
    Flush,
    For,
    FromImport,
    If,
    Import,
    Include,
    Macro,
    Print,
    Set,
    SetBlock,
    Text,
    With,
)
from tests.rows import each
from tests.templates.syntax.written import statement, written


def texts(body: Body) -> str:
    return "".join(node.text for node in body if isinstance(node, Text))


def test_if_has_branches_and_a_rest() -> None:
    node = statement("{% if a %}1{% elif b, c: %}2{% else: %}3{% endif %}")

    assert isinstance(node, If)
    assert [(written(test), texts(body)) for test, body in node.branches] == [("a", "1"), ("(b,c,)", "2")]
    assert texts(node.otherwise) == "3"


def test_for_has_all_its_parts() -> None:
    node = statement("{% for a, (b, c) in d, e if f if g else h recursive %}1{% else %}2{% endfor %}")

    assert isinstance(node, For)
    assert written(node.target) == "(a,(b,c,),)"
    assert written(node.iterable) == "(d,e,)"
    assert written(node.condition) == "(f if g else h)"
    assert (texts(node.body), texts(node.otherwise), node.recursive) == ("1", "2", True)


def test_for_needs_no_more_than_a_target_and_an_iterable() -> None:
    node = statement("{% for a in b %}{% endfor %}")

    assert isinstance(node, For)
    assert (node.condition, node.body, node.otherwise, node.recursive) == (None, (), (), False)


@each(("tag", "kind"), [("break", Break), ("continue", Continue)])
@each("around", ["{{% if a %}}{}{{% endif %}}", "{{% with %}}{}{{% endwith %}}", "{}"])
def test_a_loop_is_left_from_inside(tag: str, kind: type, around: str) -> None:
    node = statement("{% for a in b %}" + around.format("{% " + tag + " %}") + "{% endfor %}")

    assert isinstance(node, For)
    assert any(isinstance(inner, kind) for inner in parse_all(node.body))


def parse_all(body: Body) -> Body:
    found = []
    for node in body:
        found.append(node)
        match node:
            case If():
                found += [inner for _, branch in node.branches for inner in branch]
            case With():
                found += node.body
            case _:
                pass
    return tuple(found)


@each(
    ("source", "target", "value"),
    [
        pytest.param("{% set a = 1 %}", "a", "1", id="name"),
        pytest.param("{% set a, b = c, d %}", "(a,b,)", "(c,d,)", id="several"),
        pytest.param("{% set (a, b) = c %}", "(a,b,)", "c", id="several in brackets"),
        pytest.param("{% set n.a = 1 %}", "n.a", "1", id="namespace"),
        pytest.param("{% set n.a, b = c %}", "(n.a,b,)", "c", id="namespace among others"),
        pytest.param("{% set a = b if c %}", "a", "(b if c else )", id="condition"),
        pytest.param("{% set if = 1 %}", "if", "1", id="a word of the language"),
    ],
)
def test_set_assigns(source: str, target: str, value: str) -> None:
    node = statement(source)

    assert isinstance(node, Set)
    assert (written(node.target), written(node.value)) == (target, value)


@pytest.mark.parametrize(
    ("source", "target", "applied"),
    [
        pytest.param("{% set a %}1{% endset %}", "a", "", id="plain"),
        pytest.param("{% set n.a | b | c(1) | d:2 %}1{% endset %}", "n.a", "|b()|c(1)|d(2)", id="filters"),
    ],
)
def test_set_captures_a_body(source: str, target: str, applied: str) -> None:
    node = statement(source)

    assert isinstance(node, SetBlock)
    assert (written(node.target), written(node.filter), texts(node.body)) == (target, applied, "1")


def test_with_has_targets_and_values() -> None:
    node = statement("{% with a = 1, b = a if c else d %}1{% endwith %}")

    assert isinstance(node, With)
    assert [written(target) for target in node.targets] == ["a", "b"]
    assert [written(value) for value in node.values] == ["1", "(a if c else d)"]


def test_with_may_be_empty() -> None:
    assert isinstance(statement("{% with %}{% endwith %}"), With)


def test_a_macro_has_parameters_and_defaults() -> None:
    node = statement("{% macro m(a, b=1, caller=none) %}1{% endmacro %}")

    assert isinstance(node, Macro)
    assert [(item.name, written(item.default)) for item in node.parameters] == [("a", ""), ("b", "1"), ("caller", "None")]


def test_a_call_block_has_parameters_and_a_call() -> None:
    node = statement("{% call(a, b=1) m.n(2) %}1{% endcall %}")

    assert isinstance(node, CallBlock)
    assert written(node.call) == "m.n(2)"
    assert [(item.name, written(item.default)) for item in node.parameters] == [("a", ""), ("b", "1")]


def test_filter_applies_to_its_body() -> None:
    node = statement("{% filter a|b(1) %}1{% endfilter %}")

    assert isinstance(node, FilterBlock)
    assert written(node.filter) == "|a()|b(1)"


@each(
    ("source", "scoped", "required"),
    [
        pytest.param("{% block a %}1{% endblock %}", False, False, id="plain"),
        pytest.param("{% block a scoped %}1{% endblock a %}", True, False, id="scoped, its name at the end"),
        pytest.param("{% block a required %} {# b #}\n{% endblock %}", False, True, id="required"),
        pytest.param("{% block a scoped required %}{% endblock %}", True, True, id="both"),
    ],
)
def test_a_block_tells_what_it_is(source: str, scoped: bool, required: bool) -> None:
    node = statement(source)

    assert isinstance(node, Block)
    assert (node.name, node.scoped, node.required) == ("a", scoped, required)


@each(
    ("source", "template", "ignore_missing", "with_context"),
    [
        pytest.param("{% include 'a' %}", "'a'", False, True, id="plain"),
        pytest.param("{% include a ignore missing %}", "a", True, True, id="ignore missing"),
        pytest.param("{% include a without context %}", "a", False, False, id="without context"),
        pytest.param("{% include [a, b] ignore missing with context %}", "[a, b]", True, True, id="a choice, with context"),
        pytest.param("{% include a if b else c %}", "(a if b else c)", False, True, id="condition"),
    ],
)
def test_include_has_its_variants(source: str, template: str, ignore_missing: bool, with_context: bool) -> None:
    node = statement(source)

    assert isinstance(node, Include)
    assert (written(node.template), node.ignore_missing, node.with_context) == (template, ignore_missing, with_context)


@pytest.mark.parametrize(("end", "with_context"), [("", False), (" with context", True), (" without context", False)])
def test_import_names_a_module(end: str, with_context: bool) -> None:
    node = statement("{% import 'a' as b" + end + " %}")

    assert isinstance(node, Import)
    assert (written(node.template), node.name, node.with_context) == ("'a'", "b", with_context)


@each(
    ("names", "understood", "with_context"),
    [
        pytest.param("b", [("b", "b")], False, id="one"),
        pytest.param("b as c, d", [("b", "c"), ("d", "d")], False, id="two, one renamed"),
        pytest.param("b, c with context", [("b", "b"), ("c", "c")], True, id="with context"),
        pytest.param("b, without context", [("b", "b")], False, id="a comma before without"),
        pytest.param(
            "b, with, context", [("b", "b"), ("with", "with"), ("context", "context")], False, id="names that are words"
        ),
        pytest.param("b, with with context", [("b", "b"), ("with", "with")], True, id="a name that is a word, with context"),
        pytest.param("with context", [], True, id="no names"),
    ],
)
def test_from_imports_names(names: str, understood: list[tuple[str, str]], with_context: bool) -> None:
    node = statement("{% from 'a' import " + names + " %}")

    assert isinstance(node, FromImport)
    assert (list(node.names), node.with_context) == (understood, with_context)


@each(
    ("source", "kind"),
    [
        ("{% extends 'a' %}", Extends),
        ("{% if a %}{% extends 'a' %}{% endif %}", If),
        ("{% do a.b(1), 2 %}", Do),
        ("{% autoescape a %}{% endautoescape %}", AutoEscape),
        ("{% debug %}", Debug),
        ("{% flush %}", Flush),
    ],
)
def test_the_other_tags_are_read_too(source: str, kind: type) -> None:
    assert isinstance(statement(source), kind)


def test_print_writes_each_of_its_values() -> None:
    body = parse("{% print a, b|c %}{% print %}").body

    assert [written(node.value) for node in body if isinstance(node, Print)] == ["a", "b|c()"]


def test_context_declares_names_types_and_defaults() -> None:
    node = statement("{% context user: a.User | None, items: dict[str, list[int]] = {}, title = 'x', plain %}")

    assert isinstance(node, ContextDeclaration)
    assert [(name, type_, written(default)) for name, type_, default in node.names] == [
        ("user", "a.User | None", ""),
        ("items", "dict[str, list[int]]", "{}"),
        ("title", None, "'x'"),
        ("plain", None, ""),
    ]
