"""`martlet templates`: what it finds, and how a script learns of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from martlet.cli.commands import cli

MODULE = """
from martlet.templates import DictLoader, TemplateEngine
engine = TemplateEngine(DictLoader({"page.html": "{{ name | shout }}"}), filters={"shout": str.upper})
other = 1
empty = TemplateEngine()
"""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["templates", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Templates, and a module that has an engine."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "shouting_pages.py").write_text(MODULE)
    return tmp_path


def test_every_mistake_of_a_directory_is_printed(directory: Path) -> None:
    (directory / "pages" / "a.html").write_text("{{ name | uper }}")
    (directory / "pages" / "b.html").write_text("\n{% include 'c.html' %}")

    code, output = run("check", str(directory / "pages"))
    assert code == 1
    assert "No filter named 'uper'; did you mean 'upper'?\n  a.html, line 1, column 11\n    {{ name | uper }}\n" in output
    assert "there is no template 'c.html'" in output
    assert output.splitlines()[-1] == f"{directory / 'pages'}: 2 errors"


def test_warnings_alone_do_not_fail(directory: Path) -> None:
    (directory / "pages" / "a.html").write_text("<a href='{{ url | safe }}'>")

    code, output = run("check", str(directory / "pages"))
    assert code == 0
    assert output.startswith("warning: 'safe' has no effect in a URL")
    assert output.endswith("pages: 1 warning\n")


def test_what_an_application_gives_its_pages_is_known(directory: Path) -> None:
    page = "{% context title: str %}{{ title }}{{ url_for('a') }}{{ nonce }}{{ request.path }}{{ errors }}{{ titel }}"
    (directory / "pages" / "a.html").write_text(page)

    code, output = run("check", str(directory / "pages"))
    assert code == 1
    assert "'titel' is not declared" in output
    assert output.endswith("pages: 1 error\n")


def test_an_engine_is_checked_with_what_it_knows(directory: Path) -> None:
    assert run("check", "shouting_pages:engine", "--app-dir", str(directory)) == (0, "shouting_pages:engine: nothing wrong\n")


def test_the_python_of_a_template_is_printed(directory: Path) -> None:
    code, output = run("code", "shouting_pages:engine", "page.html", "--app-dir", str(directory))

    assert code == 0
    assert "def root(ctx, w):" in output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "nowhere"], "'nowhere' does not name templates: write a directory, or MODULE:ENGINE, as in books:engine."),
        (["check", "shouting_pages:other"], "shouting_pages has a int under the name 'other'; it must be a TemplateEngine."),
        (["check", "shouting_pages:nobody"], "shouting_pages has nothing under the name 'nobody'; it must be a TemplateEngine."),
        (["check", "shouting_pages:empty"], "shouting_pages:empty has no templates, or a loader that cannot list them."),
        (["code", "shouting_pages:engine", "pages.html"], "there is no template 'pages.html'; did you mean 'page.html'?"),
    ],
)
def test_what_cannot_be_checked_is_refused_in_words(directory: Path, arguments: list[str], told: str) -> None:
    code, output = run(*arguments, "--app-dir", str(directory))

    assert code == 1
    assert told in output
