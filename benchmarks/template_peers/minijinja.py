"""minijinja: Jinja's language in Rust, with its binding for Python."""

from typing import Any

import minijinja

from benchmarks.template_pages import JINJA, PAGES

environment = minijinja.Environment(templates=JINJA)  # .html is escaped


def render_with(name: str) -> Any:
    return lambda context: environment.render_template(f"{name}.html", **context)


pages = {name: render_with(name) for name in PAGES}
