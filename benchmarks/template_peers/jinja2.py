"""Jinja2 with autoescaping, as its documentation shows."""

import jinja2

from benchmarks.template_pages import JINJA, PAGES

environment = jinja2.Environment(loader=jinja2.DictLoader(JINJA), autoescape=True, auto_reload=False)

pages = {name: environment.get_template(f"{name}.html").render for name in PAGES}
