"""Ours as it comes: with contextual escaping."""

from benchmarks.template_pages import JINJA, PAGES
from martlet.templates import DictLoader, TemplateEngine

engine = TemplateEngine(DictLoader(JINJA))

pages = {name: engine.get_template(f"{name}.html").render for name in PAGES}
