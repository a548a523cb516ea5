"""Django's templates; what is a macro elsewhere is an included template, as Django has none."""

from typing import Any

import django
from django.conf import settings
from django.template import Context, Engine

from benchmarks.template_pages import JINJA, PAGES

BADGE = '<span class="badge {{ kind }}">{{ text }}</span>'
PAGE = """{% extends "layout.html" %}
{% block title %}Products{% endblock %}
{% block main %}
{% if notice %}<p class="notice">{{ notice }}</p>{% endif %}
{% for product in products %}
<section>
<h2>{{ forloop.counter }}. {{ product.name }}</h2>
<p>{{ product.price }} €
{% if product.stock == 0 %}{% include "badge.html" with text="sold out" kind="alert" only %}
{% elif product.stock < 2 %}{% include "badge.html" with text="last one" kind="plain" only %}
{% endif %}</p>
<p>{% for tag in product.tags %}{% include "badge.html" with text=tag kind="plain" only %}{% endfor %}</p>
</section>
{% empty %}
<p>Nothing for sale.</p>
{% endfor %}
{% endblock %}
"""
NAVIGATION = JINJA["navigation.html"].replace("loop.first", "forloop.first")

settings.configure(USE_I18N=False)
django.setup()
sources = {**JINJA, "page.html": PAGE, "badge.html": BADGE, "navigation.html": NAVIGATION}
loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", sources)])]
engine = Engine(loaders=loaders)


def render_with(name: str) -> Any:
    template = engine.get_template(f"{name}.html")
    return lambda context: template.render(Context(context))


pages = {name: render_with(name) for name in PAGES}
