"""What holds of every template: all ways of rendering agree, no value changes the page, and no name is code."""

import ast
import asyncio
import copy
import importlib.util
import re
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import jinja2
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from martlet.templates import DictLoader, Template, TemplateEngine, TemplateError, TemplateSyntaxError
from tests.shared_cases import conformance_file
from tests.templates.grammar import CONTEXTS, FLAGS, HOSTILE, NAMES, templates

QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
Context = dict[str, Any]


def without_addresses(text: str) -> str:
    """A text in which methods of two equal values print alike."""
    return re.sub("0x[0-9a-f]+", "0x", text)


def outcome(run: Callable[[], str]) -> tuple[Any, ...]:
    """What came out; of an error its type, and the line of a template that it is told of."""
    try:
        return ("text", without_addresses(run()))
    except TemplateSyntaxError as error:
        return (type(error), error.name, error.line)
    except Exception as error:  # noqa: BLE001 -- the values of a template raise what they like
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("<template ")]
        return (type(error), frames[-1].filename if frames else None, frames[-1].lineno if frames else None)


async def gathered(template: Template, context: Context, chunk: int) -> str:
    return "".join([piece async for piece in template.stream_async(context, chunk=chunk)])


def handed_over(template: Template, context: Context) -> str:
    pieces: list[str] = []
    template.render_to(pieces.append, context)
    return "".join(pieces)


@QUICK
@given(templates(), CONTEXTS, st.sampled_from([0, 1, 7, 4096]))
def test_all_ways_of_rendering_agree(sources: dict[str, str], context: Context, chunk: int) -> None:
    engine = TemplateEngine(DictLoader(sources))
    try:
        template = engine.get_template("page")
    except TemplateError:
        return
    ways: list[Callable[[Context], str]] = [
        template.render,
        lambda context: handed_over(template, context),
        lambda context: "".join(template.stream(context, chunk=chunk)),
        lambda context: asyncio.run(template.render_async(context)),
        lambda context: asyncio.run(gathered(template, context, chunk)),
    ]

    found = [outcome(lambda way=way: way(copy.deepcopy(context))) for way in ways]  # type: ignore[misc]
    assert found[1:] == found[:1] * 4


@QUICK
@given(templates(tame=True), st.fixed_dictionaries(dict.fromkeys(NAMES, HOSTILE)), st.booleans(), st.booleans())
def test_no_value_changes_the_page(sources: dict[str, str], values: Context, t: bool, f: bool) -> None:
    shape = structure().shape
    template = TemplateEngine(DictLoader(sources)).get_template("page")
    flags = dict(zip(FLAGS, (t, f), strict=True))

    assert shape(template.render(values, **flags)) == shape(template.render(dict.fromkeys(NAMES, "x"), **flags))


def structure() -> Any:
    """The judge that lies beside the repository."""
    spec = importlib.util.spec_from_file_location("structure", conformance_file("templates/structure.py"))
    if spec is None or spec.loader is None or not conformance_file("templates/structure.py").exists():
        pytest.skip("../shared/conformance/templates/structure.py is absent: no judge of a page's structure")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@QUICK
@given(templates(), CONTEXTS)
def test_values_escaped_alike_come_out_as_from_jinja(sources: dict[str, str], context: Context) -> None:
    # Jinja2 writes a text of the template before it knows whether values are escaped, and then as if they were.
    assume(not any("autoescape t" in source or "autoescape f" in source for source in sources.values() if "{{ '<" in source))
    theirs = jinja2.Environment(
        loader=jinja2.DictLoader(sources), autoescape=True, extensions=["jinja2.ext.loopcontrols", "jinja2.ext.do"]
    )
    try:
        with warnings.catch_warnings(action="ignore"):
            expected = theirs.get_template("page").render(copy.deepcopy(context))
    except Exception:
        assume(False)
        raise

    written = TemplateEngine(DictLoader(sources), escaping="html").get_template("page").render(context)
    # In a list a trusted value shows its type, and ours say more of what they are trusted for.
    written = re.sub("JSONText|RenderedAttributes", "Markup", written)
    assert without_addresses(written) == without_addresses(expected)


AWKWARD = (
    *(
        "w",
        "ctx",
        "escape",
        "take",
        "type",
        "str",
        "int",
        "dict",
        "len",
        "root",
        "parent",
        "output",
        "engine",
        "undefined",
        "Macro",
    ),
    *(
        "v_x",
        "v2_x",
        "t1",
        "t2",
        "MISSING",
        "Markup",
        "lookup",
        "escape_any",
        "get_attribute",
        "filter_upper",
        "block_x",
        "macro_x",
    ),
    *("class", "def", "lambda", "return", "async", "await", "yield", "global", "print", "exec", "eval", "object", "Exception"),
    *(
        "__import__",
        "__builtins__",
        "__name__",
        "_",
        "__",
        "_x",
        "x",
        "é",
        "ñ",
        "变量",
        "\u0131",
        "ªb",
        "ab",
        "K",
        "\u212a",
        "ﬁ",
        "fi",
    ),
    *(
        "self_",
        "key",
        "value",
        "kwargs_",
        "args",
        "function",
        "variables",
        "name",
        "names",
        "item",
        "items",
        "get",
        "append",
        "hasattr",
    ),
)
# Each `#` with a digit is a name; what is written says which one it was.
SENTENCES = (
    "{{ #1 }}{{ #2 }}",
    "{% set #1 = 5 %}{{ #1 }}{{ #2 }}",
    "{% set #1, #2 = 1, 2 %}{{ #1 }}{{ #2 }}{{ #3 }}",
    "{% set #1 %}{{ #2 }}{% endset %}{{ #1 }}",
    "{% for #1 in [1, 2] %}{{ #1 }}{{ #2 }}{{ loop.index }}{% endfor %}{{ #1 }}",
    "{% for #1, #2 in [(1, 2)] if #1 %}{{ #1 }}{{ #2 }}{{ #3 }}{% else %}{{ #1 }}{% endfor %}",
    "{% with #1 = 3, #2 = #1 %}{{ #1 }}{{ #2 }}{% endwith %}",
    "{% macro #1(#2, #3=4) %}{{ #2 }}{{ #3 }}{% endmacro %}{{ #1(1) }}{{ #1(1, #3=2) }}{{ #1(#2=7) ~ '' }}",
    "{% macro #1(#2) %}{{ #2 }}{{ kwargs }}{% endmacro %}{{ #1(1, #3=2) }}",
    "{% macro #1() %}{{ caller(3) }}{% endmacro %}{% call(#2) #1() %}{{ #2 }}{{ #3 }}{% endcall %}",
    "{% block #1 %}{{ #2 }}{% set #3 = 1 %}{{ #3 }}{% endblock %}{{ self.#1() }}",
    "{% for #3 in [1] %}{% block #1 scoped %}{{ #2 }}{{ #3 }}{% endblock %}{% endfor %}",
    "{{ {'#1': 1}['#1'] }}{{ thing.#1 }}{{ thing['#1'] }}{{ thing.#2 is defined }}",
    "{{ 5|#1 }}{{ 5|#1(2) }}{% filter #1 %}a{% endfilter %}{{ 5 is #1 }}",
    "{{ 5|#1|#2 }}{{ missing|default:#1 }}",
    "{% import 'other' as #1 %}{{ #1.given(1) }}{{ #2 }}",
    "{% from 'other' import given as #1 %}{{ #1(#2) }}",
    "{% include 'shows' %}{% set #1 = 9 %}{% include 'shows' %}",
    "{{ call(#1=1, #2=2) }}{{ call(**{'#1': 3}) }}",
    "{% set ns = namespace(#1=1) %}{% set ns.#2 = 2 %}{{ ns.#1 }}{{ ns.#2 }}",
    "{% for #1 in [[1, [2]]] recursive %}{% if #1 is iterable %}{{ loop(#1) }}{% else %}{{ #1 }}{% endif %}{% endfor %}",
)
PLAIN = ("alpha", "beta", "gamma")


def shown(sentence: str, names: tuple[str, ...]) -> tuple[str, str]:
    """What a template with these names prints, its names in the output neutral again; and its code."""

    def named(text: str) -> str:
        return re.sub("#([123])", lambda found: names[int(found[1]) - 1], text)

    called = dict(zip(names, ("<A>", "<B>", "<C>"), strict=True))

    def call(**given: Any) -> str:
        return str(sorted((names.index(name), value) for name, value in given.items()))

    filters = {name: lambda value, *_: f"{value}!" for name in names[:2]}
    tests = {names[0]: lambda _value: True}
    others = {
        "other": "{% macro given(x) %}({{ x }}){% endmacro %}",
        "shows": named("{{ #1 }}{% set #2 = 3 %}{{ #2 }}"),
        "page": named(sentence),
    }
    engine = TemplateEngine(DictLoader(others), filters=filters, tests=tests, reads_private=True)
    thing = type("Thing", (), called)()
    template = engine.get_template("page")
    text = template.render(called, thing=thing, call=call)
    return text.replace(repr(names[2]), "N3").replace(f"&#39;{names[2]}&#39;", "N3"), template.code


MANGLED = re.compile(r"v\d*_\w+|t\d+|u_[0-9a-f]+|(?:filter|test|escape|block|include|macro)_\w+", re.ASCII)


LOOKED_UP = {"getattr", "dict"}


def free_names(code: str) -> set[str]:
    """The names in code that are not of variables."""
    tree = ast.parse(code)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {name for name in names if not MANGLED.fullmatch(name)}


@settings(QUICK, max_examples=60)
@given(st.sampled_from(SENTENCES), st.lists(st.sampled_from(AWKWARD), min_size=3, max_size=3, unique=True))
def test_a_name_is_a_constant_or_mangled(sentence: str, names: list[str]) -> None:
    plain_text, plain_code = shown(sentence, PLAIN)

    text, code = shown(sentence, (names[0], names[1], names[2]))
    assert text == plain_text
    # A name that dicts have as a method is looked up without asking whether the value is one.
    assert free_names(code) - LOOKED_UP == free_names(plain_code) - LOOKED_UP
