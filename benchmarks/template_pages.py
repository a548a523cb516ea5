"""The pages that template engines are timed with: what they show, and how they read in Jinja's language.

Three engines take the same text. The others' peers (template_peers/) say the same in their own language.
"""

import html
import re
from dataclasses import asdict, dataclass
from typing import Any

MESSAGES = [
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX.",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link.",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "フレームワークのベンチマーク",
]


@dataclass(frozen=True)
class Fortune:
    """A row as a database library gives it: an object with attributes."""

    id: int
    message: str


@dataclass(frozen=True)
class Product:
    """What a shop sells."""

    name: str
    price: float
    stock: int
    tags: list[str]


@dataclass(frozen=True)
class Page:
    """One page. calls: in a round. aim: at least so many times as fast as Jinja2."""

    title: str
    context: dict[str, Any]
    calls: int
    aim: float


# Nobody asks these for their `vars`: from then on CPython 3.11 reads their attributes more slowly.
FORTUNES = [Fortune(number, message) for number, message in enumerate(MESSAGES, 1)]
PRODUCTS = [
    Product(
        f"Binoculars & case no. {number}",
        20 + number * 7.25,
        number % 4,
        ["optics", "outdoor", f"series <{number}>"][: number % 3 + 1],
    )
    for number in range(20)
]
LINKS = [{"address": f"/section/{number}", "title": f"Section {number}"} for number in range(6)]

PAGES = {
    "fortunes": Page("fortunes, 12 rows", {"fortunes": FORTUNES}, 300, 4.5),
    "dict_rows": Page("fortunes, rows are dicts", {"fortunes": [asdict(fortune) for fortune in FORTUNES]}, 300, 7),
    "table": Page(
        "table, 1,000 rows of 10",
        {"rows": [[row * 10 + cell if cell % 2 else f"cell {row} & {cell}" for cell in range(10)] for row in range(1_000)]},
        2,
        3.5,
    ),
    "page": Page(
        "page with layout, include, macro",
        {"user": "Ann O'Lee", "links": LINKS, "products": PRODUCTS, "notice": "Free delivery for orders > 50 €"},
        100,
        5,
    ),
    "hello": Page("hello", {"name": "World"}, 5_000, 10),
}

_FORTUNES = """<!DOCTYPE html>
<html>
<head><title>Fortunes</title></head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
{% for fortune in fortunes %}
<tr><td>{{ fortune.id }}</td><td>{{ fortune.message }}</td></tr>
{% endfor %}
</table>
</body>
</html>
"""

# Sources in Jinja's language, by name; a page's own is `<page>.html`.
JINJA = {
    "fortunes.html": _FORTUNES,
    "dict_rows.html": _FORTUNES,
    "table.html": """<table>
{% for row in rows %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table>
""",
    "layout.html": """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{% block title %}Shop{% endblock %}</title>
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
{% include "navigation.html" %}
<main>{% block main %}{% endblock %}</main>
<footer>{% block footer %}<p>All prices with taxes.</p>{% endblock %}</footer>
</body>
</html>
""",
    "navigation.html": """<nav>
<p>Hello, {{ user }}!</p>
<ul>
{% for link in links %}
<li{% if loop.first %} class="first"{% endif %}><a href="{{ link.address }}">{{ link.title }}</a></li>
{% endfor %}
</ul>
</nav>
""",
    "page.html": """{% extends "layout.html" %}
{% macro badge(text, kind="plain") %}<span class="badge {{ kind }}">{{ text }}</span>{% endmacro %}
{% block title %}Products{% endblock %}
{% block main %}
{% if notice %}<p class="notice">{{ notice }}</p>{% endif %}
{% for product in products %}
<section>
<h2>{{ loop.index }}. {{ product.name }}</h2>
<p>{{ product.price }} €
{% if product.stock == 0 %}{{ badge("sold out", "alert") }}
{% elif product.stock < 2 %}{{ badge("last one") }}
{% endif %}</p>
<p>{% for tag in product.tags %}{{ badge(tag) }}{% endfor %}</p>
</section>
{% else %}
<p>Nothing for sale.</p>
{% endfor %}
{% endblock %}
""",
    "hello.html": "Hello, {{ name }}!",
}


def comparable(text: str) -> str:
    """A page without what engines may write differently: white space, and characters that need no entity."""
    return re.sub(r"\s+", "", re.sub(r"&(?!(?:lt|gt|amp|#60|#62|#38);)[^;]+;", lambda entity: html.unescape(entity[0]), text))
