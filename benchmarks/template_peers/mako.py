"""Mako with its filter for HTML on every value."""

from typing import Any

from mako.lookup import TemplateLookup

from benchmarks.template_pages import PAGES

FORTUNES = """<!DOCTYPE html>
<html>
<head><title>Fortunes</title></head>
<body>
<table>
<tr><th>id</th><th>message</th></tr>
% for fortune in fortunes:
<tr><td>${fortune.id}</td><td>${fortune.message}</td></tr>
% endfor
</table>
</body>
</html>
"""
SOURCES = {
    "fortunes.html": FORTUNES,
    "dict_rows.html": FORTUNES.replace("fortune.id", "fortune['id']").replace("fortune.message", "fortune['message']"),
    "table.html": """<table>
% for row in rows:
<tr>
% for cell in row:
<td>${cell}</td>
% endfor
</tr>
% endfor
</table>
""",
    "layout.html": """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title><%block name="title">Shop</%block></title>
<link rel="stylesheet" href="/static/shop.css">
</head>
<body>
<%include file="navigation.html"/>
<main><%block name="main"></%block></main>
<footer><%block name="footer"><p>All prices with taxes.</p></%block></footer>
</body>
</html>
""",
    "navigation.html": """<nav>
<p>Hello, ${user}!</p>
<ul>
% for link in links:
<li
% if loop.first:
 class="first"
% endif
><a href="${link['address']}">${link['title']}</a></li>
% endfor
</ul>
</nav>
""",
    "page.html": """<%inherit file="layout.html"/>
<%def name="badge(text, kind='plain')"><span class="badge ${kind}">${text}</span></%def>
<%block name="title">Products</%block>
<%block name="main">
% if notice:
<p class="notice">${notice}</p>
% endif
% for product in products:
<section>
<h2>${loop.index + 1}. ${product.name}</h2>
<p>${product.price} €
% if product.stock == 0:
${badge("sold out", "alert")}
% elif product.stock < 2:
${badge("last one")}
% endif
</p>
<p>
% for tag in product.tags:
${badge(tag)}
% endfor
</p>
</section>
% endfor
% if not products:
<p>Nothing for sale.</p>
% endif
</%block>
""",
    "hello.html": "Hello, ${name}!",
}
lookup = TemplateLookup(default_filters=["h"])
for source_name, source in SOURCES.items():
    lookup.put_string(source_name, source)


def render_with(name: str) -> Any:
    template = lookup.get_template(f"{name}.html")
    return lambda context: template.render(**context)


pages = {name: render_with(name) for name in PAGES}
