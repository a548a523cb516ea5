"""What is wrong with a template can be told in another process, and where it is stays known."""

import pickle

import pytest

from martlet.templates import (
    DictLoader,
    EscapingError,
    TemplateEngine,
    TemplateError,
    TemplateNotFoundError,
    TemplateSyntaxError,
    UnknownNameError,
)
from tests.rows import each


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        pytest.param("{{ } }}", TemplateSyntaxError, id="what cannot be read"),
        pytest.param("\n\n{{ name | uper }}", UnknownNameError, id="an unknown filter"),
        pytest.param("<a {% if x %}href='{% endif %}>", EscapingError, id="what cannot be escaped"),
    ],
)
def test_an_error_travels_to_another_process(source: str, kind: type[TemplateSyntaxError]) -> None:
    with pytest.raises(kind) as caught:
        TemplateEngine().from_string(source)

    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  made just now
    assert type(copy) is kind
    assert str(copy) == str(caught.value)
    assert vars(copy) == vars(caught.value)


def test_a_missing_template_travels_with_the_name_that_was_near() -> None:
    with pytest.raises(TemplateNotFoundError) as caught:
        TemplateEngine(DictLoader({"page.html": ""})).get_template("pages.html")

    copy: TemplateError = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  made just now
    assert isinstance(copy, LookupError)
    assert str(copy) == str(caught.value) == "there is no template 'pages.html'; did you mean 'page.html'?"


@each(
    ("source", "message"),
    [
        ("{{ 'a' | f }}", "No filter named 'f'"),
        ("{{ 'a' | uper }}", "No filter named 'uper'; did you mean 'upper'?"),
        ("{{ 'a' is t_ }}", "No test named 't_'"),
        ("{{ 'a' is evn }}", "No test named 'evn'; did you mean 'even'?"),
    ],
)
def test_an_unknown_name_is_told_in_the_words_that_rendering_has(source: str, message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        TemplateEngine().from_string(source)

    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("words", ["scoped required", "required scoped"])
def test_a_blocks_words_stand_in_either_order(words: str) -> None:
    engine = TemplateEngine(DictLoader({"base": f"{{% for x in [1, 2] %}}{{% block b {words} %}}{{% endblock %}}{{% endfor %}}"}))

    assert engine.render("{% extends 'base' %}{% block b %}{{ x }}{% endblock %}") == "12"
    assert engine.from_string("{% extends 'base' %}{% block b %}{% endblock %}").render() == ""
